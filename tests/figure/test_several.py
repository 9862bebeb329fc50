"""Blocks and networks side by side in one picture."""

import pytest

from archspec.figure.diagram import Diagram
from archspec.figure.place.drawing import draw
from archspec.figure.place.venue import several_for
from archspec.figure.scene import Text
from archspec.figure.what.fold import DrawError
from archspec.figure.what.several import Opening, Shown, several, shown
from archspec.figure.wishes import Wishes
from archspec.pictures import several_picture
from archspec.pipeline import load_network

RESNETS = [Shown(load_network(f"resnet:{name}"), "layer1/0") for name in ("resnet50", "resnet18")]


def test_each_stands_under_its_title() -> None:
    made = several(RESNETS)
    assert [(panel.title, panel.subtitle) for panel in made.panels] == [
        ("resnet50", "bottleneck · layer1.0 · 75.01 k params, 231.21 M MACs"),
        ("resnet18", "basic · layer1.0 · 73.98 k params, 231.21 M MACs"),
    ]
    assert [key.label for key in made.legend] == ["convolution", "residual"]


def places(made: Diagram) -> dict[str, tuple[float, float]]:
    """Where each of the titles stands."""
    marks = {mark.id: mark.shapes[0] for mark in draw(made).marks if mark.id.startswith("panel") and "-" not in mark.id}
    return {text.text: (text.x, text.y) for text in marks.values() if isinstance(text, Text)}


def test_what_fits_stands_side_by_side() -> None:
    wide, narrow = places(several(RESNETS, width=700.0)), places(several(RESNETS, width=300.0))
    assert wide["resnet50"][1] == wide["resnet18"][1]
    assert wide["resnet50"][0] < wide["resnet18"][0]
    assert narrow["resnet50"][0] == narrow["resnet18"][0]
    assert narrow["resnet50"][1] < narrow["resnet18"][1]


def test_a_block_is_named_by_its_path_or_by_its_name() -> None:
    network = load_network("resnet:resnet50")
    assert shown(network, "").block == ""
    assert shown(network, "layer1.0").block == shown(network, "layer1/0").block == "layer1/0"
    assert shown(network, "bottleneck").block == "layer1/0"
    with pytest.raises(DrawError, match="no block 'bottlneck' in ResNet; the nearest is 'bottleneck'"):
        shown(network, "bottlneck")


def test_networks_of_one_name_are_told_apart() -> None:
    parts = [Shown(load_network(name)) for name in ("resnet", "resnet:resnet50", "alexnet")]
    assert [panel.title for panel in several(parts).panels] == ["ResNet", "resnet50", "AlexNet"]


def test_what_is_said_of_one_goes_with_its_title() -> None:
    notes = several([Shown(load_network(name)) for name in ("resnet:resnet18", "vgg:vgg11")]).footnotes
    assert notes == (
        "resnet18: Convolutions include batch norm and ReLU unless a box says otherwise. Flatten is not shown.",
        "vgg11: Convolutions include ReLU unless a box says otherwise. Flatten and dropout are not shown.",
        "Below a block: params · MACs, and its output shape (channels × height × width) where that changes.",
    )


@pytest.mark.parametrize("suffix", [".svg", ".pdf", ".tex", ".dot", ".mmd"])
def test_every_format_draws_all_of_them(suffix: str) -> None:
    made = several_picture(RESNETS, suffix)
    assert made == several_picture(RESNETS, suffix)
    if suffix != ".pdf":
        assert b"resnet50" in made
        assert b"resnet18" in made


def test_what_opens_is_said_by_levels_or_by_paths() -> None:
    network = load_network("resnet:resnet18")
    parts = [Shown(network, "layer1"), Shown(network, "layer2")]

    def ids(opening: Opening) -> list[set[str]]:
        return [{box.id for box in panel.boxes} for panel in several(parts, opening=opening).panels]

    assert all("layer1/0" in found or "layer2/0" in found for found in ids(Opening(depth=1)))
    assert "layer1/0/conv1" in ids(Opening(depth=2))[0]
    first, second = ids(Opening(depth=1, expand=("layer1.1",)))
    assert "layer1/1/conv1" in first
    assert second == ids(Opening(depth=1))[1]
    assert "layer2/0/conv2" in ids(Opening(depth=1, expand=("0",)))[1]
    with pytest.raises(DrawError, match=r"no block 'layer9' to expand"):
        ids(Opening(expand=("layer9",)))


def test_they_fit_the_page_of_a_venue() -> None:
    made = several_for(RESNETS, Wishes(venue="cvpr-column"))
    assert made.width <= 3.25 * 72 + 0.5
    assert several_for(RESNETS, Wishes(venue="slide")).width <= 13.333 * 72 + 0.5
    many = [Shown(load_network("resnet:resnet50"), "layer3")] * 12
    with pytest.raises(DrawError, match=r"pt is too low: the figure is \d+ pt high; draw fewer in one picture"):
        several_for(many, Wishes(venue="lncs"))

"""What the figure of a difference shows: every status by colour, by outline and in words."""

from collections.abc import Iterator
from functools import cache

import pytest

from archspec.compare.difference import comparison, tabulate
from archspec.figure.diagram import Box, Diagram
from archspec.figure.look.theme import DARK, LIGHT, PRINT, Theme
from archspec.figure.what.captions import DASH
from archspec.figure.what.difference_figure import difference_figure, worth_opening
from archspec.figure.what.difference_marks import NAMES, painted
from archspec.pictures import difference_picture, suffixes
from archspec.pipeline import load_network
from tests.compare.differences import FLAT, HERE, NESTED, THERE
from tests.graph.specs import network


@cache
def figure(one: str, other: str, *, theme: str = "light", depth: int | None = None, by_level: bool = True) -> Diagram:
    compared = comparison(load_network(one), load_network(other))
    opened = worth_opening(compared, depth=depth)
    return difference_figure(compared, tabulate(compared), opened, theme=theme, by_level=by_level)


def drawn(made: Diagram, number: int) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Id, status and details of each box of one network."""
    looks = {painted(look, made.theme): look for look in NAMES}
    for box in made.panels[number].boxes:
        if box.kind not in ("input", "output"):
            yield box.id, looks[box.paint], box.details


def by_id(made: Diagram, number: int) -> dict[str, Box]:
    return {box.id: box for box in made.panels[number].boxes}


def test_shows_both_networks_with_their_totals() -> None:
    made = figure("resnet:resnet18", "resnet:resnet34")
    assert made.title == "ResNet: resnet18 -> resnet34"
    assert made.facts == ("+10.11 M params (+86.5 %)", "+1.85 G MACs (+102.0 %)")
    assert [(panel.title, panel.subtitle) for panel in made.panels] == [
        ("resnet18", "11.69 M params · 1.81 G MACs"),
        ("resnet34", "21.80 M params · 3.66 G MACs"),
    ]


def test_parts_that_came_stand_apart() -> None:
    made = figure("resnet:resnet18", "resnet:resnet34")
    before = {id: (look, details[-1]) for id, look, details in drawn(made, 0) if look != "same"}
    assert before == {f"layer{n}": ("changed", f"~ 2 -> {k} blocks") for n, k in ((1, 3), (2, 4), (3, 6), (4, 3))}
    after = {id: (look, details[-1]) for id, look, details in drawn(made, 1) if look != "same"}
    assert after == {f"layer{n}/2": ("added", "+ added") for n in (1, 2, 3, 4)}
    boxes = by_id(made, 1)
    assert (boxes["layer3"].repeat, boxes["layer3/2"].repeat, boxes["layer3/2"].title) == (2, 4, f"layer3.2{DASH}5")
    firsts = {id: "first /2" in box.details for id, box in boxes.items() if id.startswith("layer")}
    assert firsts == {f"layer{n}{part}": n > 1 and not part for n in (1, 2, 3, 4) for part in ("", "/2")}
    assert boxes["layer3"].params + boxes["layer3/2"].params == 6822400
    ends = {(edge.tail, edge.head) for edge in made.panels[1].edges}
    assert {("layer3", "layer3/2"), ("layer3/2", "layer4")} <= ends
    assert ("layer3", "layer4") not in ends


def test_parts_of_an_open_repeat_that_came_are_counted() -> None:
    made = figure("resnet:resnet50", "resnet:resnet101", depth=2)
    assert [(id, details[-1]) for id, look, details in drawn(made, 1) if look != "same"] == [
        ("layer3/1", "+ 17 added"),
    ]


def test_the_other_way_round_parts_went() -> None:
    made = figure("resnet:resnet34", "resnet:resnet18")
    assert {look for id, look, _ in drawn(made, 0) if id.endswith("/2")} == {"removed"}
    assert {look for _, look, _ in drawn(made, 1)} == {"same", "changed"}


def test_a_changed_block_says_what_changed_in_it() -> None:
    made = figure("resnet:resnet50", "resnet:resnext50_32x4d")
    details = {id: details for id, look, details in drawn(made, 0) if look == "changed"}
    assert details["layer2"][-2:] == ("~ out_channels 128 -> 256", "~ conv2 groups 1 -> 32")
    replaced = figure("resnet:resnet34", "resnet:resnet50")
    said = {id: details for id, look, details in drawn(replaced, 1) if look == "changed"}
    assert said["layer2"][-2:] == ("~ basic -> bottleneck", "~ 14 ops changed, 12 added")


def test_one_of_many_blocks_that_changed_alike_is_open() -> None:
    made = figure("resnet:resnet34", "resnet:resnet50")
    looks = {id: look for id, look, _ in drawn(made, 1)}
    assert {id: look for id, look in looks.items() if id.startswith("layer1/0/")} == {
        "layer1/0/conv1": "changed",
        "layer1/0/conv2": "changed",
        "layer1/0/conv3": "added",
        "layer1/0/downsample/0": "added",
        "layer1/0/add": "changed",
    }
    assert {"layer2", "layer3", "layer4"} <= looks.keys()


def test_what_moved_says_where_it_is_in_the_other_network() -> None:
    compared = comparison(network(HERE), network(THERE))
    made = difference_figure(compared, tabulate(compared), worth_opening(compared))
    said = [{id: (look, details[-1]) for id, look, details in drawn(made, number)} for number in (0, 1)]
    assert said[0]["left/pair"] == ("moved", "> moved to right.pair")
    assert said[1]["right/pair"] == ("moved", "> moved from left.pair")
    assert {look for each in said for look, _ in each.values()} == {"moved", "same"}


def test_a_new_block_says_how_much_moved_into_it() -> None:
    compared = comparison(network(FLAT), network(NESTED))
    made = difference_figure(compared, tabulate(compared), worth_opening(compared))
    said = [{id: (look, details[-1]) for id, look, details in drawn(made, number)} for number in (0, 1)]
    assert said[0]["pool"] == ("moved", "> moved to head.pool")
    assert said[1]["stem"] == ("added", "> 3 ops moved here")
    assert said[1]["head"] == ("added", "> 3 ops moved here")


def test_what_only_follows_is_told_from_what_changed() -> None:
    made = figure("resnet:resnet34", "resnet:resnet50")
    assert {id: details[-1] for id, look, details in drawn(made, 1) if look == "affected"} == {
        "avgpool": "= other sizes",
        "fc": "= other sizes",
    }


def test_what_was_renamed_says_its_other_name() -> None:
    made = figure("googlenet", "googlenet_torchvision")
    assert {id: details[-1] for id, look, details in drawn(made, 0) if look == "renamed"} == {
        f"pool{n}": f"> now maxpool{n}" for n in (1, 2, 3)
    }
    assert {id: details[-1] for id, look, details in drawn(made, 1) if look == "renamed"} == {
        f"maxpool{n}": f"> was pool{n}" for n in (1, 2, 3)
    }


def test_boxes_without_room_for_words_carry_letters() -> None:
    made = figure("unet", "unet:upsample")
    assert [panel.arrangement for panel in made.panels] == ["levels", "levels"]
    boxes = by_id(made, 0)
    assert boxes["down1/conv1"].shape == "~ a"
    assert boxes["concat4"].shape == "~ b"
    assert made.footnotes[:3] == (
        "a: padding 0 -> 1.",
        "b: - 2×2 up-conv, concat align crop -> pad.",
        "c: + upsample ×2, + 3×3 conv, concat align crop -> pad.",
    )


def test_the_legend_names_what_is_there_and_nothing_else() -> None:
    made = figure("resnet:resnet18", "resnet:resnet34")
    assert [key.label for key in made.legend] == ["+ added", "~ changed", "the same", "×N in a row"]
    made = figure("googlenet", "googlenet_torchvision")
    assert [key.label for key in made.legend] == [
        "+ added",
        "- removed",
        "~ changed",
        "> renamed",
        "the same",
        "in training only",
    ]


POOLED = """
graph:
  e1: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
  p1: {op: POOL, kernel_size: 2}
  e2: {op: conv2d, out_channels: 16, kernel_size: 3, padding: 1}
  u1: {op: conv_transpose2d, out_channels: 8, kernel_size: 2, stride: 2}
  c1: {op: concat, from: [e1, u1]}
  d1: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
"""


def test_a_line_that_changed_has_a_key_where_no_box_did() -> None:
    one, other = (network(POOLED.replace("POOL", pool)) for pool in ("max_pool2d", "avg_pool2d"))
    compared = comparison(one, other)
    made = difference_figure(compared, tabulate(compared), worth_opening(compared))
    assert [(key.label, key.sample) for key in made.legend] == [("~ changed", "edge"), ("the same", "box")]
    assert {edge.label for edge in made.panels[0].edges if edge.paint == made.legend[0].paint} == {"~ a"}


def test_equal_networks_are_drawn_pale() -> None:
    made = figure("vgg:vgg11", "vgg:vgg11")
    assert made.facts == ("no differences",)
    assert {look for number in (0, 1) for _, look, _ in drawn(made, number)} == {"same"}
    assert made.description == "VGG (vgg11) -> VGG (vgg11): no differences."


def test_what_is_the_same_stays_closed() -> None:
    made = figure("vgg:vgg11", "vgg:vgg11_bn")
    assert "classifier" in by_id(made, 0)
    assert "features" not in by_id(made, 0)
    closed = figure("vgg:vgg11", "vgg:vgg11_bn", depth=1)
    assert {id for id, look, _ in drawn(closed, 1) if look == "changed"} == {"features"}
    assert by_id(closed, 1)["features"].details[-1] == "+ 8 ops added"


def test_the_description_says_it_in_words() -> None:
    made = figure("resnet:resnet50", "resnet:resnet101")
    assert made.description == "ResNet: resnet50 -> resnet101: layer3 changed (bottleneck: 6 -> 23 blocks)."


@pytest.mark.parametrize("theme", [LIGHT, DARK, PRINT], ids=lambda theme: theme.name)
def test_statuses_are_told_by_outline_too(theme: Theme) -> None:
    paints = {look: painted(look, theme) for look in NAMES}
    assert len(set(paints.values())) == len(paints)
    assert [look for look, paint in paints.items() if paint.dashed] == ["removed"]
    assert paints["added"].width > paints["changed"].width > paints["affected"].width > paints["same"].width


@pytest.mark.parametrize("suffix", suffixes(of_differences=True))
def test_every_format_shows_both_networks(suffix: str) -> None:
    compared = comparison(load_network("resnet:resnet18"), load_network("vgg:vgg11"))
    table = tabulate(compared)
    first = difference_picture(compared, table, suffix)
    assert first == difference_picture(compared, table, suffix)
    if suffix in (".svg", ".dot", ".mmd"):
        text = first.decode()
        assert "layer4" in text
        assert "classifier" in text
        assert "- removed" in text
        assert "+ added" in text

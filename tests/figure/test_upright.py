"""Figures whose flow runs from top to bottom: the same guarantees as those that run as text does."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from archspec.cli import main
from archspec.figure.diagram import COLUMN_HEIGHT, Diagram
from archspec.figure.place.drawing import draw, place
from archspec.figure.place.fit import Limits, fitted
from archspec.figure.place.venue import several_for
from archspec.figure.scene import Text
from archspec.figure.what.several import shown
from archspec.figure.wishes import Wishes
from archspec.pipeline import load_text
from tests.examples import one_in
from tests.figure.drawn import network
from tests.figure.geometry import faults, outline
from tests.figure.test_lines import DECODER, PARTS, QKV, shared
from tests.gallery.networks import representatives

UPRIGHT = Limits(upright=True)
SPECS = ("alexnet", "gpt:gpt2", "googlenet", "resnet:resnet50", "transformer", "vit", "shufflenet_v2", "unet")


def assert_sound(made: Diagram) -> None:
    assert faults(made) == []
    for panel in place(made):
        assert shared(panel) == set()


@pytest.mark.parametrize("spec", one_in(16, sorted({*SPECS, *representatives()}), *SPECS))
def test_nothing_lies_on_anything_else(spec: str) -> None:
    made = fitted(network(spec), width=504.0, limits=UPRIGHT)
    assert all(panel.runs_down for panel in made.panels)
    assert_sound(made)


@pytest.mark.parametrize("spec", ["gpt:gpt2", "resnet:resnet50", "vgg:vgg16_bn"])
def test_a_slice_fits_a_single_column(spec: str) -> None:
    made = fitted(network(spec), width=245.0, limits=UPRIGHT)
    assert draw(made).width <= 245.5
    assert_sound(made)


@pytest.mark.parametrize("text", [DECODER, QKV, PARTS])
def test_lines_of_small_networks_do_not_run_along_each_other(text: str) -> None:
    assert_sound(fitted(load_text(text), width=504.0, limits=UPRIGHT))


def test_the_flow_runs_down_and_what_is_counted_stands_beside() -> None:
    made = fitted(network("vit"), width=504.0, limits=UPRIGHT)
    for panel in place(made):
        stand = {box.box.id: box for box in panel.boxes}
        assert all(stand[edge.tail].y < stand[edge.head].y for edge in panel.panel.edges)
        assert {box.form for box in panel.panel.boxes}.isdisjoint({"turned", "bands"})
    assert any(note.startswith("Beside a block: params") for note in made.footnotes)


@pytest.mark.parametrize("text", [DECODER, QKV, PARTS])
def test_words_beside_lines_are_level_too(text: str) -> None:
    scene = draw(fitted(load_text(text), limits=UPRIGHT))
    said = [shape for mark in scene.marks if "edge" in mark.kind for shape in mark.shapes if isinstance(shape, Text)]
    assert said
    assert not any(shape.turned for shape in said)


def test_a_layer_that_is_wide_inside_is_wide() -> None:
    [block] = [one for one in fitted(network("convnext"), limits=UPRIGHT).panels if one.title == "CNBlock"]
    sizes = {box.box.title: box.size for box in place(fitted(network("convnext"), limits=UPRIGHT))[1].boxes}
    assert block.arrangement == "columns"
    assert sizes["linear"].width != sizes["7×7"].width


def test_what_is_too_high_goes_on_at_the_top_of_the_next_column() -> None:
    [panel, *_] = place(fitted(network("googlenet"), width=504.0, limits=UPRIGHT))
    assert panel.height <= COLUMN_HEIGHT + 0.5
    boxes = {box.box.id: box for box in panel.boxes}
    turns = [edge for edge in panel.panel.edges if boxes[edge.tail].y > boxes[edge.head].y]
    assert len(turns) == 1  # the one line that goes up to the next column
    assert boxes[turns[0].tail].x < boxes[turns[0].head].x


def test_it_never_leaves_its_venue() -> None:
    made = fitted(network("resnet:resnet50"), width=495.0, limits=Limits(500.0, upright=True))
    assert draw(made).height <= 500.0
    assert_sound(made)


def test_blocks_side_by_side_stand_upright_too() -> None:
    parts = [shown(network("resnet:resnet50"), "bottleneck"), shown(network("convnext"), "CNBlock")]
    level, upright = (several_for(parts, Wishes(orientation=way)) for way in ("horizontal", "vertical"))
    assert "Beside a block" in upright.words
    assert "Below a block" in level.words
    rooms = {mark.id: outline(mark) for mark in upright.marks if mark.kind == "box add"}
    assert len({left for left, *_ in rooms.values()}) == 2  # the sums of both blocks stand beside each other


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--orientation", "up"], "no orientation 'up'; there are horizontal and vertical"),
        (
            ["--orientation", "vertical", "--style", "volumes"],
            "--orientation vertical has no meaning for --style volumes, whose solids stand side by side",
        ),
        (
            ["--orientation", "vertical", "-o", "net.dot"],
            "--orientation vertical has no meaning for .dot, which leaves the layout to Graphviz",
        ),
        (
            ["--orientation", "vertical", "--width", "75pt"],
            "or leave out --orientation vertical",
        ),
    ],
    ids=["unknown", "volumes", "graphviz", "narrow"],
)
def test_what_cannot_be_is_said(tmp_path: Path, options: list[str], message: str) -> None:
    output = [] if "-o" in options else ["-o", str(tmp_path / "net.svg")]
    result = CliRunner().invoke(main, ["draw", "resnet:resnet18", *options, *output])
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())


def test_the_command_draws_it(tmp_path: Path) -> None:
    path = tmp_path / "net.svg"
    result = CliRunner().invoke(main, ["draw", "resnet:resnet18", "--orientation", "vertical", "-o", str(path)])
    assert result.exit_code == 0
    assert "Beside a block" in path.read_text()

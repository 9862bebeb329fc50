"""A dense block is a bus, as in DenseNet's own figure, where each layer puts as many channels beside what it reads."""

import pytest

from archspec.figure.bus import Bus
from archspec.figure.diagram import Diagram
from archspec.figure.place.drawing import draw
from archspec.figure.place.fit import Limits, fitted
from archspec.figure.scene import Circle, Text
from archspec.pipeline import load_text
from tests.figure.drawn import network
from tests.figure.geometry import faults

LAYER = """
archspec: 1
inputs: {{x: [16, 8, 8]}}
blocks:
  layer:
    graph:
      norm: batch_norm2d
      conv1: {{op: conv2d, out_channels: 32, kernel_size: 1}}
      conv2: {{op: conv2d, out_channels: {added}, kernel_size: 3, padding: 1}}
      {joined}
graph:
  body: {{block: layer, repeat: {repeat}}}
  last: {{op: conv2d, out_channels: 8, kernel_size: 1}}
"""
CONCAT = "all: {op: concat, from: [x, conv2]}"


def made(joined: str = CONCAT, added: str = "8", repeat: int = 6) -> Diagram:
    return fitted(load_text(LAYER.format(joined=joined, added=added, repeat=repeat)), depth=None, width=504.0)


def buses(drawn: Diagram) -> list[Bus]:
    return [box.bus for panel in drawn.panels for box in panel.boxes if box.bus is not None]


def test_each_layer_adds_as_many_channels_to_what_it_reads() -> None:
    drawn = made()
    assert buses(drawn) == [Bus("16", ("1×1 32", "3×3 8"), ("1", "2", "3", "…", "6"), "16 + 6·8 = 64")]
    assert faults(drawn) == []
    assert any("each of its layers reads all before it" in line for line in draw(drawn).outline)


def test_a_few_layers_are_all_drawn() -> None:
    [bus] = buses(made(repeat=3))
    assert bus.numbers == ("1", "2", "3")


@pytest.mark.parametrize(
    ("joined", "added"),
    [
        ("all: {op: add, from: [x, conv2]}", "16"),
        ("all: {op: concat, from: [conv1, conv2]}", "8"),
        (CONCAT, "$x.channels"),
        ("all: {op: concat, from: [x, conv1, conv2]}", "8"),
    ],
    ids=["a sum", "without what it reads", "ever more", "two at once"],
)
def test_what_grows_otherwise_is_none(joined: str, added: str) -> None:
    assert buses(made(joined, added, repeat=3)) == []


def test_one_layer_is_none() -> None:
    assert buses(made(repeat=1)) == []


def test_a_layer_reads_all_lines_before_it_and_no_other() -> None:
    """A dot for each line that a layer reads: 1 + 2 + 3 of three layers."""
    marks = [mark for mark in draw(made(repeat=3)).marks if "bus" in mark.id]
    dots = [shape for mark in marks for shape in mark.shapes if isinstance(shape, Circle)]
    assert len(dots) == 6
    assert len({dot.x for dot in dots}) == 3
    assert len({dot.y for dot in dots}) == 3


@pytest.mark.parametrize("width", [504.0, 245.0])
@pytest.mark.parametrize("upright", [False, True])
def test_the_blocks_of_a_densenet_are_one_drawing(width: float, upright: bool) -> None:
    drawn = fitted(network("densenet:densenet121"), width=width, limits=Limits(upright=upright))
    [bus] = buses(drawn)
    assert (bus.start, bus.total, bus.numbers[-2:]) == ("k₀", "k₀ + n·32", ("…", "n"))
    [panel] = [each for each in drawn.panels if any(box.bus for box in each.boxes)]
    assert panel.title == "denseblock1–4"  # noqa: RUF001
    assert panel.subtitle == "64 + 6·32 = 256, 128 + 12·32 = 512, 256 + 24·32 = 1024, 512 + 16·32 = 1024"
    assert faults(drawn) == []
    said = [shape.text for mark in draw(drawn).marks for shape in mark.shapes if isinstance(shape, Text)]
    assert {"1×1 128", "3×3 32"} <= set(said)


def test_a_bus_has_no_colour_of_a_scale_of_costs() -> None:
    """Its boxes were as blue as convolutions are, where a colour says how much a box costs."""
    drawn = fitted(network("densenet"), heat="macs", width=504.0)
    [box] = [box for panel in drawn.panels for box in panel.boxes if box.bus is not None]
    assert box.paint == drawn.theme.terminal

"""Figures and pages draw the graph: each edge is a line or inside a mark, each line an edge, and sizes are the value's.

`python -m tests.agreement.flow SPEC` prints the two side by side.
"""

from dataclasses import replace

import pytest
import yaml
from hypothesis import given, settings

from archspec.figure.diagram import Box, Panel, Style
from archspec.figure.what.depict import diagram
from archspec.graph.network import Network
from archspec.page.page import page
from archspec.pipeline import load_text
from tests.agreement.flow import faults, sizes, told
from tests.agreement.networks import load, sampled_names
from tests.code.drawn_specs import specs
from tests.examples import examples

STYLES: tuple[Style, ...] = ("graph", "volumes", "plain")


def assert_drawn(net: Network) -> None:
    for depth in (None, 1, 3):
        assert faults(net, diagram(net, depth=depth, style="figure").panels[0]) == []
    for style in STYLES:
        assert faults(net, diagram(net, style=style).panels[0]) == []
    assert faults(net, page(net).light.panel) == []


@pytest.mark.parametrize("name", sampled_names())
def test_every_figure_draws_the_graph(name: str) -> None:
    assert_drawn(load(name))


@settings(max_examples=examples(100))
@given(specs())
def test_drawn_specs_are_drawn_as_they_are(spec: dict[str, object]) -> None:
    assert_drawn(load_text(yaml.safe_dump(spec, sort_keys=False)))


def test_equal_ops_in_a_row_of_equal_blocks_are_all_in_their_box() -> None:
    net = load_text("""
archspec: 1
name: Rows
inputs: {image: [3, 8, 8]}
blocks:
  unit:
    graph:
      one: {op: conv2d, out_channels: 4, kernel_size: 3, padding: 1}
      two: {op: conv2d, out_channels: 4, kernel_size: 3, padding: 1}
      three: {op: conv2d, out_channels: 3, kernel_size: 3, padding: 1}
graph:
  stem: {op: conv2d, out_channels: 3, kernel_size: 1}
  a: {block: unit}
  b: {block: unit}
  head: {op: conv2d, out_channels: 5, kernel_size: 1}
""")
    box = next(box for box in diagram(net).panels[0].boxes if "a/one" in box.nodes)
    assert set(box.nodes) == {"a/one", "a/two", "b/one", "b/two"}
    assert sum(net.costs[id].params for id in box.nodes) == box.params


def test_a_solid_of_several_ops_says_what_the_last_of_them_gives() -> None:
    made = diagram(load("unet_plusplus"), style="volumes").panels[0]
    box = next(box for box in made.boxes if "x10/conv1" in box.nodes)
    assert box.shape in ("", "64\N{MULTIPLICATION SIGN}48\N{SUPERSCRIPT TWO}")


@pytest.fixture
def drawn() -> tuple[Network, Panel]:
    net = load_text("""
archspec: 1
name: Small
inputs: {image: [3, 8, 8]}
graph:
  conv: {op: conv2d, out_channels: 4, kernel_size: 3, padding: 1}
  relu: relu
  pool: {op: max_pool2d, kernel_size: 2}
  more: {op: conv2d, out_channels: 4, kernel_size: 1}
  add: {op: add, from: [more, pool]}
""")
    return net, diagram(net, style="figure").panels[0]


def with_box(drawn: Panel, changed: Box) -> Panel:
    return replace(drawn, boxes=tuple(changed if box.id == changed.id else box for box in drawn.boxes))


def test_each_kind_of_fault_is_found(drawn: tuple[Network, Panel]) -> None:
    net, right = drawn
    assert faults(net, right) == []
    lost = replace(right, edges=tuple(edge for edge in right.edges if (edge.tail, edge.head) != ("pool", "add")))
    assert faults(net, lost) == ["pool -> add is no line from ['pool'] to ['add']"]
    more = replace(right, edges=(*right.edges, replace(right.edges[-1], tail="image", head="pool")))
    assert faults(net, more) == ["a line from image to pool carries nothing"]
    turned = replace(right, boxes=(right.boxes[1], right.boxes[0], *right.boxes[2:]))
    assert faults(net, turned) == ["a line from image back to conv"]
    _, conv, pool, *_ = right.boxes
    assert (conv.id, pool.id) == ("conv", "pool")
    assert faults(net, with_box(right, replace(pool, shape="4×8²"))) == ["pool says 4×8² of [(4, 4, 4)]"]
    assert faults(net, with_box(right, replace(conv, nodes=("relu", "conv")))) == ["relu stands before conv in conv"]
    gone = faults(net, with_box(right, replace(pool, nodes=())))
    assert [line for line in gone if "nowhere" in line] == ["pool is drawn nowhere"] * 3


def test_the_two_are_told_side_by_side(drawn: tuple[Network, Panel]) -> None:
    lines = list(told(*drawn))
    assert lines[2:6] == [
        "[conv] 3×3 4 + ReLU 112 · 6.91 k ",
        "    conv: conv2d(image) -> (4, 8, 8)",
        "    relu: relu(conv) -> (4, 8, 8)",
        "    <- image flow",
    ]


def test_sizes_are_read_with_their_powers() -> None:
    assert sizes("64×56²") == (64, 56, 56)
    assert sizes("1×16³") == (1, 16, 16, 16)
    assert sizes("77×512") == (77, 512)

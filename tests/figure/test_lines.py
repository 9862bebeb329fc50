"""One line carries one value: no two that carry different ones run along each other."""

from collections.abc import Iterator
from itertools import combinations, pairwise, product

import pytest

from archspec.figure.diagram import Diagram
from archspec.figure.place.drawing import draw, place
from archspec.figure.place.fit import Limits, fitted
from archspec.figure.place.placed import PlacedPanel, Route
from archspec.figure.scene import Text
from archspec.figure.what.depict import diagram
from archspec.figure.wishes import Wishes
from archspec.pictures import picture
from archspec.pipeline import load_network, load_text
from tests.examples import one_in
from tests.figure.geometry import Span
from tests.gallery.networks import representatives

NEAR = 0.6  # points between lines that look like one
LEAST = 2.0  # points for which they have to

NETWORKS = (
    "bifpn",
    "csp_pan:n",
    "densenet:densenet121",
    "fcn:fcn8s",
    "fpn:fpn_resnet50",
    "gpt:gpt2",
    "hrnet:hrnet_w18",
    "gru_seq2seq:small",
    "mobilenet_v3:mobilenet_v3_small",
    "pspnet:pspnet_resnet50",
    "resnet:resnet18",
    "shufflenet_v2",
    "segformer:b0",
    "unet:unpool",
    "unet_plusplus",
)
DECODER = """
archspec: 1
inputs: {x: [16, 64], memory: [24, 64]}
blocks:
  layer:
    inputs: [x, memory]
    graph:
      attn: {op: multi_head_attention, num_heads: 4, from: x}
      add1: {op: add, from: [x, attn]}
      cross: {op: multi_head_attention, num_heads: 4, from: [add1, memory]}
      add2: {op: add, from: [add1, cross]}
graph:
  layers: {block: layer, repeat: 6, from: [x, memory]}
"""
QKV = """
archspec: 1
inputs: {x: [7, 12], memory: [9, 20]}
graph:
  q: {op: linear, out_features: 12, from: x}
  k: {op: linear, out_features: 12, from: memory}
  v: {op: linear, out_features: 24, from: memory}
  att: {op: scaled_dot_product_attention, from: {query: q, key: k, value: v}}
"""
PARTS = """
archspec: 1
inputs: {x: [16, 8, 8]}
graph:
  parts: {op: chunk, chunks: 2}
  a: {op: conv2d, from: parts.0, out_channels: 8, kernel_size: 3, padding: 1}
  b: {op: conv2d, from: parts.1, out_channels: 8, kernel_size: 5, padding: 2}
  cat: {op: concat, from: [a, b]}
"""
TWO_OUT = """
archspec: 1
inputs: {x: [4, 32, 32]}
blocks:
  stage:
    graph:
      a: {op: conv2d, out_channels: 4, kernel_size: 3, padding: 1}
      b: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
    outputs: [b, a]
  backbone:
    graph:
      stem: {op: conv2d, out_channels: 4, kernel_size: 1}
      stage: {block: stage}
    outputs: {last: stage.b, early: stage.a}
graph:
  backbone: {block: backbone}
  c: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
  d: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
  both: {op: concat, from: [d, backbone.early]}
"""
FLAT_DENSE = """
archspec: 1
inputs: {x: [16, 8, 8]}
graph:
  c1: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
  k1: {op: concat, from: [x, c1]}
  c2: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
  k2: {op: concat, from: [x, c1, c2]}
  c3: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
  k3: {op: concat, from: [x, c1, c2, c3]}
"""
GRU = """
archspec: 1
inputs: {x: [8, 8, 8], state: [8, 8, 8]}
blocks:
  gru:
    inputs: [x, h]
    graph:
      hx: {op: concat, from: [h, x]}
      z: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
      r: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1, from: hx}
      rh: {op: mul, from: [r, h]}
      rhx: {op: concat, from: [rh, x]}
      q: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
      keep: {op: sub, from: z, other: 1, number_first: true}
      a: {op: mul, from: [keep, h]}
      b: {op: mul, from: [z, q]}
      new: {op: add, from: [a, b]}
graph:
  first: {block: gru, from: [x, state]}
  again: {block: gru, from: [x, first]}
"""
THREE_IN = """
archspec: 1
inputs: {x: [8, 16, 16]}
blocks:
  meet:
    inputs: [a, b, c]
    graph:
      a1: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1, from: a}
      b1: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1, from: b}
      c1: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1, from: c}
      ab: {op: add, from: [a1, b1]}
      bc: {op: add, from: [b1, c1]}
      all: {op: concat, from: [ab, bc]}
graph:
  a: {op: conv2d, out_channels: 8, kernel_size: 1}
  b: {op: conv2d, out_channels: 8, kernel_size: 1}
  c: {op: conv2d, out_channels: 8, kernel_size: 1}
  meet: {block: meet, from: [c, a, b]}
"""


def pieces(route: Route) -> Iterator[Span]:
    corners = [route.points[0], *route.points[3::3]]
    for (x0, y0), (x1, y1) in pairwise(corners):
        yield min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def along(one: Span, other: Span) -> bool:
    """Whether two pieces, both level or both upright, lie on each other."""
    for across in (0, 1):
        level = all(piece[across] == pytest.approx(piece[across + 2], abs=0.01) for piece in (one, other))
        beside = 1 - across
        common = min(one[beside + 2], other[beside + 2]) - max(one[beside], other[beside])
        if level and abs(one[across] - other[across]) < NEAR and common > LEAST:
            return True
    return False


def shared(panel: PlacedPanel) -> set[tuple[str, str]]:
    """Pairs of values whose lines run along each other."""
    return {
        (one.edge.source, other.edge.source)
        for one, other in combinations(panel.routes, 2)
        if one.edge.source != other.edge.source
        if any(along(*pair) for pair in product(pieces(one), pieces(other)))
    }


def assert_lines_are_apart(made: Diagram) -> None:
    for panel in place(made):
        assert shared(panel) == set()


@pytest.mark.parametrize("spec", one_in(12, sorted({*NETWORKS, *representatives()}), *NETWORKS))
def test_lines_of_different_values_do_not_run_along_each_other(spec: str) -> None:
    assert_lines_are_apart(fitted(load_network(spec)))


def test_two_values_of_one_block_leave_the_frame_around_it_apart() -> None:
    assert_lines_are_apart(diagram(load_text(TWO_OUT), expand=("backbone",)))


@pytest.mark.parametrize("text", [DECODER, QKV, PARTS])
def test_lines_of_small_networks_do_not_run_along_each_other(text: str) -> None:
    assert_lines_are_apart(fitted(load_text(text)))


@pytest.mark.parametrize("text", [FLAT_DENSE, GRU, THREE_IN])
@pytest.mark.parametrize("upright", [False, True])
def test_each_value_has_a_line_of_its_own_in_what_is_open(text: str, upright: bool) -> None:
    """Where all read all before them, where several enter one block, and where they pass one another in a column."""
    assert_lines_are_apart(fitted(load_text(text), depth=9, limits=Limits(upright=upright)))
    assert_lines_are_apart(fitted(load_text(text), width=245.0, limits=Limits(upright=upright)))


def test_lines_to_a_head_above_and_to_one_below_do_not_meet_in_a_column() -> None:
    """Not even where one turns: the red of `x` goes down to a concat, the black of `h` up to a product."""
    for panel in place(fitted(load_text(GRU), depth=9)):
        ends = [(route.points[-1], route.points[-3], route.edge) for route in panel.routes]
        upright = [(end[0], edge) for end, before, edge in ends if abs(end[0] - before[0]) < 0.01]
        heads = [(x, edge) for x, edge in upright if edge.head in ("first/rhx", "first/a")]
        [(x, _), *others] = heads
        assert all(abs(x - other) > 1 for other, edge in others if edge.head != heads[0][1].head)


def test_an_encoder_decoder_by_cost_keeps_its_form_and_says_below_slabs_what_they_are() -> None:
    made = diagram(load_network("unet"), heat="params")
    assert made.panels[0].arrangement == "levels"
    assert {box.below for box in made.panels[0].boxes if box.form in ("slab", "copy")} == {
        ("3×3",),
        ("1×1", "no ReLU"),
        ("up-conv",),
    }
    assert [key.label for key in made.legend[1:]] == ["max pool, 2×2, /2", "copied feature map", "skip"]


def laid_out(text: str) -> PlacedPanel:
    head = "archspec: 1\nname: Net\ninputs: {image: [3, 32, 32]}\n"
    return place(diagram(load_text(head + text)))[0]


def test_a_gate_is_a_side_loop_that_ends_in_a_cross() -> None:
    """The map runs straight on, and what it is multiplied with hangs on it; nothing of it is red."""
    shown = laid_out("""graph:
  a: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
  pool: {op: adaptive_avg_pool2d, output_size: 1}
  down: {op: conv2d, out_channels: 4, kernel_size: 1}
  up: {op: conv2d, out_channels: 8, kernel_size: 1}
  squeeze: sigmoid
  scaled: {op: mul, from: [squeeze, a]}
  last: {op: conv2d, out_channels: 8, kernel_size: 1}
""")
    stand = {box.box.id: box for box in shown.boxes}
    assert stand["scaled"].box.form == "times"
    assert stand["a"].y == stand["scaled"].y == stand["last"].y
    assert all(stand[name].y > stand["a"].y + 20 for name in ("pool", "down", "up"))
    assert {edge.kind for edge in shown.panel.edges} == {"flow"}


def test_a_product_of_equals_has_no_side_loop() -> None:
    """The near miss: neither of two maps of one size gates the other."""
    shown = laid_out("""graph:
  a: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
  b: {op: conv2d, out_channels: 8, kernel_size: 1}
  both: {op: mul, from: [a, b]}
""")
    assert not any(edge.gate for edge in shown.panel.edges)


CUT_BETWEEN_LANES = """\
archspec: 1
inputs: {image: [3, 8, 8]}
blocks:
  body:
    inputs: [x, skip]
    graph:
      join: {op: concat, from: [x, skip]}
      act1: relu
      act2: relu
      act3: relu
      pair:
        inputs: [a, b]
        graph: {sub: {op: sub, from: [a, b]}, conv: {op: conv2d, out_channels: 2, kernel_size: 3, padding: 1}}
        from: [act3, act2]
      mix: {op: conv2d, out_channels: 3, kernel_size: 1}
      sum: {op: add, from: [mix, x]}
graph:
  flat: flatten
  fc: {op: linear, out_features: 3}
  gain: {op: unflatten, dim: 1, unflattened_size: [3, 1, 1]}
  less: {op: sub, from: [image, gain]}
  body: {block: body, from: [less, image]}
"""


@pytest.mark.parametrize(("suffix", "width"), [(".html", 0.0), (".svg", 150.0), (".svg", 200.0)])
def test_a_concatenation_reaches_the_lanes_that_its_row_has(suffix: str, width: float) -> None:
    """It was planned for two, of which one ends in the row before."""
    assert picture(load_text(CUT_BETWEEN_LANES), suffix, Wishes(width=width))


def test_pools_that_are_called_the_same_are_drawn_the_same() -> None:
    """SegNet's last pool was an arrow beside four boxes, the legend said `max pool` twice, and no row had its maps."""
    made = fitted(load_network("segnet"), width=504.0)
    pools = [box.resolution for box in made.panels[0].boxes if box.kind == "down"]
    assert pools == ["180×240", "90×120", "45×60", "23×30", "12×15"]
    assert [key.label for key in made.legend if "max pool" in key.label] == ["max pool, 2×2, /2"]


@pytest.mark.parametrize("width", [504.0, 245.0])
def test_a_line_of_two_values_without_room_above_it_has_its_stroke_elsewhere(width: float) -> None:
    """Conformer's distances give waves and indices on one line, and neither words nor a stroke said so."""
    marks = draw(fitted(load_network("conformer"), width=width)).marks
    strokes = [
        shape.text for mark in marks if mark.kind == "edge flow" for shape in mark.shapes if isinstance(shape, Text)
    ]
    assert strokes == ["2"]


def test_rows_leave_room_for_the_lines_round_their_ends() -> None:
    """Two values run round the rows of Perceiver, which stuck out of its column by half a point."""
    made = fitted(load_network("perceiver"), width=245.0)
    assert max(panel.width for panel in place(made)) + 12 <= 245.5
    assert "pixels" in {box.id for box in made.panels[0].boxes}  # closed, as it is in a wider figure

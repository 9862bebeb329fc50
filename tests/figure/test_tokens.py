"""Networks whose channels are not first: tokens, channels-last maps, parameters without a batch."""

from archspec.figure.diagram import Diagram
from archspec.figure.place.drawing import draw, place
from archspec.figure.place.fit import fitted
from archspec.pipeline import load_network, load_text
from tests.figure.drawn import boxes
from tests.figure.geometry import faults

HEADER = "archspec: 1\nname: Net\ninputs: {image: [3, 32, 32]}\n"
SPEC = """\
blocks:
  mix:
    params: {rate: float}
    graph:
      scale: {op: parameter, shape: [16], init: ones}
      norm: {op: layer_norm, from: x}
      wide: {op: linear, out_features: 64}
      act: gelu
      narrow: {op: linear, out_features: 16}
      scaled: {op: mul, from: [narrow, scale]}
      drop: {op: dropout, p: $rate}
      add: {op: add, from: [drop, x]}
graph:
  patches: {op: conv2d, out_channels: 16, kernel_size: 4, stride: 4}
  flat: {op: flatten, start_dim: 2}
  tokens: {op: permute, dims: [0, 2, 1]}
  positions: {op: parameter, shape: [1, 64, 16]}
  placed: {op: add, from: [tokens, positions]}
  first: {block: mix, rate: 0.1}
  second: {block: mix, rate: 0.2}
  third: {block: mix, rate: 0.3}
  head: {op: linear, out_features: 10}
"""
LAST = """\
graph:
  stem: {op: conv2d, out_channels: 16, kernel_size: 4, stride: 4}
  last: {op: permute, dims: [0, 2, 3, 1]}
  body:
    graph:
      wide: {op: linear, out_features: 64}
      narrow: {op: linear, out_features: 16}
  more:
    graph:
      wide: {op: linear, out_features: 48}
      narrow: {op: linear, out_features: 24}
"""
PORTS = """\
blocks:
  pair:
    inputs: [a, b]
    graph:
      left: {op: conv2d, from: a, out_channels: 8, kernel_size: 1}
      right: {op: conv2d, from: b, out_channels: 8, kernel_size: 1}
    outputs: {left: left, right: right}
graph:
  one: {block: pair, from: [image, image]}
  two: {block: pair, from: [one.left, one.right]}
  sum: {op: add, from: [two.left, two.right]}
"""


def figure(text: str) -> Diagram:
    return fitted(load_text(HEADER + text), depth=1)


def test_a_parameter_is_a_name_with_an_arrow() -> None:
    made = figure(SPEC)
    positions = boxes(made)["positions"]
    assert (positions.form, positions.title, positions.details, positions.counts) == (
        "plain",
        "positions",
        (),
        "1.02 k \N{MIDDLE DOT} 0",
    )
    (edge,) = [edge for edge in made.panels[0].edges if edge.tail == "positions"]
    assert edge.kind == "flow"
    assert faults(made) == []


def test_the_main_way_does_not_begin_at_a_parameter() -> None:
    (panel, *_) = place(figure(SPEC))
    at = {box.box.id: box.y for box in panel.boxes}
    assert at["image"] == at["patches"] == at["placed"] == at["first"] != at["positions"]


def test_what_is_in_a_block_leaves_out_rates_that_no_box_shows() -> None:
    panel = fitted(load_network("convnext:convnext_tiny")).panels[1]
    assert (panel.title, panel.table) == ("CNBlock", None)
    assert panel.subtitle.partition(": ")[2] == "C 96, 192, 384, 768 in features.1, features.3, features.5, features.7"
    assert {box.title: box.form for box in panel.boxes}["layer_scale"] == "plain"
    assert [box.details for box in panel.boxes if box.title == "7×7"] == [("C, depthwise", "+ permute")]


def test_channels_of_tokens_are_their_last_dimension() -> None:
    found = boxes(figure(SPEC))
    assert found["first"].details == ("mix", "64\N{EN DASH}16")
    assert (found["patches"].channels, found["patches"].side) == (16, 64)


def test_channels_of_a_channels_last_map_are_its_last_dimension() -> None:
    found = boxes(figure(LAST))
    assert found["body"].details == ("64\N{EN DASH}16",)
    assert (found["more"].shape, found["more"].channels, found["more"].side) == ("8\N{SUPERSCRIPT TWO}×24", 24, 8)


def test_several_outputs_between_two_blocks_are_one_line() -> None:
    made = figure(PORTS)
    assert [(edge.tail, edge.head, edge.label) for edge in made.panels[0].edges] == [
        ("image", "one", ""),
        ("one", "two", "2 outputs"),
        ("two", "sum", "2 outputs"),
        ("sum", "output@sum", ""),
    ]


def test_panels_wrap_where_the_page_is_narrow() -> None:
    network = load_network("convnext:convnext_tiny")
    for width in (504.0, 245.0):
        made = fitted(network, width=width)
        assert "CNBlock" in [panel.title for panel in made.panels]
        assert draw(made).width <= width


def test_a_field_without_a_short_expression_is_named_after_its_op() -> None:
    text = (
        "archspec: 1\nname: Net\ninputs: {image: [8, 32, 32]}\n"
        "blocks:\n  part:\n    params: {reduces: bool, factor: int}\n    graph:\n"
        "      conv: {op: conv2d, out_channels: 8, kernel_size: 1, stride: $(factor if reduces else 1)}\n"
        "      again: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1, stride: $factor}\n"
        "graph:\n  first: {block: part, reduces: true, factor: 2, repeat: 2}\n"
        "  second: {block: part, reduces: false, factor: 1, repeat: 2}\n"
    )
    [_, part] = fitted(load_text(text)).panels
    assert [box.details for box in part.boxes if box.nodes] == [("8, /conv stride",), ("8, /factor",)]
    assert "conv stride 2, 1 in first, second" in part.subtitle


def test_labels_of_edges_do_not_lie_on_each_other() -> None:
    made = figure(
        "graph:\n"
        "  flat: {op: flatten, start_dim: 2}\n"
        "  a: {op: tanh, from: flat}\n"
        "  b: {op: sigmoid, from: flat}\n"
        "  c: {op: relu, from: flat}\n"
        "  mixed: {op: scaled_dot_product_attention, from: [a, b, c]}\n"
    )
    assert [edge.label for edge in made.panels[0].edges if edge.head == "mixed"] == ["q", "k", "v"]
    assert faults(made) == []

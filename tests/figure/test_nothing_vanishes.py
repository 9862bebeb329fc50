"""What stood in a box or a symbol without a word: each kind with the words that a reader finds."""

import pytest

from archspec.figure.diagram import Diagram
from archspec.figure.place.drawing import draw
from archspec.figure.scene import Text
from archspec.figure.what.depict import diagram
from archspec.pipeline import load_network
from tests.figure.drawn import boxes, written

SUM = """
graph:
  conv: {{op: conv2d, out_channels: 3, kernel_size: 3, padding: 1}}
  add: {{op: add, from: [conv, image]}}
  after: {}
  head: {{op: conv2d, out_channels: 8, kernel_size: 1}}
"""


def texts(made: Diagram) -> list[str]:
    return [shape.text for mark in draw(made).marks for shape in mark.shapes if isinstance(shape, Text)]


@pytest.mark.parametrize(
    ("after", "word"), [("relu", "+ ReLU"), ("sigmoid", "+ sigmoid"), ("prelu", "+ PReLU"), ("layer_norm2d", "LN")]
)
def test_what_follows_a_sum_is_read(after: str, word: str) -> None:
    assert word in texts(written(SUM.format(after)))
    assert word not in texts(written(SUM.format("dropout")))


def test_a_norm_after_a_sum_has_a_box_with_its_counts() -> None:
    drawn = boxes(written(SUM.format("layer_norm2d")))
    assert (drawn["add"].counts, drawn["after"].title, drawn["after"].counts) == ("", "LN", "6 \N{MIDDLE DOT} 0")


def test_what_is_not_shown_is_named_once() -> None:
    assert "Dropout is not shown." in " ".join(written(SUM.format("dropout")).footnotes)
    assert "not shown" not in " ".join(written(SUM.format("relu")).footnotes)


def test_what_is_shown_beside_closed_blocks_is_not_said_to_be_missing() -> None:
    made = diagram(load_network("googlenet"), style="graph", depth=1)
    assert {"flatten", "dropout"} <= {box.title for box in made.panels[0].boxes}
    assert "Flatten and dropout in closed blocks are not shown." in made.footnotes


def test_each_pad_and_crop_has_a_box_and_the_shape_that_it_gives() -> None:
    made = written("""
graph:
  one: {op: conv2d, out_channels: 8, kernel_size: 3, stride: 2}
  more: {op: zero_pad2d, padding: [0, 1, 0, 1]}
  two: {op: conv2d, out_channels: 8, kernel_size: 1}
  less: {op: pad, pad: [-1, -2]}
  mirror: {op: reflection_pad2d, padding: 3}
""")
    said = {box.id: (box.title, box.details, box.shape) for box in made.panels[0].boxes if box.kind == "op"}
    assert (
        said
        == {
            "more": ("pad", ("0, 1, 0, 1",), "8×16\N{SUPERSCRIPT TWO}"),
            "two": ("1×1", ("8",), ""),
            "less": ("crop", ("1, 2",), "8×16×13"),
            "mirror": ("reflect pad", ("3",), "8×22×19"),
        }
        | {}
    )


def test_parts_of_a_value_have_lines_of_their_own_with_their_names() -> None:
    made = written("""
graph:
  conv: {op: conv2d, out_channels: 16, kernel_size: 1}
  parts: {op: chunk, chunks: 2, outputs: [scale, bias]}
  gate: {op: sigmoid, from: parts.scale}
  both: {op: mul, from: [gate, parts.bias]}
""")
    lines = {(edge.tail, edge.head, edge.label) for edge in made.panels[0].edges}
    assert {("parts", "gate", "scale"), ("parts", "both", "bias")} <= lines
    assert boxes(made)["parts"].title == "chunk 2"


def test_a_transpose_is_read_on_the_box_that_it_follows_and_a_flatten_is_not_shown() -> None:
    made = written("""
graph:
  conv: {op: conv2d, out_channels: 8, kernel_size: 4, stride: 4}
  tokens: {op: flatten, start_dim: 2}
  turned: {op: transpose, dim0: 1, dim1: 2}
""")
    assert boxes(made)["conv"].details[-1] == "+ transpose"
    assert boxes(made)["conv"].says == ("conv", "turned")
    assert "Flatten is not shown." in made.footnotes


def test_a_box_is_named_for_what_is_shown_of_it() -> None:
    made = written("""
graph:
  conv: {op: conv2d, out_channels: 8, kernel_size: 4, stride: 4}
  parts: {op: split, split_size: [4, 4]}
  flat: {op: flatten, start_dim: 2, from: parts.0}
  turned: {op: transpose, dim0: 1, dim1: 2}
  both: {op: concat, from: [turned, turned, turned]}
""")
    assert boxes(made)["flat"].title == "transpose"


def test_a_norm_behind_an_activation_has_a_box() -> None:
    made = written("""
graph:
  conv: {op: conv2d, out_channels: 7, kernel_size: 1}
  act: relu
  norm: batch_norm2d
""")
    assert (boxes(made)["conv"].details, boxes(made)["norm"].title) == (("7", "+ ReLU"), "BN")


def test_a_small_concat_says_what_it_is() -> None:
    made = diagram(load_network("densenet:densenet121"))
    assert any(box.form == "concat" for box in made.panels[1].boxes)
    assert "concat" in texts(made)


def test_the_legend_speaks_of_branches_only_where_they_are_drawn() -> None:
    def speaks(spec: str) -> bool:
        return any("branches" in key.label for key in diagram(load_network(spec)).legend)

    assert speaks("googlenet")
    assert not speaks("densenet:densenet121")


def test_the_factors_of_a_matrix_product_are_told_by_their_order() -> None:
    made = written("graph: {a: {op: parameter, shape: [32, 8]}, b: {op: matmul, from: [image, a]}}")
    assert [edge.label for edge in made.panels[0].edges if edge.head == "b"] == ["", ""]


def test_the_second_of_two_inputs_that_may_not_change_places_is_named() -> None:
    made = written("""
graph:
  a: {op: conv2d, out_channels: 8, kernel_size: 1}
  b: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1, from: image}
  less: {op: sub, from: [b, a]}
  most: {op: maximum, from: [less, a]}
""")
    named = {(edge.tail, edge.head): edge.label for edge in made.panels[0].edges}
    assert (named["b", "less"], named["a", "less"], named["a", "most"]) == ("", "\N{MINUS SIGN}", "")


def test_a_sum_of_two_look_ups_is_no_residual() -> None:
    made = written("""
graph:
  ids: {op: positions, from: image}
  word: {op: embedding, num_embeddings: 32, embedding_dim: 8}
  more: {op: add, other: 1, from: ids}
  place: {op: embedding, num_embeddings: 32, embedding_dim: 8}
  sum: {op: add, from: [word, place]}
""")
    assert {edge.kind for edge in made.panels[0].edges} == {"flow"}


def test_a_gate_is_no_encoder_decoder() -> None:
    made = written("""
graph:
  a: {op: conv2d, out_channels: 3, kernel_size: 3, padding: 1}
  pool: {op: adaptive_avg_pool2d, output_size: 1}
  w: {op: conv2d, out_channels: 3, kernel_size: 1}
  s: sigmoid
  scale: {op: mul, from: [a, s]}
  add: {op: add, from: [scale, image]}
""")
    assert made.panels[0].arrangement == "rows"
    assert {edge.head for edge in made.panels[0].edges if edge.kind != "flow"} == {"add"}


INNER = """
blocks:
  half: {params: {c: int}, graph: {a: {op: conv2d, out_channels: $c, kernel_size: 1}, b: tanh,
    d: {op: conv2d, out_channels: $c, kernel_size: 3, padding: 1}}}
  whole: {params: {c: int}, graph: {HALVES
    sum: {op: add, from: [h1, h2, m3, m4, m5, m6]}}}
graph: {one: {block: whole, c: 4}, two: {block: whole, c: 8}, three: {block: whole, c: 16}, four: {block: whole, c: 8}}
"""


def test_a_block_of_blocks_is_drawn_and_says_of_these_what_all_uses_have() -> None:
    halves = "".join(f"h{at}: {{block: half, c: $c, from: x}}, " for at in range(1, 7))
    sums = "".join(f"m{at}: {{op: add, from: [h{at}, h1]}}, " for at in range(3, 7))
    made = written(INNER.replace("HALVES", halves + sums))
    inner = [box for box in made.panels[1].boxes if box.kind == "block"]
    assert made.panels[1].title == "whole"
    assert inner
    assert all((box.counts, box.details) == ("", ("half",)) for box in inner)


@pytest.mark.parametrize(("shapes", "drawn"), [("[[3, 4, 4]]", False), ("[[3, 4, 4], [4]]", True)])
def test_the_only_output_of_an_op_of_numbered_ones_has_no_number(shapes: str, drawn: bool) -> None:
    made = written(f"""
graph:
  one: {{op: function, target: "torch:sinc", shapes: {shapes}}}
  two: {{op: conv2d, out_channels: 3, kernel_size: 1}}
""")
    assert ("0" in texts(made)) == drawn

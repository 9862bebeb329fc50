"""Sequences, (N, C, W), and maps that are no squares: what is said of their channels and sizes."""

import pytest

from archspec.figure.diagram import Diagram
from archspec.figure.what.captions import DASH, resolution
from archspec.figure.what.depict import diagram
from archspec.graph.sequences import sequences
from archspec.pipeline import load_text
from archspec.values.shape import Shape
from tests.figure.drawn import boxes

DEEP = """
archspec: 1
inputs: {{x: {shape}}}
blocks:
  double:
    params: {{out: int}}
    graph:
      - {{op: conv{rank}d, out_channels: $out, kernel_size: 3, padding: 1}}
      - relu
      - {{op: conv{rank}d, out_channels: $out, kernel_size: 3, padding: 1}}
      - relu
graph:
  enc: {{block: double, out: 16}}
  pool: {{op: max_pool{rank}d, kernel_size: 2}}
  mid: {{block: double, out: 32}}
  up: {{op: conv_transpose{rank}d, out_channels: 16, kernel_size: 2, stride: 2}}
  cat: {{op: concat, from: [enc, up]}}
  dec: {{block: double, out: 16}}
"""


def deep(shape: list[int]) -> Diagram:
    return diagram(load_text(DEEP.format(shape=shape, rank=len(shape) - 1)))


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ([2, 64], ("64", "32")),
        ([2, 64, 64], ("64²", "32²")),
        ([2, 32, 64], ("32×64", "16×32")),
        ([2, 16, 64, 64], ("16×64²", "8×32²")),
        ([2, 16, 16, 16], ("16³", "8³")),
    ],
)
def test_rows_of_a_u_are_named_by_all_sizes(shape: list[int], said: tuple[str, ...]) -> None:
    assert tuple(name for _, name in deep(shape).panels[0].levels) == said


@pytest.mark.parametrize("shape", [[2, 64], [2, 64, 64]])
def test_channels_of_a_signal_are_those_of_an_image(shape: list[int]) -> None:
    drawn = [box.channels for box in deep(shape).panels[0].boxes if box.kind != "input"]
    assert drawn == [16, 32, 32, 16, 16]


def test_a_closed_block_of_a_signal_says_its_channels() -> None:
    made = load_text(
        "archspec: 1\ninputs: {x: [1, 64]}\nblocks: {two: {graph: ["
        "{op: conv1d, out_channels: 4, kernel_size: 1}, tanh, {op: conv1d, out_channels: 8, kernel_size: 1}]}}\n"
        "graph: {body: {block: two, repeat: 20}}"
    )
    assert boxes(diagram(made))["body"].details == ("two", f"4{DASH}8")


def test_tokens_are_no_sequence_and_what_passes_a_signal_on_is() -> None:
    made = load_text(
        "archspec: 1\ninputs: {x: [4, 16], tokens: [16, 4]}\ngraph:\n"
        "  act: {op: relu, from: x}\n"
        "  conv: {op: conv1d, out_channels: 4, kernel_size: 1}\n"
        "  norm: batch_norm1d\n"
        "  swapped: {op: transpose, dim0: 1, dim1: 2}\n"
        "  both: {op: add, from: [swapped, tokens]}\n"
        "  fc: {op: linear, out_features: 4}\n"
    )
    assert sequences(made) == {"x", "act", "conv", "norm"}


def test_what_a_convolution_reads_is_a_sequence_whatever_made_it() -> None:
    made = load_text(
        "archspec: 1\ninputs: {tokens: [16, 4]}\ngraph:\n"
        "  swapped: {op: transpose, dim0: 1, dim1: 2}\n"
        "  conv: {op: conv1d, out_channels: 8, kernel_size: 3}\n"
    )
    assert sequences(made) == {"swapped", "conv"}


def test_a_resolution_of_tokens_is_their_number() -> None:
    assert resolution(Shape((196, 64))) == "196"
    assert resolution(Shape((196, 64)), sequence=True) == "64"
    assert resolution(Shape((64,))) == ""


def test_parts_of_a_repeat_that_differ_have_their_own_names() -> None:
    made = load_text(
        "archspec: 1\ninputs: {x: [4, 64]}\nblocks: {layer: {params: {d: int}, graph: {"
        "a: {op: conv1d, out_channels: 4, kernel_size: 3, padding: $d, dilation: $d},"
        "b: tanh, c: {op: conv1d, out_channels: 4, kernel_size: 1}, sum: {op: add, from: [c, x]}}}}\n"
        "graph: {layers: {block: layer, repeat: 12, d: $(2 ** (i % 3))}, out: relu}"
    )
    told = [panel.subtitle for panel in diagram(made).panels[1:]]
    assert told == ["layers.0 and 11 more like it: d 1, 2, 4 in layers.0, layers.1, layers.2"]

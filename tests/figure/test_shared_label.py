"""One drawing for all uses of a block: what differs stands there by the author's name, or by the name of its op."""

import pytest

from archspec.figure.what.shared_label import SharedLabel, shared_label
from archspec.pipeline import load_text

SPEC = """
archspec: 1
inputs: {{image: [8, 32, 32]}}
blocks:
  stage:
    params: {{n: int}}
    graph: {{two: {{{op}}}}}
graph:
  a: {{block: stage, n: {a}}}
  b: {{block: stage, from: image, n: {b}}}
outputs: [a, b]
"""
CONV = "op: conv2d, out_channels: 8, kernel_size: 3, padding: 1"
LONG = "$(1 if n == 1 and 2 * n == 2 else 2)"


def shared(op: str, a: int, b: int) -> SharedLabel:
    """What `op`, which reads the param n, says in two uses of a block."""
    network = load_text(SPEC.format(op=op, a=a, b=b))
    scopes = network.graph.scopes
    return shared_label(network, network.graph.nodes["a/two"], [scopes["a"], scopes["b"]])


CASES = [
    ("op: conv2d, out_channels: 8, kernel_size: $n", 3, 5, "3×3 or 5×5 conv", "8"),
    ("op: conv2d, out_channels: $(n * 8), kernel_size: 1", 1, 2, "1×1 conv", "8n"),
    (f"{CONV}, stride: $n", 1, 2, "3×3 conv", "8, /n"),
    (f"{CONV}, groups: $n", 1, 2, "3×3 conv", "8, n groups"),
    (f"{CONV}, groups: $n, stride: 2", 1, 2, "3×3 conv", "8, n groups, /2"),
    (f"{CONV}, groups: $n, stride: 2", 2, 1, "3×3 conv", "8, n groups, /2"),
    (f"{CONV}, groups: $n", 1, 8, "3×3 conv", "8, n groups"),
    (f"{CONV}, dilation: $n", 1, 2, "3×3 conv", "8, dilation n"),
    ("op: max_pool2d, kernel_size: $n, stride: 1", 2, 3, "max pool", "kernel n"),
    ("op: max_pool2d, kernel_size: $n", 2, 3, "max pool", "kernel n, /n"),
    ("op: adaptive_avg_pool2d, output_size: $n", 1, 3, "avg pool", "to n"),
    ("op: upsample, scale_factor: $n", 2, 3, "upsample", "×n, nearest"),
    ("op: channel_shuffle, groups: $n", 2, 4, "channel shuffle", "n groups"),
    ("op: mul, other: $n", 2, 3, "mul 2 or 3", ""),
    ("op: linear, out_features: $n", 2, 3, "linear", "n"),
    ("op: batch_norm2d, eps: $n", 2, 3, "BN", ""),
]


@pytest.mark.parametrize(("op", "a", "b", "heading", "detail"), CASES)
def test_what_differs_is_said_by_the_authors_name(op: str, a: int, b: int, heading: str, detail: str) -> None:
    label = shared(op, a, b).label
    assert (label.heading, label.detail) == (heading, detail)


@pytest.mark.parametrize(
    ("op", "detail", "rows"),
    [
        (f"{CONV}, stride: {LONG}", "8, /two stride", {"two stride": ("1", "2")}),
        (f"{CONV}, groups: {LONG}", "8, two groups", {"two groups": ("1", "2")}),
        (f"{CONV}, dilation: {LONG}", "8, two dilation", {"two dilation": ("1", "2")}),
        (f"op: conv2d, out_channels: {LONG}, kernel_size: 1", "two", {"two": ("1", "2")}),
        (f"op: adaptive_avg_pool2d, output_size: {LONG}", "two size", {"two size": ("global", "2×2")}),
    ],
)
def test_what_is_written_at_length_goes_by_the_ops_name(op: str, detail: str, rows: dict[str, tuple[str, ...]]) -> None:
    told = shared(op, 1, 2)
    assert (told.label.detail, told.rows.told) == (detail, rows)


def test_what_is_alike_in_all_uses_stays() -> None:
    told = shared(f"{CONV}, groups: 8, stride: 2", 1, 2)
    assert (str(told.label), told.rows.told) == ("3×3 conv, 8, depthwise, /2", {})


THREE = """
archspec: 1
inputs: {image: [8, 32, 32]}
blocks:
  stage:
    params: {PARAM: int}
    graph: {two: {op: conv2d, out_channels: 8, kernel_size: $PARAM}}
graph:
  a: {block: stage, PARAM: 3}
  b: {block: stage, from: image, PARAM: 5}
  c: {block: stage, from: image, PARAM: 7}
outputs: [a, b, c]
"""


@pytest.mark.parametrize(
    ("param", "heading"),
    [
        ("kernel", "kernel\N{MULTIPLICATION SIGN}kernel conv"),
        ("reduction", "3\N{MULTIPLICATION SIGN}3 or 5\N{MULTIPLICATION SIGN}5 or 7\N{MULTIPLICATION SIGN}7 conv"),
    ],
)
def test_many_kernels_go_by_their_param_where_that_is_shorter(param: str, heading: str) -> None:
    network = load_text(THREE.replace("PARAM", param))
    uses = [network.graph.scopes[name] for name in "abc"]
    assert shared_label(network, network.graph.nodes["a/two"], uses).label.heading == heading


def test_a_graph_in_place_calls_the_input_of_the_block_around_it_what_that_does() -> None:
    """EfficientNetV2's gates are a quarter as wide as the block is at its input, wherever they stand in it."""
    text = """
archspec: 1
inputs: {image: [8, 32, 32]}
blocks:
  gate:
    params: {width: int}
    graph: {squeeze: {op: conv2d, out_channels: $width, kernel_size: 1}}
  stage:
    graph:
      inner:
        graph:
          - {op: conv2d, out_channels: 24, kernel_size: 1}
          - {block: gate, width: $(x.channels // 4)}
      out: {op: conv2d, out_channels: 32, kernel_size: 1}
graph:
  a: {block: stage}
  b: {block: stage}
"""
    network = load_text(text)
    scopes = network.graph.scopes
    node = network.graph.nodes["a/inner/1/squeeze"]
    assert shared_label(network, node, [scopes["a"], scopes["b"]]).label.lines == ("C/4",)

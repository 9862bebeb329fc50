"""What training and inference need of memory, against torch and by hand."""

import pytest

import archspec
from archspec.code.pytorch import emit
from archspec.graph.network import Network
from archspec.memory.need import Plan, largest_batch, need
from archspec.memory.optimizers import OPTIMIZERS
from archspec.memory.tape import Tape
from archspec.runtime.build import build
from tests.benchmarks.training_memory import both_ways, compared

# Plain, dense, gated, shared, recurrent, of tokens, in place and not, with auxiliary heads, with un-pooling.
NETWORKS = ["vgg:vgg11", "squeezenet:squeezenet1_1", "mobilenet_v2", "siamese", "text_cnn", "srresnet", "llama:small"]
# A parameter that is no value, chains of writing over, names that the source lets linger.
AT_INFERENCE = ["capsnet", "conformer:small", "unet:unpool"]


@pytest.mark.parametrize("spec", [*NETWORKS, "resnet:resnet18"])
def test_it_is_what_torch_holds(spec: str) -> None:
    made = compared(spec, Plan(2, "adam"))
    assert abs(made.training_off) < 0.03
    assert abs(made.inference_off) < 0.03
    assert made.ours.kept == pytest.approx(made.theirs.saved, rel=0.001, abs=200)


@pytest.mark.parametrize("spec", AT_INFERENCE)
def test_inference_follows_the_source(spec: str) -> None:
    assert abs(compared(spec, Plan(2)).inference_off) < 0.005


@pytest.mark.parametrize("spec", ["vgg:vgg11", "squeezenet:squeezenet1_1"])
def test_autocast_keeps_values_and_weights_in_bfloat16(spec: str) -> None:
    made = compared(spec, Plan(2, "sgd", autocast=True))
    assert made.ours.kept == pytest.approx(made.theirs.saved, rel=0.03)
    assert abs(made.training_off) < 0.05  # what is cast for a moment, such as gradients of weights, is not counted


def spec(graph: str, shape: str = "[3, 8, 8]") -> Network:
    return archspec.loads(f"archspec: 1\nname: Net\ninputs:\n  x: {shape}\ngraph:\n{graph}").network


BLOCK = """\
  conv1: {op: conv2d, out_channels: 4, kernel_size: 1, bias: false}
  bn: {op: batch_norm2d}
  relu: {op: relu}
  conv2: {op: conv2d, out_channels: 2, kernel_size: 1, bias: false}
"""


def test_what_is_kept_by_hand() -> None:
    """conv1 keeps the image, which is not counted; bn its input and two numbers a channel; relu and conv2 one map."""
    found = need(spec(BLOCK), Plan(5))
    assert found.kept == 4 * (2 * 5 * 4 * 64 + 2 * 4)
    assert found.by_node == {"conv1": 4 * 5 * 4 * 64, "bn": 4 * (5 * 4 * 64 + 2 * 4)}
    assert (found.parameters, found.gradients) == (4 * (12 + 8 + 8),) * 2


HEADS = """\
  qkv: {op: linear, out_features: 48}
  split: {op: unflatten, dim: 2, unflattened_size: [3, 2, 8]}
  by_head: {op: permute, dims: [0, 2, 3, 1, 4]}
  each: {op: unbind, parts: 3, dim: 1}
  scaled: {op: mul, from: each.0, other: 0.5}
  keys: {op: transpose, from: each.1, dim0: 2, dim1: 3}
"""
PRODUCTS = """\
  scores: {op: matmul, from: [scaled, keys]}
  last: {op: permute, dims: [0, 2, 3, 1]}
  talking: {op: linear, out_features: 2}
  first: {op: permute, dims: [0, 3, 1, 2]}
  weights: {op: softmax, dim: -1}
  attended: {op: matmul, from: [weights, each.2]}
"""
SUMS = """\
  scores: {op: einsum, equation: nhld, from: [scaled, each.1]}
  weights: {op: softmax, dim: -1}
  attended: {op: einsum, equation: out, from: [weights, each.2]}
""".replace("nhld", '"nhld,nhsd->nhls"').replace("out", '"nhls,nhsd->nhld"')
FUSED = """\
  attended: {op: scaled_dot_product_attention, from: [scaled, each.1, each.2]}
"""
OUT = """\
  by_token: {op: transpose, dim0: 1, dim1: 2}
  flatten: {op: flatten, start_dim: 2}
  out: {op: linear, out_features: 16}
"""
BUFFERS = """\
  index: {op: buffer, shape: [1, 6, 2], init: zeros, dtype: int, persistent: false}
  picked: {op: take_along_dim, dim: 2, from: [out, index]}
  table: {op: buffer, shape: [6, 2], init: ones, persistent: false}
  moved: {op: add, from: [picked, table]}
"""


VOTES = """\
  weight: {op: parameter, shape: [6, 2, 4, 16], init: ones}
  votes: {op: einsum, equation: "icdk,nijk->nijcd", from: [weight, x]}
  twice: {op: mul, other: 2.0}
  again: {op: einsum, equation: "icdk,nijcd->nijk", from: [weight, twice]}
"""


def test_a_copy_is_of_what_it_holds_whichever_dimension_comes_first() -> None:
    """Products are made for each i: samples and j are its rows, which lie apart."""
    network = spec(VOTES, "[6, 3, 16]")
    made = build(emit(network), network.name, filename="<net>", device="meta").eval()
    for batch in (2, 5):
        both = both_ways(network, made, Plan(batch))
        assert both.ours.kept == pytest.approx(both.theirs.saved, abs=8)


@pytest.mark.parametrize("middle", [PRODUCTS, SUMS, FUSED], ids=["products", "einsum", "fused"])
def test_what_no_view_can_be_is_a_copy(middle: str) -> None:
    """Heads are permuted: each product copies what it reads, and a flatten what the heads give."""
    network = spec(HEADS + middle + OUT + BUFFERS, "[6, 16]")
    made = build(emit(network), network.name, filename="<net>", device="meta").eval()
    both = both_ways(network, made, Plan(2, "adam"))
    assert both.ours.kept == pytest.approx(both.theirs.saved, abs=4)  # the number that is multiplied by
    assert abs(both.training_off) < 0.002
    assert abs(both.inference_off) < 0.01
    assert both.ours.buffers == 8 * 12 + 4 * 12


def test_what_is_written_over_is_one_piece_of_memory() -> None:
    """While `last` runs, live are its input and its output; relu and the sum write over what they read first."""
    graph = """\
  a: {op: conv2d, out_channels: 4, kernel_size: 1}
  b: {op: conv2d, out_channels: 4, kernel_size: 1, from: x}
  sum: {op: add, from: [a, b]}
  relu: {op: relu}
  last: {op: conv2d, out_channels: 4, kernel_size: 1}
"""
    assert need(spec(graph), Plan()).activations == 4 * 2 * 4 * 64


def test_what_is_computed_of_parameters_only_is_there_once_whatever_the_batch() -> None:
    graph = """\
  p: {op: parameter, shape: [3, 8, 8]}
  twice: {op: mul, other: 2.0, from: p}
  sum: {op: mul, from: [x, twice]}
"""
    network = spec(graph)
    assert [need(network, Plan(batch)).activations for batch in (1, 5)] == [4 * 192 * 2, 4 * 192 * 6]


def test_a_parameter_that_is_read_as_a_value_is_counted_once() -> None:
    found = need(spec("  p: {op: parameter, shape: [3, 8, 8]}\n  sum: {op: mul, from: [x, p]}\n"), Plan())
    assert (found.parameters, found.activations) == (4 * 3 * 64, 4 * 3 * 64)


def test_what_no_parameter_stands_before_has_no_gradient_and_keeps_nothing() -> None:
    found = need(spec("  a: {op: relu}\n  b: {op: mul, from: [a, a]}\n  c: {op: linear, out_features: 3}\n"), Plan())
    assert set(found.by_node) == {"b"}


@pytest.mark.parametrize(
    ("optimizer", "state"),
    [("sgd", 0), ("momentum", 4 * 5000), ("adam", 8 * 5000 + 4), ("adamw", 8 * 5000 + 4), ("adam8bit", 2 * 5000 + 160)],
)
def test_optimisers_keep_their_moments(optimizer: str, state: int) -> None:
    """Of 5000 parameters; with 8 bits there are 20 blocks, each with a scale for each of two moments."""
    assert OPTIMIZERS[optimizer].state(5000, 4) == state


def test_small_tensors_keep_32_bits() -> None:
    assert OPTIMIZERS["adam8bit"].state(100, 2) == 2 * 100 * 4


def test_half_the_bytes_in_bfloat16() -> None:
    full, half = (need(spec(BLOCK), Plan(5, "momentum", dtype)) for dtype in ("float32", "bfloat16"))
    assert (full.in_training, full.at_inference) == (2 * half.in_training, 2 * half.at_inference)


def test_the_largest_batch_fits_and_one_more_does_not() -> None:
    network, plan, room = spec(BLOCK), Plan(), 10**6
    batch = largest_batch(network, plan, room, lambda found: found.in_training)
    sizes = [need(network, Plan(batch + more)).in_training for more in (0, 1)]
    assert sizes[0] <= room < sizes[1]
    assert largest_batch(network, plan, 100, lambda found: found.in_training) == 0


def test_the_curve_ends_with_the_gradients_of_all_parameters() -> None:
    network = archspec.load("resnet:resnet18").network
    found = need(network, Plan(2))
    assert found.moments[-1].gradients == found.gradients
    assert max(moment.bytes for moment in found.moments) == found.training
    assert [moment.node for moment in found.moments if not moment.backward] == list(network.graph.nodes)


def test_heads_of_training_run_as_soon_as_they_can() -> None:
    network = archspec.load("googlenet").network
    order = [node.id for node in Tape(network).nodes]
    assert order.index("aux1/fc2") < order.index("inception4b/conv1x1/conv")
    assert sorted(order) == sorted(network.graph.nodes)


# What a walk over the nodes alone would miss, each in a network of few layers.
CASES = {
    "a map that a later one is added to is let go first": """\
  pool: {op: max_pool2d, kernel_size: 2, from: stem}
  low: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
  up: {op: upsample, scale_factor: 2}
  add: {op: add, from: [stem, up]}
""",
    "names hold values that nobody reads": """\
  a: {op: conv2d, out_channels: 8, kernel_size: 1, from: stem}
  b: {op: conv2d, out_channels: 8, kernel_size: 1, from: stem}
  join: {op: concat, from: [a, b]}
  low: {op: conv2d, out_channels: 2, kernel_size: 1}
  up: {op: upsample, scale_factor: 4}
""",
    "what is padded is copied": """\
  pool: {op: max_pool2d, kernel_size: 3, from: stem}
  up: {op: upsample, scale_factor: 3, mode: bilinear}
  join: {op: concat, from: [stem, up], align: pad}
""",
    "what is padded or cropped has a gradient of its own": """\
  low: {op: conv2d, out_channels: 16, kernel_size: 3, stride: 3}
  up: {op: conv_transpose2d, out_channels: 16, kernel_size: 3, stride: 3}
  padded: {op: concat, from: [stem, up], align: pad}
  few: {op: conv2d, out_channels: 4, kernel_size: 1, from: stem}
  mix: {op: conv2d, out_channels: 4, kernel_size: 3, from: padded}
  more: {op: upsample, scale_factor: 2}
  cropped: {op: add, from: [few, more], align: crop}
""",
    "what only gives its size has no gradient": """\
  most: {op: amax, dim: [2, 3], keepdim: true, from: stem}
  spread: {op: upsample, from: [most, stem]}
  join: {op: concat, from: [stem, spread]}
  last: {op: conv2d, out_channels: 4, kernel_size: 1}
""",
    "three are added in two steps": """\
  a: {op: conv2d, out_channels: 8, kernel_size: 1, from: stem}
  b: {op: conv2d, out_channels: 8, kernel_size: 1, from: stem}
  join: {op: add, from: [stem, a, b]}
""",
    "borders that go round are a map of their own": (
        "  wrap: {op: conv2d, out_channels: 2, kernel_size: 7, padding: 3, padding_mode: circular}\n"
    ),
    "a weight that follows from others": (
        "  wide: {op: conv2d, out_channels: 256, kernel_size: 7, padding: 3, stride: 8, parametrization: weight_norm}\n"
    ),
    "one head keeps its scores": """\
  flat: {op: flatten, start_dim: 2}
  tokens: {op: transpose, dim0: 1, dim1: 2}
  attend: {op: scaled_dot_product_attention, from: [tokens, tokens, tokens]}
""",
    "gates of all steps": """\
  flat: {op: flatten, start_dim: 2}
  steps: {op: transpose, dim0: 1, dim1: 2}
  rnn: {op: gru, hidden_size: 16, num_layers: 2, bidirectional: true}
  again: {op: lstm, hidden_size: 16, bidirectional: true}
  sums: {op: cumsum, dim: 1}
""",
    "terms are let go of as they are added": """\
  join:
    graph:
      a: {op: conv2d, out_channels: 8, kernel_size: 1, from: x}
      b: {op: conv2d, out_channels: 8, kernel_size: 1, from: x}
      c: {op: conv2d, out_channels: 8, kernel_size: 1, from: x}
      d: {op: conv2d, out_channels: 8, kernel_size: 1, from: x}
      sum: {op: add, from: [a, b, c, d]}
""",
    "functions that need room on the way back": """\
  last: {op: acos, from: stem}
  sinc: sinc
  round: {op: circular_pad2d, padding: 3}
""",
    "a part of a number": """\
  parts: {op: div, other: 2, number_first: true}
  last: {op: conv2d, out_channels: 2, kernel_size: 1}
""",
    "dropout of nothing": "  same: {op: dropout, p: 0.0}\n  relu: {op: leaky_relu}\n",
}


@pytest.mark.parametrize("name", CASES)
def test_a_small_network_holds_what_is_said(name: str) -> None:
    stem = "  stem: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}\n"
    text = f"archspec: 1\nname: Net\ninputs:\n  x: [3, 16, 16]\ngraph:\n{stem}{CASES[name]}"
    design = archspec.loads(text)
    made = both_ways(design.network, design.build(device="meta"), Plan(8, "adam"))
    assert abs(made.training_off) < 0.015
    assert abs(made.inference_off) < 0.01
    assert made.ours.kept == pytest.approx(made.theirs.saved, rel=0.01)


def test_windows_are_copies_of_an_image_that_is_padded() -> None:
    design = archspec.loads("""\
archspec: 1
name: Net
inputs: {x: [16, 16, 8]}
graph:
  norm: layer_norm
  cut: {op: window_partition, window_size: [4, 4], shift_size: [1, 1]}
  mix: {op: linear, out_features: 8}
  back: {op: window_reverse, from: [mix, norm], window_size: [4, 4], shift_size: [1, 1]}
  sum: {op: add, from: [back, norm]}
""")
    made = both_ways(design.network, design.build(device="meta"), Plan(8))
    assert abs(made.inference_off) < 0.015

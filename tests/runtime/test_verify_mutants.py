"""`verify` could fail: sources that are wrong in one place, each found by at least one check."""

import pytest

import archspec
from archspec.pipeline import read_text
from archspec.runtime.outcome import VerifyReport
from archspec.runtime.verify import verify
from tests.examples import one_in

RESIDUAL = """
inputs: {image: [3, 16, 16]}
params: {classes: 5}
blocks:
  block:
    params: {width: int, stride: 1}
    graph:
      conv1: {op: conv2d, out_channels: $width, kernel_size: 3, stride: $stride, padding: 1, bias: false}
      bn1: batch_norm2d
      relu1: relu
      conv2: {op: conv2d, out_channels: $width, kernel_size: 3, padding: 1, groups: 2, bias: false}
      bn2: {op: batch_norm2d, eps: 0.001}
      short:
        when: $(stride != 1 or x.channels != width)
        from: x
        graph: [{op: conv2d, out_channels: $width, kernel_size: 1, stride: $stride, bias: false}, batch_norm2d]
      add: {op: add, from: [bn2, short]}
      relu2: relu
graph:
  stem: {op: conv2d, out_channels: 4, kernel_size: 3, padding: 1}
  layer1: {block: block, width: 4, repeat: 2}
  layer2: {block: block, width: 8, repeat: 2, first: {stride: 2}}
  aux: {op: adaptive_avg_pool2d, output_size: 2, from: layer1, when: training}
  pool: {op: adaptive_avg_pool2d, output_size: 1, from: layer2}
  flatten: flatten
  drop: {op: dropout, p: 0.2}
  fc: {op: linear, out_features: $classes}
outputs: {logits: fc, aux: aux}
init:
  conv2d: {weight: {kaiming_normal: {mode: fan_out}}}
  linear: {weight: {normal: {std: 0.01}}, bias: zeros}
"""
ATTENTION = """
inputs: {tokens: {shape: [6], dtype: int}}
graph:
  embed: {op: embedding, num_embeddings: 11, embedding_dim: 8}
  norm: layer_norm
  q: {op: linear, out_features: 8, from: norm}
  k: {op: linear, out_features: 8, from: norm}
  v: {op: linear, out_features: 8, from: norm}
  qh: {op: unflatten, dim: 2, unflattened_size: [2, 4], from: q}
  kh: {op: unflatten, dim: 2, unflattened_size: [2, 4], from: k}
  vh: {op: unflatten, dim: 2, unflattened_size: [2, 4], from: v}
  qt: {op: transpose, dim0: 1, dim1: 2, from: qh}
  kt: {op: transpose, dim0: 1, dim1: 2, from: kh}
  vt: {op: transpose, dim0: 1, dim1: 2, from: vh}
  attend: {op: scaled_dot_product_attention, from: [qt, kt, vt], is_causal: true}
  back: {op: transpose, dim0: 1, dim1: 2}
  joined: {op: flatten, start_dim: 2}
  out: {op: linear, out_features: 8}
  sum: {op: add, from: [out, embed]}
  gelu: gelu
  head: {op: linear, out_features: 11}
"""
SKIPS = """
inputs: {image: [2, 16, 16]}
graph:
  down: {op: conv2d, out_channels: 4, kernel_size: 3, padding: 1}
  pool: {op: max_pool2d, kernel_size: 2}
  low: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
  act: {op: leaky_relu, negative_slope: 0.1}
  up: {op: conv_transpose2d, out_channels: 4, kernel_size: 2, stride: 2}
  join: {op: concat, from: [down, up]}
  less: {op: sub, from: [up, down]}
  soft: {op: softmax, dim: 1}
  both: {op: concat, from: [join, soft]}
  norm: {op: group_norm, num_groups: 2}
  out: {op: conv2d, out_channels: 3, kernel_size: 1}
"""
RECURRENT = """
inputs: {words: [7, 4]}
graph:
  rnn: {op: lstm, hidden_size: 5, bidirectional: true}
  mean: {op: mean, dim: 1, from: rnn}
  scale: {op: mul, other: 0.5}
  first: {op: linear, out_features: 10, freeze: true}
  again: {share: first}
  tanh: tanh
"""
NETWORKS = {"residual": RESIDUAL, "attention": ATTENTION, "skips": SKIPS, "recurrent": RECURRENT}

# Network, what its source says, and what it says in place of that.
MUTANTS = [
    ("residual", "out = F.relu(out, inplace=True)", "pass"),
    ("residual", "return F.relu(out, inplace=True)", "return out"),
    ("residual", "stride=stride, padding=1", "padding=1"),
    ("residual", "out += self.short(x)", "out += out"),
    ("residual", ", eps=0.001", ""),
    ("residual", ", groups=2", ""),
    ("residual", "for _ in range(2)", "for _ in range(3)"),
    ("residual", "Block(4, 8, stride=2), Block(8, 8)", "Block(4, 8), Block(8, 8, stride=2)"),
    ("residual", "nn.Dropout(0.2)", "nn.Dropout()"),
    ("residual", "x = self.drop(x)", "pass"),
    ("residual", "if self.training else None", "if not self.training else None"),
    ("residual", "F.adaptive_avg_pool2d(x, 2)", "F.adaptive_max_pool2d(x, 2)"),
    ("residual", "F.adaptive_avg_pool2d(x, 1)", "F.avg_pool2d(x, 8)"),
    ("residual", 'mode="fan_out"', 'mode="fan_in"'),
    ("residual", "std=0.01", "std=0.02"),
    ("residual", "nn.init.zeros_", "nn.init.ones_"),
    ("residual", "nn.Linear(8, classes)", "nn.Linear(8, 5)"),
    ("residual", "self.bn1 = ", "self.norm1 = "),
    ("attention", "is_causal=True", "is_causal=False"),
    ("attention", "(qt, kt, vt", "(kt, qt, vt"),
    ("attention", "(qt, kt, vt", "(qt, vt, kt"),
    ("attention", ".transpose(1, 2)", ".transpose(2, 1).flip(1)"),
    ("attention", "(2, 4)", "(4, 2)"),
    ("attention", "F.gelu(x)", 'F.gelu(x, approximate="tanh")'),
    ("attention", "nn.LayerNorm(8)", "nn.LayerNorm(8, eps=1e-3)"),
    ("skips", "torch.cat([down, up]", "torch.cat([up, down]"),
    ("skips", "up - down", "down - up"),
    ("skips", "dim=1)", "dim=2)"),
    ("skips", "nn.GroupNorm(2,", "nn.GroupNorm(4,"),
    ("skips", "0.1", "0.01"),
    ("skips", "F.max_pool2d(down, 2)", "F.avg_pool2d(down, 2)"),
    ("recurrent", "x.mean(1)", "x.amax(1)"),
    ("recurrent", " * 0.5", ""),
    ("recurrent", "bidirectional=True", "bidirectional=True, bias=False"),
    ("recurrent", "x = self.first(x)", "pass"),
    ("recurrent", "requires_grad_(False)", "requires_grad_(True)"),
]


def source_of(name: str) -> str:
    return archspec.loads(f"archspec: 1\nname: Net\n{NETWORKS[name]}").source()


def report(name: str, source: str) -> VerifyReport:
    read = read_text(f"archspec: 1\nname: Net\n{NETWORKS[name]}")
    return verify(read({}), source, at=read)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_right_source_holds(name: str) -> None:
    assert report(name, source_of(name)).passed


BY_NAME = {f"{name}: {said} -> {instead}": (name, said, instead) for name, said, instead in MUTANTS}


@pytest.mark.parametrize("mutant", one_in(3, list(BY_NAME)))
def test_a_source_that_is_wrong_in_one_place_does_not(mutant: str) -> None:
    name, said, instead = BY_NAME[mutant]
    source = source_of(name)
    assert said in source
    assert not report(name, source.replace(said, instead, 1)).passed

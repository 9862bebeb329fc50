"""Flat sequences in families: one class of all variants, with the keys of one sequence."""

from archspec.code.family import emit_family
from archspec.pipeline import read_text
from tests.code.families import loaded
from tests.code.trials_of_families import wrong_members

# One numbered sequence, of which each block inside makes its own layers, as depths and conditions say.
FLAT = """
archspec: 1
name: Tiny
params: {depths: [1, 2], width: 4, norm: false, slope: 0.1, ends: false, tail: 2}
variants:
  one: {}
  two: {depths: [3, 1], norm: true, ends: true}
  three: {depths: [2, 2], width: 6, tail: 1}
inputs: {x: [3, 8, 8]}
blocks:
  conv:
    params: {channels: int, kernel_size: 3}
    graph:
      conv: {op: conv2d, out_channels: $channels, kernel_size: $kernel_size, padding: $(kernel_size // 2)}
      norm: {op: batch_norm2d, when: $norm}
      act: {op: leaky_relu, negative_slope: $slope}
  stage:
    params: {channels: int, depth: int, mixed: false}
    graph:
      convs: {block: conv, channels: $channels, repeat: $depth, first: {kernel_size: 5}}
      pointwise: {block: conv, when: $mixed, channels: $channels, kernel_size: 1}
      relus: {op: prelu, repeat: $depth}
      pool: {graph: {act: {op: tanh, when: $mixed}, pool: {op: max_pool2d, kernel_size: 2}}}
graph:
  features:
    flat: true
    graph:
      stage1: {block: stage, channels: $width, depth: $(depths.0)}
      stage2: {block: stage, channels: $(2 * width), depth: $(depths.1), mixed: $ends}
      ends: {when: $ends, graph: {conv: {block: conv, channels: 5}, again: {block: conv, channels: 5, repeat: $tail}}}
  head: {block: conv, channels: 2}
"""


def test_blocks_of_a_flat_sequence_make_its_layers_where_the_variants_have_others() -> None:
    made = read_text(FLAT).family()
    source = emit_family(made.network, made.variants)
    assert loaded(source)["__all__"] == ["Tiny", "one", "two", "three"]
    assert source.count("nn.Module):") == 2  # the network, and the convolution that stands in no sequence
    assert "layers += " in source
    assert "slope=slope" in source  # which no variant sets
    assert list(wrong_members(FLAT)) == []


def test_a_flat_sequence_of_blocks_that_differ_more_has_the_layers_of_each_variant() -> None:
    text = FLAT.replace("repeat: $depth, first: {kernel_size: 5}", "channels: $(channels + i), repeat: $depth", 1)
    assert list(wrong_members(text.replace("channels: $channels, channels:", "channels:"))) == []

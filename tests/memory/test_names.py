"""What names of the source hold: values that nobody reads any longer, lists, and what loops and calls in calls read."""

import pytest

from archspec.code.pytorch import emit
from archspec.memory.need import Plan
from archspec.runtime.build import build
from tests.benchmarks.training_memory import both_ways
from tests.memory.test_need import spec

ANY_NUMBER = """\
  a: {op: conv2d, out_channels: 4, kernel_size: 1}
  first: {block: mixed, from: [a, x, a, x]}
  second: {block: mixed, from: [a, first]}
blocks:
  mixed:
    inputs: [maps.*]
    graph:
      brought: {each: maps.*, op: conv2d, out_channels: 4, kernel_size: 1}
      gated: {each: brought.*, op: sigmoid}
      sum: {op: add, from: [gated.*, maps.0]}
      wide: {op: conv2d, out_channels: 16, kernel_size: 1}
      back: {op: conv2d, out_channels: 4, kernel_size: 1}
"""
RESULTS = """\
  low: {op: conv2d, out_channels: 4, kernel_size: 3, padding: 1}
  two: {block: pair, from: low}
  last: {op: conv2d, out_channels: 16, kernel_size: 1, from: two.a}
  back: {op: conv2d, out_channels: 1, kernel_size: 1}
blocks:
  pair:
    outputs: {a: one, b: other}
    graph:
      one: {op: conv2d, out_channels: 8, kernel_size: 1}
      other: {op: sigmoid}
"""
KEPT_FOR_TRAINING = """\
  low: {op: conv2d, out_channels: 4, kernel_size: 3, padding: 1}
  more: {op: conv2d, out_channels: 16, kernel_size: 1}
  last: {op: conv2d, out_channels: 1, kernel_size: 1}
outputs: {last: last, low: {from: low, when: training}}
"""


@pytest.mark.parametrize("graph", [ANY_NUMBER, RESULTS, KEPT_FOR_TRAINING], ids=["lists", "unread", "for training"])
def test_names_hold_what_nobody_reads(graph: str) -> None:
    """Lists of values, the name of what is not read, and what only training returns."""
    network = spec(graph, "[4, 16, 16]")
    made = build(emit(network), network.name, filename="<net>", device="meta").eval()
    both = both_ways(network, made, Plan(2))
    assert both.ours.activations == both.inference


TAPPED = """\
  stem: {op: conv2d, out_channels: 64, kernel_size: 1}
  features:
    outputs: [3, 1]
    graph:
      - {op: max_pool2d, kernel_size: 4}
      - {op: conv2d, out_channels: 16, kernel_size: 1}
      - {op: upsample, scale_factor: 4}
      - {op: conv2d, out_channels: 64, kernel_size: 1}
  skip: {op: conv2d, out_channels: 64, kernel_size: 1, from: features.1}
  up: {op: upsample, scale_factor: 4}
  add: {op: add, from: [up, features]}
"""
PAIRED = """\
  stem: {op: conv2d, out_channels: 4, kernel_size: 1}
  pair:
    repeat: 3
    inputs: [a, b]
    from: [stem, x]
    graph:
      one: {op: conv2d, out_channels: 4, kernel_size: 1, from: a}
      both: {op: concat, from: [one, b]}
      other: {op: conv2d, out_channels: 3, kernel_size: 1}
    outputs: {a: one, b: other}
  big: {op: conv2d, out_channels: 64, kernel_size: 1, from: pair.a}
  small: {op: conv2d, out_channels: 4, kernel_size: 1}
"""


@pytest.mark.parametrize(("graph", "maps"), [(TAPPED, 64 + 64 + 4 + 1), (PAIRED, 64 + 4)], ids=["tapped", "paired"])
def test_a_list_that_is_called_part_by_part_holds_nothing_that_its_parts_do_not(graph: str, maps: int) -> None:
    network = spec(graph, "[3, 16, 16]")
    made = build(emit(network), network.name, filename="<net>", device="meta").eval()
    both = both_ways(network, made, Plan(2))
    assert both.ours.activations == both.inference == maps * 2 * 16 * 16 * 4
    assert both.ours.training == pytest.approx(both.theirs.peak, abs=8)


NESTED = "".join(
    f"""\
  conv{i}: {{op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}}
  gate{i}: sigmoid
  twice{i}: {{op: mul, other: 2.0}}
  mixed{i}: {{op: mul, from: [twice{i}, x]}}
"""
    for i in range(3)
)
ROUNDS = NESTED.replace("conv0:", "convs.0:").replace("conv1:", "convs.1:").replace("conv2:", "convs.2:")


@pytest.mark.parametrize("graph", [NESTED, ROUNDS], ids=["in calls", "in rounds"])
def test_a_name_holds_what_calls_in_calls_read_until_all_have_run(graph: str) -> None:
    network = spec(graph, "[8, 16, 16]")
    made = build(emit(network), network.name, filename="<net>", device="meta").eval()
    both = both_ways(network, made, Plan(2))
    assert both.ours.activations == both.inference

"""Lists beside each other whose modules are used in rounds become a repeat with `lists`, its length a param."""

import pytest
import torch

from archspec.code.naming import root_class
from archspec.code.pytorch import emit
from archspec.importer.command import imported
from archspec.importer.importing import Imported, Wish
from archspec.pipeline import load_text
from archspec.runtime.build import load_class
from tests.importer import parallel

SIZES: dict[str, dict[str, tuple[tuple[int, ...], str]]] = {
    "Perceptron": {"": ((8,), "float")},
    "Temporal": {"": ((4, 20), "float")},
    "GraphNet": {"x": ((5, 16), "float"), "adjacency": ((5, 5), "float")},
    "Dilated": {"": ((16, 20), "float")},
    "Turned": {"": ((8,), "float")},
    "Widths": {"": ((8,), "float")},
    "Skips": {"": ((8, 16), "float")},
}
WRITTEN = {
    "Perceptron": """\
params: {depth: 5, hidden: 32, classes: 10}
inputs: {x: [8]}

graph:
  embed: {op: linear, out_features: $hidden}
  rounds:
    repeat: $depth
    lists: true
    graph:
      layers: {op: linear, out_features: $hidden}
      norms: layer_norm
      relu: relu
  head: {op: linear, out_features: $classes}
""",
    "Temporal": """\
  rounds:
    repeat: $depth
    lists: true
    graph:
      convs: {op: conv1d, out_channels: $channels, kernel_size: 3, padding: $(2**i), dilation: $(2**i)}
      norms: batch_norm1d
      relu: relu
      drops: {op: dropout, p: 0.1}
      add: {op: add, from: [x, drops]}
""",
    "GraphNet": """\
    repeat: $n
    lists: true
    inputs: [x, adjacency]
    graph:
      convs: {op: linear, out_features: $(hidden if i < n - 1 else classes)}
      matmul: {op: matmul, from: [adjacency, convs]}
      norms: {op: layer_norm, when: $(i < n - 1)}
      relu: {op: relu, when: $(i < n - 1)}
""",
    "Dilated": """\
  rounds:
    repeat: 3
    lists: true
    graph:
      leaky_relu1: {op: leaky_relu, negative_slope: 0.1}
      convs1: {op: conv1d, out_channels: $channels, kernel_size: 3, padding: $(1 + 2 * i), dilation: $(1 + 2 * i)}
      leaky_relu2: {op: leaky_relu, negative_slope: 0.1}
      convs2: {op: conv1d, out_channels: $channels, kernel_size: 3, padding: 1}
      add: {op: add, from: [convs2, x]}
""",
    "Turned": """\
  rounds:
    repeat: $depth
    lists: true
    graph:
      norms: layer_norm
      layers: {op: linear, out_features: 8}
      tanh: tanh
    order: [layers, norms]
  head: {op: linear, out_features: 2}
order: [head, rounds]
""",
}


def spec_of(name: str) -> Imported:
    return imported(f"tests.importer.parallel:{name}", {}, SIZES[name], Wish())


@pytest.mark.parametrize("name", WRITTEN)
def test_lists_in_rounds_are_a_repeat(name: str) -> None:
    found = spec_of(name)
    assert found.proof.exact
    assert WRITTEN[name] in found.text


@pytest.mark.parametrize("name", ["Widths", "Skips"])
def test_rounds_that_no_repeat_says_stay_as_they_are(name: str) -> None:
    found = spec_of(name)
    assert found.proof.exact
    assert "lists: true" not in found.text


@pytest.mark.parametrize("settings", [{"n": 3}, {"n": 6, "classes": 5}, {"hidden": 24}], ids=str)
def test_a_spec_with_other_numbers_of_rounds_is_the_module_made_with_them(settings: dict[str, int]) -> None:
    network = load_text(spec_of("GraphNet").text, settings=settings)
    made, module = load_class(emit(network), root_class(network))().eval(), parallel.GraphNet(**settings).eval()
    made.load_state_dict(module.state_dict(), strict=True)
    x, adjacency = torch.randn(2, 5, settings.get("hidden", 16)), torch.rand(2, 5, 5)
    assert torch.equal(made(x, adjacency), module(x, adjacency))

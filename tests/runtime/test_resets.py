"""What a network made on the meta device needs: `reset_parameters` does what the constructors did, bit for bit."""

import pytest
import torch
from torch import nn

from archspec.design import Design, loads
from archspec.graph.report import totals
from tests.gallery.networks import network, representatives
from tests.runtime.gallery import source

SAMPLE = ("capsnet", "conformer:small", "perceiver:small", "mamba:small")
LARGEST = 60e6  # parameters, of which two copies are filled


def reset(module: nn.Module) -> None:
    """What `model.apply` is given; torch's own attention has it as a private method."""
    for name in ("reset_parameters", "_reset_parameters"):
        getattr(module, name, lambda: None)()


def differing(design: Design) -> list[str]:
    """The parameters and buffers that a network made on the meta device has otherwise than one made at once."""
    torch.manual_seed(7)
    plain = design.build(device="cpu")
    with torch.device("meta"):
        made = design.build()
    made = made.to_empty(device="cpu")
    for tensor in (*made.parameters(), *made.buffers()):
        tensor.detach().fill_(torch.nan if tensor.is_floating_point() else 1)
    torch.manual_seed(7)
    made.apply(reset)
    found = {**dict(made.named_parameters()), **dict(made.named_buffers())}
    wanted = (*plain.named_parameters(), *plain.named_buffers())
    return [name for name, tensor in wanted if not torch.equal(tensor, found[name])]


@pytest.mark.parametrize(
    "spec", [pytest.param(one, marks=[] if one in SAMPLE else [pytest.mark.whole]) for one in representatives()]
)
def test_a_network_with_tensors_of_its_own_is_reset_to_what_it_was_made_as(spec: str) -> None:
    if "def reset_parameters" not in source(spec) or totals(network(spec))[0].params > LARGEST:
        pytest.skip("no tensors of its own, or too large")
    assert differing(Design(network(spec))) == []


# Tensors of each kind, whose sizes and starts follow from arguments; rules for other modules beside and around them.
OWN = """
archspec: 1
name: Own
params: {width: 4, scale: 0.5}
inputs: {x: [4]}
init: {linear: {weight: {normal: {std: $scale}}, bias: zeros}}
blocks:
  gate:
    params: {scale: float}
    init: {linear: {bias: ones}}
    graph:
      scale: {op: parameter, shape: [$x.channels], init: $scale}
      places: {op: arange, end: $(x.channels * 2), step: 2}
      fixed: {op: buffer, shape: [$x.channels], init: 3, dtype: int, persistent: false}
      proj: {op: linear, from: x, out_features: $x.channels}
      scaled: {op: mul, from: [proj, scale]}
      moved: {op: add, from: [scaled, places]}
      y: {op: add, from: [moved, fixed]}
graph:
  first: {block: gate, scale: $scale}
  wide: {op: linear, out_features: $(2 * width)}
  second: {block: gate, scale: 2.0}
  start: {op: parameter, shape: [$(2 * width)], init: {normal: {std: $(scale / 2)}}}
  y: {op: add, from: [second, start]}
"""


def test_tensors_of_each_kind_are_filled_by_what_the_constructor_keeps() -> None:
    design = loads(OWN)
    assert differing(design) == []
    text = design.source()
    assert "        self.init_scale = scale\n        self.scale = nn.Parameter(torch.empty(in_features))\n" in text
    assert "        nn.init.constant_(self.scale, self.init_scale)\n" in text
    assert "        self.fixed.fill_(3)\n" in text


def test_a_network_without_tensors_of_its_own_has_no_such_method() -> None:
    for spec in ("resnet:resnet18", "densenet:densenet121", "gpt:gpt2"):
        assert "reset_parameters" not in source(spec)

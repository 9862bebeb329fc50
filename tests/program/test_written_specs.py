"""The compiler, over specs written for what is hard to draw at random.

Repeats of differing length, blocks of several inputs or outputs, blocks chosen by a param, parts left out inside them.
"""

from pathlib import Path

import pytest
import torch

from archspec.design import Design
from archspec.pipeline import load_network
from tests.program.interpreter import run

SPECS = sorted((Path(__file__).parent / "specs").glob("*.yaml"))


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_emitted_module_computes_what_the_graph_says(path: Path) -> None:
    design = Design(load_network(path))
    module = design.build().eval()
    network = design.network
    inputs = {name: torch.rand(2, *network.shapes[name][0].dims) for name in network.graph.inputs}
    with torch.no_grad():
        found = module(*inputs.values())
        wanted = run(network, module.state_dict(), {name: value.clone() for name, value in inputs.items()})
    named = [found] if isinstance(found, torch.Tensor) else list(found)
    assert all(torch.equal(a, b) for a, b in zip(named, wanted.values(), strict=True))


def test_repeats_of_differing_length_share_a_class() -> None:
    source = Design(load_network(SPECS[-1])).source()
    assert source.count("class Stage(") == source.count("class Stage") == 1
    assert "self.blocks = nn.Sequential(*(Res(channels, channels) for _ in range(depth)))" in source


def test_uses_that_differ_in_a_field_of_a_helper_share_a_class() -> None:
    source = Design(load_network(Path(__file__).parent / "specs" / "helpers.yaml")).source()
    assert source.count("class Cn(") == source.count("class StochasticDepth(") == 1
    assert "self.drop = StochasticDepth(p)" in source

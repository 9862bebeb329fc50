"""What the project counts is what torch and fvcore count, to the last unit, in every block of every gallery network."""

import pytest
import torch
from torch.nn import functional

from archspec.graph.network import Network
from archspec.runtime.attributes import attribute_paths, prefixes, tied_keys
from archspec.runtime.counters import count_buffers, count_fvcore, count_macs, count_params, random_inputs
from archspec.runtime.expected import expected_costs
from tests.gallery.networks import FEW, RUN, sampled
from tests.runtime.gallery import module, network, network_at, representatives, source, specs

# fvcore has to compute: at their declared sizes these networks need 100 GMACs and more.
SMALLER = {
    "fcn": (64, 96),
    "fcn_resnet50": (96, 128),
    "fpn": (96, 128),
    "gpt": (16,),
    "gpt_neox": (16,),
    "pspnet": (97, 129),
    "segnet": (96, 128),
    "unet": (188, 204),
}
LARGE = {"vit:vit_l_16", "vit:vit_h_14", "gpt:gpt2_large", "gpt:gpt2_xl"}


def counted(loaded: Network, column: str, *, training: bool = False) -> dict[str, int]:
    return {path: getattr(cost, column) for path, cost in expected_costs(loaded, training=training).items()}


def assert_equal(loaded: Network, counted: dict[str, int], measured: dict[str, int]) -> None:
    """Every module's figure is the one counted at its path, and nothing is counted that no module has.

    What stands inside the module of one op, such as the last layer of an attention, is a part of that op.
    """
    paths = attribute_paths(loaded.graph)
    ops = {paths[id] for id in loaded.graph.nodes}
    known = {path: n for path, n in measured.items() if path in ops or ops.isdisjoint(prefixes(path))}
    assert {path: counted.get(path, 0) for path in known} == known


@pytest.mark.parametrize("spec", sampled(specs()))
def test_params_and_buffers(spec: str) -> None:
    built, loaded = module(spec), network(spec)
    assert_equal(loaded, counted(loaded, "params", training=True), count_params(built, tied_keys(loaded)))
    assert_equal(loaded, counted(loaded, "buffers", training=True), count_buffers(built))


@pytest.mark.parametrize("spec", sampled(specs(), sample=RUN))
def test_macs_are_half_of_what_flop_counter_mode_counts(spec: str) -> None:
    loaded = network(spec)
    assert_equal(loaded, counted(loaded, "macs"), count_macs(module(spec), random_inputs(loaded, device="meta")))


@pytest.mark.parametrize("spec", sampled(representatives(), "gpt:gpt2", "swin:swin_t", sample=FEW))
def test_fvcore_convention_is_what_fvcore_counts(spec: str) -> None:
    pytest.importorskip("fvcore")
    if spec in LARGE:
        pytest.skip("a base network has the same parts and runs in seconds")
    loaded = network_at(spec, SMALLER[spec.partition(":")[0]]) if spec.partition(":")[0] in SMALLER else network(spec)
    # fvcore traces a real run; what it computes does not matter, but for the numbers of rows that windows look up.
    built = module(spec, "cpu") if "relative_position_index" in source(spec) else module(spec).to_empty(device="cpu")
    assert_equal(loaded, counted(loaded, "fvcore"), count_fvcore(built, random_inputs(loaded)))


@pytest.mark.parametrize("spec", sampled(specs()))
def test_every_block_with_parameters_is_a_module(spec: str) -> None:
    costs = expected_costs(network(spec), training=True)
    built = module(spec)
    there = {*dict(built.named_modules()), *dict(built.named_parameters())}
    assert [path for path, cost in costs.items() if cost.params and path not in there] == []


def test_a_product_with_a_matrix_of_each_group_of_rows_counts_as_one_of_each_row() -> None:
    class Experts(torch.nn.Module):
        def forward(self, rows: torch.Tensor) -> torch.Tensor:
            ends = torch.tensor([1, 6], dtype=torch.int32)
            made: torch.Tensor = functional.grouped_mm(rows, torch.zeros(2, 8, 16), offs=ends)
            return made

    assert count_macs(Experts(), (torch.zeros(6, 8),))[""] == 6 * 8 * 16

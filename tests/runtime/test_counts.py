"""What the project counts is what torch and fvcore count, to the last unit, in every block of every gallery network."""

import pytest

from archspec.ir.network import Network
from archspec.runtime.expected import expected_costs
from archspec.runtime.measure import count_buffers, count_fvcore, count_macs, count_params, random_inputs
from tests.runtime.gallery import module, network, network_at, representatives, specs

# fvcore has to compute: at their declared sizes these networks need 100 GMACs and more.
SMALLER = {
    "fcn": (64, 96),
    "fcn_resnet50": (96, 128),
    "fpn": (96, 128),
    "pspnet": (97, 129),
    "segnet": (96, 128),
    "unet": (188, 204),
}


def counted(loaded: Network, column: str, *, training: bool = False) -> dict[str, int]:
    return {path: getattr(cost, column) for path, cost in expected_costs(loaded, training=training).items()}


def assert_equal(counted: dict[str, int], measured: dict[str, int]) -> None:
    """Every module's figure is the one counted at its path, and nothing is counted that no module has."""
    assert {path: counted.get(path, 0) for path in measured} == measured


@pytest.mark.parametrize("spec", specs())
def test_params_and_buffers(spec: str) -> None:
    built, loaded = module(spec), network(spec)
    assert_equal(counted(loaded, "params", training=True), count_params(built))
    assert_equal(counted(loaded, "buffers", training=True), count_buffers(built))


@pytest.mark.parametrize("spec", specs())
def test_macs_are_half_of_what_flop_counter_mode_counts(spec: str) -> None:
    loaded = network(spec)
    assert_equal(counted(loaded, "macs"), count_macs(module(spec), random_inputs(loaded, device="meta")))


@pytest.mark.parametrize("spec", representatives())
def test_fvcore_convention_is_what_fvcore_counts(spec: str) -> None:
    pytest.importorskip("fvcore")
    loaded = network_at(spec, SMALLER[spec.partition(":")[0]]) if spec.partition(":")[0] in SMALLER else network(spec)
    built = module(spec).to_empty(device="cpu")  # fvcore traces a real run; what it computes does not matter
    assert_equal(counted(loaded, "fvcore"), count_fvcore(built, random_inputs(loaded)))


@pytest.mark.parametrize("spec", specs())
def test_every_block_with_parameters_is_a_module(spec: str) -> None:
    costs = expected_costs(network(spec), training=True)
    modules = dict(module(spec).named_modules())
    assert [path for path, cost in costs.items() if cost.params and path not in modules] == []

"""The emitted forward keeps no tensor longer than the graph needs it."""

import pytest

from archspec.runtime.measure import random_inputs
from archspec.runtime.memory import liveness_bound, measured_peak
from tests.runtime.gallery import module, network, specs


@pytest.mark.parametrize("spec", specs())
def test_peak_is_within_two_percent_of_the_bound(spec: str) -> None:
    loaded = network(spec)
    bound = liveness_bound(loaded, calls_hold=True)
    peak = measured_peak(module(spec), random_inputs(loaded, device="meta"))
    assert peak.bytes <= 1.02 * bound.bytes, (peak, bound)


def test_the_bound_of_resnet50_by_hand() -> None:
    """Three maps of 256 x 56 x 56 while layer1/0/downsample/1 normalises; the block's input, 64 x 56 x 56, is held."""
    loaded = network("resnet:resnet50")
    assert liveness_bound(loaded).bytes == 3 * 256 * 56 * 56 * 4
    assert liveness_bound(loaded, calls_hold=True).bytes == (3 * 256 + 64) * 56 * 56 * 4
    assert liveness_bound(loaded, batch=2).bytes == 2 * liveness_bound(loaded).bytes

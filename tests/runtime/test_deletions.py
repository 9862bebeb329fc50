"""Each `del` of the gallery is worth its line: without it a network needs 5 % more than with it, or than its graph."""

import pytest

from archspec.code.build import running
from archspec.code.liveness import WORTH
from archspec.graph.memory import timeline
from archspec.runtime.build import build
from archspec.runtime.counters import random_inputs
from archspec.runtime.memory import measured_peak
from tests.gallery.networks import sampled
from tests.runtime.gallery import network, representatives, source


def peak_of(spec: str, text: str) -> int:
    made = build(text, network(spec).name, filename=f"<{spec} {hash(text)}>", device="meta").eval()
    return measured_peak(made.requires_grad_(False), random_inputs(network(spec), device="meta")).bytes


@pytest.mark.parametrize("spec", sampled(representatives()))
def test_every_deletion_is_worth_its_line(spec: str) -> None:
    lines = source(spec).splitlines(keepends=True)
    deletions = [i for i, line in enumerate(lines) if line.strip().startswith("del ")]
    without = {lines[i].strip(): peak_of(spec, "".join(lines[:i] + lines[i + 1 :])) for i in deletions}
    least = max(timeline(network(spec), running(network(spec)).sums).values()) if without else 0
    peak = min(least, peak_of(spec, "".join(lines))) if without else 0
    assert {line: more for line, more in without.items() if peak > (1 - WORTH) * more} == {}


def test_deletions_halve_what_segnet_would_need() -> None:
    lines = source("segnet").splitlines(keepends=True)
    kept = [line for line in lines if not line.strip().startswith("del ")]
    assert peak_of("segnet", "".join(lines)) < 0.6 * peak_of("segnet", "".join(kept))


def test_deletions_save_a_fifth_of_what_wavenet_would_need() -> None:
    """The sum of all layers is written over in place: what lingers beside it counts."""
    lines = source("wavenet").splitlines(keepends=True)
    kept = [line for line in lines if not line.strip().startswith("del ")]
    assert peak_of("wavenet", "".join(lines)) < 0.8 * peak_of("wavenet", "".join(kept))

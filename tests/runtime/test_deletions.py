"""Each `del` of the gallery is worth its line: without it the network needs 5 % more than its graph does, or more."""

import pytest

from archspec.code.inplace import Aliasing
from archspec.code.liveness import WORTH
from archspec.graph.memory import timeline
from archspec.runtime.build import build
from archspec.runtime.counters import random_inputs
from archspec.runtime.memory import measured_peak
from tests.gallery.networks import sampled
from tests.runtime.gallery import network, representatives, source

# Its peak is where torch copies the factors of a product, of which the graph knows nothing.
UNKNOWN = {"swin_v2:swin_v2_t"}


def peak_of(spec: str, text: str) -> int:
    made = build(text, network(spec).name, filename=f"<{spec} {hash(text)}>", device="meta").eval()
    return measured_peak(made, random_inputs(network(spec), device="meta")).bytes


def overwriting(spec: str) -> set[str]:
    """Sums that may be written over their first terms."""
    aliasing = Aliasing(network(spec), ())
    nodes = network(spec).graph.nodes.items()
    return {id for id, node in nodes if node.op.accumulates and aliasing.overwritable(node, 0)}


@pytest.mark.parametrize("spec", sampled([spec for spec in representatives() if spec not in UNKNOWN]))
def test_every_deletion_is_worth_its_line(spec: str) -> None:
    lines = source(spec).splitlines(keepends=True)
    deletions = [i for i, line in enumerate(lines) if line.strip().startswith("del ")]
    least = max(timeline(network(spec), overwriting(spec)).values())
    without = {lines[i].strip(): peak_of(spec, "".join(lines[:i] + lines[i + 1 :])) for i in deletions}
    assert {line: peak for line, peak in without.items() if peak <= least / (1 - WORTH)} == {}


def test_deletions_halve_what_segnet_would_need() -> None:
    lines = source("segnet").splitlines(keepends=True)
    kept = [line for line in lines if not line.strip().startswith("del ")]
    assert peak_of("segnet", "".join(lines)) < 0.6 * peak_of("segnet", "".join(kept))


def test_deletions_save_a_fifth_of_what_wavenet_would_need() -> None:
    """The sum of all layers is written over in place: what lingers beside it counts."""
    lines = source("wavenet").splitlines(keepends=True)
    kept = [line for line in lines if not line.strip().startswith("del ")]
    assert peak_of("wavenet", "".join(lines)) < 0.8 * peak_of("wavenet", "".join(kept))

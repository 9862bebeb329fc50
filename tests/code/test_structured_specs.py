"""Structured specs of fixed seeds: what `check` accepts compiles, runs, and gives what the graph says."""

import random
from collections import Counter
from itertools import islice

import pytest
import torch

from archspec.ops import OPS
from tests.code.fuzz import CHECKERS, Found, drawn, linted, tried
from tests.code.shrink import shrink
from tests.code.structured_specs import structured_spec
from tests.code.trials import text_of

SEEDS = range(160)
EACH_TIME = range(48)  # what each run of the tests takes of them
LINTED = 5  # so many are read by the checkers: mypy takes its time
REFUSED = 0.15  # at most such a share, of which 0.07 are the rule


@pytest.fixture(scope="module", params=[EACH_TIME, pytest.param(SEEDS[len(EACH_TIME) :], marks=pytest.mark.whole)])
def seeds(request: pytest.FixtureRequest) -> range:
    assert isinstance(request.param, range)
    return request.param


@pytest.fixture(scope="module")
def found(seeds: range) -> Found:
    found = Found()
    threads = torch.get_num_threads()
    for seed in seeds:
        found.add(*tried(seed))
    torch.set_num_threads(threads)
    return found


def told(found: Found, kinds: Counter[str]) -> str:
    """A line for each kind, with a seed to draw its spec again."""
    lines = (
        f"{count} x {kind}: seed {found.clearest(kind)[0]}, {found.clearest(kind)[1].detail}"
        for kind, count in kinds.items()
    )
    return "\n".join(lines)


def test_most_are_accepted(found: Found, seeds: range) -> None:
    assert sum(found.refused.values()) < REFUSED * len(seeds), found.refused


def test_what_is_accepted_does_what_the_graph_says(found: Found) -> None:
    kinds = found.kinds()
    assert not kinds, told(found, kinds)


@pytest.mark.parametrize("checker", CHECKERS)
def test_sources_satisfy(found: Found, checker: str) -> None:
    faultless = (seed for seed in found.sources if not found.faults[seed])
    sources = {seed: found.sources[seed] for seed in islice(faultless, LINTED)}
    for seed, fault in linted(sources, checker):
        found.add_fault(seed, fault)
    kinds = Counter({kind: count for kind, count in found.kinds().items() if kind.startswith(checker)})
    assert not kinds, told(found, kinds)


def test_a_seed_draws_one_spec() -> None:
    assert text_of(structured_spec(random.Random(3))) == text_of(drawn(3))


def test_together_they_use_the_whole_language() -> None:
    text = "".join(text_of(drawn(seed)) for seed in SEEDS)
    keys = ("repeat", "first", "last", "names", "share", "flat", "when", "outputs", "inputs", "variants", "persistent")
    more = ("order", "use", "let", "variant", "dtype", "values", "init", "choices")
    assert [key for key in (*keys, *more) if f"{key}:" not in text] == []
    words = (
        "$(i",
        ".indices",
        "training",
        "embedding",
        "align:",
        "conv3d",
        "dtype: bool",
        ".cell",
        "masked_fill",
        ".*",
        "shape: []",
        "- 1)",  # a block in itself, with a bound
        "training\n",
        ".1",
    )
    assert [word for word in words if word not in text] == []


def test_together_they_use_most_ops() -> None:
    text = "".join(text_of(drawn(seed)) for seed in SEEDS)
    used = {name for name in OPS if f"op: {name}\n" in text}
    assert len(used) > len(OPS) // 2, sorted(set(OPS) - used)


def test_a_failing_spec_is_made_smaller() -> None:
    data = {"graph": {"a": {"op": "relu", "when": True}, "b": {"op": "tanh"}, "c": "relu"}, "params": {"n": 1}}
    assert shrink(data, lambda smaller: "tanh" in str(smaller)) == {"graph": {"b": {"op": "tanh"}}}

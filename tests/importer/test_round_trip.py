"""Modules of drawn specs, imported again: each is what it was; `tests/importer/round_trip.py` is the whole."""

from tests.importer.round_trip import trips

SEEDS = range(302, 330)


def test_a_module_of_a_drawn_spec_comes_back() -> None:
    found = trips(SEEDS)
    assert not found.faults, found.table()
    assert len(found.back) > 2 * len(found.refused), "few are tried"
    assert len(found.opaque) * 10 < len(found.back), found.table()

"""Sets that repeat behave as the sets of numbers that they stand for."""

from hypothesis import given
from hypothesis import strategies as st

from archspec.sizes.periodic import Periodic, at_least, from_classes, one

FAR = 80  # beyond every start and several periods of the sets drawn here


@st.composite
def sets(draw: st.DrawFn) -> Periodic:
    period = draw(st.integers(1, 6))
    spans = st.tuples(st.integers(0, 3), st.one_of(st.none(), st.integers(0, 3)))
    drawn = draw(st.dictionaries(st.integers(0, period - 1), st.lists(spans, max_size=2), max_size=period))
    classes = {rest: [(a, None if b is None else a + b) for a, b in several] for rest, several in drawn.items()}
    return from_classes(period, classes)


def members(held: Periodic) -> set[int]:
    return {value for value in range(FAR) if value in held}


@given(sets(), sets())
def test_operations_are_those_of_sets(a: Periodic, b: Periodic) -> None:
    assert members(a & b) == members(a) & members(b)
    assert members(a | b) == members(a) | members(b)
    assert members(a - b) == members(a) - members(b)


@given(sets(), sets())
def test_equal_sets_are_equal_values(a: Periodic, b: Periodic) -> None:
    assert (a == b) == (members(a) == members(b))
    assert bool(a) == bool(members(a))


@given(sets(), st.integers(-9, 9))
def test_a_set_is_shifted(a: Periodic, by: int) -> None:
    assert members(a.shifted(by)) & set(range(FAR - 10)) == {v + by for v in members(a) if 0 <= v + by < FAR - 10}


@given(sets(), st.integers(0, 40))
def test_neighbours_are_the_nearest_members(a: Periodic, value: int) -> None:
    here = members(a)
    assert a.below(value) == max((v for v in here if v <= value), default=None)
    assert a.above(value) == min((v for v in here if v >= value), default=None)


def test_least_and_greatest() -> None:
    assert (at_least(7).least, at_least(7).greatest) == (7, None)
    assert (one(7).least, one(7).greatest, one(7).only) == (7, 7, 7)
    assert at_least(7).only is None

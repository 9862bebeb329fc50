"""Tracks: legs of one value share one, and a value that leaves where another arrives turns first."""

from random import Random

from archspec.figure.place.tracks import Leg, tracks

A, B, C = ("fork", "a", "a"), ("fork", "b", "b"), ("fork", "c", "c")


def test_a_value_that_leaves_where_another_arrives_turns_first() -> None:
    """`a` goes down to the height at which `b` leaves; on the outer track the two would look like one line."""
    places, widths = tracks([Leg(1, A, (0, 0.0), (2, 0.0)), Leg(1, B, (2, 0.0), (1, 0.0))])
    assert (places[1, B], places[1, A], widths[1]) == (0, 1, 2)
    places, _ = tracks([Leg(1, B, (2, 0.0), (1, 0.0)), Leg(1, A, (0, 0.0), (2, 0.0))])
    assert (places[1, B], places[1, A]) == (0, 1)


def test_two_that_take_each_others_place_still_have_tracks() -> None:
    places, _ = tracks([Leg(1, A, (0, 0.0), (1, 0.0)), Leg(1, B, (1, 0.0), (0, 0.0)), Leg(1, C, (3, 0.0), (4, 0.0))])
    assert places[1, A] != places[1, B]
    assert set(places) == {(1, A), (1, B), (1, C)}


def test_legs_in_different_lanes_share_a_track() -> None:
    places, widths = tracks([Leg(1, A, (0, 0.0), (1, 0.0)), Leg(1, B, (2, 0.0), (3, 0.0))])
    assert places[1, A] == places[1, B] == 0
    assert widths == {1: 1}


def test_a_leg_has_the_first_track_on_which_it_meets_no_other() -> None:
    random = Random(0)
    for _ in range(50):
        spans = [sorted(random.sample(range(20), 2)) for _ in range(30)]
        legs = [Leg(1, ("join", "z", str(i)), (low, 0.0), (high, (i + 1) / 100)) for i, (low, high) in enumerate(spans)]
        places, _ = tracks(legs)
        taken: dict[int, list[Leg]] = {}
        for leg in sorted(legs, key=lambda leg: leg.end[0] + leg.end[1] / 1e4 - leg.start[0]):
            track = next(track for track in range(30) if not any(_meet(leg, one) for one in taken.get(track, ())))
            taken.setdefault(track, []).append(leg)
            assert places[1, leg.key] == track


def _meet(one: Leg, other: Leg) -> bool:
    low, high = max(one.start, other.start), min(one.end, other.end)
    return low[0] + low[1] / 1e4 <= high[0] + high[1] / 1e4

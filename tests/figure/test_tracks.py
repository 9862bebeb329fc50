"""Tracks: legs of one value share one, and a value that leaves where another arrives turns first."""

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

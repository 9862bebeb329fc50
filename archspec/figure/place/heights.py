"""Heights: how high each stretch of a lane runs in its row, where lanes need not be level from end to end.

    level lanes                       stretches
    +-------+                         +-------+
    |       |   [b]-->[c]             |       |   [b]-->[c]
    |   a   |                         |   a   |    '--->[d]
    |       |                         |       |
    +-------+                         +-------+
                 '--->[d]

Columns and the gaps between them are counted as one: gap g is at 2g, column c at 2c + 1. A stretch is what is joined in
one lane: boxes, lines between them, and the gaps on either side, in which lines change lanes. Where two stretches share
a place, the one in the lower lane is below the other, so that nothing crosses that did not before. Those of the main
lane are level. Of one lane, those that come out nearly alike are.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from archspec.values.dataclass import dataclass

_ALIKE = 16.0  # points: what differs by less is level


@dataclass(frozen=True, slots=True)
class Span:
    """What takes room in a lane from one place to another: `above` and `below` its axis, of which the ends are free.

    `above` and `below` hold at the columns that it stands in; a line, which is thin, has them in its gaps, too.
    """

    lane: int
    first: int
    last: int
    above: float
    below: float
    thin: bool = True


@dataclass(slots=True)
class _Stretch:
    """Spans of one lane that are joined: place -> the room above and below the axis there."""

    lane: int
    last: int
    above: dict[int, float]
    below: dict[int, float]


def heights(spans: Iterable[Span], main: int, gap: float, wire: float) -> dict[tuple[int, int], float]:
    """(lane, place) -> how far the axis there is below that of the `main` lane.

    Args:
        spans: all that is in one row.
        main: the lane that the others stand round.
        gap: between what is in one lane and what is in the next.
        wire: half the height of a line.
    """
    lanes: dict[int, list[_Stretch]] = {}
    for stretch in _stretches(spans, wire):
        lanes.setdefault(stretch.lane, []).append(stretch)
    tops: dict[int, float] = {}  # place -> the upper edge of all that is there
    bottoms: dict[int, float] = {}
    found: dict[tuple[int, int], float] = {}
    for lane in sorted(lanes, key=lambda lane: (lane > main, abs(lane - main))):
        for stretch, axis in zip(lanes[lane], _axes(lanes[lane], main, tops, bottoms, gap), strict=True):
            for place, above in stretch.above.items():
                found[lane, place] = axis
                tops[place] = min(tops.get(place, axis), axis - above)
                bottoms[place] = max(bottoms.get(place, axis), axis + stretch.below[place])
    return found


def _stretches(spans: Iterable[Span], wire: float) -> Iterator[_Stretch]:
    """Spans of one lane that share a place, as one. n log n in the spans, and linear in the places that they pass."""
    open_one: _Stretch | None = None
    for span in sorted(spans, key=lambda span: (span.lane, span.first)):
        if open_one is None or open_one.lane != span.lane or open_one.last < span.first:
            if open_one is not None:
                yield open_one
            open_one = _Stretch(span.lane, span.last, {}, {})
        open_one.last = max(open_one.last, span.last)
        for place in range(span.first, span.last + 1):
            above, below = (span.above, span.below) if span.thin or place % 2 else (wire, wire)
            open_one.above[place] = max(open_one.above.get(place, 0.0), above)
            open_one.below[place] = max(open_one.below.get(place, 0.0), below)
    if open_one is not None:
        yield open_one


def _axes(
    stretches: Sequence[_Stretch], main: int, tops: Mapping[int, float], bottoms: Mapping[int, float], gap: float
) -> list[float]:
    """The axis of each stretch of a lane, as near to the main lane as what is between leaves room."""
    lane = stretches[0].lane
    if lane == main:
        return [0.0] * len(stretches)
    sign = 1 if lane > main else -1
    edges = bottoms if lane > main else tops
    wanted = []
    for stretch in stretches:
        reach = stretch.above if lane > main else stretch.below
        rooms = [sign * edges[place] + gap + room for place, room in reach.items() if place in edges]
        wanted.append(max(rooms, default=0.0))
    return [sign * far for far in _levelled(wanted)]


def _levelled(wanted: Sequence[float]) -> list[float]:
    """`wanted`; those that differ by little are as the largest of them."""
    found = dict.fromkeys(wanted, 0.0)
    group: list[float] = []
    for far in sorted(found, reverse=True):
        if not group or group[0] - far > _ALIKE:
            group = []
        group.append(far)
        found[far] = group[0]
    return [found[far] for far in wanted]

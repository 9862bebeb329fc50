"""Plan: what of a sheet is known before anything is measured.

bar       which lanes a concatenation stretches over
leg       a vertical piece of a link in a gap, from lane to lane; gap g lies before column g
track     where in its gap a leg runs: legs that leave one item with one value share a track, as do those that enter one
entry     how far from its axis a value enters a box that reads several: each at a height of its own

      gap s+1                  gap e
[tail]--.                        .-->[head]
        |leg                 leg |
        '------- way ------------'
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from archspec.figure.place.grid import Grid
from archspec.figure.place.sheet import OUTSIDE, Container, Item, Link
from archspec.figure.place.tracks import Key, Leg, Station, tracks
from archspec.values.dataclass import dataclass

_ENTRY = 6.0  # between values that enter one box
_BESIDE = 3.5  # from the axis of a small head, where what has no room above or below it enters from the left
_REACH = 0.6  # of the height of a box, on either side of its axis, where values enter


@dataclass(frozen=True, slots=True)
class Course:
    """A link in columns and lanes.

    Attributes:
        link: whose way this is.
        start: column of its tail, -1 where it enters the container.
        end: column of its head, the number of columns where it leaves.
        leaves: where it leaves its tail.
        way: where it runs between.
        arrives: where it meets its head.
        upright: it meets its head from above (-1) or below (1) rather than from the left (0).
        apart: the line with which it enters its head at a height of its own; "" where all meet.
        aside: how far to the right of the middle of its head it meets it, upright.
    """

    link: Link
    start: int
    end: int
    leaves: Station
    way: Station
    arrives: Station
    upright: int
    apart: str = ""
    aside: float = 0.0

    def legs(self, forks: Mapping[tuple[str, str], int]) -> list[Leg]:
        """Its changes of lane, from left to right. `forks` counts the links by tail and source."""
        link = self.link
        fork = ("fork", link.tail, link.source)
        join = ("join", link.head, link.source if link.head == OUTSIDE else self.apart)
        if self.end - self.start > 1 or self.upright:
            first = Leg(self.start + 1, fork, self.leaves, self.way)
            second = Leg(self.end, join, self.way, self.way if self.upright else self.arrives)
            legs = [first, second]
        else:
            several = forks[link.tail, link.source] > 1
            legs = [Leg(self.end, fork if several or link.head == OUTSIDE else join, self.leaves, self.arrives)]
        return [leg for leg in legs if leg.start != leg.end]


@dataclass(frozen=True, slots=True)
class Plan:
    """All of a sheet but its measures.

    Attributes:
        grid: columns and lanes.
        courses: of all links.
        forks: (tail, source) -> number of links.
        bars: concatenation -> its first and its last lane.
        tracks: (gap, key) -> index of its track in the gap.
        widths: gap -> number of tracks.
    """

    grid: Grid
    courses: tuple[Course, ...]
    forks: Mapping[tuple[str, str], int]
    bars: Mapping[str, tuple[int, int]]
    tracks: Mapping[tuple[int, Key], int]
    widths: Mapping[int, int]


def plan(container: Container, items: Mapping[str, Item], grid: Grid) -> Plan:
    """The plan of a container. Linear in items and links, times the lanes that a bar stretches over."""
    filled = {(grid.columns[item], lane): item for item, lane in grid.lanes.items()}
    passing = _passing(container, grid)
    bars = {
        item: _bar(item, container.links, grid, filled, passing)
        for item in container.items
        if items[item].form == "bar"
    }
    doors: dict[str, int] = {}
    for link in container.links:
        if link.tail == OUTSIDE:
            doors.setdefault(link.source, grid.ways[link])
    ends = _exits(container, items, grid), _entries(container, items, grid)
    straight = [_course(link, items, grid, filled, bars, doors, ends) for link in container.links]
    courses = tuple(_spread_in_columns(_spread_at_heads(straight, grid, items), grid))
    forks: dict[tuple[str, str], int] = {}
    for link in container.links:
        forks[link.tail, link.source] = forks.get((link.tail, link.source), 0) + 1
    places, widths = tracks(_reaches(courses, forks))
    return Plan(grid, courses, forks, bars, places, widths)


def _reaches(courses: Sequence[Course], forks: Mapping[tuple[str, str], int]) -> Iterator[Leg]:
    """The legs of courses. Where a row ends before its head, a line may come in any of the lanes that it runs in."""
    ways: dict[tuple[str, str], dict[Station, None]] = {}
    for course in courses:
        ways.setdefault((course.link.tail, course.link.source), {})[course.way] = None
    for course in courses:
        for leg in course.legs(forks):
            yield leg
            if leg.gap == course.end > course.start + 1:
                for way in ways[course.link.tail, course.link.source]:
                    yield replace(leg, start=way)


def _passing(container: Container, grid: Grid) -> dict[int, set[int]]:
    """Column -> lanes in which a link runs through it."""
    passing: dict[int, set[int]] = {}
    spans: dict[tuple[str, int], tuple[int, int]] = {}
    for link in container.links:
        key = link.source, grid.ways[link]
        start, end = _ends(link, grid)
        known = spans.get(key, (start, end))
        spans[key] = min(known[0], start), max(known[1], end)
    for (_, lane), (start, end) in spans.items():
        for column in range(start + 1, end):
            passing.setdefault(column, set()).add(lane)
    return passing


def _ends(link: Link, grid: Grid) -> tuple[int, int]:
    start = -1 if link.tail == OUTSIDE else grid.columns[link.tail]
    return start, grid.count if link.head == OUTSIDE else grid.columns[link.head]


def _entries(container: Container, items: Mapping[str, Item], grid: Grid) -> dict[tuple[str, str], float]:
    """(box, line) -> where the line enters, of the boxes that read several."""
    read: dict[str, dict[str, int]] = {}
    for link in container.links:
        if link.head != OUTSIDE and items[link.head].form == "box" and not items[link.head].entries:
            read.setdefault(link.head, {}).setdefault(link.source, grid.ways[link])
    return spread(read, items, grid.lanes)


def _exits(container: Container, items: Mapping[str, Item], grid: Grid) -> dict[tuple[str, str], float]:
    """(box, value) -> where the value leaves, of the boxes that give several: to the lane nearest to the box's own."""
    given: dict[str, dict[str, int]] = {}
    for link in container.links:
        if link.tail != OUTSIDE and items[link.tail].form == "box" and not items[link.tail].exits:
            lanes, own = given.setdefault(link.tail, {}), grid.lanes[link.tail]
            way = grid.ways[link]
            if link.source not in lanes or abs(way - own) < abs(lanes[link.source] - own):
                lanes[link.source] = way
    return spread(given, items, grid.lanes)


def spread(
    ends: Mapping[str, Mapping[str, int]], items: Mapping[str, Item], own_lanes: Mapping[str, int]
) -> dict[tuple[str, str], float]:
    """(box, line) -> how far from the box's axis the line ends: from top to bottom as the lanes that the lines run in.

    What runs in the box's own lane ends on its axis; `ends` are the lanes by box and line.
    """
    found: dict[tuple[str, str], float] = {}
    for box, lanes in ends.items():
        item, own = items[box], own_lanes[box]
        if len(lanes) < 2 or item.inlet:
            continue
        order = sorted(lanes, key=lambda line: lanes[line])
        axis = next((index for index, line in enumerate(order) if lanes[line] == own), (len(order) - 1) / 2)
        farthest = max(axis, len(order) - 1 - axis)
        step = min(_ENTRY, _REACH * min(item.above, item.below) / farthest)
        found |= {(box, line): step * (index - axis) for index, line in enumerate(order)}
    return found


def _bar(
    item: str,
    links: Iterable[Link],
    grid: Grid,
    filled: Mapping[tuple[int, int], str],
    passing: Mapping[int, set[int]],
) -> tuple[int, int]:
    """The lanes that a concatenation reaches over: those of its branches, as far as nothing else is there."""
    column, own = grid.columns[item], grid.lanes[item]
    wanted = [grid.ways[link] for link in links if link.head == item and link.edge.kind == "flow"]
    low, high = own, own
    busy = passing.get(column, set())
    while low > min(wanted, default=own) and (column, low - 1) not in filled and low - 1 not in busy:
        low -= 1
    while high < max(wanted, default=own) and (column, high + 1) not in filled and high + 1 not in busy:
        high += 1
    return low, high


def _course(
    link: Link,
    items: Mapping[str, Item],
    grid: Grid,
    filled: Mapping[tuple[int, int], str],
    bars: Mapping[str, tuple[int, int]],
    doors: Mapping[str, int],
    ends: tuple[Mapping[tuple[str, str], float], Mapping[tuple[str, str], float]],
) -> Course:
    exits, entries = ends
    start, end = _ends(link, grid)
    way = (grid.ways[link], 0.0)
    if link.tail == OUTSIDE:
        leaves: Station = (doors[link.source], 0.0)
    else:
        apart_by = exits.get((link.tail, link.source), 0.0)
        leaves = (grid.lanes[link.tail], items[link.tail].exits.get(link.source, apart_by))
    if link.head == OUTSIDE:
        return Course(link, start, end, leaves, way, way, 0)
    head = items[link.head]
    lane = grid.lanes[link.head]
    low, high = bars.get(link.head, (lane, lane))
    if head.form == "bar" and low <= way[0] <= high:
        return Course(link, start, end, leaves, way, way, 0)
    entry = link.head, link.source
    apart = entry[1] if entry in entries or head.entries else ""
    arrives = (lane, entries.get(entry, head.entries.get(link.source, 0.0)))
    if head.form != "box":
        # A link from the column before may as well stay in the lane that it comes from.
        for station in [way, leaves] if end - start == 1 else [way]:
            between = range(station[0] + 1, low) if station[0] < low else range(high + 1, station[0])
            clear = not any((end, crossed) in filled for crossed in (*between, station[0]))
            if station[0] != lane and clear:
                return Course(link, start, end, leaves, station, arrives, -1 if station[0] < low else 1)
        if way[0] != lane:
            apart, arrives = entry[1], (lane, _BESIDE if way[0] > lane else -_BESIDE)
    return Course(link, start, end, leaves, way, arrives, 0, apart)


def _spread_at_heads(courses: Sequence[Course], grid: Grid, items: Mapping[str, Item]) -> Iterator[Course]:
    """`courses`; lines of different values that meet one side of a small head do so beside each other.

    From above and from below the nearest is the leftmost, so that none crosses another; too many for that meet there.
    """
    sides: dict[tuple[str, int, bool], dict[str, int]] = {}
    for course in courses:
        if (side := _side_of(course, items)) is not None:
            sides.setdefault(side, {}).setdefault(course.link.source, course.way[0])
    near: dict[tuple[str, int, bool], dict[str, int]] = {}
    for side, lanes in sides.items():
        away = {net: abs(lane - grid.lanes[side[0]]) for net, lane in lanes.items()}
        near[side] = {net: at for at, net in enumerate(sorted(away, key=away.__getitem__))}
    for course in courses:
        side = _side_of(course, items)
        if side is None or len(near[side]) < 2:
            yield course
            continue
        head, above, upright = side
        at, half, count = near[side][course.link.source], items[head].width / 2, len(near[side])
        if upright:
            step = min(_BESIDE, 2 * _REACH * half / (count - 1))
            yield replace(course, aside=step * (at - (count - 1) / 2) if step > _BESIDE / 2 else 0.0)
        else:
            step = _REACH * half / count
            yield replace(course, arrives=(course.arrives[0], above * step * (at + 1)))


def _spread_in_columns(courses: Iterable[Course], grid: Grid) -> Iterator[Course]:
    """`courses`; of two that pass lanes of a column upright, to a head above and to one below, one is aside."""
    taken: dict[int, dict[str, list[tuple[int, int, float, str]]]] = {}  # of a column, those that go to each head
    for course in courses:
        if not course.upright:
            yield course
            continue
        low, high = sorted((course.way[0], grid.lanes[course.link.head]))
        source, head, aside = course.link.source, course.link.head, course.aside
        here = taken.setdefault(course.end, {})
        others = [one for other, passing in here.items() if other not in (source, head) for one in passing]
        while any(
            low < bottom and top < high and abs(aside - x) < _BESIDE / 2 and other not in (source, head)
            for top, bottom, x, other in others
        ):
            aside += _BESIDE / 2
        here.setdefault(head, []).append((low, high, aside, source))
        yield replace(course, aside=aside)


def _side_of(course: Course, items: Mapping[str, Item]) -> tuple[str, int, bool] | None:
    """The small head that a line meets beside its axis, whether above (-1) or below (1) it, and whether upright."""
    head = course.link.head
    if head == OUTSIDE or items[head].form == "box":
        return None
    if course.upright:
        return head, course.upright, True
    return (head, -1 if course.arrives[1] < 0 else 1, False) if course.arrives[1] and course.apart else None

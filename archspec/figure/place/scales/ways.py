"""Ways: in which lanes each link of a sheet of scales runs, and where it changes them.

    leaves   to the right of its tail, or straight up or down from the middle of it
    runs     in a lane, where it passes columns
    arrives  at the left of its head, or straight from above or below at the middle of a join

A change of lane stands in the gap before a column, or in the middle of a column.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace

from archspec.figure.place.plan import spread
from archspec.figure.place.scales.bands import Band, Run
from archspec.figure.place.scales.columns import Columns
from archspec.figure.place.sheet import Container, Item, Link
from archspec.figure.place.tracks import Key, Leg, Station
from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Lanes:
    """Item -> lane from 0 at the top, link -> the lane in which it passes columns, and the first lane of each level."""

    of: Mapping[str, int]
    ways: Mapping[Link, int]
    bands: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Way:
    """The way of a link.

    Attributes:
        link: whose way it is.
        start: column of its tail.
        end: column of its head.
        leaves: where it leaves its tail.
        lane: in which it runs.
        arrives: where it meets its head.
        drops: it leaves its tail straight up (-1) or down (1) rather than to the right (0).
        upright: it meets its head from above (-1) or below (1) rather than from the left (0).
        fans: it runs straight to its head, whatever its lane.
        apart: the line with which it enters its head at a height of its own.
        back: it runs to a column that is no later than that of its tail, beside the items of both rows.
    """

    link: Link
    start: int
    end: int
    leaves: Station
    lane: int
    arrives: Station
    drops: int = 0
    upright: int = 0
    fans: bool = False
    apart: str = ""
    back: bool = False

    def legs(self) -> Iterator[Leg]:
        """Its changes of lane in gaps, from left to right."""
        fork: Key = ("fork", self.link.tail, self.link.source)
        join: Key = ("join", self.link.head, self.apart)
        if self.fans or (self.start == self.end and not self.back):
            return
        run: Station = (self.lane, 0.0)
        if self.back or self.end - self.start > 1:
            if not self.drops and self.leaves != run:
                yield Leg(self.start + 1, fork, self.leaves, run)
            if not self.upright and run != self.arrives:
                yield Leg(self.end, join, run, self.arrives)
        elif not self.drops and not self.upright and self.leaves != self.arrives:
            yield Leg(self.end, fork, self.leaves, self.arrives)
        elif self.upright and self.leaves != (self.lane, 0.0):
            yield Leg(self.end, fork, self.leaves, (self.lane, 0.0))

    def standing(self) -> Iterator[tuple[int, Station, Station]]:
        """Its changes of lane in the middle of a column: the column, from where and to where."""
        if self.start == self.end and not self.back:
            yield self.start, self.leaves, self.arrives
            return
        if self.drops:
            long = self.back or self.end - self.start > 1
            yield self.start, self.leaves, (self.lane, 0.0) if long else self.arrives
        if self.upright:
            yield self.end, (self.lane, 0.0), self.arrives


def in_lanes(container: Container, columns: Columns, levels: Mapping[str, int]) -> Lanes:
    """A band of lanes for each level. Linear in items and links, times the lanes of a level."""
    read: dict[str, list[Link]] = {}
    for link in container.links:
        read.setdefault(link.head, []).append(link)
    dashed = frozenset(item for item, links in read.items() if all(link.edge.train_only for link in links))
    by_level: dict[int, list[str]] = {}
    for item in container.items:
        by_level.setdefault(levels[item], []).append(item)
    bands = {
        level: Band(sorted(items, key=lambda item: columns.of[item]), columns.of, read, dashed)
        for level, items in sorted(by_level.items())
    }
    for level, runs in _runs(container, columns, levels).items():
        bands[level].run(runs)
    for run in _crossing(container, columns, levels):
        low, high = sorted({levels[end] for link in run.links for end in (link.tail, link.head)})
        left = bands[high].straight(run, bands[high].lanes)
        bands[low].run([replace(run, links=left)])
    for run in _returning(container, columns):
        bands[max(levels[end] for link in run.links for end in (link.tail, link.head))].over(run)
    return _stacked(container, bands)


def _stacked(container: Container, bands: Mapping[int, Band]) -> Lanes:
    """The lanes of all bands from the top."""
    lanes: dict[str, int] = {}
    ways: dict[Link, int] = {}
    firsts: dict[int, int] = {}
    base = 0
    for level, band in bands.items():
        used = [*band.lanes.values(), *band.ways.values()]
        low, high = min(used), max(used)
        lanes |= {item: base + lane - low for item, lane in band.lanes.items()}
        ways |= {link: base + lane - low for link, lane in band.ways.items()}
        firsts[level] = base
        base += high - low + 1
    return Lanes(lanes, {link: ways.get(link, lanes[link.head]) for link in container.links}, firsts)


def _runs(container: Container, columns: Columns, levels: Mapping[str, int]) -> dict[int, list[Run]]:
    """Level -> what passes over columns in it, from one of its items to others; nothing of some."""
    lines: dict[int, dict[tuple[str, bool], list[Link]]] = {level: {} for level in levels.values()}
    for link in container.links:
        if levels[link.tail] == levels[link.head] and columns.of[link.head] - columns.of[link.tail] > 1:
            lines[levels[link.tail]].setdefault((link.source, link.edge.train_only), []).append(link)
    return {
        level: [_run(links, name, columns, train_only) for (name, train_only), links in found.items()]
        for level, found in lines.items()
    }


def _crossing(container: Container, columns: Columns, levels: Mapping[str, int]) -> Iterator[Run]:
    """What passes over columns between two levels, the shortest first."""
    lines: dict[tuple[str, bool, int, int], list[Link]] = {}
    for link in container.links:
        ends = levels[link.tail], levels[link.head]
        if ends[0] != ends[1] and columns.of[link.head] - columns.of[link.tail] > 1:
            lines.setdefault((link.source, link.edge.train_only, *ends), []).append(link)
    runs = [_run(links, name, columns, train_only) for (name, train_only, _, _), links in lines.items()]
    yield from sorted(runs, key=lambda run: run.end - run.start)


def _returning(container: Container, columns: Columns) -> Iterator[Run]:
    """What runs back between two levels, the shortest first: from before its head to behind its tail."""
    runs = [
        Run((link,), link.source, columns.of[link.head] - 1, columns.of[link.tail] + 1, link.edge.train_only)
        for link in container.links
        if link not in columns.upright and columns.of[link.head] <= columns.of[link.tail]
    ]
    yield from sorted(runs, key=lambda run: run.end - run.start)


def _run(links: Sequence[Link], name: str, columns: Columns, train_only: bool) -> Run:
    start, end = min(columns.of[link.tail] for link in links), max(columns.of[link.head] for link in links)
    return Run(tuple(links), name, start, end, train_only)


def _beside(link: Link, columns: Columns) -> bool:
    return columns.of[link.head] - columns.of[link.tail] == 1


@dataclass(slots=True)
class Ways:
    """Finds the way of each link of a container; what stands in the middle of a column is taken once."""

    container: Container
    items: Mapping[str, Item]
    columns: Columns
    lanes: Lanes
    filled: dict[tuple[int, int], str] = field(default_factory=dict)
    taken: dict[int, list[tuple[int, int, str]]] = field(default_factory=dict)

    def run(self) -> tuple[list[Way], list[Link]]:
        """The ways, and the links that may not run within a column since something stands in it."""
        self.filled = {(self.columns.of[item], lane): item for item, lane in self.lanes.of.items()}
        fans = {(tail, head) for fan in self.columns.fans for tail in fan.tails for head in fan.heads}
        entries, exits = self._ends(fans)
        blocked = [link for link in self.columns.upright if not self._upright(link)]
        ways = []
        for link in self.container.links:
            tail, head = (self.lanes.of[link.tail], exits.get((link.tail, link.source), 0.0)), self.lanes.of[link.head]
            start, end = self.columns.of[link.tail], self.columns.of[link.head]
            entry = link.head, link.source
            arrives = (head, entries.get(entry, 0.0))
            apart = link.source if entry in entries or self.items[link.head].form != "box" else ""
            way = Way(link, start, end, tail, self.lanes.ways[link], arrives, apart=apart)
            ways.append(self._turned(way, fans=(link.tail, link.head) in fans and _beside(link, self.columns)))
        return list(self._beside_each_other(ways)), blocked

    def _beside_each_other(self, ways: Sequence[Way]) -> Iterator[Way]:
        """`ways`; of several values that come to a join from the left, each meets it at a height of its own."""
        met: dict[str, dict[str, int]] = {}
        for way in ways:
            if self._from_the_left(way):
                lane = way.lane if way.back or way.end - way.start > 1 else way.leaves[0]
                met.setdefault(way.link.head, {})[way.link.source] = lane
        heights = spread(met, self.items, self.lanes.of)
        for way in ways:
            height = heights.get((way.link.head, way.link.source)) if self._from_the_left(way) else None
            yield way if height is None else replace(way, arrives=(way.arrives[0], height))

    def _from_the_left(self, way: Way) -> bool:
        """Whether a way comes to a join, and to its left side."""
        before = way.start < way.end or way.back
        return self.items[way.link.head].form != "box" and not way.upright and not way.fans and before

    def _upright(self, link: Link) -> bool:
        """Whether nothing stands between the ends of a link that runs within a column."""
        tail, head = self.lanes.of[link.tail], self.lanes.of[link.head]
        low, high = sorted((tail, head))
        column = self.columns.of[link.tail]
        if any((column, lane) in self.filled for lane in range(low + 1, high)):
            return False
        return self._take(column, low, high, link.source) and self._leaves(link.tail, 1 if head > tail else -1)

    def _leaves(self, tail: str, side: int) -> bool:
        """Whether nothing is written where a line would leave an item upwards or downwards."""
        item = self.items[tail]
        return item.open_below if side > 0 else item.open_above

    def _take(self, column: int, low: int, high: int, source: str) -> bool:
        """Takes the middle of a column from one lane to another, where no other value has any of it."""
        known = self.taken.setdefault(column, [])
        if any(low < top and bottom < high and other != source for bottom, top, other in known):
            return False
        known.append((low, high, source))
        return True

    def _turned(self, way: Way, *, fans: bool) -> Way:
        """`way` with how it leaves and how it arrives."""
        link, (tail, _), (head, _) = way.link, way.leaves, way.arrives
        given = link, way.start, way.end
        side = 1 if head > tail else -1
        if fans:
            return Way(*given, (tail, 0.0), head, (head, 0.0), fans=True)
        if link in self.columns.upright:
            return Way(*given, (tail, 0.0), head, (head, 0.0), side, -side)
        if way.start >= way.end:
            return self._returning(replace(way, back=True), side)
        long = way.end - way.start > 1
        if self.items[link.head].form != "box":
            for lane in (way.lane,) if long else (way.lane, tail):
                if (
                    lane != head
                    and self._free(way.end, lane, head)
                    and self._take(way.end, min(lane, head), max(lane, head), link.source)
                ):
                    return Way(*given, way.leaves, lane, (head, 0.0), 0, -1 if lane < head else 1)
        if (not long or way.lane == head) and head != tail and self._drops(way, side):
            return Way(*given, (tail, 0.0), way.lane, way.arrives, side, 0, apart=way.apart)
        return way

    def _returning(self, way: Way, side: int) -> Way:
        """A way that runs back, with how it leaves: straight up or down where it can."""
        tail = way.leaves[0]
        low, high = sorted((tail, way.lane))
        clear = not any((way.start, lane) in self.filled for lane in range(low, high + 1) if lane != tail)
        leaves = (way.lane - tail) * side > 0 and clear and self._leaves(way.link.tail, side)
        drops = leaves and self._take(way.start, low, high, way.link.source)
        return replace(way, leaves=(tail, 0.0), drops=side) if drops else way

    def _drops(self, way: Way, side: int) -> bool:
        """Whether a way may leave straight up or down, into the lane of its head."""
        tail, head = way.leaves[0], way.arrives[0]
        lanes = range(min(tail, head), max(tail, head) + 1)
        free = not any((way.start, lane) in self.filled for lane in lanes if lane != tail)
        return (
            self._leaves(way.link.tail, side)
            and free
            and self._take(way.start, min(tail, head), max(tail, head), way.link.source)
        )

    def _free(self, column: int, lane: int, head: int) -> bool:
        """Whether nothing stands in `column` from `lane` to before `head`."""
        lanes = range(min(lane, head), max(lane, head) + 1)
        return not any((column, each) in self.filled for each in lanes if each != head)

    def _ends(
        self, fans: set[tuple[str, str]]
    ) -> tuple[Mapping[tuple[str, str], float], Mapping[tuple[str, str], float]]:
        """(box, value) -> how far from its axis the value enters it, and how far from its axis one leaves it."""
        read: dict[str, dict[str, int]] = {}
        given: dict[str, dict[str, int]] = {}
        for link in self.container.links:
            if link in self.columns.upright or (link.tail, link.head) in fans:
                continue
            near = self.columns.of[link.head] - self.columns.of[link.tail] == 1
            if self.items[link.head].form == "box":
                lane = self.lanes.of[link.tail] if near else self.lanes.ways[link]
                read.setdefault(link.head, {})[link.source] = lane
            if self.items[link.tail].form == "box":
                lane = self.lanes.of[link.head] if near else self.lanes.ways[link]
                given.setdefault(link.tail, {}).setdefault(link.source, lane)
        return spread(read, self.items, self.lanes.of), spread(given, self.items, self.lanes.of)

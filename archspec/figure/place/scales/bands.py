"""Bands: the lanes of one level, for its items and for the links that pass over columns in it.

        lane -1      .-----------.              a link that items are in the way of
        lane  0   [a]-->[b]-->[c]-->[d]-------->[e]
        lane  1         [f]- - ->[g]            what has no room beside the others, and what only trains

An item stands in lane 0, or in that of what it reads in its band. A link that leads on in its lane, with nothing in the
way, stays there; another takes the nearest lane above that is free, the shortest first, so that arches nest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from archspec.figure.place.sheet import Link
from archspec.values.dataclass import dataclass

_ABOVE, _BELOW = -1, 1


@dataclass(frozen=True, slots=True)
class Run:
    """Links of one line that pass over columns: from behind the column `start` to before the column `end`."""

    links: tuple[Link, ...]
    name: str
    start: int
    end: int
    train_only: bool


@dataclass(slots=True)
class Band:
    """Finds the lanes of one level. Linear in items and links, times the lanes there are.

    Attributes:
        items: of the level, in an order in which links run forward.
        columns: of all items.
        read: item -> the links that it reads.
        dashed: items that only train.
    """

    items: Sequence[str]
    columns: Mapping[str, int]
    read: Mapping[str, Sequence[Link]]
    dashed: frozenset[str]
    lanes: dict[str, int] = field(default_factory=dict)
    ways: dict[Link, int] = field(default_factory=dict)
    filled: set[tuple[int, int]] = field(default_factory=set)
    wires: dict[int, list[tuple[int, int, str]]] = field(default_factory=dict)

    def run(self, runs: Sequence[Run]) -> None:
        """Gives every item its lane, and every link of `runs`: counted from lane 0, those above it below 0."""
        for item in sorted(self.items, key=lambda item: item in self.dashed):
            if item not in self.lanes:
                self._stand(item)
        for run in sorted(runs, key=lambda run: run.end - run.start):
            self.straight(run, self.lanes)
        for run in sorted(runs, key=lambda run: (run.end - run.start, -run.start)):
            left = [link for link in run.links if link not in self.ways]
            if left:
                start = min(self.columns[link.tail] for link in left)
                end = max(self.columns[link.head] for link in left)
                self._arch(replace(run, start=start, end=end), left, _BELOW if run.train_only else _ABOVE)

    def _stand(self, item: str) -> None:
        """Gives an item its lane."""
        column = self.columns[item]
        before = [self.lanes[link.tail] for link in self.read.get(item, ()) if link.tail in self.lanes]
        lane = min(before, default=0) if item not in self.dashed else max([*before, 0]) + (not self._behind(item))
        while (column, lane) in self.filled:
            lane += 1
        self.lanes[item] = lane
        self.filled.add((column, lane))

    def _behind(self, item: str) -> bool:
        """Whether an item that only trains stands behind another that does."""
        return any(link.tail in self.dashed for link in self.read.get(item, ()))

    def straight(self, run: Run, lanes: Mapping[str, int]) -> tuple[Link, ...]:
        """Lets links of `run` stay in a lane of their ends, where nothing stands or runs between; the others are left.

        `lanes` are those of the ends that stand in this band.
        """
        left: list[Link] = []
        for link in run.links:
            ends = {lanes[end] for end in (link.tail, link.head) if end in lanes}
            start, end = self.columns[link.tail], self.columns[link.head]
            lane = min(ends, default=0)
            clear = len(ends) == 1 and self._clear(lane, start, end) and self._free(lane, start, end, run.name)
            if clear and (link.tail in lanes or (start, lane) not in self.filled):
                self.wires.setdefault(lane, []).append((start, end, run.name))
                self.ways[link] = lane
            else:
                left.append(link)
        return tuple(left)

    def over(self, run: Run) -> None:
        """Gives the links of `run` the nearest lane above that is free, whatever lanes their ends stand in."""
        self._arch(run, run.links, _ABOVE)

    def _arch(self, run: Run, links: Sequence[Link], step: int) -> None:
        """The nearest lane beside all items for what is left of a run."""
        lane = step
        while not (self._clear(lane, run.start, run.end) and self._free(lane, run.start, run.end, run.name)):
            lane += step
        self.wires.setdefault(lane, []).append((run.start, run.end, run.name))
        self.ways |= dict.fromkeys(links, lane)

    def _clear(self, lane: int, start: int, end: int) -> bool:
        """Whether no item stands in a lane between two columns."""
        return not any((column, lane) in self.filled for column in range(start + 1, end))

    def _free(self, lane: int, start: int, end: int, name: str) -> bool:
        """Whether no other line runs in a lane between two columns."""
        known = self.wires.get(lane, ())
        return not any(first < end and start < last and other != name for first, last, other in known)

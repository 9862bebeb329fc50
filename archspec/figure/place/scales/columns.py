"""Columns: how deep each item stands, when a band is all of one resolution.

    1   [a]---->[b]
                 |            b to join: another band, so it may run straight down in the column of b
    1/2 [c]---->(+)---->[d]

An item stands one column behind what it reads. A join may stand in the column of an item that it reads from the band
next to its own. What feeds one item only stands right before it, and all ends stand in the last column.

Where the page is narrow, a box may stand in the column of what it reads too, as a join may: all is `stacked`. Where it
is narrower, all is `folded`: what reads the row beside its own stands as far to the left as its own row lets it, and
the line to it runs back between the rows.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Literal, TypeAlias

from archspec.figure.place.sheet import OUTSIDE, Container, Item, Link
from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Fan:
    """Items that all read all of some others, which stand in one column, as they do."""

    tails: tuple[str, ...]
    heads: tuple[str, ...]


Narrowing: TypeAlias = Literal["apart", "stacked", "folded"]
NARROWINGS: tuple[Narrowing, ...] = ("apart", "stacked", "folded")


@dataclass(frozen=True, slots=True)
class Columns:
    """Item -> its column from 0, the links that run within a column, and the fans."""

    of: Mapping[str, int]
    upright: frozenset[Link]
    fans: tuple[Fan, ...]

    @property
    def count(self) -> int:
        """The number of columns."""
        return 1 + max(self.of.values(), default=-1)


def in_columns(
    container: Container,
    items: Mapping[str, Item],
    levels: Mapping[str, int],
    barred: Collection[Link] = (),
    frames: Collection[frozenset[str]] = (),
    *,
    narrowing: Narrowing = "apart",
) -> Columns:
    """The columns of `container`. Linear in items and links, times the fans and the frames.

    Args:
        container: whose items.
        items: the room that each takes, and whether it is a join.
        levels: item -> level.
        barred: links that may not run within a column.
        frames: items with a frame round them: what leads to them stands before all of them, what they lead to behind.
        narrowing: what may stand in the column of what it reads, and what before that.
    """
    into: dict[str, list[Link]] = {}
    for link in container.links:
        into.setdefault(link.head, []).append(link)
    fans = tuple(_fans(container, into, levels))
    borders = [list(_border(container, frame)) for frame in frames]
    passing = {link for border in borders for link in border}
    beside = [
        link for link in _beside(container, into, items, levels, boxes=narrowing != "apart") if link not in passing
    ]
    candidates = frozenset(link for link in beside if _may_stand(link, items, levels)) - set(barred)
    free = frozenset(beside if narrowing == "folded" else ())
    even = tuple(_even(fans))
    depths = _Depths(container, into, levels, candidates, free, even, tuple(zip(frames, borders, strict=True)))
    columns = _below(depths, beside) if free else depths.columns({})
    fixed = {one for ends in even for one in ends}.union(*frames, _ends(passing))
    _towards_readers(container, into, levels, candidates, fixed, columns)
    _to_the_end(container, levels, columns)
    return Columns(columns, frozenset(link for link in candidates if columns[link.tail] == columns[link.head]), fans)


def _below(depths: "_Depths", beside: Iterable[Link]) -> dict[str, int]:
    """The columns where what may stand in the column of what it reads does so, where that takes no more columns."""
    least: dict[str, int] = {}
    columns = depths.columns(least)
    for link in beside:
        if link in depths.candidates and columns[link.head] < columns[link.tail]:
            moved = least | {link.head: columns[link.tail]}
            found = depths.columns(moved)
            if max(found.values()) == max(columns.values()):
                least, columns = moved, found
    return columns


def _even(fans: Iterable[Fan]) -> Iterable[tuple[str, ...]]:
    for fan in fans:
        yield fan.tails
        yield fan.heads


def _border(container: Container, frame: frozenset[str]) -> Iterator[Link]:
    """The links that lead into a frame and out of it."""
    for link in container.links:
        if OUTSIDE not in (link.tail, link.head) and (link.tail in frame) != (link.head in frame):
            yield link


def _ends(links: Iterable[Link]) -> Iterator[str]:
    for link in links:
        yield from (link.tail, link.head)


def _apart(frame: frozenset[str], border: Iterable[Link], columns: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """The least columns of what is in a frame and of what reads it."""
    last = max(columns[one] for one in frame)
    first = 1 + max((columns[link.tail] for link in border if link.head in frame), default=-1)
    yield from ((one, first) for one in frame)
    yield from ((link.head, last + 1) for link in border if link.tail in frame)


def _fans(container: Container, into: Mapping[str, Sequence[Link]], levels: Mapping[str, int]) -> Iterable[Fan]:
    """All sets of two items or more that read the same two or more, in bands of their own, none made of another."""
    found: dict[tuple[str, ...], list[str]] = {}
    for item in container.items:
        tails = tuple(sorted({link.tail for link in into.get(item, ())}))
        apart = len({levels.get(tail, -1) for tail in tails}) == len(tails) > 1 and OUTSIDE not in tails
        if tails in found or (apart and _independent(tails, into)):
            found.setdefault(tails, []).append(item)
    for tails, heads in found.items():
        if len(heads) > 1 and len({levels[head] for head in heads}) == len(heads):
            yield Fan(tails, tuple(heads))


def _independent(items: tuple[str, ...], into: Mapping[str, Sequence[Link]]) -> bool:
    """Whether none of `items` is made of another."""
    pending = [link.tail for item in items for link in into.get(item, ())]
    seen: set[str] = set()
    while pending:
        item = pending.pop()
        if item in items:
            return False
        if item not in seen:
            seen.add(item)
            pending += [link.tail for link in into.get(item, ())]
    return True


def _beside(
    container: Container,
    into: Mapping[str, Sequence[Link]],
    items: Mapping[str, Item],
    levels: Mapping[str, int],
    *,
    boxes: bool,
) -> Iterator[Link]:
    """Links from the next row above or below: to a join, the only one that comes to it from its side.

    With `boxes`, to a box too: the last that is made of those that flow there.
    """
    used = sorted({levels[item] for item in container.items})
    rank = {level: index for index, level in enumerate(used)}
    for head in container.items:
        is_box = items[head].form == "box"
        for step in (-1, 1):
            found = [
                link
                for link in into.get(head, ())
                if link.tail != OUTSIDE and (rank[levels[link.tail]] - rank[levels[head]]) * step > 0
            ]
            if is_box:
                found = [link for link in found if boxes and link.edge.kind == "flow"][-1:]
            if len(found) == 1 and rank[levels[found[0].tail]] - rank[levels[head]] == step:
                yield found[0]


def _may_stand(link: Link, items: Mapping[str, Item], levels: Mapping[str, int]) -> bool:
    """Whether a link between two rows may run within a column: to a join, or where nothing is written at either end."""
    down = levels[link.head] > levels[link.tail]
    tail, head = items[link.tail], items[link.head]
    return head.form != "box" or (tail.open_below and head.open_above if down else tail.open_above and head.open_below)


@dataclass(frozen=True, slots=True)
class _Depths:
    """Finds how deep items stand.

    Attributes:
        container: whose items.
        into: item -> the links that it reads.
        levels: item -> level.
        candidates: links that take no step.
        free: links that may lead to an earlier column.
        even: items that stand in one column.
        frames: items with a frame round them, and the links that lead into it and out of it.
    """

    container: Container
    into: Mapping[str, Sequence[Link]]
    levels: Mapping[str, int]
    candidates: frozenset[Link]
    free: frozenset[Link]
    even: Sequence[tuple[str, ...]]
    frames: Sequence[tuple[frozenset[str], Sequence[Link]]]

    def columns(self, least: Mapping[str, int]) -> dict[str, int]:
        """Item -> column, `least` at least."""
        least = dict(least)
        while True:
            columns = self._longest(least)
            raised = {one: max(columns[end] for end in ends) for ends in self.even for one in ends}
            for frame, border in self.frames:
                for one, column in _apart(frame, border, columns):
                    raised[one] = max(raised.get(one, 0), column)
            if all(columns[one] >= column for one, column in raised.items()):
                return columns
            least |= raised

    def _longest(self, least: Mapping[str, int]) -> dict[str, int]:
        """The longest way to each item, where candidates take no step and nothing stands on what it depends on."""
        columns: dict[str, int] = {}
        seen: dict[str, dict[int, int]] = {}  # item -> level -> the deepest of what it depends on, itself included
        for item in self.container.items:
            column, deepest = least.get(item, 0), dict[int, int]()
            for link in self.into.get(item, ()):
                if link.tail == OUTSIDE:
                    continue
                if link not in self.free:
                    column = max(column, columns[link.tail] + (link not in self.candidates))
                for level, depth in seen[link.tail].items():
                    deepest[level] = max(deepest.get(level, -1), depth)
            column = max(column, deepest.get(self.levels[item], -1) + 1)
            columns[item] = column
            seen[item] = deepest | {self.levels[item]: column}
        return columns


def _towards_readers(
    container: Container,
    into: Mapping[str, Sequence[Link]],
    levels: Mapping[str, int],
    candidates: Collection[Link],
    fixed: Collection[str],
    columns: dict[str, int],
) -> None:
    """Moves what reads one of several readers' value, or nothing, and feeds one item of its band to before that."""
    readers: dict[str, list[Link]] = {}
    for link in container.links:
        readers.setdefault(link.tail, []).append(link)
    for item in reversed(container.items):
        out, read = readers.get(item, []), into.get(item, [])
        if len(out) != 1 or len(read) > 1 or item in fixed or out[0].head == OUTSIDE or out[0] in candidates:
            continue
        branches = not read or len(readers.get(read[0].tail, ())) > 1
        head = out[0].head
        if branches and levels[head] == levels[item] and not out[0].edge.train_only:
            columns[item] = max(columns[item], columns[head] - 1)


def _to_the_end(container: Container, levels: Mapping[str, int], columns: dict[str, int]) -> None:
    """Moves what nothing reads to the last column, where it stands in bands of its own."""
    tails = {link.tail for link in container.links}
    ends = [link.head for link in container.links if link.head not in tails and not link.edge.train_only]
    if len({levels[end] for end in ends}) == len(ends) > 1:
        last = max(columns.values())
        columns |= dict.fromkeys(ends, last)

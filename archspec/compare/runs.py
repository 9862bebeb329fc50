"""Several alike in a row: numbered neighbours with the same changes become one row, `layer1/1-2`.

A block in which one thing changed becomes that one thing, `layer1/0/conv1`.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

from archspec.compare.table import Counts, Ops, Row
from archspec.graph.walk import last_name, moved
from archspec.ops.label import Label
from archspec.values.dataclass import dataclass
from archspec.values.shape import Shape

Both: TypeAlias = tuple[Counts, Counts]
_Paths: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Item:
    """A row, and the number of what it says: two with one number differ by their own names alone."""

    key: int
    row: Row


def joined(items: Iterable[Item]) -> Iterator[Item]:
    """Items, those that follow each other by number and say the same as one, where the first of them stands."""
    alike: dict[Hashable, list[tuple[int, Item]]] = {}
    for place, item in enumerate(items):
        ends = [numbered(path) for path in (item.row.before, item.row.after) if path]
        known = [end for end in ends if end is not None]
        stems = (bool(item.row.before), bool(item.row.after), *(stem for stem, _ in known))
        # What has no number in one of the networks follows nothing else.
        shift = known[-1][1] - known[0][1] if len(known) == len(ends) else f"at {place}"
        alike.setdefault((item.key, stems, shift), []).append((place, item))
    made: list[tuple[int, Item]] = []
    for group in alike.values():
        group.sort(key=lambda placed: _number(placed[1]))
        start = 0
        for end in range(1, len(group) + 1):
            if end == len(group) or _number(group[end][1]) != _number(group[end - 1][1]) + 1:
                run = group[start:end]
                made.append((min(place for place, _ in run), _one([item for _, item in run])))
                start = end
    made.sort(key=lambda placed: placed[0])
    yield from (item for _, item in made)


def _number(item: Item) -> int:
    found = numbered(item.row.path)
    return found[1] if found is not None else 0


def shortened(row: Row) -> Row:
    """A row in which nothing but one thing changed, as that one thing. Recursive only over the nesting."""
    within = tuple(map(shortened, row.rows))
    if row.status == "inside" and len(within) == 1:
        return replace(within[0], name=f"{row.name}/{within[0].name}")
    return replace(row, rows=within)


def numbered(path: str) -> tuple[str, int] | None:
    """The last name of a path as what stands before its number, and the number; None where it ends in none."""
    name = last_name(path)
    stem = name.rstrip("0123456789")
    return (stem, int(name[len(stem) :])) if stem != name else None


def summed(found: Sequence[Both]) -> Both:
    """The sums of what is before, and of what is after."""
    return sum((both[0] for both in found), Counts()), sum((both[1] for both in found), Counts())


def _one(run: Sequence[Item]) -> Item:
    first, last = run[0].row, run[-1].row
    if len(run) == 1:
        return run[0]
    paths = _until(first.before, last.before), _until(first.after, last.after)
    row = _together([item.row for item in run], paths)
    return Item(run[0].key, replace(row, name=last_name(row.path)))


def _until(first: str, last: str) -> str:
    """`layer1/0` and `layer1/2` as `layer1/0-2`."""
    number = numbered(last)
    return f"{first}-{number[1]}" if number is not None else ""


def _together(alike: Sequence[Row], paths: _Paths) -> Row:
    """Rows that say the same as one at `paths`. Recursive only over the nesting."""
    first = alike[0]
    inner = []
    for below in zip(*(row.rows for row in alike), strict=True):
        before = _moved(below[0].before, first.before, paths[0])
        inner.append(_together(below, (before, _moved(below[0].after, first.after, paths[1]))))
    return replace(
        first,
        before=paths[0],
        after=paths[1],
        label=_common([row.label for row in alike]),
        times=sum(row.times for row in alike),
        counts=summed([row.counts for row in alike]),
        shapes=(_agreed([row.shapes[0] for row in alike]), _agreed([row.shapes[1] for row in alike])),
        ops=sum((row.ops for row in alike), Ops()),
        rows=tuple(inner),
        members=(
            tuple(id for row in alike for id in row.members[0]),
            tuple(id for row in alike for id in row.members[1]),
        ),
    )


def _common(labels: Sequence[Label]) -> Label:
    """What all labels say: whole, or without their parts."""
    for said in (set(labels), {label.without_parts() for label in labels}):
        if len(said) == 1:
            return said.pop()
    return Label("")


def _moved(path: str, around: str, to: str) -> str:
    """The same place in `to`; "" where this network has no such row."""
    return moved(path, around, to) if path else ""


def _agreed(shapes: Sequence[Shape | None]) -> Shape | None:
    return shapes[0] if len(set(shapes)) == 1 else None

"""Align: the members of several uses lined up, so that what stands in one row is one part.

Of all longest common sequences it takes the one whose members are most alike: of two convolutions, the one with the
same kernel.
"""

from collections.abc import Sequence

from archspec.importer.blocks.items import Key
from archspec.importer.blocks.template import Item, Placed
from archspec.values.dataclass import dataclass

WITNESSES = 12  # of a row that a new member is compared with
EQUAL_KEYS = 10.0  # what a common member counts, over what it counts that they are alike


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One row: the key, and the members in it, each with the number of its use."""

    key: Key
    found: tuple[tuple[int, Item], ...]


def align(sequences: Sequence[Sequence[tuple[Key, Item]]], placed: Placed) -> tuple[Row, ...]:
    """Rows that hold all sequences, the longest first. The cost is the product of two lengths, for each use."""
    order = sorted(range(len(sequences)), key=lambda use: -len(sequences[use]))
    rows: tuple[Row, ...] = ()
    for use in order:
        rows = _merged(rows, [(key, use, item) for key, item in sequences[use]], placed)
    return rows


def _merged(rows: tuple[Row, ...], added: list[tuple[Key, int, Item]], placed: Placed) -> tuple[Row, ...]:
    n, m = len(rows), len(added)
    if [row.key for row in rows] == [key for key, _, _ in added] and len({row.key for row in rows}) == n:
        return tuple(Row(row.key, (*row.found, (use, item))) for row, (_, use, item) in zip(rows, added, strict=True))
    gain = [[_gain(row, key, item, placed) for key, _, item in added] for row in rows]
    best = [[0.0] * (m + 1) for _ in range(n + 1)]
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -1, -1):
            both = best[i + 1][j + 1] + gain[i][j] if gain[i][j] else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], both)
    return _walked(rows, added, gain, best)


def _walked(
    rows: tuple[Row, ...], added: list[tuple[Key, int, Item]], gain: list[list[float]], best: list[list[float]]
) -> tuple[Row, ...]:
    made: list[Row] = []
    i = j = 0
    while i < len(rows) or j < len(added):
        ends = i == len(rows), j == len(added)
        if not any(ends) and gain[i][j] and best[i][j] == best[i + 1][j + 1] + gain[i][j]:
            made.append(Row(rows[i].key, (*rows[i].found, added[j][1:])))
            i, j = i + 1, j + 1
        elif ends[1] or (not ends[0] and best[i][j] == best[i + 1][j]):
            made.append(rows[i])
            i += 1
        else:
            key, use, item = added[j]
            made.append(Row(key, ((use, item),)))
            j += 1
    return tuple(made)


def _gain(row: Row, key: Key, item: Item, placed: Placed) -> float:
    if row.key != key:
        return 0.0
    return EQUAL_KEYS + max(_alike(other, item, placed) for _, other in row.found[:WITNESSES])


def _alike(one: Item, two: Item, placed: Placed) -> float:
    """How much two members of one key have in common, from 0 to 1."""
    a, b = one.member, two.member
    if a.graph is not None and b.graph is not None and placed.block(a) is None:
        return 1 / (1 + abs(len(a.graph.members) - len(b.graph.members)))
    had, has = (placed.given(m) if placed.block(m) is not None else m.fields for m in (a, b))
    names = {*had, *has}
    return (1 + sum(repr(had.get(name)) == repr(has.get(name)) for name in names)) / (1 + len(names))

"""Align: the members of several uses lined up, so that what stands in one row is one part.

Of all longest common sequences it takes the one whose members are most alike: of two convolutions, the one with the
same kernel. Uses have few kinds of members, so how alike two kinds are is asked once, and how two sequences of kinds
line up too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import field
from typing import TypeAlias

from archspec.importer.blocks.items import Key
from archspec.importer.blocks.template import Item, Placed
from archspec.values.dataclass import dataclass

WITNESSES = 12  # of a row that a new member is compared with
NONE = repr(None)  # a setting that a member does not have
EQUAL_KEYS = 10.0  # what a common member counts, over what it counts that they are alike

Face: TypeAlias = int | tuple[tuple[str, str], ...]  # what a member is told from others of its key by
Kind: TypeAlias = tuple[Key, tuple[Face, ...]]  # a key with the faces of its witnesses
Steps: TypeAlias = tuple[tuple[bool, bool], ...]  # whether each goes on in the one sequence, and in the other


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One row: the key, and the members in it, each with the number of its use."""

    key: Key
    found: tuple[tuple[int, Item], ...]


def align(sequences: Sequence[Sequence[tuple[Key, Item]]], placed: Placed) -> tuple[Row, ...]:
    """Rows that hold all sequences, the longest first. The cost is the product of two lengths, for each use."""
    order = sorted(range(len(sequences)), key=lambda use: -len(sequences[use]))
    aligner = _Aligner()
    for use in order:
        aligner.add(use, sequences[use], [_face(item, placed) for _, item in sequences[use]])
    return tuple(Row(row.key, tuple(row.found)) for row in aligner.rows)


@dataclass
class _Open:
    """A row that grows."""

    key: Key
    found: list[tuple[int, Item]] = field(default_factory=list)
    faces: tuple[Face, ...] = ()

    def add(self, use: int, item: Item, face: Face) -> "_Open":
        if len(self.found) < WITNESSES and face not in self.faces:
            self.faces += (face,)
        self.found.append((use, item))
        return self


@dataclass
class _Aligner:
    rows: list[_Open] = field(default_factory=list)
    gains: dict[tuple[Kind, Kind], float] = field(default_factory=dict)
    walks: dict[tuple[tuple[Kind, ...], tuple[Kind, ...]], Steps] = field(default_factory=dict)

    def add(self, use: int, added: Sequence[tuple[Key, Item]], faces: Sequence[Face]) -> None:
        """Lines one more sequence up with the rows."""
        rows, members = iter(self.rows), zip(added, faces, strict=True)
        made: list[_Open] = []
        for in_rows, in_added in self.steps([key for key, _ in added], faces):
            row = next(rows) if in_rows else None
            if in_added:
                (key, item), face = next(members)
                row = (row or _Open(key)).add(use, item, face)
            if row is not None:
                made.append(row)
        self.rows = made

    def steps(self, keys: Sequence[Key], faces: Sequence[Face]) -> Steps:
        """How the rows and a sequence of these keys and faces go on together."""
        own = [row.key for row in self.rows]
        if own == keys and len(set(own)) == len(own):
            return ((True, True),) * len(own)
        ones = tuple((row.key, row.faces) for row in self.rows)
        twos = tuple((key, (face,)) for key, face in zip(keys, faces, strict=True))
        if (ones, twos) not in self.walks:
            self.walks[ones, twos] = tuple(_walked(self.table(ones, twos), len(twos)))
        return self.walks[ones, twos]

    def table(self, ones: Sequence[Kind], twos: Sequence[Kind]) -> list[list[float]]:
        """What each two gain; rows of one kind are one list."""
        kinds = {two: at for at, two in enumerate(dict.fromkeys(twos))}
        places = [kinds[two] for two in twos]
        rows: dict[Kind, list[float]] = {}
        for one in dict.fromkeys(ones):
            gains = [self.gain(one, two) for two in kinds]
            rows[one] = [gains[at] for at in places]
        return [rows[one] for one in ones]

    def gain(self, one: Kind, two: Kind) -> float:
        """What it counts to have two kinds in one row."""
        if one[0] != two[0]:
            return 0.0
        if (one, two) not in self.gains:
            self.gains[one, two] = EQUAL_KEYS + max(_alike(other, face) for other in one[1] for face in two[1])
        return self.gains[one, two]


def _walked(gain: Sequence[Sequence[float]], width: int) -> Iterator[tuple[bool, bool]]:
    """The way through a table of gains that gains most, of a row for each of the one and a column for each other."""
    n, m = len(gain), width
    best = [[0.0] * (m + 1) for _ in range(n + 1)]
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -1, -1):
            both = best[i + 1][j + 1] + gain[i][j] if gain[i][j] else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], both)
    i = j = 0
    while i < n and j < m:
        both = bool(gain[i][j]) and best[i][j] == best[i + 1][j + 1] + gain[i][j]
        step = (True, True) if both else (best[i][j] == best[i + 1][j], best[i][j] != best[i + 1][j])
        yield step
        i, j = i + step[0], j + step[1]
    yield from [(True, False)] * (n - i)
    yield from [(False, True)] * (m - j)


def _face(item: Item, placed: Placed) -> Face:
    """The settings of a member, or how many members a graph in place has."""
    member = item.member
    block = placed.block(member)
    if member.graph is not None and block is None:
        return len(member.graph.members)
    given = placed.given(member) if block is not None else member.fields
    return tuple((name, repr(value)) for name, value in given.items())


def _alike(one: Face, two: Face) -> float:
    """How much two members of one key have in common, from 0 to 1."""
    if isinstance(one, int) and isinstance(two, int):
        return 1 / (1 + abs(one - two))
    had, has = (dict(face) if isinstance(face, tuple) else {} for face in (one, two))
    names = {*had, *has}
    return (1 + sum(had.get(name, NONE) == has.get(name, NONE) for name in names)) / (1 + len(names))

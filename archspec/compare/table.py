"""The values of a difference: what was added, removed, changed and renamed between two networks.

Rows are a tree: a row for every block that has changes inside, and below it a row for each of them. Every difference is
the sum of those below it, for each tree of rows ends in what only follows: ops that nobody touched and that other
changes give other sizes. So the rows add up to the difference of the totals, to the last unit.

    +  added      only the second network has it
    -  removed    only the first has it
    ~  changed    both have it: other settings, other wiring, other parts
    >  renamed    both have it, under other names
    >  moved      both have it, in other blocks: a row where it was, and one where it is
       inside     nothing changed but what is listed below
    =  affected   the ops that changes elsewhere give other sizes
"""

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

from archspec.compare.wiring import Change
from archspec.graph.measured import Own
from archspec.measures.known import shown_in
from archspec.measures.measure import Measure, Values
from archspec.ops.label import Label
from archspec.values.cost import Cost
from archspec.values.dataclass import dataclass
from archspec.values.expression import Value
from archspec.values.shape import Shape

Status: TypeAlias = Literal["added", "removed", "changed", "renamed", "moved", "inside", "affected"]

MARKS: Mapping[Status, str] = {
    "added": "+",
    "removed": "-",
    "changed": "~",
    "renamed": ">",
    "moved": ">",
    "inside": "",
    "affected": "=",
}
_NONE = Cost()
_NO_OWN = Own()
_FITS = 40  # rows of a table that opens as deep as it can


@dataclass(frozen=True, slots=True)
class Counts:
    """What inference needs, and what training adds."""

    always: Cost = _NONE
    training: Cost = _NONE

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.always + other.always, self.training + other.training)

    def __sub__(self, other: "Counts") -> "Counts":
        return Counts(self.always - other.always, self.training - other.training)


@dataclass(frozen=True, slots=True)
class Measured:
    """All that is measured, of what inference needs and of what training adds."""

    always: Values
    training: Values

    def __sub__(self, other: "Measured") -> "Measured":
        return Measured(self.always - other.always, self.training - other.training)


def _measured(counts: Counts, own: Own) -> Measured:
    return Measured(Values(counts.always, own.always), Values(counts.training, own.training))


@dataclass(frozen=True, slots=True)
class Ops:
    """How many ops of each kind there are in a part of the two networks; a changed one counts once."""

    added: int = 0
    removed: int = 0
    changed: int = 0
    renamed: int = 0
    affected: int = 0
    moved: int = 0

    def __add__(self, other: "Ops") -> "Ops":
        return Ops(
            self.added + other.added,
            self.removed + other.removed,
            self.changed + other.changed,
            self.renamed + other.renamed,
            self.affected + other.affected,
            self.moved + other.moved,
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One difference, or several alike in a row.

    Attributes:
        status: see above.
        name: what it is called in the row around it; "6-22" for several alike.
        before: path in the first network, "" where it is not.
        after: path in the second.
        kind: "op", or what the scope is: "block", "inline", "repeat" or "spec"; "ops" for those affected.
        label: what it is, in the second network unless it was removed: `3×3 conv, 64`, `bottleneck`.
        changes: what changed in it itself.
        times: how many alike it stands for; of those affected, how many ops.
        counts: of it before, and after.
        shapes: of its default output before, and after; None where it is not, or where there are several.
        train_only: runs only in training, wherever it is.
        ops: what is in it.
        rows: what changed inside, and what only follows.
        members: ids of the ops and scopes that it stands for, in the first network and in the second.
        own: the measures that are no column of Cost, before and after.
        elsewhere: of what moved, its path in the other network.
    """

    status: Status
    name: str
    before: str
    after: str
    kind: str
    label: Label
    changes: tuple[Change, ...]
    times: int
    counts: tuple[Counts, Counts]
    shapes: tuple[Shape | None, Shape | None]
    train_only: bool
    ops: Ops
    rows: tuple["Row", ...] = ()
    members: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    own: tuple[Own, Own] = (_NO_OWN, _NO_OWN)
    elsewhere: str = ""

    @property
    def values(self) -> tuple[Measured, Measured]:
        """All that is measured of it before, and after."""
        return _measured(self.counts[0], self.own[0]), _measured(self.counts[1], self.own[1])

    @property
    def path(self) -> str:
        """Where it is in the second network; in the first for what was removed."""
        return self.after or self.before

    @property
    def shown(self) -> tuple[Values, Values]:
        """What a table shows: what inference needs, and of what runs in training only its own."""
        before, after = self.values
        return (before.training, after.training) if self.train_only else (before.always, after.always)

    @property
    def difference(self) -> Counts:
        """After less before."""
        return self.counts[1] - self.counts[0]


@dataclass(frozen=True, slots=True)
class Fact:
    """A difference of the networks as wholes.

    Attributes:
        kind: "name" of the network; the shape of an "input" or an "output"; what an output "gives" and "when"; the
            value of a "param"; what a "block" is called that is the same inside.
        name: of the input, the output or the param.
        before: None where there is none.
        after: None where there is none.
    """

    kind: Literal["name", "input", "output", "gives", "when", "param", "block"]
    name: str
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two networks as a whole. `source` is the file it is written in, `own` as of a Row."""

    name: str
    variant: str
    source: str
    inputs: Mapping[str, Shape]
    outputs: Mapping[str, Shape]
    totals: Counts
    own: Own = _NO_OWN

    @property
    def values(self) -> Measured:
        """All that is measured."""
        return _measured(self.totals, self.own)

    @property
    def always(self) -> Values:
        """Of what inference needs."""
        return self.values.always

    @property
    def training(self) -> Values:
        """Of what training adds."""
        return self.values.training

    @property
    def label(self) -> str:
        """`ResNet (resnet50)`."""
        return f"{self.name} ({self.variant})" if self.variant else self.name


@dataclass(frozen=True, slots=True)
class Difference:
    """The whole table.

    Attributes:
        before: the first network.
        after: the second.
        facts: what is different as a whole.
        rows: what is different inside.
        ops: how many ops of each kind.
        same: ops that are the same in both.
        asked: measures to show besides those that every table shows.
    """

    before: Side
    after: Side
    facts: tuple[Fact, ...]
    rows: tuple[Row, ...]
    ops: Ops
    same: int
    asked: tuple[Measure, ...] = ()

    @property
    def columns(self) -> tuple[Measure, ...]:
        """The measures that tables show."""
        return tuple(dict.fromkeys((*shown_in("columns"), *self.asked)))

    @property
    def empty(self) -> bool:
        """Whether the networks are equal. Params are not looked at: two ways to one network are no difference."""
        return not self.rows and all(fact.kind == "param" for fact in self.facts)

    def walk(self) -> Iterator[tuple[int, Row]]:
        """Level, from 1, and row: parents before children."""
        pending = [(1, row) for row in reversed(self.rows)]
        while pending:
            level, row = pending.pop()
            yield level, row
            pending.extend((level + 1, inner) for inner in reversed(row.rows))

    def down_to(self, depth: int) -> "Difference":
        """The same with `depth` levels of rows; those of the last stand for all inside them."""
        return replace(self, rows=tuple(_cut(row, depth) for row in self.rows))

    def fitting(self, rows: int = _FITS) -> "Difference":
        """The same with no more than `rows` rows: as many levels as fit, then the first of each kind of block.

        Nine blocks in which the same changed are told by one that is open: the others say how much changed in them.
        """
        opened: set[int] = set()
        frontier, shown = list(self.rows), len(self.rows)
        while frontier:
            more = sum(len(row.rows) for row in frontier)
            chosen = frontier if shown + more <= rows else list(_first_of_each(frontier, rows - shown))
            opened |= {id(row) for row in chosen}
            frontier = [inner for row in chosen for inner in row.rows]
            shown += len(frontier)
        return replace(self, rows=tuple(_only(row, opened) for row in self.rows))


def _first_of_each(rows: Sequence[Row], room: int) -> Iterator[Row]:
    """The rows to open where not all may: of those that change the same blocks the first, as long as there is room."""
    told: set[Hashable] = set()
    for row in rows:
        blocks = tuple((change.before, change.after) for change in row.changes if change.kind == "block")
        key = (row.kind, row.label.title, blocks)
        if row.rows and key not in told and len(row.rows) <= room:
            told.add(key)
            room -= len(row.rows)
            yield row


def _only(row: Row, opened: Collection[int]) -> Row:
    """A row with what is inside it where it is one of `opened`. Recursive only over the nesting."""
    return replace(row, rows=tuple(_only(inner, opened) for inner in row.rows) if id(row) in opened else ())


def _cut(row: Row, depth: int) -> Row:
    return replace(row, rows=tuple(_cut(inner, depth - 1) for inner in row.rows) if depth > 1 else ())

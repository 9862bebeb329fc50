"""Tabled: entries of a container that differ by a number or two, as one that goes through a table of these.

Unit(8, dilation=1), Unit(8, dilation=3), Unit(8, dilation=5)

Unit(8, dilation=dilation) for dilation in (1, 3, 5)
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from archspec.code.program import Construct, Entry
from archspec.code.trees import parts_of
from archspec.language.names import unused
from archspec.values.expression import Literal, Name
from archspec.values.printing import text
from archspec.values.source import Comprehension, Invoke, Source, invoke

SHORTEST = 3  # entries that become a table
MOST = 2  # columns
SHORTEST_RANGE = 5  # numbers that a range with a step says better than a tuple does


def tabled(entries: Sequence[Entry], taken: AbstractSet[str]) -> tuple[Entry, ...]:
    """Entries in a row that differ by a number or two as one; `taken` are names that no variable may have.

    Two numbers have a table only where that is shorter than what it stands for.
    """
    made: list[Entry] = []
    at = 0
    while at < len(entries):
        rows = _rows(entries[at:])
        whole = _table(rows, taken) if len(rows) >= SHORTEST else None
        made.append(whole or entries[at])
        at += len(rows) if whole is not None else 1
    return tuple(made)


def _rows(entries: Sequence[Entry]) -> list[Construct]:
    """The modules of the first entries that differ in no more than the columns of a table."""
    rows: list[Construct] = []
    columns: set[str] = set()
    for number, entry in enumerate(entries):
        one = entry.module
        start = int(entries[0].label) if entries[0].label.isdigit() else None
        plain = entry.times is None and entry.condition is None and not (entry.unpacked or entry.dropped)
        if not plain or not isinstance(one, Construct) or start is None or entry.label != str(start + number):
            break
        if rows:
            found = _differing(rows[0], one)
            if found is None or len(columns | found) > MOST:
                break
            columns |= found
        rows.append(one)
    return rows if columns else rows[:1]


def _differing(one: Construct, other: Construct) -> set[str] | None:
    """The settings in which two modules have other numbers; None where they differ in more."""
    same = (one.target, one.around, one.part, one.called, len(one.args))
    if same != (other.target, other.around, other.part, other.called, len(other.args)) or not one.whole:
        return None
    if [name for name, _ in one.whole] != [name for name, _ in other.whole]:
        return None
    found = set[str]()
    for (name, mine), (_, theirs) in zip(one.whole, other.whole, strict=True):
        if mine != theirs:
            if not (_is_number(mine) and _is_number(theirs)):
                return None
            found.add(name)
    return found


def _is_number(value: Source) -> bool:
    return isinstance(value, Literal) and isinstance(value.value, int | float) and not isinstance(value.value, bool)


def _table(rows: Sequence[Construct], taken: AbstractSet[str]) -> Entry | None:
    """One entry for all; None where it says two numbers at greater length."""
    first = rows[0]
    columns = [name for name, _ in first.whole if len({dict(row.whole)[name] for row in rows}) > 1]
    taken = {*taken, *(part.name for part in parts_of(first.whole) if isinstance(part, Name))}
    called = {name: Name(unused(name, taken)) for name in columns}
    there = {name for row in rows for name, _ in row.keywords}.union(columns)
    args = tuple(called.get(name, value) for name, value in zip(first.called, first.args, strict=True))
    keywords = tuple(
        (name, called.get(name, value)) for name, value in first.whole if name in there and name not in first.called
    )
    module = replace(first, args=args, keywords=keywords)
    values = [tuple(_value(dict(row.whole)[name]) for name in columns) for row in rows]
    over = _over([value[0] for value in values]) if len(columns) == 1 else Literal(tuple(values))
    variables = ", ".join(called[name].name for name in columns)
    if len(columns) > 1:
        written = ", ".join(text(Invoke(row.target, row.args, row.keywords)) for row in rows)
        loop = Comprehension(Invoke(module.target, args, keywords), variables, over)
        if len(text(loop)) >= len(written):
            return None
    return Entry("0", module, Literal(len(rows)), indexed=True, over=over, variables=variables)


def _over(values: Sequence[int | float]) -> Source:
    """The numbers of one column: `range(3)` for 0, 1, 2, and `range(72, 144, 24)` for 72, 96, 120."""
    first, step, count = values[0], values[1] - values[0], len(values)
    if not (isinstance(first, int) and isinstance(step, int) and step > 0):
        return Literal(tuple(values))
    numbers = range(first, first + step * count, step)
    if list(values) != list(numbers) or (step > 1 and count < SHORTEST_RANGE):
        return Literal(tuple(values))
    given = (numbers.start, numbers.stop, step) if step > 1 else (numbers.start, numbers.stop)
    return invoke("range", *map(Literal, given if step > 1 or first else given[1:]))


def _value(literal: Source) -> int | float:
    if isinstance(literal, Literal) and isinstance(literal.value, int | float):
        return literal.value
    raise TypeError(literal)

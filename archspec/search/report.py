"""Report: what a sweep found, in words, as a table and as a plot."""

from collections.abc import Sequence
from dataclasses import replace

from archspec.diagnostics.diagnostic import SpecError
from archspec.measures.known import measures
from archspec.search.axes import Axis
from archspec.search.choice import Choice
from archspec.search.condition import in_words
from archspec.search.output import Table, shown
from archspec.search.plot import Dot, Plot
from archspec.search.sweep import Swept
from archspec.search.task import Row, Task, figures_at, spec_name
from archspec.speed.words import how
from archspec.tables.quantity import aligned
from archspec.tables.terminal.listing import listing
from archspec.values.expression import Value


def printed(task: Task, swept: Swept, chosen: Choice, limit: int, *, width: int | None, color: bool) -> str:
    """The first rows as a table for people, and what became of the others."""
    table = chosen.table(task, swept.rows)
    some = replace(table, rows=table.rows[:limit])
    headings = [("", False), *((axis.heading, False) for axis in task.grid.axes)]
    headings += [(label(name), True) for name in chosen.columns]
    notes = [told(task, swept, len(some.rows)), *_first_fault(task, swept)]
    if task.runs is not None:
        notes.append(f"time: {how(task.runs)}, by a roofline")
    if table.rows:
        notes.append(f"* the front of {_better(chosen)}: no other variant beats one of these {len(table.front):,}")
    counts = " x ".join(f"{len(axis.values):,}" for axis in task.grid.axes)
    title = f"{titled(task)}: {counts} values of {', '.join(axis.heading for axis in task.grid.axes)}"
    rows = (_cells(some, row, chosen.columns) for row in some.rows)
    return listing(title, headings, rows, notes, width=width, color=color)


def plotted(task: Task, table: Table, chosen: Choice) -> Plot:
    """Every row as a dot: the first figure of the front to the right, the second upwards."""
    right, up = chosen.sides
    dots = tuple(
        Dot(row.counts[right.name], row.counts[up.name], words(task.grid.axes, row), row.number in table.front)
        for row in table.rows
    )
    note = f"{len(dots):,} variants{f' with {task.where}' if task.where else ''}; red: the front of {_better(chosen)}"
    return Plot(titled(task), note, label(right.name), label(up.name), dots, right.more)


def titled(task: Task) -> str:
    """What was swept: the spec's name, and its variant."""
    name = spec_name(task)
    return f"{name} ({task.variant})" if task.variant else name


def label(name: str) -> str:
    """What people read for a measure."""
    return "FLOPs" if name == "flops" else measures()[name].label


def words(axes: Sequence[Axis], row: Row) -> str:
    """What a variant is: `width=32, depth=4`."""
    return ", ".join(
        str(shown(value)) if axis.kind != "set" else f"{axis.name}={shown(value)}"
        for axis, value in zip(axes, row.values, strict=True)
    )


def told(task: Task, swept: Swept, printed_rows: int) -> str:
    """How many variants there are, and what became of those that are not shown."""
    count = task.grid.count
    parts = [f"{len(swept.rows):,} of {count:,} variants" if len(swept.rows) < count else f"{count:,} variants"]
    if printed_rows < len(swept.rows):
        parts.append(f"the first {printed_rows:,} are shown")
    if swept.unmet:
        parts.append(f"{swept.unmet:,} {'do' if swept.unmet > 1 else 'does'} not meet --where")
    if swept.faults:
        parts.append(f"{len(swept.faults):,} {'are' if len(swept.faults) > 1 else 'is'} no network")
    return "; ".join(parts)


def _first_fault(task: Task, swept: Swept) -> list[str]:
    """What is wrong with the first variant that is no network."""
    if not swept.faults:
        return []
    first = min(swept.faults)
    values: tuple[Value, ...] = task.grid.values(first)
    try:
        figures_at(task, first)
    except SpecError as error:
        found = next(one for one in error.diagnostics if one.severity == "error")
        return [f"no network: {words(task.grid.axes, Row(first, values, {}))}: {found.message} [{found.code}]"]
    return []


def _better(chosen: Choice) -> str:
    return " and ".join(f"{'more' if side.more else _less(side.name)} {label(side.name)}" for side in chosen.sides)


def _less(name: str) -> str:
    return "fewer" if label(name).endswith("s") else "less"


def _cells(table: Table, row: Row, columns: Sequence[str]) -> list[str]:
    mark = "*" if row.number in table.front else ""
    return [
        mark,
        *(str(shown(value)) for value in row.values),
        *((in_words(name) or aligned)(row.counts[name]) for name in columns),
    ]

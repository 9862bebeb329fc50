"""The report as a table for the terminal: a tree of blocks with aligned numbers, and totals that say what they count.

The rules are ASCII, so that the table stays straight where an encoding lacks the rest.
"""

from collections.abc import Iterator, Sequence
from io import StringIO

from rich.box import Box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from archspec.compare.table import MARKS, Difference
from archspec.compare.words import fact_words, headline, lines, percent
from archspec.graph.report import Report, Row
from archspec.tables.difference_tables import shown
from archspec.tables.quantity import aligned, human, size
from archspec.values.cost import CONVENTIONS, Cost

_RULED = Box("    \n    \n -- \n    \n    \n -- \n    \n    \n", ascii=True)
_BYTES_PER_PARAM = 4  # float32
WIDE = 110  # columns at which the rows of a difference show what was before and after
_STYLES = {"added": "green", "removed": "red", "changed": "yellow", "renamed": "cyan", "inside": "", "affected": "dim"}


def text(report: Report, *, width: int | None = None, color: bool = False) -> str:
    """The table as text, ending in a newline.

    Args:
        report: what to show.
        width: columns of the terminal; None for as wide as it needs to be.
        color: with ANSI escapes.
    """
    lines = [Text(_title(report), style="bold")]
    if report.doc:
        lines.append(Text(report.doc.strip(), style="dim"))
    return _printed([*lines, _table(report), *map(Text, _totals(report))], width, color)


def difference_text(difference: Difference, *, width: int | None = None, color: bool = False) -> str:
    """The table of a difference as text, ending in a newline.

    Args:
        difference: what to show.
        width: columns of the terminal; one of less than WIDE leaves out what was before and after in the rows.
        color: with ANSI escapes.
    """
    parts: list[Text | Table] = [Text(headline(difference), style="bold")]
    parts += [Text(fact_words(fact), style="dim" if fact.kind == "param" else "") for fact in difference.facts]
    if difference.empty:
        parts.append(Text("no differences"))
    else:
        if difference.rows:
            parts.append(_differences(difference, wide=width is None or width >= WIDE))
        parts += map(Text, _compared(difference))
    return _printed(parts, width, color)


def _printed(parts: Sequence[Text | Table], width: int | None, color: bool) -> str:
    buffer = StringIO()
    console = Console(
        file=buffer,
        width=width or 1000,
        force_terminal=color,
        color_system="standard" if color else None,
        highlight=False,
        emoji=False,
        markup=False,
        legacy_windows=False,
    )
    for part in parts:
        console.print(part, soft_wrap=isinstance(part, Text))
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"


def _title(report: Report) -> str:
    variant = f" ({report.variant})" if report.variant else ""
    inputs = ", ".join(f"{name} {size(shape)}" for name, shape in report.inputs.items())
    outputs = ", ".join(f"{name} {size(shape)}" for name, shape in report.outputs.items())
    return f"{report.name}{variant}: {inputs} -> {outputs}"


def _table(report: Report) -> Table:
    table = Table(box=_RULED, pad_edge=False, header_style="bold", show_edge=False)
    table.add_column("block", overflow="fold")
    table.add_column("is", overflow="ellipsis", no_wrap=True)
    table.add_column("output", overflow="fold")
    for heading in ("params", report.label, "share"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in report.rows:
        table.add_row(*_cells(report, row), style="dim" if row.train_only else None)
    return table


def _cells(report: Report, row: Row) -> tuple[Text, ...]:
    notes = [
        str(row.label),
        *(["train only"] if row.train_only else []),
        *([f"shares {row.share}"] if row.share else []),
    ]
    cells = (
        "  " * (row.depth - 1) + row.name,
        ", ".join(note for note in notes if note),
        size(row.shape),
        aligned(row.cost.params),
        _count(report, row.cost),
        report.share(row),
    )
    return tuple(Text(cell) for cell in cells)


def _count(report: Report, cost: Cost) -> str:
    count = report.count(cost)
    return f"{count:.3f}" if isinstance(count, float) else aligned(count)


def _totals(report: Report) -> list[str]:
    """The lines under the table: totals to the last unit, and what they count."""
    cost, extra = report.totals, report.train_only
    lines = [
        f"params  {cost.params:,} ({human(cost.params)}; {human(_BYTES_PER_PARAM * cost.params)}B in float32)"
        + (f", and {cost.buffers:,} in buffers" if cost.buffers else ""),
        f"MACs    {cost.macs:,} ({human(cost.macs)}) per sample",
        f"FLOPs   {cost.flops:,} ({human(cost.flops)}) = 2 x MACs",
    ]
    if report.convention != "macs":
        count = report.count(cost)
        printed = f"{count:.3f}" if isinstance(count, float) else f"{count:,}"
        lines.append(f"{report.label}  {printed}: {CONVENTIONS[report.convention][1]}")
    if any((extra.params, extra.macs, extra.activations)):
        lines.append(f"training alone adds {extra.params:,} params and {extra.macs:,} MACs")
    return lines


# -- differences ------------------------------------------------------------------------------------------------------


def _differences(difference: Difference, *, wide: bool) -> Table:
    table = Table(box=_RULED, pad_edge=False, header_style="bold", show_edge=False)
    table.add_column("", no_wrap=True)
    table.add_column("block", overflow="fold")
    table.add_column("what", overflow="fold")
    for column in ("params", "MACs"):
        if wide:
            table.add_column(column, justify="right", no_wrap=True)
        table.add_column("" if wide else column, justify="right", no_wrap=True)
    for level, row, words in lines(difference):
        before, after = shown(row)
        if row.status == "affected" and (before.params, before.macs) == (after.params, after.macs):
            continue
        style = _STYLES[row.status]
        counts = [
            Text(cell, style="dim" if row.train_only else "")
            for name in ("params", "macs")
            for cell in _differing(getattr(before, name), getattr(after, name), wide=wide)
        ]
        name = "  " * (level - 1) + row.name + (f" ×{row.times}" if row.times > 1 and row.kind != "ops" else "")
        what = Text(words, style="dim" if row.status == "affected" or row.train_only else "")
        table.add_row(Text(MARKS[row.status], style=style), Text(name, style=style), what, *counts)
    return table


def _differing(before: int, after: int, *, wide: bool) -> Iterator[str]:
    """What was before and is after, and the difference."""
    if wide:
        yield f"{human(before)} -> {aligned(after)}" if before != after else aligned(after) if after else ""
    change = after - before
    yield ("+" if change > 0 else "") + aligned(change) if change else ""


def _compared(difference: Difference) -> Iterator[str]:
    """The lines under the table: totals to the last unit, and how many ops are which."""
    before, after = difference.before.totals, difference.after.totals
    for label, name in (("params", "params"), ("MACs  ", "macs")):
        one, other = getattr(before.always, name), getattr(after.always, name)
        yield f"{label}  {_change(one, other)}"
    if before.training != after.training:
        params, macs = (
            _change(getattr(before.training, name), getattr(after.training, name)) for name in ("params", "macs")
        )
        yield f"training alone adds params {params} and MACs {macs}"
    ops = difference.ops
    kinds = {
        "changed": ops.changed,
        "added": ops.added,
        "removed": ops.removed,
        "renamed": ops.renamed,
        "on other sizes": ops.affected,
    }
    there = [f"{count} {kind}" for kind, count in kinds.items() if count]
    yield f"ops     {', '.join((*there, f'{difference.same} the same'))}"


def _change(before: int, after: int) -> str:
    if before == after:
        return f"{after:,}, the same"
    share = percent(before, after)
    return f"{before:,} -> {after:,}, {after - before:+,}" + (f" ({share})" if share else "")

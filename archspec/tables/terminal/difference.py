"""The table of a difference for the terminal."""

from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from archspec.compare.table import MARKS, Difference
from archspec.compare.words import fact_words, headline, lines, percent
from archspec.measures.costs import MACS, PARAMS
from archspec.measures.measure import Measure
from archspec.measures.words import IN_WORDS
from archspec.tables.quantity import aligned, change, changed, exactly, human
from archspec.tables.terminal.printed import printed, ruled

WIDE = 110  # columns at which the rows of a difference show what was before and after
_STYLES = {
    "added": "green",
    "removed": "red",
    "changed": "yellow",
    "renamed": "cyan",
    "moved": "cyan",
    "inside": "",
    "affected": "dim",
}
_WHOLE = ("added", "removed", "moved")  # what has one colour from end to end


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
    return printed(parts, width, color)


def _differences(difference: Difference, *, wide: bool) -> Table:
    table = ruled()
    table.add_column("", no_wrap=True)
    table.add_column("block", overflow="fold")
    table.add_column("what", overflow="fold")
    counted = difference.columns
    for measure in counted:
        if wide:
            table.add_column(measure.label, justify="right", no_wrap=True)
        table.add_column("" if wide else measure.label, justify="right", no_wrap=True)
    for level, row, words in lines(difference):
        before, after = row.shown
        if row.status == "affected" and all(before.of(measure) == after.of(measure) for measure in counted):
            continue
        style = _STYLES[row.status]
        counts = [
            Text(cell, style="dim" if row.train_only else "")
            for measure in counted
            for cell in _differing(measure, before.of(measure), after.of(measure), wide=wide)
        ]
        name = "  " * (level - 1) + row.name + (f" ×{row.times}" if row.times > 1 and row.kind != "ops" else "")
        quiet = "dim" if row.status == "affected" or row.train_only else ""
        what = Text(words, style=style if row.status in _WHOLE else quiet)
        table.add_row(Text(MARKS[row.status], style=style), Text(name, style=style), what, *counts)
    return table


def _differing(measure: Measure, before: int, after: int, *, wide: bool) -> Iterator[str]:
    """What was before and is after, and the difference; of counts with their decimal points in one line."""
    if measure.shown != "count":
        if wide:
            yield changed(measure, before, after)
        yield change(measure, before, after)
        return
    if wide:
        yield f"{human(before)} -> {aligned(after)}" if before != after else aligned(after) if after else ""
    by = after - before
    yield ("+" if by > 0 else "") + aligned(by) if by else ""


def _compared(difference: Difference) -> Iterator[str]:
    """The lines under the table: totals to the last unit, and how many ops are which."""
    before, after = difference.before, difference.after
    for measure in difference.columns:
        one, other = before.always.of(measure), after.always.of(measure)
        said = _in_words(measure, one, other) if measure.shown in IN_WORDS else _change(one, other)
        yield f"{measure.label:<6}  {said}"
    if before.training != after.training:
        params, macs = (_change(before.training.of(measure), after.training.of(measure)) for measure in (PARAMS, MACS))
        yield f"training adds params {params} and MACs {macs}"
    ops = difference.ops
    kinds = {
        "changed": ops.changed,
        "added": ops.added,
        "removed": ops.removed,
        "renamed": ops.renamed,
        "moved": ops.moved,
        "on other sizes": ops.affected,
    }
    there = [f"{count} {kind}" for kind, count in kinds.items() if count]
    yield f"ops     {', '.join((*there, f'{difference.same} the same'))}"


def _in_words(measure: Measure, before: int, after: int) -> str:
    if before == after:
        return f"{exactly(measure, after)}, the same"
    share = percent(before, after)
    return f"{changed(measure, before, after)}, {change(measure, before, after)}" + (f" ({share})" if share else "")


def _change(before: int, after: int) -> str:
    if before == after:
        return f"{after:,}, the same"
    share = percent(before, after)
    return f"{before:,} -> {after:,}, {after - before:+,}" + (f" ({share})" if share else "")

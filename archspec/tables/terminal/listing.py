"""A plain table for the terminal: words to the left, figures to the right, and lines under it."""

from collections.abc import Iterable, Sequence

from rich.text import Text

from archspec.tables.terminal.printed import printed, ruled


def listing(
    title: str,
    headings: Sequence[tuple[str, bool]],
    rows: Iterable[Sequence[str]],
    notes: Iterable[str] = (),
    *,
    width: int | None = None,
    color: bool = False,
) -> str:
    """The table as text, ending in a newline.

    Args:
        title: the first line.
        headings: of the columns, and whether it holds figures.
        rows: a text for each column.
        notes: lines under the table.
        width: columns of the terminal; None for as wide as it needs to be.
        color: with ANSI escapes.
    """
    table = ruled()
    for heading, figures in headings:
        table.add_column(heading, justify="right" if figures else "left", no_wrap=figures, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    return printed([Text(title, style="bold"), table, *map(Text, notes)], width, color)

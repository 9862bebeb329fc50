"""Wanted rows: whether a figure can have the rows that the author of a spec asks for, by `figure: {row: 1}`."""

from collections.abc import Mapping

from archspec.figure.what.fold import DrawError
from archspec.figure.what.wanted import asked_rows
from archspec.graph.graph import Graph


def require_rows(graph: Graph, levels: Mapping[str, int], *, upright: bool) -> None:
    """Every row that is asked for is there, or is the next below; a figure from top to bottom has none.

    Raises:
        DrawError: one is not; the message says where it is asked for, and which may be.
    """
    asked = asked_rows(graph)
    last = max(levels.values(), default=0)
    for row, member in asked:
        span = member.site.span
        where = f"{span.source.name}:{span.line}:{span.column}: {member.name} asks for row {row}"
        if upright:
            raise DrawError(
                f"{where}, and a figure from top to bottom has no rows; leave out --orientation vertical, or its row"
            )
        if row > last + 1:
            raise DrawError(f"{where}, and the last row of the figure is {last}; ask for one from 0 to {last + 1}")
        last = max(last, row)

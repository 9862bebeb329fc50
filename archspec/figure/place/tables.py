"""Tables of how the uses of a block differ, in the forms that fit a page.

          layer1  layer2          use     width  stride     use     width  stride
width         64     128          layer1     64       1     layer3    256       2
stride         1       2          layer2    128       2     layer4    512       2
as it is                          turned, and cut into two side by side
"""

from collections.abc import Iterator, Sequence

from archspec.figure.diagram import Table
from archspec.figure.look.theme import Paint, Theme
from archspec.figure.look.typeface import width
from archspec.figure.place.furniture import Piece
from archspec.figure.place.shelves import column_of, row_of
from archspec.figure.scene import Curve, Mark, Rectangle, Shape, Text

_CELL = 8.0  # between columns of a table
_LINE = 1.45  # of a row, in sizes of its type
_SIDE_BY_SIDE = 3  # pieces of a table that is turned, at most


def table_forms(table: Table, index: int, theme: Theme, room: float) -> Iterator[Piece]:
    """The table in its forms that are no wider than `room`, that of its author's order first; one at least.

    A row of a colour of its own has it beside its name, so that such a table is not turned.
    """
    yield column_of(_pieces(table, f"table{index}", theme, room))
    if any(table.swatches):
        return
    for number in range(1, _SIDE_BY_SIDE + 1):
        parts = list(_turned(table, number))
        made = [
            piece
            for at, part in enumerate(parts)
            for piece in _pieces(part, f"table{index}-turned{at}", theme, float("inf"))
        ]
        if (form := row_of(made)).width <= room:
            yield form


def _turned(table: Table, number: int) -> Iterator[Table]:
    """`table` with a row for each of its columns, in so many parts."""
    heads = tuple(name for name, _ in table.rows)
    rows = [(use, tuple(values[at] for _, values in table.rows)) for at, use in enumerate(table.columns)]
    high = -(-len(rows) // number)
    for first in range(0, len(rows), high):
        yield Table(heads, tuple(rows[first : first + high]))


def _pieces(table: Table, name: str, theme: Theme, room: float) -> list[Piece]:
    """The table, cut into pieces no wider than `room`, each with the names of the rows."""
    fonts = theme.fonts
    names = max((width(name, fonts.detail) for name, _ in table.rows), default=0.0) + 10
    columns = [
        max(width(head, fonts.detail, bold=True), *(width(values[at], fonts.detail) for _, values in table.rows))
        for at, head in enumerate(table.columns)
    ]
    pieces, start = [], 0
    while start < len(columns):
        end, used = start, names
        while end < len(columns) and (end == start or used + columns[end] + _CELL <= room):
            used += columns[end] + _CELL
            end += 1
        pieces.append(_piece(table, range(start, end), (names, columns), f"{name}-{start}", theme))
        start = end
    return pieces


def _piece(table: Table, shown: range, widths: tuple[float, Sequence[float]], name: str, theme: Theme) -> Piece:
    fonts = theme.fonts
    names, columns = widths
    line = fonts.detail * _LINE
    total = names + sum(columns[at] + _CELL for at in shown)

    def marks(x: float, y: float) -> Iterator[Mark]:
        base = y + fonts.detail
        shapes: list[Shape] = []
        right = x + names
        for at in shown:
            right += columns[at] + _CELL
            shapes.append(Text(right, base, table.columns[at], fonts.detail, theme.ink, bold=True, anchor="end"))
            for number, (_, values) in enumerate(table.rows, 1):
                shapes.append(Text(right, base + number * line + 2, values[at], fonts.detail, theme.ink, anchor="end"))
        ends = (x, base + 3.5), (x + total, base + 3.5)
        shapes.append(Curve((ends[0], ends[0], ends[1], ends[1]), Paint("none", theme.frame.stroke, 0.6)))
        for number, (row, _) in enumerate(table.rows, 1):
            baseline = base + number * line + 2
            swatch = table.swatches[number - 1] if table.swatches else None
            if swatch is not None:
                shapes.append(Rectangle(x, baseline - 5, 5.5, 5.5, 0, Paint(swatch.fill, swatch.stroke, 0.5)))
            shapes.append(Text(x + 8, baseline, row, fonts.detail, theme.ink))
        yield Mark(name, "table", tuple(shapes))

    return Piece(total, (len(table.rows) + 1) * line + 4, marks)

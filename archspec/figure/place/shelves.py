"""Shelves: pieces of a page side by side and on each other.

rows                          upright: what is narrow stands beside what is high
+-----------+ +---+           +-----+ +-----+ +---+
|           | |   |           |     | |     | |   |
+-----------+ +---+           |     | +-----+ +---+
+----+ +------+               |     | +---+
|    | |      |               |     | |   |
+----+ +------+               +-----+ +---+
"""

from collections.abc import Callable, Iterator, Sequence

from archspec.figure.place.furniture import Piece
from archspec.figure.scene import Mark

SPACE = 10.0  # between the parts of the page
_WORSE = 6.0  # points that a form has to be lower than the one before it


def packed(pieces: Sequence[Piece], inner: float) -> Iterator[Piece]:
    """Rows of as many pieces as fit."""
    row: list[Piece] = []
    for piece in pieces:
        used = sum(one.width + 2 * SPACE for one in row)
        if row and used + piece.width > inner:
            yield row_of(row)
            row = []
        row.append(piece)
    if row:
        yield row_of(row)


def lowest(forms: Sequence[Sequence[Piece]], laid: Callable[[Sequence[Piece]], list[Piece]]) -> list[Piece]:
    """What `laid` makes of one form of each piece, so that it is low.

    One piece after the other is chosen; a later form is worse, and has to save some points.
    """
    chosen = [each[0] for each in forms]
    for at, each in enumerate(forms):
        if len(each) > 1:
            tries = [[*chosen[:at], form, *chosen[at + 1 :]] for form in each]
            costs = [_high(laid(pieces)) + _WORSE * number for number, pieces in enumerate(tries)]
            chosen = tries[costs.index(min(costs))]
    return laid(chosen)


def shelved(pieces: Sequence[Piece], inner: float) -> Iterator[Piece]:
    """Rows of columns of pieces: a column is no higher than the first piece of its row."""
    columns: list[list[Piece]] = []
    for piece in pieces:
        if columns and _high([*columns[-1], piece]) <= max(_high(column) for column in columns):
            wide = sum(_wide(column) + 2 * SPACE for column in columns[:-1])
            if wide + max(_wide(columns[-1]), piece.width) <= inner:
                columns[-1].append(piece)
                continue
        if columns and sum(_wide(column) + 2 * SPACE for column in columns) + piece.width > inner:
            yield centred(row_of([column_of(column) for column in columns]), inner)
            columns = []
        columns.append([piece])
    if columns:
        yield centred(row_of([column_of(column) for column in columns]), inner)


def centred(piece: Piece, inner: float) -> Piece:
    """`piece` in the middle of the page."""
    left = max((inner - piece.width) / 2, 0.0)
    return Piece(piece.width + left, piece.height, lambda x, y: piece.marks(x + left, y))


def stacked(pieces: Sequence[Piece], x: float, y: float) -> tuple[list[Mark], float]:
    """The marks of pieces below each other, the first at (x, y), and where the next would stand."""
    marks: list[Mark] = []
    for piece in pieces:
        marks += piece.marks(x, y)
        y += piece.height + SPACE
    return marks, y


def row_of(pieces: Sequence[Piece]) -> Piece:
    """Pieces side by side, as one."""

    def marks(x: float, y: float) -> Iterator[Mark]:
        for piece in pieces:
            yield from piece.marks(x, y)
            x += piece.width + 2 * SPACE

    wide = sum(piece.width for piece in pieces) + 2 * SPACE * (len(pieces) - 1)
    return Piece(wide, max(piece.height for piece in pieces), marks)


def column_of(pieces: Sequence[Piece]) -> Piece:
    """Pieces below each other, as one."""

    def marks(x: float, y: float) -> Iterator[Mark]:
        yield from stacked(pieces, x, y)[0]

    return Piece(_wide(pieces), _high(pieces), marks)


def _wide(pieces: Sequence[Piece]) -> float:
    return max(piece.width for piece in pieces)


def _high(pieces: Sequence[Piece]) -> float:
    return sum(piece.height for piece in pieces) + SPACE * (len(pieces) - 1)

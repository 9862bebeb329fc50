"""Marks of frames and edges."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise, product
from re import sub
from typing import TypeAlias

from archspec.figure.look.theme import Paint, Theme
from archspec.figure.look.typeface import CAPITALS, width
from archspec.figure.place.arrow import ARROW, arrow
from archspec.figure.place.pill import pill, pill_width
from archspec.figure.place.placed import Frame, Route
from archspec.figure.scene import Curve, Mark, Point, Rectangle, Shape, Text

_SHARES = (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.1, 0.9)  # of the way along a line, where its label may stand
_STROKE = 2.2  # how far the stroke across several values goes to each side
Piece: TypeAlias = tuple[float, float, float, float]  # left, top, right and bottom of a straight line


def identifier(path: str) -> str:
    """`path` as an XML id that tells different paths apart."""
    return sub(
        r"[^A-Za-z0-9_.-]", lambda match: {"/": ".", "@": "-"}.get(match[0], f"-{ord(match[0]):x}-"), f"b-{path}"
    )


def frame_mark(frame: Frame, name: str, x: float, y: float, theme: Theme) -> Mark:
    """The frame round an open block, its title in the upper left corner."""
    detail = theme.fonts.detail
    paint = replace(frame.group.paint, dashed=frame.group.train_only)
    rectangle = Rectangle(x + frame.x, y + frame.y, frame.width, frame.height, 3, paint)
    label = Text(x + frame.x + 4, y + frame.y + detail + 1, frame.group.title, detail, theme.faint)
    shapes: tuple[Shape, ...] = (rectangle,)
    right = x + frame.x + frame.width
    if frame.group.repeat > 1:
        count = f"×{frame.group.repeat}"
        right += 3 - pill_width(count, theme.fonts)
        shapes = (*shapes, *pill(count, right, y + frame.y + 1, theme))
    if label.x + width(label.text, detail) < right or frame.group.repeat == 1:  # else only its number fits
        shapes = (*shapes, label)
    return Mark(name, "frame", shapes, frame.group.id)


def edge_mark(
    route: Route, points: tuple[Point, ...], name: str, theme: Theme, obstacles: Sequence[Piece] = ()
) -> Mark:
    """An edge; its label stands where none of `obstacles` is, boxes and lines of edges, or is left out.

    Several values that run on it then are a stroke across it, and their number.
    """
    paint = replace(route.edge.paint, dashed=route.edge.train_only)
    line, head = arrow(points, paint)
    shapes: list[Shape] = [Curve(line, paint), head]
    if route.edge.label:
        size = theme.fonts.counts
        spot = label_place(points, width(route.edge.label, size) / 2 + 1, size, obstacles)
        if spot is not None:
            x, y, turned = spot
            text = Text(x, y, route.edge.label, size, paint.stroke, anchor="middle", turned=turned)
            shapes.append(text)
        elif route.edge.values > 1:
            shapes += _stroke(points, str(route.edge.values), theme.fonts.counts, paint, obstacles)
    return Mark(name, f"edge {route.edge.kind}", tuple(shapes))


def _stroke(
    points: Sequence[Point], number: str, size: float, paint: Paint, obstacles: Sequence[Piece]
) -> Iterator[Curve | Text]:
    """A stroke across an edge, and a number beside it, on the longest piece where there is room for them.

        2         |
    ----/--->     / 2
                  |
    """
    half, high = width(number, size) / 2, size * CAPITALS
    aside, away = _STROKE + 1.5 + half, _STROKE + 1.5
    pieces = pairwise([points[0], *points[3::3]])
    for (x0, y0), (x1, y1) in sorted(pieces, key=lambda ends: -max(map(abs, _along(*ends)))):
        level = abs(x1 - x0) > abs(y1 - y0)
        x, y = (x0 + x1 - (ARROW[0] if level else 0.0)) / 2, (y0 + y1) / 2
        for dx, dy in ((0.0, -away), (0.0, away + high)) if level else ((aside, high / 2), (-aside, high / 2)):
            if not any(_meet(_label_room(x + dx, y + dy, half, size, turned=False), other) for other in obstacles):
                low, high_end = (x - _STROKE, y + _STROKE), (x + _STROKE, y - _STROKE)
                yield Curve((low, low, high_end, high_end), replace(paint, dashed=False))
                yield Text(x + dx, y + dy, number, size, paint.stroke, anchor="middle")
                return


def _along(start: Point, end: Point) -> Point:
    """How far a piece of a line runs, to the right and down."""
    return end[0] - start[0], end[1] - start[1]


def label_place(
    points: Sequence[Point], half: float, size: float, obstacles: Sequence[Piece]
) -> tuple[float, float, bool] | None:
    """Above a level piece of the edge, the longest first, beside an upright one, or below, where nothing is in the way.

    x and y of the middle of its baseline, and whether it is turned, which it is where it has no other room; None where
    there is none at all.
    """
    corners = [points[0], *points[3::3]]
    pieces = sorted(pairwise(corners), key=lambda pair: -abs(pair[1][0] - pair[0][0]) - abs(pair[1][1] - pair[0][1]))
    aside, down = half + 2.0, size * CAPITALS / 2
    above, below = ((0.0, -2.5),), ((0.0, 2 * down + 2.5),)
    beside, along = ((aside, down), (-aside, down)), ((-2.0, 0.0),)
    sides = ((False, False, above), (True, False, beside), (False, False, below), (True, True, along))
    for upright, turned, offsets in sides:
        for (x0, y0), (x1, y1) in pieces:
            long = abs(y1 - y0) if upright else abs(x1 - x0)
            if long <= (2 * half if turned == upright else size + 2):
                continue
            for share, (dx, dy) in product(_SHARES, offsets):
                x, y = x0 + (x1 - x0) * share + dx, y0 + (y1 - y0) * share + dy
                room = _label_room(x, y, half, size, turned=turned)
                if not any(_meet(room, other) for other in obstacles):
                    return x, y, turned
    return None


def labels(mark: Mark) -> Iterator[Piece]:
    """The room that the label of an edge takes, where it has one."""
    for text in mark.shapes:
        if isinstance(text, Text):
            yield _label_room(text.x, text.y, width(text.text, text.size) / 2 + 1, text.size, turned=text.turned)


def _label_room(x: float, y: float, half: float, size: float, *, turned: bool) -> Piece:
    return (x - size, y - half, x + 1, y + half) if turned else (x - half, y - size, x + half, y + 1)


def _meet(one: Piece, other: Piece) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def line_pieces(routes: Sequence[Route], x: float, y: float) -> Iterator[Piece]:
    """The straight pieces of edges, moved by (x, y)."""
    for route in routes:
        corners = [route.points[0], *route.points[3::3]]
        for (x0, y0), (x1, y1) in pairwise(corners):
            yield x + min(x0, x1), y + min(y0, y1), x + max(x0, x1), y + max(y0, y1)


def border_pieces(frames: Sequence[Frame], x: float, y: float) -> Iterator[Piece]:
    """The sides of frames, moved by (x, y)."""
    for frame in frames:
        left, top, right, bottom = x + frame.x, y + frame.y, x + frame.x + frame.width, y + frame.y + frame.height
        yield left, top, right, top
        yield left, bottom, right, bottom
        yield left, top, left, bottom
        yield right, top, right, bottom

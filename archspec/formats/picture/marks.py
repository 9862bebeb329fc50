"""Marks of frames and edges."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from math import hypot
from re import sub
from typing import TypeAlias

from archspec.formats.picture.placed import Frame, Route
from archspec.formats.picture.scene import Curve, Mark, Point, Polygon, Rectangle, Shape, Text
from archspec.formats.picture.typeface import width
from archspec.views.theme import Paint, Theme

_SHARES = (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.1, 0.9)  # of the way along a line, where its label may stand
Piece: TypeAlias = tuple[float, float, float, float]  # left, top, right and bottom of a straight line

ARROW = (4.6, 3.4)  # length and width of an arrowhead


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
    return Mark(name, "frame", (rectangle, label), frame.group.id)


def edge_mark(route: Route, points: tuple[Point, ...], name: str, theme: Theme, pieces: Sequence[Piece] = ()) -> Mark:
    """An edge; its label stands where none of `pieces`, the lines of all edges, strikes it through."""
    paint = replace(route.edge.paint, dashed=route.edge.train_only)
    line, head = arrow(points, paint)
    shapes: list[Shape] = [Curve(line, paint), head]
    if route.edge.label:
        size = theme.fonts.counts
        x, y = _label_place(points, width(route.edge.label, size) / 2 + 1, size, pieces)
        shapes.append(Text(x, y, route.edge.label, size, paint.stroke, anchor="middle"))
    return Mark(name, f"edge {route.edge.kind}", tuple(shapes))


def _label_place(points: Sequence[Point], half: float, size: float, pieces: Sequence[Piece]) -> Point:
    """Above a level piece of the edge, the longest first, where nothing strikes the label through."""
    corners = [points[0], *points[3::3]]
    level = [(abs(x1 - x0), x0, x1, y0) for (x0, y0), (x1, y1) in pairwise(corners) if abs(y1 - y0) < 0.01]
    level.sort(key=lambda piece: -piece[0])
    places = [(x0 + (x1 - x0) * share, y - 2.5) for long, x0, x1, y in level if long > 2 * half for share in _SHARES]
    for x, y in places:
        if not any(
            right > x - half and left < x + half and bottom > y - size and top < y + 1
            for left, top, right, bottom in pieces
        ):
            return x, y
    x, y = corners[len(corners) // 2]
    return places[0] if places else (x, y - 2.5)


def line_pieces(routes: Sequence[Route], x: float, y: float) -> Iterator[Piece]:
    """The straight pieces of edges, moved by (x, y)."""
    for route in routes:
        corners = [route.points[0], *route.points[3::3]]
        for (x0, y0), (x1, y1) in pairwise(corners):
            yield x + min(x0, x1), y + min(y0, y1), x + max(x0, x1), y + max(y0, y1)


def arrow(points: Sequence[Point], paint: Paint) -> tuple[tuple[Point, ...], Polygon]:
    """The line shortened by its arrowhead, and the arrowhead: a polygon, since converters drop markers."""
    length, breadth = ARROW
    x, y = points[-1]
    before = next((p for p in reversed(points[:-1]) if hypot(p[0] - x, p[1] - y) > 1), points[0])
    distance = hypot(x - before[0], y - before[1]) or 1.0
    ux, uy = (x - before[0]) / distance, (y - before[1]) / distance
    base = (x - ux * length, y - uy * length)
    side = (-uy * breadth / 2, ux * breadth / 2)
    head = ((x, y), (base[0] + side[0], base[1] + side[1]), (base[0] - side[0], base[1] - side[1]))
    near = [p if hypot(p[0] - x, p[1] - y) > length else base for p in points[:-1]]
    return (*near, (x - ux * length * 0.8, y - uy * length * 0.8)), Polygon(head, Paint(paint.stroke, "none"))

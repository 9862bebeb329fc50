"""Marks of frames and edges."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from math import hypot
from re import sub

from archspec.formats.picture.placed import Frame, Route
from archspec.formats.picture.scene import Curve, Mark, Point, Polygon, Rectangle, Shape, Text
from archspec.views.theme import Paint, Theme

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


def edge_mark(route: Route, points: tuple[Point, ...], name: str, theme: Theme, *, forked: bool = False) -> Mark:
    """An edge, its label on its longest level piece. A `forked` one starts where it leaves the flow of its tail."""
    paint = replace(route.edge.paint, dashed=route.edge.train_only)
    if forked and len(points) > 4:
        points = points[3:]
    line, head = arrow(points, paint)
    shapes: list[Shape] = [Curve(line, paint), head]
    if route.edge.label:
        (x0, y0), (x1, y1) = max(pairwise(points), key=lambda pair: abs(pair[1][0] - pair[0][0]))
        x, y = (x0 + x1) / 2, (y0 + y1) / 2
        shapes.append(Text(x, y - 2.5, route.edge.label, theme.fonts.counts, paint.stroke, anchor="middle"))
    return Mark(name, f"edge {route.edge.kind}", tuple(shapes))


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

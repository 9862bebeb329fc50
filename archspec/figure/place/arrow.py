"""Arrow: a line and its head."""

from collections.abc import Sequence
from math import hypot

from archspec.figure.look.theme import Paint
from archspec.figure.scene import Point, Polygon

ARROW = (4.6, 3.4)  # length and width of an arrowhead


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

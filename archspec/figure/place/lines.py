"""Lines: polylines with rounded corners as Bezier curves."""

from collections.abc import Sequence
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]
Bezier: TypeAlias = tuple[Point, ...]  # a start, then three points for every curve


def moved(points: Bezier, dx: float, dy: float) -> Bezier:
    """`points`, all shifted alike."""
    return tuple((x + dx, y + dy) for x, y in points)


def rounded(corners: Sequence[Point], radius: float) -> Bezier:
    """A line with rounded corners."""
    points: list[Point] = [corners[0]]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        arrive, depart = _towards(corner, before, radius), _towards(corner, after, radius)
        points += [*line(points[-1], arrive), corner, corner, depart]
    return (*points, *line(points[-1], corners[-1]))


def _towards(start: Point, end: Point, radius: float) -> Point:
    """The point `radius` from `start` on the way to `end`; half way where that is nearer."""
    (x0, y0), (x1, y1) = start, end
    length = abs(x1 - x0) + abs(y1 - y0)
    share = min(radius / length, 0.5) if length else 0.0
    return x0 + (x1 - x0) * share, y0 + (y1 - y0) * share


def line(start: Point, end: Point) -> tuple[Point, Point, Point]:
    """A straight line as the rest of a Bezier curve."""
    return start, end, end

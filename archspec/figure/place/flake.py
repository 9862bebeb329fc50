"""Flake: the mark of what is frozen."""

from collections.abc import Iterator
from math import cos, pi, sin

from archspec.figure.look.theme import Paint, Theme
from archspec.figure.scene import Circle, Curve, Shape

RADIUS = 3.6
_ARM = 2.5  # from its middle to the end of an arm


def flake(x: float, y: float, theme: Theme) -> Iterator[Shape]:
    """A snowflake in a circle, its middle at (x, y)."""
    yield Circle(x, y, RADIUS, Paint(theme.background, theme.ink, 0.6))
    for third in range(3):
        dx, dy = _ARM * sin(third * pi / 3), _ARM * cos(third * pi / 3)
        start, end = (x - dx, y - dy), (x + dx, y + dy)
        yield Curve((start, start, end, end), Paint("none", theme.ink, 0.7))

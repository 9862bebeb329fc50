"""Plot: every variant as a point, one figure against another, on logarithmic scales; the front is a line.

It is a Scene, as all pictures are, so that each format that draws scenes writes it.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import ceil, floor, log10

from archspec.figure.look.theme import LIGHT, Paint, Theme
from archspec.figure.look.typeface import CAPITALS, width
from archspec.figure.scene import Circle, Curve, Mark, Rectangle, Scene, Shape, Text
from archspec.tables.quantity import human
from archspec.values.dataclass import dataclass

WIDE, HIGH = 460.0, 300.0  # of the area of points, in points
LEFT, RIGHT, TOP, BELOW = 52.0, 16.0, 44.0, 36.0
_LABELLED = 8  # points of the front that say what they are: more would stand on one another


@dataclass(frozen=True, slots=True)
class Dot:
    """A variant: its two figures, what it is in words, and whether it is of the front."""

    x: float
    y: float
    words: str
    front: bool


@dataclass(frozen=True, slots=True)
class Plot:
    """What is drawn.

    Attributes:
        title: what was swept.
        note: a line under it.
        x: what the horizontal axis counts.
        y: what the vertical one does.
        dots: the variants.
        more: to the right is better, so that the front is the right edge of the dots.
    """

    title: str
    note: str
    x: str
    y: str
    dots: tuple[Dot, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class _Scale:
    """A logarithmic scale from `low` to `high`, which stand at `start` and `end`."""

    low: float
    high: float
    start: float
    end: float

    @classmethod
    def over(cls, values: Sequence[float], start: float, end: float) -> "_Scale":
        """A scale on which all values stand, with some room around."""
        low, high = min(values), max(values)
        room = (high / low) ** 0.06 if high > low else 1.5
        return cls(low / room, high * room, start, end)

    def at(self, value: float) -> float:
        """Where a value stands."""
        share = log10(value / self.low) / log10(self.high / self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Round numbers: 1, 2 and 5 of each decade, or all of a narrow scale."""
        decades = range(floor(log10(self.low)), ceil(log10(self.high)) + 1)
        for steps in ((1,), (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9), tuple(1 + k / 10 for k in range(90))):
            found = [step * 10.0**decade for decade in decades for step in steps]
            inside = [value for value in found if self.low <= value <= self.high]
            if len(inside) >= 4:
                break
        return inside[:: ceil(len(inside) / 9)]


def scene(plot: Plot, theme: Theme = LIGHT) -> Scene:
    """The picture. Where there is no point, only its words."""
    dots = tuple(dot for dot in plot.dots if dot.x > 0 and dot.y > 0)
    marks = list(_titles(plot, theme))
    if dots:
        across = _Scale.over([dot.x for dot in dots], LEFT, LEFT + WIDE)
        upward = _Scale.over([dot.y for dot in dots], TOP + HIGH, TOP)
        marks += _grid(plot, across, upward, theme)
        marks += _dots(plot, dots, across, upward, theme)
    best = [dot.words for dot in dots if dot.front]
    description = f"{plot.y} against {plot.x} of {len(dots):,} variants; on the front: {'; '.join(best) or 'none'}"
    size = LEFT + WIDE + RIGHT, TOP + HIGH + BELOW
    return Scene(plot.title, description, *size, theme, tuple(marks))


def _titles(plot: Plot, theme: Theme) -> Iterator[Mark]:
    fonts = theme.fonts
    yield Mark("title", "title", (Text(LEFT, 18, plot.title, fonts.title, theme.ink, bold=True),))
    yield Mark("note", "footnote", (Text(LEFT, 32, plot.note, fonts.detail, theme.faint),))


def _grid(plot: Plot, across: _Scale, upward: _Scale, theme: Theme) -> Iterator[Mark]:
    fonts, line = theme.fonts, Paint("none", theme.frame.stroke, 0.4)
    shapes: list[Shape] = [Rectangle(LEFT, TOP, WIDE, HIGH, 0, Paint("none", theme.frame.stroke, 0.6))]
    for value in across.ticks():
        x = across.at(value)
        shapes.append(_line((x, TOP), (x, TOP + HIGH), line))
        shapes.append(Text(x, TOP + HIGH + 10, human(value), fonts.detail, theme.ink, anchor="middle"))
    for value in upward.ticks():
        y = upward.at(value)
        shapes.append(_line((LEFT, y), (LEFT + WIDE, y), line))
        shapes.append(
            Text(LEFT - 4, y + fonts.detail * CAPITALS / 2, human(value), fonts.detail, theme.ink, anchor="end")
        )
    below = TOP + HIGH + 25
    shapes.append(Text(LEFT + WIDE / 2, below, plot.x, fonts.block, theme.ink, bold=True, anchor="middle"))
    shapes.append(Text(14, TOP + HIGH / 2, plot.y, fonts.block, theme.ink, bold=True, anchor="middle", turned=True))
    yield Mark("axes", "axes", tuple(shapes))


def _dots(plot: Plot, dots: Sequence[Dot], across: _Scale, upward: _Scale, theme: Theme) -> Iterator[Mark]:
    plain = Paint(theme.other.stroke, "none")
    best = sorted((dot for dot in dots if dot.front), key=lambda dot: (dot.x, dot.y))
    radius = 2.2 if len(dots) < 400 else 1.4
    for number, dot in enumerate(dot for dot in dots if not dot.front):
        circle = Circle(across.at(dot.x), upward.at(dot.y), radius, plain)
        yield Mark(f"dot{number}", "dot", (circle,), note=dot.words if len(dots) < 2000 else "")
    steps: list[Shape] = []
    for one, other in pairwise(best):
        corner = across.at(other.x), upward.at(one.y)
        steps.append(_line((across.at(one.x), upward.at(one.y)), corner, theme.skip))
        steps.append(_line(corner, (across.at(other.x), upward.at(other.y)), theme.skip))
    if steps:
        yield Mark("front", "front", tuple(steps))
    for number, dot in enumerate(best):
        circle = Circle(across.at(dot.x), upward.at(dot.y), radius + 0.8, Paint(theme.skip.stroke, "none"))
        yield Mark(f"best{number}", "dot front", (circle,), note=dot.words)
    yield from _labels(best, across, upward, theme, plot.more)


def _labels(best: Sequence[Dot], across: _Scale, upward: _Scale, theme: Theme, more: bool) -> Iterator[Mark]:
    """What some points of the front are: those that have room for it."""
    size = theme.fonts.counts
    step = max(ceil(len(best) / _LABELLED), 1)
    taken: list[tuple[float, float, float, float]] = []
    for number, dot in enumerate(best[::step]):
        x, y, wide = across.at(dot.x), upward.at(dot.y), width(dot.words, size)
        outside = x + 6 if more else x - 6 - wide
        fits = outside > LEFT and outside + wide < LEFT + WIDE
        left, base = (outside, y + size * CAPITALS / 2) if fits else (x + 6, y - 3)
        room = (left, base - size, left + wide, base + 1)
        if left + wide < LEFT + WIDE and not any(_meet(room, other) for other in taken):
            taken.append(room)
            yield Mark(f"label{number}", "label", (Text(left, base, dot.words, size, theme.ink),))


def _meet(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _line(start: tuple[float, float], end: tuple[float, float], paint: Paint) -> Curve:
    return Curve((start, start, end, end), paint)

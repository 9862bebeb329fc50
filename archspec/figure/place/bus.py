"""Bus: the shapes of a dense block, laid out in its box.

64 ──●────────●──────── … ──●──┃       a line for each map, and a bar that joins them
│    ┌───●──────── … ──●──┃ 256   dots where a layer reads them
v    │   v    ┌─── … ──v──┃
[ 1 ]──┘ [ 2 ]──┘      [ 6 ]┘
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from archspec.figure.bus import Bus
from archspec.figure.diagram import Box
from archspec.figure.look.theme import Fonts, Paint, Theme
from archspec.figure.look.typeface import CAPITALS, LEADING, width
from archspec.figure.place.arrow import arrow
from archspec.figure.scene import Circle, Curve, Point, Rectangle, Shape, Text

_LINE = 6.0  # between lines
_DROP = 15.0  # from the lowest line to the boxes
_READ = 9.0  # from the left side of a box to where its map comes down
_RISE = 9.0  # from its right side to where its map goes up
_BETWEEN = 17.0  # between boxes
_BETWEEN_TEXT = 10.0  # round the sign for those that are not drawn
_PADDING, _OVER = 4.0, 3.0  # in a box
_BAR, _OVERHANG = 4.0, 3.0  # width of the bar, and how far it reaches beyond the lines
_END = 8.0  # of the arrow that leaves it
_DOT = 1.3
_MORE = "\N{HORIZONTAL ELLIPSIS}"


def bus_size(bus: Bus, fonts: Fonts) -> tuple[float, float]:
    """Width and height of a dense block with all that is written in it."""
    right = _ends(bus, fonts)[-1] + _RISE + _END + _BAR + _END
    high = _OVERHANG + _LINE * _lines(bus) + _DROP + _box_height(bus, fonts)
    return right + 3 + width(bus.total, fonts.detail), high


def bus_shapes(box: Box, left: float, top: float, theme: Theme) -> Iterator[Shape]:
    """All shapes of a dense block, back to front, its upper left corner at (left, top)."""
    bus, fonts = box.bus, theme.fonts
    if bus is None:
        raise ValueError(f"our bug: {box.id} is drawn as a bus and has none")
    lines = [top + _OVERHANG + _LINE * number for number in range(_lines(bus) + 1)]
    floor = lines[-1] + _DROP
    high, wide = _box_height(bus, fonts), _box_width(bus, fonts)
    end = left + _ends(bus, fonts)[-1] + _RISE + _END
    yield Text(left, lines[0] + fonts.detail * CAPITALS / 2, bus.start, fonts.detail, theme.ink)
    yield from _arrow(((left + width(bus.start, fonts.detail) + 3, lines[0]), (end, lines[0])), theme.flow)
    drawn = 0
    for number, right in zip(bus.numbers, _ends(bus, fonts), strict=True):
        x = left + right
        if number == _MORE:
            yield Text(x - _BETWEEN_TEXT / 2, floor + high / 2, number, fonts.block, theme.ink, anchor="middle")
            continue
        start = x - wide
        drawn += 1
        rise, middle = x + _RISE, floor + high / 2
        yield from _arrow(((x, middle), (rise, middle), (rise, lines[drawn]), (end, lines[drawn])), theme.skip)
        yield from _arrow(((start + _READ, lines[0]), (start + _READ, floor)), theme.flow)
        yield from (Circle(start + _READ, y, _DOT, Paint(theme.flow.stroke, "none")) for y in lines[:drawn])
        yield Rectangle(start, floor, wide, high, 2.5, box.paint)
        yield from _words(number, bus, (start + wide / 2, floor), box.ink or theme.ink, fonts)
    bar = replace(theme.terminal, fill=theme.frame.stroke)
    middle = (lines[0] + lines[-1]) / 2
    yield Rectangle(end, lines[0] - _OVERHANG, _BAR, lines[-1] - lines[0] + 2 * _OVERHANG, 1, bar)
    yield from _arrow(((end + _BAR, middle), (end + _BAR + _END, middle)), theme.flow)
    said = end + _BAR + _END + 3, middle + fonts.detail * CAPITALS / 2
    yield Text(*said, bus.total, fonts.detail, theme.ink)


def _words(number: str, bus: Bus, top: Point, ink: str, fonts: Fonts) -> Iterator[Text]:
    """The number of a layer, and below it what is in it."""
    x, y = top
    y += _OVER + fonts.block * (LEADING + CAPITALS) / 2
    yield Text(x, y, number, fonts.block, ink, bold=True, anchor="middle")
    for line in bus.words:
        y += fonts.detail * LEADING
        yield Text(x, y, line, fonts.detail, ink, anchor="middle")


def _arrow(corners: tuple[Point, ...], paint: Paint) -> Iterator[Shape]:
    points = [corners[0]]
    for before, after in pairwise(corners):
        points += [before, after, after]
    line, head = arrow(points, replace(paint, dashed=False))
    yield Curve(line, replace(paint, dashed=False))
    yield head


def _lines(bus: Bus) -> int:
    """How many layers are drawn, each with a line."""
    return sum(number != _MORE for number in bus.numbers)


def _ends(bus: Bus, fonts: Fonts) -> list[float]:
    """Where each of the numbers ends, from the left."""
    wide = _box_width(bus, fonts)
    x = width(bus.start, fonts.detail) + 3
    found: list[float] = []
    for number in bus.numbers:
        x += (_BETWEEN_TEXT if number == _MORE else wide) + (_BETWEEN if found else 4.0)
        found.append(x)
    return found


def _box_width(bus: Bus, fonts: Fonts) -> float:
    lines = (width(line, fonts.detail) for line in bus.words)
    return max(*lines, 20.0, *(width(number, fonts.block, bold=True) for number in bus.numbers)) + 2 * _PADDING


def _box_height(bus: Bus, fonts: Fonts) -> float:
    return fonts.block * LEADING + len(bus.words) * fonts.detail * LEADING + 2 * _OVER

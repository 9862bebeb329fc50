"""Furniture: what stands round the panels of a page: bars of cost, legend, footnotes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from archspec.figure.diagram import Bar, Key
from archspec.figure.look.heat import ink_on
from archspec.figure.look.theme import Paint, Theme
from archspec.figure.look.typeface import CAPITALS, LEADING, width
from archspec.figure.place.arrow import arrow
from archspec.figure.place.flake import flake
from archspec.figure.scene import Circle, Curve, Mark, Rectangle, Shape, Text
from archspec.values.dataclass import dataclass

_BAR = 8.5  # height of a bar
_BETWEEN = 2.5  # between bars
_LABELS = 28.0  # for their names
_SAMPLE = 14.0  # width of a legend's sample


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the page: its size, and its marks once it is known where its corner stands."""

    width: float
    height: float
    marks: Callable[[float, float], Iterator[Mark]]


def cost_bars(bars: Sequence[Bar], theme: Theme, inner: float) -> Piece:
    """One bar under the other, each cut into its parts; a part says its name and share where there is room."""
    size = theme.fonts.counts
    long = inner - _LABELS

    def marks(x: float, y: float) -> Iterator[Mark]:
        for number, bar in enumerate(bars):
            shapes: list[Shape] = [Text(x, y + _BAR - 2, bar.label, size, theme.faint)]
            left = x + _LABELS
            for name, share, paint in bar.parts:
                wide = share * long
                gap = 0.5 if wide > 1.5 else 0.0
                shapes.append(Rectangle(left, y, wide - gap, _BAR, 0, paint))
                said = next(
                    (text for text in (f"{name}: {share:.0%}", name) if width(text, size) + 4 <= wide),
                    "",
                )
                if said:
                    ink = ink_on(theme, paint.fill)
                    shapes.append(Text(left + wide / 2, y + _BAR - 2, said, size, ink, anchor="middle"))
                left += wide
            yield Mark(f"bar{number}", "bar", tuple(shapes))
            y += _BAR + _BETWEEN

    return Piece(inner, len(bars) * (_BAR + _BETWEEN), marks)


def legend(keys: Sequence[Key], theme: Theme, inner: float) -> Piece:
    """A sample and its meaning for each key, in as many lines as they need."""
    size = theme.fonts.detail
    places: list[tuple[float, float, list[str]]] = []
    x = y = 0.0
    for key in keys:
        before = _sample_width(key) + 4
        lines = wrapped(key.words, inner - before, size)
        taken = inner if len(lines) > 1 else before + width(key.words, size)
        if x and x + taken > inner:
            x, y = 0.0, y + size * 1.8
        places.append((x, y, lines))
        x, y = x + taken + 14, y + (len(lines) - 1) * size * LEADING

    def marks(left: float, top: float) -> Iterator[Mark]:
        for number, (key, (dx, dy, lines)) in enumerate(zip(keys, places, strict=True)):
            sample = _sample(key, left + dx, top + dy + size / 2, theme)
            start, baseline = left + dx + _sample_width(key) + 4, top + dy + size * (1 + CAPITALS) / 2
            lower = ((line, baseline + at * size * LEADING) for at, line in enumerate(lines))
            texts = (Text(start, below, line, size, theme.ink) for line, below in lower)
            yield Mark(f"key{number}", "key", (*sample, *texts))

    return Piece(inner, y + size + 5 if keys else 0.0, marks)


def _sample_width(key: Key) -> float:
    return 7.0 * len(key.paints) if key.sample == "ramp" else _SAMPLE


def _sample(key: Key, x: float, y: float, theme: Theme) -> Iterator[Shape]:
    if key.sample == "edge":
        line, head = arrow(((x, y), (x + 5, y), (x + 9, y), (x + 14, y)), key.paint)
        yield Curve(line, key.paint)
        yield head
    elif key.sample == "fan":
        for dy in (-3.5, 0.0, 3.5):
            start, end = (x, y + dy), (x + 12, y)
            yield Curve((start, start, end, end), key.paint)
        yield Circle(x + 12, y, 2.0, Paint(key.paint.stroke, "none"))
    elif key.sample == "ramp":
        for index, paint in enumerate(key.paints):
            yield Rectangle(x + 7 * index, y - 3.5, 7, 7, 0, Paint(paint.fill, "none"))
    elif key.sample == "bands":
        for index, share in enumerate((2.0, 3.5, 1.5)):
            yield Rectangle(x + 2, y - 3.5 + (0.0, 2.0, 5.5)[index], 8, share, 0, _mixed(key.paint, index))
        yield Rectangle(x + 2, y - 3.5, 8, 7, 0, replace(key.paint, fill="none"))
    elif key.sample == "flake":
        yield from flake(x + 7, y, theme)
    elif key.sample == "copy":
        yield Rectangle(x + 2, y - 3.5, 6, 7, 1, replace(theme.skip, fill=theme.background, width=0.8, dashed=True))
    else:
        if key.sample == "stack":
            yield Rectangle(x + 3.5, y - 4.5, 10, 7, 1.5, key.paint)
        paint = replace(key.paint, dashed=key.sample == "dashed")
        yield Rectangle(x + 2, y - 3.5 + (0.5 if key.sample == "stack" else 0), 10, 7, 1.5, paint)


def _mixed(paint: Paint, index: int) -> Paint:
    return Paint(paint.stroke if index == 1 else paint.fill, "none")


def footnotes(sentences: Sequence[str], theme: Theme, inner: float) -> Piece:
    """Sentences as lines no wider than the page."""
    size = theme.fonts.counts
    lines = wrapped(" ".join(sentences), inner, size)

    def marks(x: float, y: float) -> Iterator[Mark]:
        for line in lines:
            y += size * LEADING
            yield Mark("", "footnote", (Text(x, y, line, size, theme.faint),))

    return Piece(inner, len(lines) * size * LEADING, marks)


def wrapped(text: str, room: float, size: float, indent: float = 0.0) -> list[str]:
    """`text` as lines no wider than `room`, the first shorter by `indent`; it is empty where no word fits it."""
    first = text.split(" ", 1)[0]
    lines: list[str] = [""] if indent and width(first, size) + indent > room else []
    for word in text.split(" ") if text else ():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and lines[-1] and width(longer, size) + (indent if len(lines) == 1 else 0.0) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines

"""Pill: the count of a repeat on a rounded ground."""

from collections.abc import Iterator

from archspec.figure.look.theme import Fonts, Paint, Theme
from archspec.figure.look.typeface import CAPITALS, width
from archspec.figure.scene import Rectangle, Shape, Text


def pill_width(text: str, fonts: Fonts) -> float:
    """How wide the pill round `text` is."""
    return width(text, fonts.counts, bold=True) + 6


def pill_height(fonts: Fonts) -> float:
    """How high a pill is."""
    return fonts.counts + 2.4


def pill(text: str, left: float, middle: float, theme: Theme) -> Iterator[Shape]:
    """`text` on its ground, by the left end and the middle of its height."""
    size = theme.fonts.counts
    w, h = pill_width(text, theme.fonts), pill_height(theme.fonts)
    yield Rectangle(left, middle - h / 2, w, h, h / 2, Paint(theme.pill.fill, "none"))
    baseline = middle + size * CAPITALS / 2
    yield Text(left + w / 2, baseline, text, size, theme.pill.stroke, bold=True, anchor="middle")

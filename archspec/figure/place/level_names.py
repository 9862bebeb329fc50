"""Names of levels: the resolution of each row, at its left, with a dotted line to its first box.

    256² - - - - - [conv]
    1/2

A name stands in its row: only what is in that row begins behind it.
"""

from collections.abc import Iterator

from archspec.figure.diagram import Panel, level_row
from archspec.figure.look.theme import Fonts, Paint, Theme
from archspec.figure.look.typeface import CAPITALS, LEADING, width
from archspec.figure.place.placed import PlacedPanel
from archspec.figure.scene import Curve, Mark, Text

_BESIDE = 4.0  # between a name and its line
_BEFORE, _SHORTEST = 14.0, 6.0  # between a line and its box, and the shortest line


def name_widths(panel: Panel, fonts: Fonts) -> dict[int, float]:
    """Level -> how wide its name is, and its stride below that; downwards, how high."""
    if panel.downwards:
        return dict.fromkeys((level for level, _ in panel.levels), (fonts.detail + fonts.counts) * LEADING)
    return {
        level: max(width(name, fonts.detail, bold=True), width(_stride(level), fonts.counts))
        for level, name in panel.levels
    }


def level_marks(placed: PlacedPanel, x: float, y: float, theme: Theme) -> Iterator[Mark]:
    """The names of a panel whose corner is at (x, y)."""
    if placed.panel.downwards:
        yield from _heads(placed, x, y, theme)
        return
    fonts = theme.fonts
    for level, name in placed.panel.levels:
        row = [box for box in placed.boxes if level_row(box.box) == level and box.box.kind != "concat"]
        if not row:
            continue
        first = min(row, key=lambda box: box.x)
        baseline = y + first.y + fonts.detail * CAPITALS / 2
        text = Text(x, baseline, name, fonts.detail, theme.faint, bold=True)
        below = Text(x, baseline + fonts.counts * LEADING, _stride(level), fonts.counts, theme.faint)
        start = (x + width(name, fonts.detail, bold=True) + _BESIDE, y + first.y)
        end = (x + first.x - first.size.width / 2 - _BEFORE, y + first.y)
        line = Curve((start, start, end, end), Paint("none", theme.frame.stroke, 0.5, dashed=True))
        yield Mark(f"level{level}", "level", (text, below, line) if end[0] > start[0] + _SHORTEST else (text, below))


def _heads(placed: PlacedPanel, x: float, y: float, theme: Theme) -> Iterator[Mark]:
    """The names of columns, at their tops."""
    fonts = theme.fonts
    for level, name in placed.panel.levels:
        column = [box for box in placed.boxes if level_row(box.box) == level and box.box.kind != "concat"]
        if not column:
            continue
        first = min(column, key=lambda box: box.y)
        middle, baseline = x + first.x, y + fonts.detail * CAPITALS
        text = Text(middle, baseline, name, fonts.detail, theme.faint, bold=True, anchor="middle")
        stride = Text(
            middle, baseline + fonts.counts * LEADING, _stride(level), fonts.counts, theme.faint, anchor="middle"
        )
        start = (middle, stride.y + _BESIDE)
        end = (middle, y + first.y - first.size.height / 2 - _BEFORE)
        line = Curve((start, start, end, end), Paint("none", theme.frame.stroke, 0.5, dashed=True))
        yield Mark(f"level{level}", "level", (text, stride, line) if end[1] > start[1] + _SHORTEST else (text, stride))


def _stride(level: int) -> str:
    """The resolution of a level beside that of the input: `1/4`, or `×2` of one that is finer."""
    return f"1/{2**level}" if level > 0 else f"×{2**-level}" if level else "1"

"""Sizes: how large each box must be for what it says, and for its resolution.

       +---------+   ^
in     |  title  |   |  taller where the resolution is finer, never less than its lines need
       | details |   |
       +---------+   v
        counts       two caption lines, kept free below every box so that boxes in a row stand in line
        shape
"""

from dataclasses import dataclass
from math import ceil
from typing import Literal

from archspec.formats.picture.sheet import Item
from archspec.formats.picture.typeface import BLOCK, COUNTS, DETAIL, LEADING, width
from archspec.views.figure import Box

CAPTION = 16  # height kept below a box
PADDING = 5.0  # beside text
JOIN = 12  # diameter of an addition, width of a concatenation
STACK = 2.0  # offset of the cards behind a repeat
PILL = 7.0  # how far a repeat's count reaches above its box

_TALL, _STEP, _LEAST = 46, 4, 24  # height at level 0, less per level, and at least
_SLOPE = 8  # difference between the sides of a box that changes the resolution
_NARROWEST = 24
_TERMINAL = 20
_LANE = 20  # height of a concatenation for each of its inputs


@dataclass(frozen=True, slots=True)
class Size:
    """Of a box without its captions. `height_in` is that of its input side, where the resolution changes in it."""

    width: float
    height: float
    height_in: float


def box_size(box: Box) -> Size:
    """The size of `box`, in whole points."""
    if box.kind == "add":
        return Size(JOIN, JOIN, JOIN)
    height, height_in = _height(box.level), _height(box.level_in)
    if box.kind == "concat":
        height = max(height, _LANE * box.inputs)
        return Size(JOIN, height, height)
    if box.kind in ("input", "output"):
        height = height_in = _TERMINAL
    lines = ceil(BLOCK * LEADING + len(box.details) * DETAIL * LEADING)
    if box.kind in ("down", "up"):
        narrow = max(min(height, height_in), lines + 2)
        wide = max(height, height_in, narrow + _SLOPE)
        height, height_in = (narrow, wide) if box.kind == "down" else (wide, narrow)
    else:
        height = height_in = max(height, lines + 6)
    text = max(width(box.title, BLOCK, bold=True), *(width(line, DETAIL) for line in ("", *box.details)))
    captions = max(width(box.counts, COUNTS), width(box.shape, COUNTS))
    return Size(ceil(max(text + 2 * PADDING, captions, _NARROWEST)), height, height_in)


def box_item(box: Box, size: Size) -> Item:
    """The room that a box takes with its captions and the cards behind a repeat."""
    half = max(size.height, size.height_in) / 2
    lines = bool(box.counts) + bool(box.shape)
    cards = 2 * STACK if box.repeat > 1 else 0.0
    form: Literal["box", "join", "bar"] = "box"
    if box.kind in ("add", "concat"):
        form = "join" if box.kind == "add" else "bar"
    return Item(
        id=box.id,
        width=size.width + cards,
        above=half + (PILL if box.repeat > 1 else 0.0),
        below=half + (2 + lines * COUNTS * LEADING if lines else 0.0),
        form=form,
    )


def _height(level: int) -> int:
    return max(_TALL - _STEP * level, _LEAST)

"""Upright: a panel whose flow runs from top to bottom. It is laid out as one that runs to the right, and turned.

    laid out                on the page
    +---+    +---+          +-------+
    | a |--->| b |          |   a   | 36.9 k       x and y change places; text does not
    +---+    +---+          +---+---+ 28.9 M
    36.9 k                      v
                            +-------+
                            |   b   |

A box is as wide as its resolution, and what is written round it stands at its right.
"""

from collections.abc import Mapping
from dataclasses import replace
from math import ceil

from archspec.figure.diagram import Box
from archspec.figure.look.theme import Fonts
from archspec.figure.look.typeface import LEADING, width
from archspec.figure.place.pill import pill_width
from archspec.figure.place.placed import Frame, PlacedBox, PlacedPanel, Route
from archspec.figure.place.sheet import Item, Sheet
from archspec.figure.place.sizes import (
    ASIDE,
    CARD_PADDING,
    JOIN,
    PADDING,
    PILL,
    SLOPE,
    STACK,
    SYMBOLS,
    TERMINAL,
    Size,
    box_size,
    is_stack,
    level_height,
    named_size,
    round_size,
    text_size,
)

_WIDER = 1.7  # times the height that a box of this resolution has where the flow runs to the right
_FLAT = 64.0  # width of boxes whose width says nothing
_HIGH = 110.0  # width of the layer with most channels, in a block that is wide inside
_OVER = 3.0  # above and below text
_TITLE = 4.0  # beside the title of a frame


def upright_size(box: Box, fonts: Fonts) -> Size:
    """The size of a box on the page; `sides` are its upper and its lower one where the resolution changes in it."""
    if box.bus is not None:
        return box_size(replace(box, upright=False), fonts)
    if box.form in SYMBOLS:
        return round_size(box, fonts)
    wide, wide_in = _widths(box)
    if box.form in ("concat", "bar"):
        wide = max(wide, ceil(width(bar_words(box), fonts.counts)) + 2 * PADDING)
        return Size(wide, JOIN, JOIN)
    if box.form == "terminal":
        return Size(wide, TERMINAL, TERMINAL)
    if box.form == "plain":
        return named_size(box, fonts)
    along, across = text_size(box, fonts)
    high = across + 2 * _OVER
    if box.form == "card":
        return Size(ceil(along) + 2 * CARD_PADDING, high, high)
    if not box.slant:
        return Size(max(wide, ceil(along) + 2 * PADDING), high, high)
    narrow = max(min(wide, wide_in), ceil(along) + PADDING)
    widest = max(wide, wide_in, narrow + SLOPE)
    sides = (widest, narrow) if box.slant == "down" else (narrow, widest)
    return Size(widest, high, high, sides)


def bar_words(box: Box) -> str:
    """What is written in a bar: what it is, and what follows it."""
    return " ".join((box.title, *box.details))


def words_beside(box: Box) -> tuple[tuple[str, bool], ...]:
    """The lines at the right of a box, and whether each is no count."""
    lines = [(line, True) for line in box.below]
    if box.form in ("add", "times", "dot", "sign"):
        lines += [(line, True) for line in box.details]
    lines += [(part, False) for part in box.counts.split(" \N{MIDDLE DOT} ") if part and box.form != "card"]
    if box.form == "terminal":
        lines.append((box.title, False))
    if box.shape and box.form != "plain":
        lines.append((box.shape, True))
    return tuple(lines)


def beside(box: Box) -> float:
    """How far from the right side of a box its words begin."""
    return 2 * ASIDE + (2 * STACK if is_stack(box) else 0.0)


def words_width(box: Box, fonts: Fonts) -> float:
    """How far what is written beside a box, and the cards behind it, reach from its right side."""
    lines = words_beside(box)
    written = beside(box) + max(width(line, fonts.counts) for line, _ in lines) if lines else 0.0
    return max(written, 2 * STACK + 1 if is_stack(box) else 0.0)


def upright_item(box: Box, size: Size, fonts: Fonts) -> Item:
    """The room that a box takes in the layout, which runs to the right: it is as wide there as the box is high."""
    half, written = size.width / 2, words_width(box, fonts)
    stacked, lines = is_stack(box), len(words_beside(box))
    joins = box.form in ("add", "times", "dot", "sign")
    return Item(
        id=box.id,
        width=size.height + (2 * STACK if stacked else 0.0),
        above=half,
        below=half + written,
        form="bar" if box.form in ("concat", "bar") else "join" if joins else "box",
        label=lines * fonts.counts * LEADING + (2 * STACK if stacked else 0.0),
        reach_above=half,
        reach_below=half + written,
        open_above=True,
        open_below=not lines,
    )


def room(placed: PlacedBox, fonts: Fonts) -> tuple[float, float, float, float]:
    """The room that an upright box takes with what is written beside it: left, top, right, bottom."""
    half, high = placed.size.width / 2, placed.size.height / 2
    top = placed.y - high - (PILL if is_stack(placed.box) else 0.0)
    return placed.x - half, top, placed.x + half + words_width(placed.box, fonts), placed.y + high


def upright_frame(name: str, title: str, repeat: int, sheet: Sheet, pad: float, lead: float, fonts: Fonts) -> Item:
    """The room that an open block takes: no line that enters it strikes its title, or its number.

    Args:
        name: id of the block.
        title: what its frame says, in the upper left corner.
        repeat: how many it stands for, in the upper right one.
        sheet: what is in it.
        pad: free at its sides and below.
        lead: from its upper edge to the sheet.
        fonts: of the title.
    """
    doors = tuple(sheet.entries.values()) or (sheet.axis_in,)
    written = width(title, fonts.detail) + 2 * _TITLE
    counted = pill_width(f"×{repeat}", fonts) if repeat > 1 else 0.0
    left = max(pad, written - min(doors))
    right = max(pad, counted - (sheet.height - max(doors)))
    return Item(
        id=name,
        width=sheet.width + lead + pad,
        above=sheet.axis_in + left,
        below=sheet.height - sheet.axis_in + right,
        entries={source: y - sheet.axis_in for source, y in sheet.entries.items()},
        exits={source: y - sheet.axis_in for source, y in sheet.exits.items()},
    )


def turned(panel: PlacedPanel, sizes: Mapping[str, Size]) -> PlacedPanel:
    """`panel`, laid out to the right with its boxes in the middle of their room, as it stands on the page."""
    return replace(
        panel,
        boxes=tuple(_turned_box(placed, sizes[placed.box.id]) for placed in panel.boxes),
        routes=tuple(Route(route.edge, tuple((y, x) for x, y in route.points)) for route in panel.routes),
        frames=tuple(Frame(one.group, one.y, one.x, one.height, one.width) for one in panel.frames),
        width=panel.height,
        height=panel.width,
    )


def _turned_box(placed: PlacedBox, size: Size) -> PlacedBox:
    """A box on the page. A bar is as wide as the layout made it; what has cards behind it stands below these."""
    wide = placed.size.height if placed.box.form in ("concat", "bar") else size.width
    down = 2 * STACK if is_stack(placed.box) else 0.0
    top = placed.x - placed.size.width / 2 + down
    return PlacedBox(placed.box, replace(size, width=wide), placed.y, top + size.height / 2)


def _widths(box: Box) -> tuple[float, float]:
    """How wide a box is by its resolution, and how wide by that of what it reads."""
    if box.flat:
        wide = max(_HIGH * box.high, _FLAT / 2) if box.high else _FLAT
        return wide, wide
    wider = 1.0 if box.slim else _WIDER
    return wider * level_height(box.level), wider * level_height(box.level_in)

"""Sizes: how large each box must be for what it says, for its resolution and for its channels.

       +---------+   ^
in     |  title  |   |  taller where the resolution is finer, never less than its lines need
       | details |   |
       +---------+   v
        counts       caption lines
        shape
"""

from math import ceil, log2
from typing import Literal

from archspec.figure.diagram import Box
from archspec.figure.look.theme import Fonts
from archspec.figure.look.typeface import LEADING, width
from archspec.figure.place.bus import bus_size
from archspec.figure.place.cabinet import volume, volume_item, volume_label
from archspec.figure.place.flake import RADIUS
from archspec.figure.place.sheet import Item
from archspec.values.dataclass import dataclass

PADDING = 4.0  # beside text
CARD_PADDING = 3.0
JOIN = 11  # diameter of an addition, width of a concatenation
STACK = 2.0  # offset of the cards behind a repeat
PILL = 7.0  # how far a repeat's count reaches above its box
SIDE_BY_SIDE = 3  # equal slabs drawn one beside the other; more are a stack
BETWEEN = 2.4  # between them
_SLIM, _SLIMMEST = 0.5, 3.0  # of the width of a slab, and its least
ASIDE = 1.5  # between a symbol and what is written at its lower right

_TALL, _STEP, _LEAST = 58, 6, 28  # height at level 0, less per level, and at least
_CARD, _CARD_STEP = 46, 4  # the same of cards, which are as high as their lines at least
_HIGH = 66  # height of the layer with most channels, in a block that is wide inside
_FLAT = 28  # height of boxes whose height says nothing
SLOPE = 10  # difference between the sides of a box that changes the resolution
_NARROWEST = 16
TERMINAL = 9
SYMBOLS = {"add": JOIN, "times": JOIN, "dot": 5.0, "sign": JOIN}  # least diameter of what is round
_LANE = 20  # height of a concatenation for each of its inputs
_BANDS = 26
_FONTS = Fonts()


@dataclass(frozen=True, slots=True)
class Size:
    """Of a box without its captions. `height_in` is that of its input side, where the resolution changes in it.

    Of an upright box these are as long as each other, and `sides` are its upper and its lower one; () where they are
    alike.
    """

    width: float
    height: float
    height_in: float
    sides: tuple[float, ...] = ()


def box_size(box: Box, fonts: Fonts = _FONTS) -> Size:
    """The size of `box` with text in `fonts`."""
    if box.form == "volume" or box.bus is not None:
        return _whole_size(box, fonts)
    if box.form in SYMBOLS:
        return round_size(box, fonts)
    height, height_in = _heights(box)
    if box.form == "copy":
        return Size(2 * slab_width(box.channels // 2, slim=box.slim), height, height)
    if box.form == "concat":
        height = 16 if box.flat else height
        return Size(JOIN, height, height)
    if box.form == "bar":
        height = max(height, _LANE * box.inputs)
        return Size(JOIN, height, height)
    if box.form == "terminal":
        return Size(TERMINAL, height, height)
    if box.form == "plain":
        return named_size(box, fonts)
    if box.form == "slab":
        count = box.repeat if box.repeat <= SIDE_BY_SIDE else 1
        between = slab_gap(slim=box.slim)
        return Size(count * slab_width(box.channels, slim=box.slim) + (count - 1) * between, height, height)
    if box.form == "bands":
        return Size(_BANDS, height, height)
    along, across = text_size(box, fonts)
    if box.form == "turned":
        along, across = across, along
    if box.slant:
        narrow = max(min(height, height_in), across + 4)
        wide = max(height, height_in, narrow + SLOPE)
        height, height_in = (narrow, wide) if box.slant == "down" else (wide, narrow)
    else:
        height = height_in = max(height, across + 6)
    padding = CARD_PADDING if box.form == "card" else PADDING
    return Size(ceil(max(along + 2 * padding, _NARROWEST)), height, height_in)


def named_size(box: Box, fonts: Fonts) -> Size:
    """The size of a name without a box, and of the mark before it where it is frozen."""
    high = fonts.detail + 4
    return Size(ceil(width(box.title, fonts.detail)) + 2 + mark_room(box), high, high)


def mark_room(box: Box) -> float:
    """How far a name without a box stands to the right, for the mark of what is frozen."""
    return 2 * RADIUS + 2 if box.frozen else 0.0


def round_size(box: Box, fonts: Fonts) -> Size:
    """The size of what is round, a word in it included."""
    across = SYMBOLS[box.form]
    if box.form == "sign":
        across = max(across, ceil(width(box.title, fonts.block, bold=True)) + 2 * PADDING)
    return Size(across, across, across)


def _whole_size(box: Box, fonts: Fonts) -> Size:
    """The size of a box that is a drawing of its own."""
    if box.bus is not None:
        wide, high = bus_size(box.bus, fonts)
        return Size(wide, high, high)
    made = volume(box, fonts)
    return Size(made.width, 2 * made.half, 2 * made.half)


def slab_width(channels: int, *, slim: bool = False) -> float:
    """How wide a slab is: its channels, on a logarithmic scale; half of that where it is `slim`."""
    wide = min(max(1.6 * log2(max(channels, 1)) - 3.5, 4.0), 16.0)
    return round(max(wide * _SLIM, _SLIMMEST) if slim else wide, 1)


def slab_gap(*, slim: bool) -> float:
    """What is free between equal slabs."""
    return BETWEEN * _SLIM if slim else BETWEEN


def title_above(box: Box) -> str:
    """What is written above a box instead of in it."""
    if box.form == "bands":
        return box.title
    return str(box.channels) if box.form in ("slab", "copy") and box.channels else ""


def has_room_for_concat(height: float, fonts: Fonts) -> bool:
    """Whether a bar of this height may say in it what it is."""
    return height > width("concat", fonts.counts) + 8


def caption_lines(box: Box, fonts: Fonts = _FONTS, height: float = 0.0) -> tuple[tuple[str, bool], ...]:
    """The lines below a box, and whether each is no count. Counts wider than a narrow box take a line each.

    What a symbol has no room for stands there too: what follows a sum, and what a short bar is; `height` is what a
    layout made of the bar, 0 for its least.
    """
    lines = [(line, True) for line in box.below]
    if box.form in ("concat", "bar") and not has_room_for_concat(height or box_size(box, fonts).height, fonts):
        lines.append((box.title, True))
    if box.form in ("add", "times", "concat", "bar", "copy", "dot", "sign"):
        lines += [(line, True) for line in box.details]
    if box.counts and box.form != "card":
        parts = [box.counts]
        if (
            box.aside
            or box.form in ("slab", "bands", "turned", "copy")
            or (box.form == "text" and width(box.counts, fonts.counts) > box_size(box, fonts).width)
        ):
            parts = box.counts.split(" \N{MIDDLE DOT} ")
        lines += [(part, False) for part in parts]
    if box.form == "terminal":
        lines.append((box.title, False))
    if box.shape and box.form != "plain":
        lines.append((box.shape, True))
    return tuple(lines)


def caption_width(box: Box, fonts: Fonts = _FONTS) -> float:
    """How wide what stands above and below a box is."""
    if box.form == "volume":
        return volume_label(box, fonts)
    below = (width(line, fonts.counts) for line, _ in caption_lines(box, fonts))
    widest = max(*below, width(title_above(box), fonts.block, bold=True), 0.0, 0.0)
    return box_size(box, fonts).width + 2 * (ASIDE + widest) if box.aside and widest else widest


def box_item(box: Box, size: Size, fonts: Fonts = _FONTS) -> Item:
    """The room that a box takes with its captions and the cards behind a repeat."""
    if box.form == "volume":
        return volume_item(box, fonts)
    half = max(size.height, size.height_in) / 2
    middle = (size.height + size.height_in) / 4  # where a line meets a side that slants
    lines = len(caption_lines(box, fonts))
    stacked = is_stack(box)
    form: Literal["box", "join", "bar"] = "box"
    if box.form in ("add", "times", "copy", "concat", "bar", "dot", "sign"):
        form = "bar" if box.form in ("concat", "bar") else "join"
    written = lines * fonts.counts * LEADING
    below = max(half, ASIDE + written) if box.aside else half + (1 + written if lines else 0.0)
    pill, title = PILL if stacked else 0.0, fonts.block * LEADING + 1 if title_above(box) else 0.0
    return Item(
        id=box.id,
        width=size.width + (2 * STACK if stacked else 0.0),
        above=half + pill + title,
        below=below,
        form=form,
        label=caption_width(box, fonts) + (2 * STACK if stacked else 0.0),  # it is centred below the front card
        reach_above=half + pill + title if title else middle + (2 * STACK if stacked else 0.0),
        reach_below=below if lines and not box.aside else middle,
        open_above=not title_above(box),
        open_below=not lines or box.aside,
    )


def is_stack(box: Box) -> bool:
    """Whether a box is drawn as a stack of cards."""
    return box.repeat > 1 and box.form != "volume" and not (box.form == "slab" and box.repeat <= SIDE_BY_SIDE)


def text_size(box: Box, fonts: Fonts) -> tuple[float, float]:
    """Width and height of the lines in a box."""
    along = max(width(box.title, fonts.block, bold=True), *(width(line, fonts.detail) for line in ("", *box.details)))
    across = fonts.block * LEADING + len(box.details) * fonts.detail * LEADING
    counted = inside_counts(box)
    along = max(along, *(width(line, fonts.counts) for line in ("", *counted)))
    return along, ceil(across + len(counted) * fonts.counts * LEADING)


def inside_counts(box: Box) -> tuple[str, ...]:
    """The counts that stand in a box, a line each."""
    return tuple(box.counts.split(" \N{MIDDLE DOT} ")) if box.form == "card" and box.counts else ()


def _heights(box: Box) -> tuple[float, float]:
    if box.flat:
        return (_HIGH * box.high, _HIGH * box.high) if box.high else (_FLAT, _FLAT)
    if box.form == "card":
        return _CARD - _CARD_STEP * box.level, _CARD - _CARD_STEP * box.level
    return level_height(box.level), level_height(box.level_in)


def level_height(level: int) -> float:
    """How high a box of this level is, where its height says its resolution."""
    return max(_TALL - _STEP * level, _LEAST)

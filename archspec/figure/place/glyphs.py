"""Glyphs: the shapes of one box, where it stands.

text, turned   a rectangle; a trapezoid where the resolution changes
slab           as wide as its channels, one for each of a few equal ones
bands          a rectangle cut into its branches, each as high as its share of the channels
copy           a dashed slab, the feature map that a skip brings, beside a solid one
add, times     a circle with a plus, or with a cross
sign           a circle with a word in it
concat         a bar
"""

from collections.abc import Iterator
from dataclasses import replace

from archspec.figure.diagram import UNMARKED
from archspec.figure.look.theme import Paint, Theme
from archspec.figure.look.typeface import CAPITALS, LEADING
from archspec.figure.place.bus import bus_shapes
from archspec.figure.place.cabinet import volume_shapes
from archspec.figure.place.flake import RADIUS, flake
from archspec.figure.place.pill import pill, pill_width
from archspec.figure.place.placed import PlacedBox
from archspec.figure.place.sizes import (
    ASIDE,
    PILL,
    SIDE_BY_SIDE,
    STACK,
    caption_lines,
    has_room_for_concat,
    inside_counts,
    is_stack,
    mark_room,
    slab_gap,
    slab_width,
    title_above,
)
from archspec.figure.place.upright import bar_words, beside, words_beside
from archspec.figure.scene import Circle, Curve, Polygon, Rectangle, Shape, Text

ROUND = 2.5


def shapes(placed: PlacedBox, theme: Theme) -> Iterator[Shape]:
    """The shapes of a box, back to front, its captions and the count of a repeat included."""
    box = placed.box
    if box.form in ("volume", "bus"):
        yield from _whole(placed, theme)
        return
    paint = replace(box.paint, dashed=box.paint.dashed or box.train_only)
    if box.form in ("add", "times"):
        yield from _sign(placed, paint, theme)
    elif box.form == "sign":
        yield from _named_sign(placed, paint, theme)
    elif box.form == "slab":
        yield from _slabs(placed, paint)
    elif box.form == "copy":
        yield from _copy(placed, paint, theme)
    elif box.form == "bands":
        yield from _bands(placed, paint)
    elif box.form == "dot":
        yield Circle(placed.x, placed.y, placed.size.width / 2, Paint(theme.flow.stroke, "none"))
    elif box.form != "plain":
        yield from _outline(placed, paint)
    if box.form in ("text", "card", "plain"):
        yield from _lines(placed, theme)
    elif box.form == "turned":
        yield from _turned(placed, theme)
    elif box.form in ("concat", "bar"):
        yield from _in_bar(placed, theme)
    yield from _captions(placed, theme)
    yield from _signs(placed, theme)


def _whole(placed: PlacedBox, theme: Theme) -> Iterator[Shape]:
    """A box that is a drawing of its own."""
    left, half = placed.x - placed.size.width / 2, placed.size.height / 2
    if placed.box.form == "volume":
        yield from volume_shapes(placed.box, left, placed.y, theme)
    else:
        yield from bus_shapes(placed.box, left, placed.y - half, theme)


def _sign(placed: PlacedBox, paint: Paint, theme: Theme) -> Iterator[Shape]:
    """A plus in a circle; lying, a cross."""
    x, y, radius = placed.x, placed.y, placed.size.width / 2
    yield Circle(x, y, radius, replace(paint, fill=theme.background, stroke=theme.ink))
    long, short = (0.55 * radius, 0.0) if placed.box.form == "add" else (0.45 * radius, 0.45 * radius)
    for dx, dy in ((long, short), (-short, long)):
        start, end = (x - dx, y - dy), (x + dx, y + dy)
        yield Curve((start, start, end, end), Paint("none", theme.ink, 0.9))


def _named_sign(placed: PlacedBox, paint: Paint, theme: Theme) -> Iterator[Shape]:
    """What a box is called, in a circle of its colour."""
    box, size = placed.box, theme.fonts.block
    yield Circle(placed.x, placed.y, placed.size.width / 2, paint)
    y = placed.y + size * CAPITALS / 2
    yield Text(placed.x, y, box.title, size, box.ink or theme.ink, bold=True, anchor="middle")


def _outline(placed: PlacedBox, paint: Paint) -> Iterator[Shape]:
    box, (x, y) = placed.box, (placed.x, placed.y)
    w, h, h_in = placed.size.width, placed.size.height, placed.size.height_in
    heavy = replace(paint, width=1.2) if box.kind == "block" else paint
    if placed.size.sides:
        upper, lower = placed.size.sides
        corners = ((-upper, -h), (upper, -h), (lower, h), (-lower, h))
        yield Polygon(tuple((x + dx / 2, y + dy / 2) for dx, dy in corners), heavy)
        return
    if h != h_in:
        corners = ((-w, -h_in), (w, -h), (w, h), (-w, h_in))
        yield Polygon(tuple((x + dx / 2, y + dy / 2) for dx, dy in corners), heavy)
        return
    if is_stack(box):
        for card in (2, 1):
            shift = card * STACK
            yield Rectangle(x - w / 2 + shift, y - h / 2 - shift, w, h, ROUND, paint)
    yield Rectangle(x - w / 2, y - h / 2, w, h, min(ROUND, w / 3), heavy)


def _slabs(placed: PlacedBox, paint: Paint) -> Iterator[Shape]:
    box, size = placed.box, placed.size
    if box.repeat > SIDE_BY_SIDE:
        yield from _outline(placed, paint)
        return
    one, between = slab_width(box.channels, slim=box.slim), slab_gap(slim=box.slim)
    left = placed.x - size.width / 2
    for index in range(box.repeat):
        yield Rectangle(left + index * (one + between), placed.y - size.height / 2, one, size.height, 1.5, paint)


def _copy(placed: PlacedBox, paint: Paint, theme: Theme) -> Iterator[Shape]:
    size = placed.size
    left, top, half = placed.x - size.width / 2, placed.y - size.height / 2, size.width / 2
    copied = replace(theme.skip, fill=theme.background, width=0.8, dashed=True)
    yield Rectangle(left, top, half, size.height, 1.5, copied)
    yield Rectangle(left + half, top, half, size.height, 1.5, paint)


def _bands(placed: PlacedBox, paint: Paint) -> Iterator[Shape]:
    box, size = placed.box, placed.size
    left, top = placed.x - size.width / 2, placed.y - size.height / 2
    y = top
    if not box.bands:
        yield Rectangle(left, top, size.width, size.height, 0, paint)
    for band in box.bands:
        height = size.height * band.share
        yield Rectangle(left, y, size.width, height, 0, Paint(band.paint.fill, "none"))
        y += height
    yield Rectangle(left, top, size.width, size.height, 0, replace(paint, fill="none", width=1.1))


def _lines(placed: PlacedBox, theme: Theme) -> Iterator[Text]:
    """Title and details, centred in the box."""
    box, fonts = placed.box, theme.fonts
    ink = box.ink or theme.ink
    if box.form == "plain":
        yield Text(
            placed.x + mark_room(box) / 2,
            placed.y + fonts.detail * CAPITALS / 2,
            box.title,
            fonts.detail,
            theme.faint,
            anchor="middle",
        )
        return
    counted = inside_counts(box)
    total = fonts.block * LEADING + len(box.details) * fonts.detail * LEADING + len(counted) * fonts.counts * LEADING
    y = placed.y - total / 2 + (fonts.block * (LEADING + CAPITALS)) / 2
    yield Text(placed.x, y, box.title, fonts.block, ink, bold=True, anchor="middle")
    for line in box.details:
        y += fonts.detail * LEADING
        yield Text(placed.x, y, line, fonts.detail, ink, anchor="middle")
    for line in counted:
        y += fonts.counts * LEADING
        yield Text(placed.x, y, line, fonts.counts, ink, anchor="middle")


def _turned(placed: PlacedBox, theme: Theme) -> Iterator[Text]:
    """Title and details, reading upwards."""
    box, fonts = placed.box, theme.fonts
    ink = box.ink or theme.ink
    total = fonts.block * LEADING + len(box.details) * fonts.detail * LEADING
    x = placed.x - total / 2 + (fonts.block * (LEADING + CAPITALS)) / 2
    yield Text(x, placed.y, box.title, fonts.block, ink, bold=True, anchor="middle", turned=True)
    for line in box.details:
        x += fonts.detail * LEADING
        yield Text(x, placed.y, line, fonts.detail, ink, anchor="middle", turned=True)


def _in_bar(placed: PlacedBox, theme: Theme) -> Iterator[Text]:
    """What a bar is, along it, where it has room for that."""
    size, shift = theme.fonts.counts, theme.fonts.counts * CAPITALS / 2
    if placed.box.upright:
        yield Text(placed.x, placed.y + shift, bar_words(placed.box), size, theme.ink, anchor="middle")
    elif has_room_for_concat(placed.size.height, theme.fonts):
        yield Text(placed.x + shift, placed.y, placed.box.title, size, theme.ink, anchor="middle", turned=True)


def _captions(placed: PlacedBox, theme: Theme) -> Iterator[Text]:
    box, size = placed.box, placed.size
    if box.upright:
        yield from _words_beside(placed, theme)
        return
    half = max(size.height, size.height_in) / 2
    above = title_above(box)
    if above:
        over = placed.y - half - (PILL if is_stack(box) else 0.0) - 2.2
        yield Text(placed.x, over, above, theme.fonts.block, theme.ink, bold=True, anchor="middle")
    x, y = (placed.x + size.width / 2 + ASIDE, placed.y + ASIDE) if box.aside else (placed.x, placed.y + half + 0.6)
    for line, inked in caption_lines(box, theme.fonts, size.height):
        y += theme.fonts.counts * LEADING
        color = theme.ink if inked else theme.faint
        yield Text(x, y, line, theme.fonts.counts, color, anchor="start" if box.aside else "middle")


def _words_beside(placed: PlacedBox, theme: Theme) -> Iterator[Text]:
    """What is written at the right of an upright box, level with its middle."""
    size, lines = theme.fonts.counts, words_beside(placed.box)
    x = placed.x + placed.size.width / 2 + beside(placed.box)
    y = placed.y - len(lines) * size * LEADING / 2 + size * (LEADING + CAPITALS) / 2
    for number, (line, inked) in enumerate(lines):
        yield Text(x, y + number * size * LEADING, line, size, theme.ink if inked else theme.faint)


def _signs(placed: PlacedBox, theme: Theme) -> Iterator[Shape]:
    """What stands on the corners of a box: the count of a repeat, and the mark of what is frozen."""
    if is_stack(placed.box):
        yield from _pill(f"×{placed.box.repeat}", placed, theme)
    if placed.box.frozen and placed.box.form not in UNMARKED:
        yield from _flake(placed, theme)


def _flake(placed: PlacedBox, theme: Theme) -> Iterator[Shape]:
    """The mark of what is frozen, on the upper left corner of its box, or before a name without one."""
    size = placed.size
    if placed.box.form == "plain":
        yield from flake(placed.x - size.width / 2 + RADIUS, placed.y, theme)
        return
    wide = size.sides[0] if size.sides else size.width
    yield from flake(placed.x - wide / 2 + 1, placed.y - size.height_in / 2 + 1, theme)


def _pill(text: str, placed: PlacedBox, theme: Theme) -> Iterator[Shape]:
    """The count of a repeat on the upper right corner of its box."""
    x, y = placed.x + placed.size.width / 2, placed.y - placed.size.height / 2
    yield from pill(text, x - pill_width(text, theme.fonts) + 5, y - 2, theme)

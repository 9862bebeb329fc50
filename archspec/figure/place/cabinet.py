"""Volumes: feature maps as solids in cabinet projection, and the words round them.

.-----.                 the depth of a solid runs up to the right, at a fraction of its height
/     /|  <- top         all solids stand with their middles on the axis
+-----+ |
--->|front| |---->            lines end where they meet the solid, and begin in the middle of its right face
|     |/  <- side
+-----+ 112²              resolution, at the corner of the part
64                      channels, name and costs, below the middle of the solid
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import log2
from typing import Literal

from archspec.figure.diagram import Box, Panel
from archspec.figure.look.color import contrast, luminance, mixed
from archspec.figure.look.theme import Fonts, Paint, Theme
from archspec.figure.look.typeface import CAPITALS, LEADING, width
from archspec.figure.place.pill import pill, pill_height, pill_width
from archspec.figure.place.sheet import Item
from archspec.figure.scene import Point, Polygon, Shape, Text
from archspec.figure.solid import Part, Slice, Solid
from archspec.values.dataclass import dataclass

SCALES = (1.6, 1.45, 1.3, 1.15, 1.0, 0.9, 0.8)  # the largest at which a panel needs one row is taken
RIGHT, UP = 0.25, 0.22  # by how much a point of depth moves to the right and up

_THIN = 2.6
_VECTOR = 4.2  # height and thickness of a vector
_APART = 3.0  # between vectors
_NEAR = 9.0  # how far from its corner a resolution may stand
_CLEAR = 0.8  # between a text and a solid
_STEP = 0.5
_SUNK = 2.6  # how far below its corner a resolution stands
_LOWER = (0.0, 1.5, 3.0, 4.5)  # and farther, where another one is in the way
_PALE, _DEEP, _STEPS = 0.5, 0.24, (0.06, 0.2)  # shares of another colour in a face
_SEEN = 1.05  # least contrast between two faces


@dataclass(frozen=True, slots=True)
class Slab:
    """A slice in its place: left end of its middle line, on the axis at 0; lengths in points."""

    x: float
    thickness: float
    height: float
    depth: float
    paint: Paint

    @property
    def right(self) -> float:
        """The right end of its middle line."""
        return self.x + self.thickness

    @property
    def reach(self) -> tuple[float, float]:
        """How far its back lies to the right of its middle and above it."""
        return RIGHT * self.depth / 2, UP * self.depth / 2

    @property
    def foot(self) -> float:
        """Its lower edge."""
        return self.height / 2 + self.reach[1]

    def under(self, left: float, right: float) -> float:
        """How far down it reaches between two abscissas; far above where it is not there."""
        across, up = self.reach
        start, corner, end = self.x - across, self.right - across, self.right + across
        if right <= start or left >= end:
            return float("-inf")
        beyond = max(left - corner, 0.0)
        return self.foot - beyond * up / across


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text round a solid: its place, as in Text, measured from the left edge and the axis of the solid."""

    x: float
    y: float
    text: str
    size: float
    look: Literal["ink", "faint"]
    anchor: Literal["start", "middle"]
    bold: bool = False

    @property
    def ends(self) -> tuple[float, float]:
        """Its left and its right end."""
        long = width(self.text, self.size, bold=self.bold)
        left = self.x - (long / 2 if self.anchor == "middle" else 0.0)
        return left, left + long


@dataclass(frozen=True, slots=True)
class Volume:
    """A solid measured: its slabs part by part and its words, the left edge of the slabs at 0, the axis at 0.

    Attributes:
        slabs: of all parts, from left to right.
        words: all lines of text.
        pill: left end and middle of the count of a repeat.
        width: of the slabs and of what stands at their right.
        half: half the height of the slabs.
        above: from the axis up to the highest text.
        below: from the axis down to the lowest text.
    """

    slabs: tuple[Slab, ...]
    words: tuple[Words, ...]
    pill: Point
    width: float
    half: float
    above: float
    below: float


def height_of(side: int) -> float:
    """How high and deep a resolution is, on a scale that is logarithmic but for the smallest."""
    return min(8.0 * log2(side + 3) - 12.0, 84.0)


def thickness_of(channels: int) -> float:
    """How thick a feature map is: its channels, on a logarithmic scale."""
    return min(1.3 * log2(channels + 4) - 1.2, 18.0)


def length_of(features: int) -> float:
    """How deep a vector is: its features, on a logarithmic scale."""
    return 7.0 * log2(features + 1) + 4.0


def slabs(solid: Solid) -> list[list[Slab]]:
    """The slabs of each part, with the first one's middle line starting at 0."""
    made: list[list[Slab]] = []
    x = 0.0
    for part in solid.parts:
        if made and not part.height:
            x += _APART * solid.scale
        row = []
        for one in part.slices:
            row.append(_slab(one, part, x, solid.scale))
            x = row[-1].right
        made.append(row)
    return made


def _slab(one: Slice, part: Part, x: float, scale: float) -> Slab:
    if not part.height:
        side, depth = _VECTOR * scale, length_of(one.channels) * scale
        return Slab(x, side * one.share, side, depth, one.paint)
    thickness = thickness_of(one.channels) * one.share if one.channels else _THIN
    return Slab(x, thickness * scale, height_of(part.height) * scale, height_of(part.width) * scale, one.paint)


def rescaled(panel: Panel, scale: float) -> Panel:
    """`panel` with all of its solids larger or smaller; their words keep their sizes."""
    boxes = (replace(box, solid=replace(box.solid, scale=scale)) if box.solid else box for box in panel.boxes)
    return replace(panel, boxes=tuple(boxes))


def volume(box: Box, fonts: Fonts) -> Volume:
    """`box` measured."""
    solid = box.solid
    if solid is None:
        raise ValueError(f"our bug: {box.id} is drawn as a volume and has no solid")
    rows = slabs(solid)
    left = min(slab.x - slab.reach[0] for row in rows for slab in row)
    rows = [[replace(slab, x=slab.x - left) for slab in row] for row in rows]
    flat = [slab for row in rows for slab in row]
    right = max(slab.right + slab.reach[0] for slab in flat)
    half = max(slab.foot for slab in flat)
    said = _resolutions(solid.parts, rows, flat, fonts)
    beside = max((words.ends[1] for words in said), default=0.0)
    top = [
        Words(right / 2, -half - 2.2 - fonts.detail * LEADING * up, line, fonts.detail, "ink", "middle")
        for up, line in enumerate(reversed(solid.above))
    ]
    y = max([half + 1.2, *(words.y for words in said)])
    under, place = _captions(box, solid, y, right / 2, fonts)
    words = (*said, *top, *under)
    lowest = 1.5 + max([half, place[1] + pill_height(fonts) / 2, *(line.y for line in words)])
    return Volume(
        tuple(flat),
        words,
        place,
        max(right, beside),
        half,
        half + (2.4 + len(top) * fonts.detail * LEADING if top else 0.0),
        lowest,
    )


def _resolutions(
    parts: Sequence[Part], rows: Sequence[Sequence[Slab]], flat: Sequence[Slab], fonts: Fonts
) -> list[Words]:
    """The resolution of each part that says it, at its lower right corner, below all that is there."""
    found: list[Words] = []
    for part, row in reversed(list(zip(parts, rows, strict=True))):
        if not part.resolution:
            continue
        for lower in _LOWER:
            made, near = _resolution(part.resolution, row[-1], flat, lower, fonts)
            free = not any(_meet(made, other) for other in found)
            if not found or (near and free):
                found.append(made)
                break
    return found


def _resolution(text: str, slab: Slab, flat: Sequence[Slab], lower: float, fonts: Fonts) -> tuple[Words, bool]:
    """A resolution below the corner of `slab`, so far to the right that it is clear, and whether that is near."""
    size = fonts.counts
    corner = slab.right - slab.reach[0]
    baseline = max(slab.foot + _SUNK, size * CAPITALS + _CLEAR) + lower  # the line that leaves does not strike it
    long, top = width(text, size), baseline - size * CAPITALS - _CLEAR
    shift = _CLEAR
    while any(other.under(corner + shift, corner + shift + long) > top for other in flat):
        shift += _STEP
    return Words(corner + shift, baseline, text, size, "ink", "start"), shift <= _NEAR


def _meet(one: Words, other: Words) -> bool:
    """Whether two lines touch."""
    (left, right), (start, end) = one.ends, other.ends
    beside = right + 1.5 <= start or end + 1.5 <= left
    return not beside and abs(one.y - other.y) < one.size * CAPITALS + 1.0


def _captions(box: Box, solid: Solid, y: float, middle: float, fonts: Fonts) -> tuple[list[Words], Point]:
    """Channels, name and costs below a solid, and the place of the count of a repeat, right of the name."""
    made: list[Words] = []
    place = (0.0, 0.0)
    for part in solid.parts:
        if part.channels:
            y += fonts.detail * LEADING
            made.append(Words(middle, y, part.channels, fonts.detail, "ink", "middle", bold=True))
    size = fonts.detail if box.kind in ("input", "output", "op", "down", "up") else fonts.block
    if solid.name or solid.pill > 1:
        y += size * LEADING
        long = pill_width(f"×{solid.pill}", fonts) + (2.5 if solid.name else 0.0) if solid.pill > 1 else 0.0
        name = Words(middle - long / 2, y, solid.name, size, "ink", "middle", bold=True)
        made += [name] if solid.name else []
        place = (name.ends[1] + (2.5 if solid.name else 0.0), y - size * CAPITALS / 2)
    for line in box.counts.split(" \N{MIDDLE DOT} ") if box.counts else ():
        y += fonts.counts * LEADING
        made.append(Words(middle, y, line, fonts.counts, "faint", "middle"))
    return made, place


def volume_label(box: Box, fonts: Fonts) -> float:
    """How wide what stands round a solid is, centred on all of it."""
    made = volume(box, fonts)
    middle = made.width / 2
    ends = [end for words in made.words for end in words.ends]
    if box.solid and box.solid.pill > 1:
        ends += [made.pill[0], made.pill[0] + pill_width(f"×{box.solid.pill}", fonts)]
    return max((2 * abs(end - middle) for end in ends), default=0.0)


def volume_item(box: Box, fonts: Fonts) -> Item:
    """The room that a solid takes with its words; lines end where they meet it, and begin on its right face."""
    made = volume(box, fonts)
    first, last = made.slabs[0], made.slabs[-1]
    hidden = min(first.depth / 2, first.height / (2 * UP))  # how far before its middle the axis enters it
    return Item(
        id=box.id,
        width=made.width,
        above=made.above,
        below=made.below,
        reach_above=made.above,
        reach_below=made.below,
        label=volume_label(box, fonts),
        form="join" if box.inputs > 1 else "box",
        inlet=first.x - RIGHT * hidden,
        outlet=made.width - last.right,
    )


def volume_shapes(box: Box, left: float, axis: float, theme: Theme) -> Iterator[Shape]:
    """The shapes of a solid, back to front, and of its words."""
    made = volume(box, theme.fonts)
    for slab in made.slabs:
        yield from _faces(slab, left, axis, theme)
    for words in made.words:
        color = theme.ink if words.look == "ink" else theme.faint
        place = left + words.x, axis + words.y
        yield Text(*place, words.text, words.size, color, bold=words.bold, anchor=words.anchor)
    if box.solid and box.solid.pill > 1:
        yield from pill(f"×{box.solid.pill}", left + made.pill[0], axis + made.pill[1], theme)


def _faces(slab: Slab, left: float, axis: float, theme: Theme) -> Iterator[Polygon]:
    """Top, side and front of a slab."""
    across, up = slab.reach
    x0, x1 = left + slab.x - across, left + slab.right - across
    y0, y1 = axis - slab.height / 2 + up, axis + slab.height / 2 + up
    dx, dy = 2 * across, -2 * up
    front, top, side = tones(slab.paint, theme)
    paint = replace(slab.paint, width=min(slab.paint.width, 0.5))
    yield Polygon(((x0, y0), (x0 + dx, y0 + dy), (x1 + dx, y0 + dy), (x1, y0)), replace(paint, fill=top))
    yield Polygon(((x1, y0), (x1 + dx, y0 + dy), (x1 + dx, y1 + dy), (x1, y1)), replace(paint, fill=side))
    yield Polygon(((x0, y0), (x1, y0), (x1, y1), (x0, y1)), replace(paint, fill=front))


def tones(paint: Paint, theme: Theme) -> tuple[str, str, str]:
    """The colours of front, top and side, each unlike the others: light falls from above and from the left."""
    fill = theme.background if paint.fill == "none" else paint.fill
    deep, pale = sorted((theme.background, paint.stroke), key=luminance)
    top, side = mixed(fill, pale, _PALE), mixed(fill, deep, _DEEP)
    if contrast(top, fill) < _SEEN:  # as pale as can be
        return mixed(fill, deep, _STEPS[0]), fill, mixed(fill, deep, _STEPS[1])
    if contrast(side, fill) < _SEEN:  # as deep as can be
        return mixed(fill, pale, _STEPS[0]), top, fill
    return fill, top, side

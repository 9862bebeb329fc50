"""Solids: what each box of a panel looks like in three dimensions, one box at a time.

conv, linear    a slice for each of a few equal layers, the end of each dark where it is an activation
pool, norm      as thin as can be, in a shade for each kind, which the legend names
block           cut into its branches, each as thick as its share of the channels, or into its repeats
concat          what a skip brings, pale and dashed, before what comes up from below
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from archspec.figure.diagram import Beside, Box
from archspec.figure.look.color import luminance, mixed
from archspec.figure.look.theme import Paint, Theme
from archspec.figure.solid import Part, Slice, Solid
from archspec.figure.what import captions
from archspec.figure.what.forms import shade, shortened
from archspec.graph.network import Network
from archspec.ops.op import Role
from archspec.values.dataclass import dataclass
from archspec.values.shape import Shape

SIDE_BY_SIDE = 4  # equal layers that are a slice each; more are one solid and a number

_CUTS = 6  # slices that a closed repeat, or what skips bring, is cut into at most
_ACTIVATION = 0.24  # share of a layer that is its activation
_DARK, _GREY = 0.34, 0.26  # of the way from a layer's colour to its outline, and to a black one, for an activation
_KINDS = 3  # kinds of thin slices of one role that shades can tell apart
_LINE = 10  # letters of a title and what follows it on the same line
_BLACK = 0.01  # luminance
_PALE = 0.6  # of the way from a feature map's colour to the background, where it is copied
_THICK = frozenset({Role.INPUT, Role.CONV, Role.LINEAR, Role.ATTENTION, Role.EMBEDDING, Role.UPSAMPLE})

Space = tuple[int, int]  # height and width of a resolution, (0, 0) for a vector


@dataclass(frozen=True, slots=True)
class Sculptor:
    """Makes solids of boxes.

    Attributes:
        network: what the boxes are of.
        theme: colours.
        kinds: the paints of thin slices by role and name.
        activation: the one that is a dark edge, where all are the same.
    """

    network: Network
    theme: Theme
    kinds: Mapping[tuple[Role, str], Paint]
    activation: str

    def solid(self, box: Box, flows: Sequence[Box], skipped: Sequence[Box], seen: Sequence[Box]) -> Solid:
        """The solid of `box`, which reads `flows`, and by skips `skipped`; the reader has seen those of `seen`."""
        height, width = self.space(box)
        changed = all(self.space(each) != (height, width) for each in seen)
        part = Part(
            self._slices(box, flows, skipped),
            height,
            width,
            channels=str(box.channels) if box.channels and not (is_thin(box) and height) else "",
            resolution=self._resolution(box) if height and changed else "",
        )
        if box.kind in ("input", "output", "block"):
            above = tuple(line for line in box.details if not any(map(str.isdigit, line)))
            return Solid((part,), above, box.title, pill=box.repeat if box.kind == "block" else 1)
        if box.kind == "concat":
            return Solid((part,), tuple(map(str, box.beside)))
        several = box.repeat if box.repeat > SIDE_BY_SIDE else 1
        apart = box.repeat if not height and several == 1 else 1  # vectors stand apart
        parts = (part, *(replace(part, channels="") for _ in range(1, apart)))
        return Solid(parts, () if self.keyed(box) else self._words(box), pill=several)

    def space(self, box: Box) -> Space:
        """Height and width of the output of `box`."""
        dims = self._dims(box)
        if len(dims) > 1:
            return dims[-2], dims[-1]
        return (dims[0], 1) if dims else (0, 0)

    def keyed(self, box: Box) -> bool:
        """Whether the legend says what `box` is."""
        return (box.role, kind(box)) in self.kinds and is_thin(box) and bool(box.side)

    def _dims(self, box: Box) -> tuple[int, ...]:
        """The resolution of the output of `box`."""
        for name in reversed(box.nodes):
            shape = self.network.shapes[name][0]
            if shape.dims[:1] == (box.channels,) and max(shape.spatial, default=0) == box.side:
                return shape.spatial
        return (box.side, box.side) if box.side else ()

    def _resolution(self, box: Box) -> str:
        return captions.brief(Shape((1, *self._dims(box)))).removeprefix("1×")

    def _slices(self, box: Box, flows: Sequence[Box], skipped: Sequence[Box]) -> tuple[Slice, ...]:
        channels = max(box.channels, 1)
        paint = replace(box.paint, dashed=box.train_only)
        if box.kind == "concat":
            made = [(each.channels, self.copied(each.paint)) for each in skipped]
            if len(made) > _CUTS:
                made = [(sum(each.channels for each in skipped), made[0][1])]
            made += [(each.channels, replace(each.paint, dashed=box.train_only)) for each in flows]
            return tuple(Slice(channels, part / channels, paint) for part, paint in made)
        if box.bands:
            return tuple(Slice(channels, band.share, replace(band.paint, dashed=box.train_only)) for band in box.bands)
        if box.kind == "block":
            cuts = min(box.repeat, _CUTS)
            return (Slice(channels, 1 / cuts, paint),) * cuts
        if is_thin(box) and box.side:
            thin = self.kinds.get((box.role, kind(box)), paint)
            return (Slice(0, 1.0, replace(thin, dashed=box.train_only)),)
        layer: tuple[Slice, ...] = (Slice(channels, 1.0, paint),)
        if activation(box, self.network):
            layer = Slice(channels, 1 - _ACTIVATION, paint), Slice(channels, _ACTIVATION, dark(paint))
        return layer * (box.repeat if box.side and box.repeat <= SIDE_BY_SIDE else 1)

    def _words(self, box: Box) -> tuple[str, ...]:
        """What an op is, in lines as short as can be: `3×3, /2`. Its channels stand below it."""
        title, parts = shortened(box).title, box.label.parts if box.label is not None else ()
        rest = [str(beside) for beside in box.beside if not (beside.sign and self._is_told(beside))]
        tokens = [str(part) for part in parts if not (part.is_channels and part.value == str(box.channels))]
        if len(", ".join((title, *tokens))) <= _LINE:
            return (", ".join((title, *tokens)), *rest)
        return tuple(filter(None, (title, ", ".join(tokens), *rest)))

    def _is_told(self, beside: Beside) -> bool:
        """Whether the colour of the solid says it: it is the one activation that is a dark edge."""
        return [one.name for one in beside.joined] == [self.activation]

    def copied(self, paint: Paint) -> Paint:
        """The paint of a feature map that a skip brings."""
        pale = mixed(paint.fill, self.theme.background, _PALE)
        return Paint(pale, self.theme.skip.stroke, 0.7, dashed=True)


def dark(paint: Paint) -> Paint:
    """The paint of the activation of what has `paint`."""
    near = _GREY if luminance(paint.stroke) < _BLACK else _DARK
    return replace(paint, fill=mixed(paint.fill, paint.stroke, near))


def recolored(solid: Solid, paint: Paint) -> Solid:
    """`solid` in the fill and the outline of `paint`."""
    parts = []
    for part in solid.parts:
        slices = (replace(one, paint=replace(one.paint, fill=paint.fill, stroke=paint.stroke)) for one in part.slices)
        parts.append(replace(part, slices=tuple(slices)))
    return replace(solid, parts=tuple(parts))


def activation(box: Box, network: Network) -> str:
    """The activation that is fused into an op, "" for none."""
    nodes = [network.graph.nodes[name] for name in box.nodes[1:] if box.kind != "block"]
    return next((one.name for one in captions.fused(nodes) if one.role is Role.ACTIVATION), "")


def is_thin(box: Box) -> bool:
    """Whether a box keeps the channels that it reads."""
    return box.kind in ("op", "down", "up") and box.role not in _THICK


def kind(box: Box) -> str:
    """What a thin box is, in the legend's words: `max pool 3×3, /2`."""
    return " ".join((box.title, *box.details))


def shades(boxes: Sequence[Box], theme: Theme) -> dict[tuple[Role, str], Paint]:
    """Paints for the kinds of thin slices; a colour that would need more shades than one can tell apart has none."""
    found: dict[Paint, dict[tuple[Role, str], None]] = {}
    for box in boxes:
        if is_thin(box) and box.side:
            found.setdefault(theme.paint(box.role), {})[box.role, kind(box)] = None
    return {
        key: shade(paint, index)
        for paint, keys in found.items()
        if len(keys) <= _KINDS
        for index, key in enumerate(keys)
    }

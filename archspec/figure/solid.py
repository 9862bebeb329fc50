"""Solid: a box in three dimensions, feature maps one behind the other."""

from archspec.figure.look.theme import Paint
from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Slice:
    """A slice across a solid: as thick as `share` of its channels, as thin as can be where it has 0."""

    channels: int
    share: float
    paint: Paint


@dataclass(frozen=True, slots=True)
class Part:
    """A feature map: slices of one resolution, in the order of the flow.

    Attributes:
        slices: at least one.
        height: of the resolution; 0 for a vector, which is as long as its channels.
        width: of the resolution.
        channels: as written below the solid, "" to leave them out.
        resolution: as written at its lower right corner, "" where the reader knows it already.
    """

    slices: tuple[Slice, ...]
    height: int
    width: int
    channels: str = ""
    resolution: str = ""


@dataclass(frozen=True, slots=True)
class Solid:
    """A box in three dimensions: feature maps that follow each other closely, and the words round them.

    Attributes:
        parts: in the order of the flow.
        above: lines over it, what the op is.
        name: below it: of a block, an input or an output.
        beside: what it shows besides the op or the block that the box is, in words: `then max pool 3×3, /2`.
        pill: how many alike it stands for, where its slices do not show them; else 1.
        scale: of its lengths, which a layout may choose.
    """

    parts: tuple[Part, ...]
    above: tuple[str, ...] = ()
    name: str = ""
    beside: tuple[str, ...] = ()
    pill: int = 1
    scale: float = 1.0

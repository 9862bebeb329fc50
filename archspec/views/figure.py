"""The values of a picture: a network as boxes and edges, before any layout. `views/diagram.py` makes them.

All that a picture says, and how it is coloured, is decided when these are made; a renderer places boxes and draws them.
Text is plain: `×` and `·` stand in it, no markup.

    Diagram    title, facts, panels, legend, footnotes
    Panel      the network itself; after it, one block of those that the first panel draws closed
    Box        an op with what is fused into it, a closed block, an input or an output
    Edge       what flows from box to box
    Group      the frame round the members of an open block
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from archspec.views.theme import Paint, Theme

BoxKind: TypeAlias = Literal["input", "output", "op", "block", "down", "up", "add", "concat"]
EdgeKind: TypeAlias = Literal["flow", "residual", "skip"]
Arrangement: TypeAlias = Literal["rows", "levels"]


@dataclass(frozen=True, slots=True)
class Box:
    """One box.

    Attributes:
        id: path of the op or block, unique in its panel.
        kind: its form: "down" and "up" change the resolution, "add" and "concat" join.
        title: first line, bold.
        details: more lines.
        counts: params and MACs as printed below the box, "" where it has neither.
        shape: output shape, "" where the reader knows it already.
        repeat: how many alike it stands for.
        params: learned parameters of everything in it.
        macs: multiply-adds of everything in it, per sample.
        note: all that is known of it, for a tooltip.
        source: file and line where it is written.
        nodes: ids of the ops it stands for.
        groups: ids of the frames it stands in, the innermost first.
        inputs: edges that end in it.
        level: halvings of the resolution between the network's input and its output.
        level_in: the same at its own input.
        train_only: runs in training alone.
        paint: fill and outline.
    """

    id: str
    kind: BoxKind
    title: str
    details: tuple[str, ...]
    counts: str
    shape: str
    repeat: int
    params: int
    macs: int
    note: str
    source: str
    nodes: tuple[str, ...]
    groups: tuple[str, ...]
    inputs: int
    level: int
    level_in: int
    train_only: bool
    paint: Paint


@dataclass(frozen=True, slots=True)
class Edge:
    """What flows from box `tail` to box `head`. A residual ends in an addition, a skip jumps over blocks elsewhere.

    `over` where it runs beside the chain from end to end, so that it may arch over it.
    """

    tail: str
    head: str
    kind: EdgeKind
    label: str
    train_only: bool
    over: bool
    paint: Paint


@dataclass(frozen=True, slots=True)
class Group:
    """The frame round an open block. `parent` is the frame round it, "" for none."""

    id: str
    title: str
    parent: str
    train_only: bool
    paint: Paint


@dataclass(frozen=True, slots=True)
class Panel:
    """One drawing: boxes in an order in which edges run forward.

    `arrangement` says what reads well: "rows" as text runs; "levels" one row per resolution, for encoder-decoders.
    """

    title: str
    subtitle: str
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    groups: tuple[Group, ...]
    arrangement: Arrangement


@dataclass(frozen=True, slots=True)
class Key:
    """A line of the legend: a sample of a box or of an edge, and what it means."""

    label: str
    sample: Literal["box", "stack", "edge", "dashed"]
    paint: Paint


@dataclass(frozen=True, slots=True)
class Diagram:
    """The whole picture.

    Attributes:
        title: the network's name.
        facts: what follows on the title line: variant, totals, input.
        panels: the network first.
        legend: of what is there and nothing else.
        footnotes: said once instead of on every box.
        description: the picture in words, box by box.
        theme: the colours that are not a box's or an edge's own.
    """

    title: str
    facts: tuple[str, ...]
    panels: tuple[Panel, ...]
    legend: tuple[Key, ...]
    footnotes: tuple[str, ...]
    description: str
    theme: Theme

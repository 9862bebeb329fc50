"""The values of a picture: a network as boxes and edges, before any layout. `figure/what/depict.py` makes them.

All that a picture says, and how it is coloured, is decided when these are made; a renderer places boxes and draws them.
Text is plain: `×` and `·` stand in it, no markup.

    Diagram    title, facts, panels, bars of cost, legend, footnotes
    Panel      the network itself; after it, one block of those that the first panel draws closed
    Box        an op with what is fused into it, a closed block, an input or an output
    Edge       what flows from box to box
    Group      the frame round the members of an open block
    Table      what differs between the uses of a block
"""

from dataclasses import replace
from typing import Literal, TypeAlias

from archspec.figure.bus import Bus
from archspec.figure.look.theme import Paint, Theme
from archspec.figure.solid import Solid
from archspec.ops.label import Label
from archspec.ops.op import Role
from archspec.values.dataclass import dataclass

BoxKind: TypeAlias = Literal["input", "output", "op", "block", "down", "up", "add", "times", "concat"]
EdgeKind: TypeAlias = Literal["flow", "residual", "skip"]
Arrangement: TypeAlias = Literal["rows", "levels", "columns"]
Style: TypeAlias = Literal["auto", "figure", "graph", "volumes", "plain"]
Form: TypeAlias = Literal[
    "text",
    "card",
    "turned",
    "slab",
    "bands",
    "volume",
    "terminal",
    "plain",
    "add",
    "times",
    "concat",
    "bar",
    "bus",
    "copy",
    "dot",
    "sign",
]

SIGNS: dict[BoxKind, str] = {"add": "+", "times": "×"}  # what is drawn as a sign in a circle
Glyph: TypeAlias = Literal["", "box", "down", "up", "bar", "sign"]

UNMARKED: tuple[Form, ...] = ("volume", "bus")  # what has no room for the mark of what is frozen
FROZEN = "frozen: its parameters do not learn"  # what that mark means
COLUMN_HEIGHT = 560.0  # points: of a figure that runs from top to bottom
IN_PARALLEL = "in parallel"  # of equal branches that one of them stands for
IN_TURN = "in turn"  # of several blocks that come again and again
LACKS = "no "  # the sign of what an op does not have beside it


@dataclass(frozen=True, slots=True)
class Band:
    """A branch of a closed block: its share of the block's output channels, and its paint."""

    channels: int
    share: float
    paint: Paint


@dataclass(frozen=True, slots=True)
class Fused:
    """A norm or an activation that joins the op before it. Two of one name are the same, whatever their settings."""

    name: str
    short: str
    role: Role


@dataclass(frozen=True, slots=True)
class Beside:
    """What joins an op where that is not the habit: `+ ReLU` on top of it, `no BN or ReLU` left out, `ReLU` instead."""

    sign: str
    joined: tuple[Fused, ...]

    def __str__(self) -> str:
        return self.sign + (" or " if self.sign == LACKS else " + ").join(one.short for one in self.joined)


@dataclass(frozen=True, slots=True)
class Box:
    """One box.

    Attributes:
        id: path of the op or block, unique in its panel.
        kind: its form: "down" and "up" change the resolution, "add", "times" and "concat" join.
        title: first line, bold.
        details: more lines.
        counts: params and MACs as printed below the box, "" where it has neither.
        shape: output shape, "" where the reader knows it already.
        axes: what the numbers of its shape are: `channels × height × width`; "" where there is one or nobody knows.
        repeat: how many alike it stands for.
        parallel: those stand side by side, and not in a row.
        params: learned parameters of everything in it.
        macs: multiply-adds of everything in it, per sample.
        note: all that is known of it, for a tooltip.
        source: file and line where it is written.
        nodes: ids of the ops it stands for.
        says: ids of those of them that it tells of, by its form or in words; the others a footnote tells of.
        groups: ids of the frames it stands in, the innermost first.
        inputs: edges that end in it.
        level: halvings of the resolution between the network's input and its output.
        level_in: the same at its own input.
        train_only: runs only in training.
        paint: fill and outline.
        role: what most of the work in it is.
        channels: of its output, 0 where it has none.
        side: the largest spatial size of its output, 0 where it has none.
        resolution: all of them, in short: `224²`.
        form: how it is drawn: "text" inside a box, on a "card" its counts too, "turned" text inside a narrow one; a
            "slab" as wide as its channels, its text above; "bands" for a closed block, one for each branch; "volume" in
            three dimensions; "copy" for a concatenation that takes in a skip; a "dot" for what the lines of a fan meet
            in; a "sign" is its title in a circle; inputs and outputs are "terminal" or "plain"; a "bus" is all of a
            dense block.
        flat: its height says nothing of the resolution.
        bands: its branches, where they are drawn.
        solid: what it looks like as a "volume".
        ink: of the text on it.
        label: what the title and the first of the details say, as a value; None of a closed block, and of what goes by
            a name of its own.
        beside: what the last details say.
        shares: the details before those: whose parameters it uses again.
        again: the frame round it that says whose parameters it uses again, and the words for where there is no frame.
        below: lines right under it: what a slab is, where colour does not say so.
        aside: what is written round a symbol stands at its lower right, so that lines may leave it downwards.
        upright: the flow enters it from above.
        slim: its slabs are half as wide, where the page is narrow.
        first: in what the first differs of several blocks in a row: `first /2`; "" where it does not.
        what: what a closed block is, `bottleneck`; "" where its title says so.
        asked: what the author of the spec asks an op to be called; "" where that is as it comes.
        high: of a layer of a block that is wide inside, its channels as a share of the most; 0 elsewhere.
        frozen: no parameter in it learns, and it has some.
        bus: the dense block that it is, as a "bus".
        moved: it stands in a row that the author of a spec asks for.
        glyph: the form that the author of a spec asks for, "" for that of its own.
        spoken: the title in full, for those who do not see the colour that says a part of it.
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
    role: Role = Role.OTHER
    channels: int = 0
    side: int = 0
    resolution: str = ""
    form: Form = "text"
    flat: bool = False
    bands: tuple[Band, ...] = ()
    ink: str = ""
    solid: Solid | None = None
    label: Label | None = None
    beside: tuple[Beside, ...] = ()
    shares: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    spoken: str = ""
    axes: str = ""
    says: tuple[str, ...] = ()
    aside: bool = False
    slim: bool = False
    upright: bool = False
    first: str = ""
    what: str = ""
    asked: str = ""
    high: float = 0.0
    bus: Bus | None = None
    frozen: bool = False
    moved: bool = False
    again: tuple[str, ...] = ()
    glyph: Glyph = ""
    parallel: bool = False

    @property
    def kept(self) -> bool:
        """It is no part of another box or of a line, since its author says where it stands or what it looks like."""
        return self.moved or bool(self.glyph)

    @property
    def abreast(self) -> tuple[str, ...]:
        """The line that says so of branches side by side."""
        return (IN_PARALLEL,) if self.parallel else ()

    @property
    def slant(self) -> Literal["", "down", "up"]:
        """Whether its sides draw nearer along the flow, or apart."""
        if self.glyph:
            return self.glyph if self.glyph in ("down", "up") else ""
        return self.kind if self.kind in ("down", "up") else ""

    def labelled(self, label: Label) -> "Box":
        """The same with another label."""
        return replace(
            self,
            label=label,
            title=label.heading,
            details=(*label.lines, *self.abreast, *self.shares, *map(str, self.beside)),
        )


@dataclass(frozen=True, slots=True)
class Edge:
    """What flows from box `tail` to box `head`. A residual ends in an addition, a skip jumps over blocks elsewhere.

    `over` where it runs beside the chain from end to end, so that it may arch over it. `nodes` are the ops that stand
    on it and have no box: pools between levels. `port` is the output of a closed block that it comes from, "" for the
    default one. `gate` where it is spread over what it is multiplied with, which leads on. `fixed` where no data flows:
    what depends only on sizes and on what is learned. `values` are how many outputs of one block run on it.
    """

    tail: str
    head: str
    kind: EdgeKind
    label: str
    train_only: bool
    over: bool
    paint: Paint
    nodes: tuple[str, ...] = ()
    port: str = ""
    gate: bool = False
    fixed: bool = False
    values: int = 1

    @property
    def source(self) -> str:
        """What flows: edges of one source carry one value."""
        return f"{self.tail} {self.port}" if self.port else self.tail


@dataclass(frozen=True, slots=True)
class Group:
    """The frame round the members of an open block, or round what the author of a spec has `asked` to be in one.

    `parent` is the frame round it, "" for none; `repeat`, how many it stands for, in a row or in `parallel`.
    """

    id: str
    title: str
    parent: str
    train_only: bool
    paint: Paint
    repeat: int = 1
    asked: bool = False
    parallel: bool = False

    @property
    def words(self) -> str:
        """Its title and its number, where nothing else says that: `in parallel ×32`."""
        return f"{self.title} ×{self.repeat}" if self.repeat > 1 else self.title


@dataclass(frozen=True, slots=True)
class Panel:
    """One drawing: boxes in an order in which edges run forward.

    `arrangement` says what reads well: "rows" as text runs; "levels" one row per resolution, for encoder-decoders;
    `levels` then names the resolution of each; "columns" from top to bottom, and on at the top of the next. Where it
    is `folded`, lines between rows may run back to the left; where it runs `downwards`, a resolution has a column.
    The frames round `cut_frames` are in parts, one for each row.
    """

    title: str
    subtitle: str
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    groups: tuple[Group, ...]
    arrangement: Arrangement
    table: "Table | None" = None
    levels: tuple[tuple[int, str], ...] = ()
    folded: bool = False
    downwards: bool = False
    cut_frames: frozenset[str] = frozenset()

    @property
    def runs_down(self) -> bool:
        """Whether its flow runs from top to bottom."""
        return self.downwards or self.arrangement == "columns"

    def ends(self) -> tuple[dict[str, list[Edge]], dict[str, list[Edge]]]:
        """Id of a box -> the edges that lead into it, and id -> those that lead out of it. Linear in the edges."""
        into: dict[str, list[Edge]] = {}
        out: dict[str, list[Edge]] = {}
        for edge in self.edges:
            into.setdefault(edge.head, []).append(edge)
            out.setdefault(edge.tail, []).append(edge)
        return into, out


@dataclass(frozen=True, slots=True)
class Table:
    """What differs between the uses of a block: a column for each, a row for each param.

    `swatches` go with the rows.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    swatches: tuple[Paint | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of cost: what it measures, and for each part its label, its share of the whole and its paint."""

    label: str
    parts: tuple[tuple[str, float, Paint], ...]


@dataclass(frozen=True, slots=True)
class Key:
    """A line of the legend: a sample of a box or of an edge, and what it means. A "ramp" shows all of `paints`.

    `counts` are those of all that it stands for, where no box has them.
    """

    label: str
    sample: Literal["box", "stack", "edge", "dashed", "copy", "bands", "ramp", "fan", "flake"]
    paint: Paint
    paints: tuple[Paint, ...] = ()
    counts: str = ""

    @property
    def words(self) -> str:
        """What stands beside the sample."""
        return f"{self.label}: {self.counts}" if self.counts else self.label


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
        style: how it is drawn.
        bars: where the cost is.
        width: of the page, in points; 0 for as wide as it comes out, a double column at most.
        headed: the title line is drawn.
        beside: its panels are of one rank and stand side by side; else the first is the picture.
        column: how high a column may be, in points.
    """

    title: str
    facts: tuple[str, ...]
    panels: tuple[Panel, ...]
    legend: tuple[Key, ...]
    footnotes: tuple[str, ...]
    description: str
    theme: Theme
    style: Style = "figure"
    bars: tuple[Bar, ...] = ()
    width: float = 0.0
    headed: bool = True
    beside: bool = False
    column: float = float("inf")


def level_row(box: Box) -> int:
    """The row of a box among levels: what changes the resolution stands in the lower of its two.

    A block that takes in a skip and goes up stands in the row of the skip.
    """
    meets = box.kind == "block" and box.inputs > 1
    return box.level if meets else max(box.level, box.level_in)

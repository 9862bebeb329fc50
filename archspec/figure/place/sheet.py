"""The values of the block layout: a container's items on a sheet of rows, columns and lanes.

    Container   the items of one open block (or of the whole network) and the links between them
    Item        how large an item is, measured from its axis, the line on which the flow enters and leaves it
    Sheet       the container laid out by itself, its upper left corner at (0, 0)

          column 0     column 1     column 2
        +----------+ +----------+ +----------+
        |          | |  ----------->         |   lane -1   a residual edge
        |  [conv] ---->  [conv] ---->  (+)   |   lane  0   the main way, on the axis
        |          | |  [pool]  | |          |   lane  1   a branch
        +----------+ +----------+ +----------+
                    gap 1        gap 2            edges change lanes in the gaps between columns

A sheet knows nothing of what is inside its items, so an item may be drawn closed or open: a row then stretches.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from archspec.figure.diagram import Edge
from archspec.figure.place.lines import Point
from archspec.values.dataclass import dataclass

OUTSIDE = ""  # as the tail of a link: it enters the container; as its head: it leaves


@dataclass(frozen=True, slots=True)
class Link:
    """What flows from item to item of one container.

    Attributes:
        tail: id of the item that it leaves, OUTSIDE where it enters the container.
        head: id of the item that it enters, OUTSIDE where it leaves the container.
        source: the value that flows, by the box that it comes from, however deep that lies; links of one source share
            their way.
        edge: the first of the edges that run along it, which says how it is drawn.
    """

    tail: str
    head: str
    source: str
    edge: Edge


@dataclass(frozen=True, slots=True)
class Container:
    """The items of one open block in an order in which links run forward. `id` is "" for the whole network."""

    id: str
    items: tuple[str, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """The room that an item takes.

    Attributes:
        id: of the box or of the open block.
        width: in points.
        above: from its axis to its upper edge.
        below: from its axis to its lower edge, captions included.
        entries: of an open block: source -> where its value enters, measured from the axis, downwards.
        exits: of an open block: source -> where its value leaves.
        label: width of what is written above and below it, centred, which may be wider than itself.
        form: a "join" is small and is entered from above and below too; a "bar" stretches over the lanes it joins.
        inlet: from its left edge to where lines end.
        outlet: from its right edge back to where lines begin.
        reach_above: from its axis to where a line from above ends.
        reach_below: from its axis to where a line from below ends.
        open_above: nothing is written above it where a line would leave it.
        open_below: nothing is written below it where a line would leave it.
        margins: of its room, how much is free above and below it, for a frame.
    """

    id: str
    width: float
    above: float
    below: float
    entries: Mapping[str, float] = field(default_factory=dict)
    exits: Mapping[str, float] = field(default_factory=dict)
    label: float = 0.0
    form: Literal["box", "join", "bar"] = "box"
    inlet: float = 0.0
    outlet: float = 0.0
    reach_above: float = 0.0
    reach_below: float = 0.0
    open_above: bool = False
    open_below: bool = False
    margins: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane of one row: its upper edge, its axis and its lower edge."""

    top: float
    axis: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its edges, the left and right edge of each column, its lanes from top to bottom."""

    top: float
    bottom: float
    columns: tuple[tuple[float, float], ...]
    lanes: tuple[Lane, ...]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an item stands.

    Attributes:
        x: its left edge; items are centred in their column.
        axis: its axis, from the top of the sheet.
        row: index of the row that it is in.
        column: index of its column in that row.
        lane: index of its lane in that row.
        above: from its axis to its upper edge; a bar reaches farther than its item says.
        below: from its axis to its lower edge.
    """

    x: float
    axis: float
    row: int
    column: int
    lane: int
    above: float
    below: float


@dataclass(frozen=True, slots=True)
class Line:
    """The way of a link: corners of a line of horizontal and vertical pieces."""

    link: Link
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A container laid out.

    Attributes:
        width: of all of it.
        height: of all of it.
        axis_in: where the flow enters, from the top: the axis of the first row's main lane.
        axis_out: where it leaves: the axis of the last row's main lane.
        rows: from top to bottom.
        spots: item id -> its place.
        lines: the way of every link.
        entries: source -> height at which its value enters at the left edge.
        exits: source -> height at which its value leaves at the right edge.
    """

    width: float
    height: float
    axis_in: float
    axis_out: float
    rows: tuple[Row, ...]
    spots: Mapping[str, Spot]
    lines: tuple[Line, ...]
    entries: Mapping[str, float]
    exits: Mapping[str, float]

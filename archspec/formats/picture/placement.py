"""Placement: where everything of a Diagram stands, in points from the upper left corner, y downwards.

Graphviz places the boxes of each piece and routes its edges; the pieces stand one below the other, and what passes from
one row to the next runs round the end of the row:

    [a] -> [b] -> [c] -.
    .------------------'
    '-> [d] -> [e]
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from archspec.formats.graphviz import ENTRY, EXIT, Piece, layout_source
from archspec.formats.picture import engine
from archspec.formats.picture.rows import pieces
from archspec.formats.picture.sizes import CAPTION, Size, box_size
from archspec.views.figure import Box, Diagram, Edge, Group, Panel
from archspec.views.fold import DrawError

Point: TypeAlias = tuple[float, float]
Bezier: TypeAlias = tuple[Point, ...]  # a start, then three points for every curve

ROW_GAP = 14.0
TURN = 9.0  # how far the line round the end of a row goes beyond it
CORNER = 4.0


@dataclass(frozen=True, slots=True)
class PlacedBox:
    """A box and the middle of it; its captions hang below."""

    box: Box
    size: Size
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Route:
    """An edge and its way from box to box."""

    edge: Edge
    points: Bezier


@dataclass(frozen=True, slots=True)
class Frame:
    """A group's frame, or the part of it that stands in one row."""

    group: Group
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class PlacedPanel:
    """One panel, its corner at (0, 0)."""

    panel: Panel
    boxes: tuple[PlacedBox, ...]
    routes: tuple[Route, ...]
    frames: tuple[Frame, ...]
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class _Row:
    """What the engine made of one piece, its corner at (0, 0)."""

    boxes: tuple[PlacedBox, ...]
    routes: tuple[Route, ...]
    frames: tuple[Frame, ...]
    entry: Bezier
    exit: Bezier
    width: float
    height: float


def lay_out(diagram: Diagram) -> list[PlacedPanel]:
    """The panels, each by itself.

    Raises:
        DrawError: no layout within the time limit.
    """
    cut = [pieces(panel) for panel in diagram.panels]
    flat = [piece for rows in cut for piece in rows]
    try:
        answers = iter(engine.run([layout_source(piece, diagram.theme) for piece in flat], limit=engine.TIME_LIMIT))
    except engine.EngineStopped as stopped:
        raise DrawError(_apology(diagram, stopped.reason)) from None
    return [
        _stack(panel, [_read(piece, next(answers)) for piece in rows])
        for panel, rows in zip(diagram.panels, cut, strict=True)
    ]


def _apology(diagram: Diagram, reason: str) -> str:
    if reason:
        return f"Graphviz gave no layout: {reason}"
    count = len(diagram.panels[0].boxes)
    return (
        f"Graphviz found no layout of {count} boxes within {engine.TIME_LIMIT:g} s; "
        "fold more of them with a smaller --depth, or leave --depth out"
    )


def _read(piece: Piece, answer: Mapping[str, Any]) -> _Row:
    """A piece as Graphviz laid it out, y turned downwards."""
    _, _, width, height = map(float, answer["bb"].split(","))
    objects = answer.get("objects", [])
    named = {item["name"]: item for item in objects}
    gvid = {item["_gvid"]: item["name"] for item in objects}
    boxes = []
    for box, name in zip(piece.boxes, piece.names().values(), strict=True):
        x, y = _point(named[name]["pos"], height)
        boxes.append(PlacedBox(box, box_size(box), x, y - CAPTION / 2))
    frames = []
    for group in piece.groups:
        item = named.get(f"cluster_{group.id}")
        if item:
            x0, y0, x1, y1 = map(float, item["bb"].split(","))
            frames.append(Frame(group, x0, height - y1, x1 - x0, y1 - y0))
    curves = {
        (gvid[item["tail"]], gvid[item["head"]]): _curve(item["pos"], height)
        for item in answer.get("edges", [])
        if item.get("style") != "invis"
    }
    names = piece.names()
    routes = []
    for edge in piece.edges:
        ends = names[edge.tail], names[edge.head]
        points = curves[ends] if ends in curves else curves[ends[::-1]][::-1]
        routes.append(Route(edge, points))
    entry = curves[ENTRY, names[piece.enters]] if piece.enters else ()
    leaving = curves[names[piece.leaves], EXIT] if piece.leaves else ()
    return _Row(tuple(boxes), tuple(routes), tuple(frames), entry, leaving, width, height)


def _point(text: str, height: float) -> Point:
    x, y = text.split(",")
    return float(x), height - float(y)


def _curve(text: str, height: float) -> Bezier:
    """Graphviz's `pos` of an edge drawn without arrowheads: a start and three points for every curve."""
    return tuple(_point(pair, height) for pair in text.split() if pair[0] not in "es")


def _stack(panel: Panel, rows: Sequence[_Row]) -> PlacedPanel:
    """The rows one below the other, tied together."""
    edges = {(edge.tail, edge.head): edge for edge in panel.edges}
    drawn = {(route.edge.tail, route.edge.head) for row in rows for route in row.routes}
    ties = [edge for ends, edge in edges.items() if ends not in drawn]
    wrapped = len(rows) > 1
    left = TURN if wrapped else 0.0
    width = max(row.width for row in rows) + 2 * left
    boxes: list[PlacedBox] = []
    routes: list[Route] = []
    frames: list[Frame] = []
    top = 0.0
    leaving: Bezier = ()
    for index, row in enumerate(rows):
        if leaving:
            entering = _moved(row.entry, left, top)
            turn = _round_the_end(leaving[-1], entering[0], right=width - 1, middle=top - ROW_GAP / 2)
            routes.append(Route(ties[index - 1], (*leaving, *turn[1:], *entering[1:])))
        boxes += [PlacedBox(b.box, b.size, b.x + left, b.y + top) for b in row.boxes]
        routes += [Route(route.edge, _moved(route.points, left, top)) for route in row.routes]
        frames += [Frame(f.group, f.x + left, f.y + top, f.width, f.height) for f in row.frames]
        leaving = _moved(row.exit, left, top)
        top += row.height + ROW_GAP
    return PlacedPanel(panel, tuple(boxes), tuple(routes), tuple(frames), width, top - ROW_GAP)


def _moved(points: Bezier, dx: float, dy: float) -> Bezier:
    return tuple((x + dx, y + dy) for x, y in points)


def _round_the_end(start: Point, end: Point, *, right: float, middle: float) -> Bezier:
    """From the end of a row to the start of the next: right, down, all the way back, down, right."""
    corners = (start, (right, start[1]), (right, middle), (1.0, middle), (1.0, end[1]), end)
    points: list[Point] = [start]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        arrive, depart = _towards(corner, before), _towards(corner, after)
        points += [*_line(points[-1], arrive), corner, corner, depart]
    return (*points, *_line(points[-1], end))


def _towards(start: Point, end: Point) -> Point:
    """The point `CORNER` from `start` on the way to `end`; half way where that is nearer."""
    (x0, y0), (x1, y1) = start, end
    length = abs(x1 - x0) + abs(y1 - y0)
    share = min(CORNER / length, 0.5) if length else 0.0
    return x0 + (x1 - x0) * share, y0 + (y1 - y0) * share


def _line(start: Point, end: Point) -> tuple[Point, Point, Point]:
    """A straight line as the rest of a Bezier curve."""
    return start, end, end

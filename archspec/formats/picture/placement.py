"""Placement: where everything of a Diagram stands, in points from the upper left corner, y downwards.

Graphviz places the boxes of each piece and routes its edges; the pieces stand one below the other, and what passes from
one row to the next runs round the end of the row:

    [a] -> [b] -> [c] -.
    .------------------'
    '-> [d] -> [e]
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from archspec.formats.graphviz import ENTRY, EXIT, Piece, layout_source
from archspec.formats.picture import engine
from archspec.formats.picture.lines import Bezier, Point, moved, rounded
from archspec.formats.picture.placed import Frame, PlacedBox, PlacedPanel, Route
from archspec.formats.picture.routing import arches, raised, stretched
from archspec.formats.picture.rows import pieces
from archspec.formats.picture.sizes import CAPTION, box_size
from archspec.views.figure import Diagram, Edge, Panel
from archspec.views.fold import DrawError

ROW_GAP = 14.0
TURN = 9.0  # how far the line round the end of a row goes beyond it
CORNER = 4.0


@dataclass(frozen=True, slots=True)
class _Row:
    """What the engine made of one piece, its corner at (0, 0). `tie` is the edge that comes from the row before."""

    boxes: tuple[PlacedBox, ...]
    routes: tuple[Route, ...]
    frames: tuple[Frame, ...]
    tie: Edge | None
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
    """A piece as Graphviz laid it out, y turned downwards, and routed where that can be done better."""
    _, _, width, height = map(float, answer["bb"].split(","))
    named = {item["name"]: item for item in answer.get("objects", [])}
    names, rows, over = piece.names(), piece.rows(), piece.arches()
    boxes = []
    for box in piece.boxes:
        x, y = _point(named[names[box.id]]["pos"], height)
        boxes.append(PlacedBox(box, box_size(box), x, y - CAPTION / 2))
    curves = _curves(answer, height)
    routes, entry = _routes(piece, curves)
    boxes, routes = stretched(boxes, routes)
    raising = [edge for edge in (*piece.edges, *piece.enters) if (edge.tail, edge.head) in over]
    arching = arches(raising, boxes, rows, entry[0] if entry else (0.0, 0.0))
    frames = raised(list(_frames(piece, named, height)), arching, piece)
    tops = [*(y for arch in arching for _, y in arch.points), *(frame.y for frame in frames)]
    tie = piece.enters[0] if piece.enters else None
    leaving = curves[names[piece.leaves], EXIT] if piece.leaves else ()
    row = _Row(tuple(boxes), (*routes, *arching), frames, tie, entry, leaving, width, height)
    return _lowered(row, max(2 - min(tops, default=2.0), 0.0))


def _curves(answer: Mapping[str, Any], height: float) -> dict[tuple[str, str], Bezier]:
    """The ways of the edges, by the names of their ends in DOT."""
    names = {item["_gvid"]: item["name"] for item in answer.get("objects", [])}
    return {
        (names[item["tail"]], names[item["head"]]): _curve(item["pos"], height)
        for item in answer.get("edges", [])
        if item.get("style") != "invis"
    }


def _routes(piece: Piece, curves: Mapping[tuple[str, str], Bezier]) -> tuple[list[Route], Bezier]:
    """The edges that Graphviz routed, and the way from the start of the row to the first box."""
    names, over = piece.names(), piece.arches()
    routes = []
    for edge in piece.edges:
        if (edge.tail, edge.head) not in over:
            ends = names[edge.tail], names[edge.head]
            points = curves[ends] if ends in curves else curves[ends[::-1]][::-1]
            routes.append(Route(edge, points))
    entering = [
        Route(edge, curves[ENTRY, names[edge.head]]) for edge in piece.enters if (edge.tail, edge.head) not in over
    ]
    return routes + entering[1:], entering[0].points if entering else ()


def _frames(piece: Piece, named: Mapping[str, Any], height: float) -> Iterator[Frame]:
    for group in piece.groups:
        item = named.get(f"cluster_{group.id}")
        if item:
            x0, y0, x1, y1 = map(float, item["bb"].split(","))
            yield Frame(group, x0, height - y1, x1 - x0, y1 - y0)


def _lowered(row: _Row, by: float) -> _Row:
    """`row` with room above it."""
    return _Row(
        tuple(replace(box, y=box.y + by) for box in row.boxes),
        tuple(Route(route.edge, moved(route.points, 0, by)) for route in row.routes),
        tuple(replace(frame, y=frame.y + by) for frame in row.frames),
        row.tie,
        moved(row.entry, 0, by),
        moved(row.exit, 0, by),
        row.width,
        row.height + by,
    )


def _point(text: str, height: float) -> Point:
    x, y = text.split(",")
    return float(x), height - float(y)


def _curve(text: str, height: float) -> Bezier:
    """Graphviz's `pos` of an edge drawn without arrowheads: a start and three points for every curve."""
    return tuple(_point(pair, height) for pair in text.split() if pair[0] not in "es")


def _stack(panel: Panel, rows: Sequence[_Row]) -> PlacedPanel:
    """The rows one below the other, tied together."""
    wrapped = len(rows) > 1
    left = TURN if wrapped else 0.0
    width = max(row.width for row in rows) + 2 * left
    boxes: list[PlacedBox] = []
    routes: list[Route] = []
    frames: list[Frame] = []
    top = 0.0
    leaving: Bezier = ()
    for row in rows:
        if row.tie:
            entering = moved(row.entry, left, top)
            turn = _round_the_end(leaving[-1], entering[0], right=width - 1, middle=top - ROW_GAP / 2)
            routes.append(Route(row.tie, (*leaving, *turn[1:], *entering[1:])))
        boxes += [PlacedBox(b.box, b.size, b.x + left, b.y + top) for b in row.boxes]
        routes += [Route(route.edge, moved(route.points, left, top)) for route in row.routes]
        frames += [Frame(f.group, f.x + left, f.y + top, f.width, f.height) for f in row.frames]
        leaving = moved(row.exit, left, top)
        top += row.height + ROW_GAP
    return PlacedPanel(panel, tuple(boxes), tuple(routes), tuple(frames), width, top - ROW_GAP)


def _round_the_end(start: Point, end: Point, *, right: float, middle: float) -> Bezier:
    """From the end of a row to the start of the next: right, down, all the way back, down, right."""
    return rounded((start, (right, start[1]), (right, middle), (1.0, middle), (1.0, end[1]), end), CORNER)

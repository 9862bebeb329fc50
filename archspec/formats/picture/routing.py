"""Routing: what is drawn better than Graphviz draws it, once the boxes have their places.

bars      a concatenation as high as what enters it
arches    shortcuts over the boxes of their row
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from archspec.formats.graphviz import Piece
from archspec.formats.picture.lines import Bezier, Point, line, rounded
from archspec.formats.picture.placed import Frame, PlacedBox, Route
from archspec.formats.picture.sizes import CAPTION
from archspec.views.figure import Edge

BAR = 10.0  # how far a concatenation goes beyond the outermost of what enters it
LANE = 8.0  # from an arch to what it passes over
FRAME_TITLE = 12.0  # height of a frame's title
ARCH = 8.0  # its corners


def stretched(boxes: list[PlacedBox], routes: list[Route]) -> tuple[list[PlacedBox], list[Route]]:
    """Concatenations as high as what enters them, the edges straight, where nothing stands in the way."""
    placed = {box.box.id: box for box in boxes}
    straight: dict[tuple[str, str], Bezier] = {}
    for bar in boxes:
        entering = [route.edge for route in routes if route.edge.head == bar.box.id]
        if bar.box.kind != "concat" or len(entering) < 2:
            continue
        left = bar.x - bar.size.width / 2
        lines = {
            (edge.tail, edge.head): ((tail.x + tail.size.width / 2, tail.y), (left, tail.y))
            for edge in entering
            for tail in (placed[edge.tail],)
        }
        heights = [start[1] for start, _ in lines.values()]
        low, high = min(*heights, bar.y) - BAR, max(*heights, bar.y) + BAR
        others = [box for box in boxes if box is not bar]
        if any(_meets(box, left, low, bar.x + bar.size.width / 2, high) for box in others) or any(
            _meets(box, start[0] + 1, start[1], end[0], end[1]) for start, end in lines.values() for box in others
        ):
            continue
        size = replace(bar.size, height=round(high - low), height_in=round(high - low))
        placed[bar.box.id] = replace(bar, size=size, y=(low + high) / 2)
        straight |= {ends: (start, *line(start, end)) for ends, (start, end) in lines.items()}
    return list(placed.values()), [
        replace(route, points=straight.get((route.edge.tail, route.edge.head), route.points)) for route in routes
    ]


def _meets(box: PlacedBox, left: float, top: float, right: float, bottom: float) -> bool:
    """Whether a box or its captions lie in a rectangle."""
    w, h = box.size.width / 2, max(box.size.height, box.size.height_in) / 2
    return box.x - w < right and box.x + w > left and box.y - h < bottom and box.y + h + CAPTION > top


def arches(edges: Sequence[Edge], boxes: Sequence[PlacedBox], rows: Mapping[str, int], entry: Point) -> list[Route]:
    """Edges from the top of a box over all that is between to the top of another, the wider over the narrower.

    What comes from the row before starts at `entry`. An edge whose end lies below another box crosses level instead.
    """
    placed = {box.box.id: box for box in boxes}
    spans: dict[int, list[tuple[float, float, float]]] = {}
    for box in boxes:
        side = box.size.width / 2
        spans.setdefault(rows[box.box.id], []).append((box.x - side, box.x + side, _top(box)))
    found, free = [], []
    for edge in edges:
        tail, head = placed.get(edge.tail), placed[edge.head]
        if _covered(head, boxes, rows) or (tail and _covered(tail, boxes, rows)):
            found.append(Route(edge, _across(_right(tail) if tail else entry, _left(head))))
        else:
            start = (tail.x + _aside(tail), _top(tail)) if tail else entry
            free.append((edge, start, (head.x - _aside(head), _top(head))))
    for edge, start, end in sorted(free, key=lambda way: way[2][0] - way[1][0]):
        row = spans[rows[edge.head]]
        lane = min(top for left, right, top in row if left <= end[0] and right >= start[0]) - LANE
        found.append(Route(edge, rounded((start, (start[0], lane), (end[0], lane), end), ARCH)))
        row.append((start[0], end[0], lane))
    return found


def _covered(box: PlacedBox, boxes: Sequence[PlacedBox], rows: Mapping[str, int]) -> bool:
    """Whether another box of the row stands above `box`, where an arch would come down."""
    row, side = rows[box.box.id], box.size.width / 2
    return any(
        other.y < box.y and abs(other.x - box.x) < side + other.size.width / 2
        for other in boxes
        if other is not box and rows[other.box.id] == row
    )


def _right(box: PlacedBox) -> Point:
    return box.x + box.size.width / 2, box.y


def _left(box: PlacedBox) -> Point:
    return box.x - box.size.width / 2, box.y


def _across(start: Point, end: Point) -> Bezier:
    """A curve from left to right that leaves and arrives level."""
    reach = (end[0] - start[0]) / 2
    return start, (start[0] + reach, start[1]), (end[0] - reach, end[1]), end


def raised(frames: Sequence[Frame], arches: Sequence[Route], piece: Piece) -> tuple[Frame, ...]:
    """`frames`, each with room for the arches that end in it and for the frames inside it."""
    groups = {box.id: box.groups for box in piece.boxes}
    tops = {frame.group.id: frame.y for frame in frames}
    for arch in arches:
        lane = min(y for _, y in arch.points)
        for depth, name in enumerate(groups[arch.edge.head], 1):
            if name in tops:
                tops[name] = min(tops[name], lane - FRAME_TITLE * depth)
    return tuple(
        replace(frame, y=tops[frame.group.id], height=frame.height + frame.y - tops[frame.group.id]) for frame in frames
    )


def _aside(box: PlacedBox) -> float:
    """How far from the middle of its box an arch stands, to leave the middle to what comes from another row."""
    return box.size.width / 4 if box.box.kind in ("op", "block", "down", "up") else 0.0


def _top(box: PlacedBox) -> float:
    """The upper side of a box, about where arches meet it; cards behind it left out."""
    if box.box.kind in ("down", "up"):
        return box.y - (box.size.height + box.size.height_in) / 4
    return box.y - box.size.height / 2

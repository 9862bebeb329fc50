"""Rows: a long chain broken into lines that fit the page, as text is.

A chain may be broken where a single value passes: where one edge alone leads from what is left of the place to what is
right of it. The rows come out as even as those places allow.
"""

from collections.abc import Sequence

from archspec.formats.graphviz import Piece
from archspec.formats.picture.sizes import box_size
from archspec.views.figure import Box, Edge, Group, Panel

PAGE = 504.0  # points: two columns of a paper
GAP = 15.0  # between boxes
FRAME = 14.0  # what a frame adds at its two sides


def pieces(panel: Panel) -> list[Piece]:
    """The rows of `panel`; one piece where its arrangement is by levels. Linear but for the packing."""
    if panel.arrangement == "levels":
        return [Piece(panel.boxes, panel.edges, panel.groups, panel.arrangement)]
    segments = _segments(panel)
    widths = [_span(panel, start, end) for start, end, _ in segments]
    bounds = _pack(widths, PAGE - 48)
    made = []
    for first, last in bounds:
        start, end = segments[first][0], segments[last][1]
        boxes = panel.boxes[start:end]
        inside = {box.id for box in boxes}
        edges = tuple(edge for edge in panel.edges if edge.tail in inside and edge.head in inside)
        entering, leaving = segments[first - 1][2] if first else None, segments[last][2]
        enters, leaves = entering.head if entering else "", leaving.tail if leaving else ""
        made.append(Piece(boxes, edges, _framing(panel, boxes), "rows", enters, leaves))
    return made


def _framing(panel: Panel, boxes: Sequence[Box]) -> tuple[Group, ...]:
    """The frames that `boxes` stand in, those around them included."""
    parents = {group.id: group.parent for group in panel.groups}
    kept: set[str] = set()
    for box in boxes:
        name = box.group
        while name and name not in kept:
            kept.add(name)
            name = parents[name]
    return tuple(group for group in panel.groups if group.id in kept)


def _segments(panel: Panel) -> list[tuple[int, int, Edge | None]]:
    """What cannot be broken: first box, box after the last, and the edge to the next segment."""
    place = {box.id: index for index, box in enumerate(panel.boxes)}
    opening: dict[int, list[Edge]] = {}
    closing: dict[int, list[Edge]] = {}
    for edge in panel.edges:
        opening.setdefault(place[edge.tail], []).append(edge)
        closing.setdefault(place[edge.head], []).append(edge)
    found: list[tuple[int, int, Edge | None]] = []
    crossing: dict[tuple[str, str], Edge] = {}
    start = 0
    for index in range(len(panel.boxes) - 1):
        for edge in closing.get(index, ()):
            crossing.pop((edge.tail, edge.head), None)
        for edge in opening.get(index, ()):
            crossing[edge.tail, edge.head] = edge
        if len(crossing) == 1:
            found.append((start, index + 1, next(iter(crossing.values()))))
            start = index + 1
    return [*found, (start, len(panel.boxes), None)]


def _span(panel: Panel, start: int, end: int) -> float:
    """About how wide boxes `start` to `end` are, laid out from left to right: their longest way."""
    boxes = panel.boxes[start:end]
    reach = {box.id: box_size(box).width + GAP for box in boxes}
    ends = dict(reach)
    for edge in panel.edges:  # in the order of their heads
        if edge.tail in ends and edge.head in ends:
            ends[edge.head] = max(ends[edge.head], ends[edge.tail] + reach[edge.head])
    return max(ends.values(), default=0.0) + FRAME * len({box.group for box in boxes if box.group})


def _pack(widths: Sequence[float], page: float) -> list[tuple[int, int]]:
    """First and last segment of every row: the fewest rows that fit, and of those the most even.

    Segments times segments in a row.
    """
    best: list[tuple[int, float, int]] = [(0, 0.0, 0)]  # rows, unevenness, first segment of the last row
    for end in range(1, len(widths) + 1):
        options = []
        total = 0.0
        for start in range(end - 1, -1, -1):
            total += widths[start]
            if total > page and start < end - 1:
                break
            rows, unevenness, _ = best[start]
            options.append((rows + 1, unevenness + max(page - total, 0.0) ** 2, start))
        best.append(min(options))
    bounds = []
    end = len(widths)
    while end:
        start = best[end][2]
        bounds.append((start, end - 1))
        end = start
    return bounds[::-1]

"""Rows: a long chain broken into lines that fit the page, as text is.

A chain may be broken where a single value passes: where all edges from what is left of the place to what is right of it
start at one box. The rows come out as even as those places allow.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from archspec.formats.graphviz import Piece
from archspec.formats.picture.sizes import box_size
from archspec.views.figure import Edge, Group, Panel

PAGE = 504.0  # points: two columns of a paper
GAP = 15.0  # between boxes
FRAME = 14.0  # what a frame adds at its two sides

Segment: TypeAlias = tuple[int, int, tuple[Edge, ...]]  # first box, box after the last, edges to what follows


def pieces(panel: Panel) -> list[Piece]:
    """The rows of `panel`; one piece where its arrangement is by levels. Linear but for the packing."""
    if panel.arrangement == "levels":
        return [Piece(panel.boxes, panel.edges, (), panel.arrangement)]
    segments = _segments(panel)
    bounds = _pack(panel, segments, PAGE - 44)
    made = []
    for first, last in bounds:
        start, end = segments[first][0], segments[last][1]
        boxes = panel.boxes[start:end]
        inside = {box.id for box in boxes}
        edges = tuple(edge for edge in panel.edges if edge.tail in inside and edge.head in inside)
        entering = tuple(edge for edge in segments[first - 1][2] if edge.head in inside) if first else ()
        leaving = segments[last][2]
        made.append(Piece(boxes, edges, _framing(panel, inside), "rows", entering, leaving[0].tail if leaving else ""))
    return made


def _framing(panel: Panel, inside: set[str]) -> tuple[Group, ...]:
    """The frames that have all of their boxes `inside`; one that is torn apart is not drawn."""
    torn = {name for box in panel.boxes if box.id not in inside for name in box.groups}
    parents = {group.id: group.parent for group in panel.groups}

    def whole(name: str) -> str:
        while name in torn:
            name = parents[name]
        return name

    return tuple(replace(group, parent=whole(group.parent)) for group in panel.groups if group.id not in torn)


def _segments(panel: Panel) -> list[Segment]:
    """What cannot be broken."""
    place = {box.id: index for index, box in enumerate(panel.boxes)}
    opening: dict[int, list[Edge]] = {}
    closing: dict[int, list[Edge]] = {}
    for edge in panel.edges:
        opening.setdefault(place[edge.tail], []).append(edge)
        closing.setdefault(place[edge.head], []).append(edge)
    found: list[Segment] = []
    crossing: dict[tuple[str, str], Edge] = {}
    start = 0
    for index in range(len(panel.boxes) - 1):
        for edge in closing.get(index, ()):
            crossing.pop((edge.tail, edge.head), None)
        for edge in opening.get(index, ()):
            crossing[edge.tail, edge.head] = edge
        if len({tail for tail, _ in crossing}) == 1:
            leaving = sorted(crossing.values(), key=lambda edge: (edge.over, edge.train_only, place[edge.head]))
            found.append((start, index + 1, tuple(leaving)))
            start = index + 1
    return [*found, (start, len(panel.boxes), ())]


def _fits(panel: Panel, sources: Mapping[str, list[str]], segments: Sequence[Segment], first: int) -> Iterator[float]:
    """How wide the row from segment `first` on is when it ends with that segment, the next, and so on.

    A row is as wide as its longest way; a branch beside the chain takes no width of its own.
    """
    reach: dict[str, float] = {}
    framed: set[str] = set()
    width = 0.0
    for start, end, _ in segments[first:]:
        for box in panel.boxes[start:end]:
            before = max((reach[tail] for tail in sources.get(box.id, ()) if tail in reach), default=0.0)
            reach[box.id] = before + box_size(box).width + GAP
            framed |= set(box.groups)
            width = max(width, reach[box.id] + FRAME * len(framed))
        yield width


def _pack(panel: Panel, segments: Sequence[Segment], page: float) -> list[tuple[int, int]]:
    """First and last segment of every row: as few rows as fit, then as few frames torn, then the most even."""
    sources: dict[str, list[str]] = {}
    for edge in panel.edges:
        sources.setdefault(edge.head, []).append(edge.tail)
    best = [(0, 0, 0.0, 0)] + [(len(segments) + 1, 0, 0.0, 0)] * len(segments)
    for first in range(len(segments)):
        rows, torn, unevenness, _ = best[first]
        cut = _tears(panel, segments[first][0])
        for last, width in enumerate(_fits(panel, sources, segments, first), first):
            if width > page and last > first:
                break
            ragged = unevenness + max(page - width, 0.0) ** 2
            best[last + 1] = min(best[last + 1], (rows + 1, torn + cut, ragged, first))
    bounds = []
    end = len(segments)
    while end:
        start = best[end][-1]
        bounds.append((start, end - 1))
        end = start
    return bounds[::-1]


def _tears(panel: Panel, index: int) -> int:
    """1 where a row that starts with box `index` tears a frame apart."""
    before, after = panel.boxes[max(index - 1, 0)].groups, panel.boxes[index].groups
    return int(index > 0 and bool(set(before[:1]) & set(after)))

"""Settled: a sheet without level lanes, so that each box stands as near to the main way as it can.

`heights.py` has the picture. For what a reader opens, lanes stay level: they grow together.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from archspec.figure.place.heights import Span, heights
from archspec.figure.place.plan import Plan
from archspec.figure.place.ruling import BAR_END, GUTTER, LANE_GAP, TURN, WIRE, Ruling, reached
from archspec.figure.place.sheet import OUTSIDE, Item


def settled(ruling: Ruling, plan: Plan, items: Mapping[str, Item]) -> Ruling:
    """`ruling`, its lanes no longer level. Linear in items, and in the places that lines pass."""
    spans: list[list[Span]] = [[] for _ in ruling.rows]
    for row, span in (*_of_items(ruling, plan, items), *_of_lines(ruling, plan)):
        spans[row].append(span)
    passing = [0] * (len(ruling.rows) + 1)
    for row, _, _ in ruling.strands:
        passing[row] += 1
    rows, axes, mains = [], [], []
    top = 0.0
    for row, made in enumerate(ruling.rows):
        held = [*spans[row], *_of_bars(row, ruling, plan, items, spans[row])]
        found = heights(held, plan.grid.main, LANE_GAP, WIRE)
        tops, bottoms = zip(*_edges(held, found), strict=True) if held else ((0.0,), (0.0,))
        main = top - min(0.0, *tops)
        axes.append({key: main + axis for key, axis in found.items()})
        mains.append(main)
        rows.append(replace(made, top=top, bottom=main + max(0.0, *bottoms), lanes=()))
        top = rows[-1].bottom + GUTTER + TURN * passing[row + 1]
    return replace(ruling, rows=tuple(rows), axes=tuple(axes), mains=tuple(mains), height=rows[-1].bottom)


def _edges(held: list[Span], found: Mapping[tuple[int, int], float]) -> Iterator[tuple[float, float]]:
    """The upper and the lower edge of each span."""
    for span in held:
        axis = found[span.lane, span.last]
        yield axis - span.above, axis + span.below


def _of_items(ruling: Ruling, plan: Plan, items: Mapping[str, Item]) -> Iterator[tuple[int, Span]]:
    """The row of each item, and its room: its column and the gaps beside it, in which lines reach it."""
    for name, column in plan.grid.columns.items():
        item, place = items[name], 2 * column + 1
        lane = plan.grid.lanes[name]
        yield ruling.row_of(column), Span(lane, place - 1, place + 1, item.above, item.below, thin=False)


def _of_lines(ruling: Ruling, plan: Plan) -> Iterator[tuple[int, Span]]:
    """The row and the room of each line between its ends, in every row that it passes."""
    for course in plan.courses:
        first, last = 2 * (course.start + 1), 2 * course.end + (course.upright != 0)
        for row in range(ruling.row_of(course.start), ruling.row_of(course.end) + 1):
            start, end = max(first, 2 * ruling.starts[row]), min(last, 2 * ruling.starts[row + 1])
            if start <= end:
                yield row, Span(course.way[0], start, end, WIRE, WIRE)
        if course.link.tail == OUTSIDE:
            yield 0, Span(course.leaves[0], 0, 0, WIRE, WIRE)
    for (row, _, _), strand in ruling.strands.items():
        place = 2 * ruling.starts[row]
        yield row - 1, Span(strand.out[0], place, place, WIRE, WIRE)
        yield row, Span(strand.into[0], place, place, WIRE, WIRE)


def _of_bars(row: int, ruling: Ruling, plan: Plan, items: Mapping[str, Item], held: list[Span]) -> Iterator[Span]:
    """The room that bars take in the outermost of the lanes that they reach, with what is written below them."""
    for name in plan.bars:
        column = plan.grid.columns[name]
        if ruling.row_of(column) != row:
            continue
        place = 2 * column
        there = {span.lane for span in held if span.first <= place <= span.last}
        low, high = reached(plan, name, there)
        written = max(items[name].below - items[name].above, 0.0)
        if low < high:
            yield Span(low, place, place + 1, BAR_END, WIRE)
            yield Span(high, place, place + 1, WIRE, BAR_END + written)

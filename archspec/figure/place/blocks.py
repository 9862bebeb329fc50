"""Blocks: a container laid out on a sheet, by `grid`, `plan` and `ruling`. `sheet.py` has the picture."""

from collections.abc import Mapping
from itertools import pairwise

from archspec.figure.place.grid import arrange
from archspec.figure.place.lines import Point
from archspec.figure.place.plan import Course, Plan, plan
from archspec.figure.place.ruling import BAR_END, GUTTER, NOTHING_GROWS, TRACK, TURN, Ruling, reached, rule
from archspec.figure.place.settled import settled
from archspec.figure.place.sheet import OUTSIDE, Container, Item, Line, Sheet, Spot
from archspec.figure.place.tracks import Key, Station


def lay_out_sheet(
    container: Container,
    items: Mapping[str, Item],
    *,
    width: float,
    levels: Mapping[str, int] | None = None,
    fill: bool = False,
    grown: Mapping[str, float] = NOTHING_GROWS,
    level: bool = True,
) -> Sheet:
    """`container` laid out in rows no wider than `width`, where each of its items is narrower than that.

    n log n in items and links.

    Args:
        container: what to lay out.
        items: the room that each of its items takes, by id.
        width: of the page, in points.
        levels: item -> level, for a layout in one band per level; such a layout stays in one row.
        fill: spread the items of a row over the width.
        grown: widths that some items have once they are open, by which the rows are cut.
        level: each lane runs at one height, and has rooms for all that is in it; else only for what is beside it.
    """
    planned = plan(container, items, arrange(container, levels))
    ruling = rule(planned, items, width if levels is None else float("inf"), fill=fill and levels is None, grown=grown)
    ruling = ruling if level else settled(ruling, planned, items)
    spots = {item: _spot(item, items[item], planned, ruling) for item in container.items}
    liner = _Liner(planned, ruling, items, spots)
    lines = tuple(Line(course.link, liner.points(course)) for course in planned.courses)
    return Sheet(
        width=ruling.width,
        height=ruling.height,
        axis_in=ruling.mains[0],
        axis_out=ruling.mains[-1],
        rows=ruling.rows,
        spots=spots,
        lines=lines,
        entries={line.link.source: line.points[0][1] for line in lines if line.link.tail == OUTSIDE},
        exits={line.link.source: line.points[-1][1] for line in lines if line.link.head == OUTSIDE},
    )


def _spot(item: str, size: Item, planned: Plan, ruling: Ruling) -> Spot:
    grid = planned.grid
    row = ruling.row_of(grid.columns[item])
    column = grid.columns[item] - ruling.starts[row]
    left, right = ruling.rows[row].columns[column]
    place = 2 * grid.columns[item] + 1
    axis = ruling.axis(row, grid.lanes[item], place)
    above, below = size.above - size.margins[0], size.below - size.margins[1]
    if item in planned.bars:
        low, high = reached(planned, item, ruling.lanes_at(row, 2 * grid.columns[item]))
        if low < high:
            top, bottom = (ruling.room(row, lane, place - 1) for lane in (low, high))
            above = axis - max(top.axis - BAR_END, top.top - 1)
            below = min(bottom.axis + BAR_END, bottom.bottom + 1) - axis
    lane = ruling.lanes[row][grid.lanes[item]]
    return Spot((left + right - size.width) / 2, axis, row, column, lane, above, below)


class _Liner:
    """Draws the way of each link through rows, gaps and gutters."""

    def __init__(self, planned: Plan, ruling: Ruling, items: Mapping[str, Item], spots: Mapping[str, Spot]) -> None:
        self.plan, self.ruling, self.items, self.spots = planned, ruling, items, spots
        self.breaks = {gap: row for row, gap in enumerate(ruling.starts[1:-1], 1)}
        self.passing: dict[int, int] = {}
        for row, _, _ in ruling.strands:
            self.passing[row] = self.passing.get(row, 0) + 1

    def points(self, course: Course) -> tuple[Point, ...]:
        """The corners of a link's way."""
        row = self.ruling.row_of(course.start)
        points: list[Point] = [self._start(course, row)]
        legs = {leg.gap: leg for leg in course.legs(self.plan.forks)}
        first, last = course.start + 1, course.end
        for gap in self._stops(first, last):
            if gap in self.breaks:
                row = self.breaks[gap]
                self._turn(points, course, row)
            if gap == first and (first < last or course.upright):
                self._leg(points, gap, legs[gap].key if gap in legs else ("", "", ""), row, course.way)
            if gap == last and not course.upright:
                self._leg(points, gap, legs[gap].key if gap in legs else ("", "", ""), row, course.arrives)
        self._end(points, course)
        return tuple(_cleaned(points))

    def _stops(self, first: int, last: int) -> list[int]:
        """The gaps at which a link may turn."""
        return sorted({first, last, *(gap for gap in self.breaks if first <= gap <= last)})

    def _start(self, course: Course, row: int) -> Point:
        y = self.ruling.y(row, course.leaves, max(2 * course.start + 1, 0))
        if course.link.tail == OUTSIDE:
            return 0.0, y
        spot, item = self.spots[course.link.tail], self.items[course.link.tail]
        return spot.x + item.width - item.outlet, y

    def _leg(self, points: list[Point], gap: int, key: Key, row: int, station: Station) -> None:
        y = self.ruling.y(row, station, 2 * gap)
        if abs(points[-1][1] - y) < 0.01:
            return
        track = self.plan.tracks.get((gap, key), 0)
        x = self.ruling.tracks[gap] + TRACK * track
        points += [(x, points[-1][1]), (x, y)]

    def _turn(self, points: list[Point], course: Course, row: int) -> None:
        """Round the end of the row before `row`, through the gutter, to the start of `row`."""
        strand = self.ruling.strands[row, course.link.tail, course.link.source]
        above = self.ruling.rows[row - 1]
        count = self.passing[row]
        over = self.ruling.overhangs[self.ruling.starts[row] - 1]
        right = above.columns[-1][1] + over + TURN * (count - strand.number)
        gutter = above.bottom + GUTTER / 2 + TURN * (count - 1 - strand.number)
        left = self.ruling.margin - TURN * (strand.number + 1)
        y = self.ruling.y(row, strand.into, 2 * self.ruling.starts[row])
        points += [(right, points[-1][1]), (right, gutter), (left, gutter), (left, y)]

    def _end(self, points: list[Point], course: Course) -> None:
        head = course.link.head
        if head == OUTSIDE:
            points.append((self.ruling.width, points[-1][1]))
            return
        spot = self.spots[head]
        if course.upright:
            x = spot.x + self.items[head].width / 2 + course.aside
            edge = spot.axis - spot.above if course.upright < 0 else spot.axis + spot.below
            points += [(x, points[-1][1]), (x, edge)]
        else:
            points.append((spot.x + self.items[head].inlet, points[-1][1]))


def _cleaned(points: list[Point]) -> list[Point]:
    """`points` without those that lie on a straight line between their neighbours."""
    kept = [points[0]]
    for (x, y), (after_x, after_y) in pairwise(points[1:]):
        before_x, before_y = kept[-1]
        if (before_x, before_y) == (x, y):
            continue
        if (before_x == x == after_x) or (before_y == y == after_y):
            continue
        kept.append((x, y))
    return [*kept, points[-1]]

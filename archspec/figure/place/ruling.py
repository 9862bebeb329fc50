"""Ruling: where the columns, lanes and rows of a sheet run, in points.

Columns are cut into rows where they would be wider than the page, all rows about as long, and cut where few lines pass.
What passes from one row to the next is a strand: it runs round the end of the row and back through the gutter.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise

from archspec.figure.place.plan import Course, Plan
from archspec.figure.place.sheet import OUTSIDE, Item, Lane, Row
from archspec.figure.place.tracks import Station
from archspec.values.dataclass import dataclass

GAP = 10.0  # between columns
TRACK = 5.0  # between the legs in a gap
LEAD = 4.0  # before the first track of a gap
DOOR = 10.0  # between the edge of an open block and the first or last column
ARROW_ROOM = 8.0  # behind the last
CLEAR = 3.0  # between labels
LANE_GAP = 5.0
WIRE = 2.0  # half the height of a lane without items
TURN = 5.0  # between strands, and between them and the row
GUTTER = 8.0  # between rows
BAR_END = 12.0  # how far a bar reaches beyond the axes of its outermost lanes
_SLACK = 13.0  # by how much a gap may grow to fill the row


NOTHING_GROWS: Mapping[str, float] = {}


@dataclass(frozen=True, slots=True)
class Strand:
    """What passes from a row to the next: its lane in both, and its number from the top among those that pass here."""

    out: Station
    into: Station
    number: int


@dataclass(frozen=True, slots=True)
class Ruling:
    """The lines of a sheet.

    Attributes:
        rows: with their columns and lanes.
        starts: first column of each row, and the number of columns.
        tracks: gap -> where its first leg runs.
        overhangs: column -> how far labels reach beyond it on either side.
        lanes: row -> lane -> its index among the row's lanes.
        axes: row -> (lane, place) -> the axis there, where lanes are not level; places are those of `heights.py`.
        mains: row -> the axis of the main lane; of the first lane in a row that it is not in.
        strands: (break, tail or way, source) -> the strand; a break is the index of the row behind it.
        margin: left of the rows and right of the longest, for strands.
        width: of all.
        height: of all.
    """

    rows: tuple[Row, ...]
    starts: tuple[int, ...]
    tracks: Mapping[int, float]
    overhangs: Sequence[float]
    lanes: tuple[Mapping[int, int], ...]
    axes: tuple[Mapping[tuple[int, int], float], ...]
    mains: tuple[float, ...]
    strands: Mapping[tuple[int, str, str], Strand]
    margin: float
    width: float
    height: float

    def row_of(self, column: int) -> int:
        """The row that a column is in; that before the first is in the first, that behind the last in the last."""
        return min(max(bisect_right(self.starts, column) - 1, 0), len(self.rows) - 1)

    def y(self, row: int, station: Station, place: int) -> float:
        """The height of a station at a place: gap g is at 2g, column c at 2c + 1."""
        return self.axis(row, station[0], place) + station[1]

    def axis(self, row: int, lane: int, place: int) -> float:
        """The height of a lane at a place."""
        return self.axes[row][lane, place] if self.axes else self._level(row, lane).axis

    def room(self, row: int, lane: int, place: int) -> Lane:
        """The room for what stretches over lanes, in one of them: all of a level one."""
        if not self.axes:
            return self._level(row, lane)
        axis = self.axes[row][lane, place]
        return Lane(axis - BAR_END, axis, axis + BAR_END)

    def lanes_at(self, row: int, place: int) -> Collection[int]:
        """The lanes in which something is at a place; all of the row where they are level."""
        return [lane for lane, there in self.axes[row] if there == place] if self.axes else self.lanes[row]

    def _level(self, row: int, lane: int) -> Lane:
        return self.rows[row].lanes[self.lanes[row][lane]]


def rule(
    plan: Plan, items: Mapping[str, Item], page: float, *, fill: bool, grown: Mapping[str, float] = NOTHING_GROWS
) -> Ruling:
    """The lines of a sheet no wider than `page` where that can be. `fill` spreads the columns of each row over it.

    `grown` has the widths that some items will have, by which the rows are cut.
    """
    widths = _column_widths(plan, items)
    over = _overhangs(plan, items, widths)
    gaps = [_gap(plan, gap, over) for gap in range(plan.grid.count + 1)]
    crossing = _crossing(plan)
    behind = [*(max(each - TURN, 0.0) for each in over[:-1]), gaps[-1]]  # a margin has room for a little
    later = [max(pair) for pair in zip(widths, _later(plan, grown), strict=True)]
    starts = _cut(later, gaps, behind, crossing, page)
    strands = {key: s for row, start in enumerate(starts[1:-1], 1) for key, s in _strands(plan, row, start)}
    margin = max((TURN * (crossing[start] + 1) for start in starts[1:-1]), default=0.0)
    edges, natural = _edges(widths, gaps, behind, starts, margin, page if fill else 0.0)
    lanes = _lanes(plan, starts, strands)
    rows = list(_rows(plan, items, starts, lanes, edges, crossing))
    indices = [{lane: index for index, lane in enumerate(sorted(there))} for there in lanes]
    tracks = {gap: edges[gap - 1][1] if gap and gap not in starts else margin for gap in range(plan.grid.count + 1)}
    tracks[plan.grid.count] = edges[-1][1] if edges else margin
    tracks = {gap: x + LEAD + (over[gap - 1] if gap and gap not in starts[1:-1] else 0.0) for gap, x in tracks.items()}
    width = natural + margin if len(rows) > 1 else natural
    mains = tuple(row.lanes[index.get(plan.grid.main, 0)].axis for row, index in zip(rows, indices, strict=True))
    return Ruling(
        rows=tuple(rows),
        starts=tuple(starts),
        tracks=tracks,
        overhangs=over,
        lanes=tuple(indices),
        axes=(),
        mains=mains,
        strands=strands,
        margin=margin,
        width=width,
        height=rows[-1].bottom,
    )


def _rows(
    plan: Plan,
    items: Mapping[str, Item],
    starts: Sequence[int],
    lanes: Sequence[Collection[int]],
    edges: Sequence[tuple[float, float]],
    crossing: Sequence[int],
) -> Iterator[Row]:
    """The rows, one below the other."""
    held: list[list[Item]] = [[] for _ in lanes]
    for item, column in plan.grid.columns.items():
        held[bisect_right(starts, column) - 1].append(items[item])
    top = 0.0
    for row in range(len(starts) - 1):
        made = _row(held[row], plan, sorted(lanes[row]), edges[starts[row] : starts[row + 1]], top)
        yield made
        passing = crossing[starts[row + 1]] if row + 2 < len(starts) else 0
        top = made.bottom + GUTTER + TURN * passing


def _column_widths(plan: Plan, items: Mapping[str, Item]) -> list[float]:
    widths = [0.0] * plan.grid.count
    for item, column in plan.grid.columns.items():
        widths[column] = max(widths[column], items[item].width)
    return widths


def _later(plan: Plan, grown: Mapping[str, float]) -> list[float]:
    """The widths of columns in which something grows."""
    widths = [0.0] * plan.grid.count
    for item, width in grown.items():
        widths[plan.grid.columns[item]] = max(widths[plan.grid.columns[item]], width)
    return widths


def _overhangs(plan: Plan, items: Mapping[str, Item], widths: Sequence[float]) -> list[float]:
    over = [0.0] * plan.grid.count
    for item, column in plan.grid.columns.items():
        over[column] = max(over[column], (items[item].label - widths[column]) / 2)
    return over


def _gap(plan: Plan, gap: int, over: Sequence[float]) -> float:
    """How wide a gap is: nothing before the first column and behind the last, unless something enters or leaves."""
    tracks = plan.widths.get(gap, 0)
    before, after = over[gap - 1] if gap else 0.0, over[gap] if gap < plan.grid.count else 0.0
    ends = {0: "tail", plan.grid.count: "head"}
    if gap in ends and not any(getattr(course.link, ends[gap]) == OUTSIDE for course in plan.courses):
        return before + after
    if tracks:
        return max(GAP, LEAD + before + TRACK * tracks + max(ARROW_ROOM, after + CLEAR))
    return max(GAP if 0 < gap < plan.grid.count else DOOR, before + after + CLEAR)


def _crossing(plan: Plan) -> list[int]:
    """Gap -> how many lines pass over it."""
    steps = [0] * (plan.grid.count + 2)
    spans: dict[tuple[str, str], tuple[int, int]] = {}
    for course in plan.courses:
        key = course.link.tail, course.link.source
        start, end = spans.get(key, (course.start, course.end))
        spans[key] = min(start, course.start), max(end, course.end)
    for start, end in spans.values():
        steps[start + 1] += 1
        steps[end + 1] -= 1
    total, found = 0, []
    for step in steps:
        total += step
        found.append(total)
    return found


def _cut(
    widths: Sequence[float], gaps: Sequence[float], behind: Sequence[float], crossing: Sequence[int], page: float
) -> list[int]:
    """First column of each row, and the number of columns. Rows come out about equally long.

    `behind` has what a column takes at its right besides the margin where a row ends with it.
    """
    room = page
    starts = _greedy(widths, gaps, crossing, room)
    for _ in range(12):  # all rows take the margins of the one that needs most
        excess = _longest(widths, gaps, behind, crossing, starts) - page
        if excess <= 0 or room - excess < 0.2 * page:
            break
        room -= excess
        starts = _greedy(widths, gaps, crossing, room)
    low, high = max(widths, default=0.0), room
    if len(starts) <= 2:
        return starts
    for _ in range(10):
        middle = (low + high) / 2
        tried = _greedy(widths, gaps, crossing, middle)
        if len(tried) <= len(starts) and _longest(widths, gaps, behind, crossing, tried) <= max(page, middle):
            starts, high = tried, middle
        else:
            low = middle
    return starts


def _longest(
    widths: Sequence[float],
    gaps: Sequence[float],
    behind: Sequence[float],
    crossing: Sequence[int],
    starts: Sequence[int],
) -> float:
    """The width of the longest row with its margins."""
    margin = max((TURN * (crossing[start] + 1) for start in starts[1:-1]), default=0.0)
    rows = (
        sum(widths[start:end]) + sum(gaps[start:end]) + max(gaps[-1], behind[end - 1])
        for start, end in pairwise(starts)
    )
    return max(rows, default=gaps[-1]) + 2 * margin


def _greedy(widths: Sequence[float], gaps: Sequence[float], crossing: Sequence[int], page: float) -> list[int]:
    starts, count = [0], len(widths)
    while True:
        first, used, fitting = starts[-1], 0.0, []
        for column in range(first, count):
            used += widths[column] + gaps[column]
            margins = TURN * (crossing[column + 1] + 1) * (2 if first or column + 1 < count else 0)
            last = gaps[count] if column + 1 == count else 0.0
            if used + margins + last > page and column > first:
                break
            fitting.append((column + 1, used))
        if not fitting or fitting[-1][0] == count:
            return [*starts, count]
        enough = [end for end, length in fitting if length >= 0.6 * fitting[-1][1]]
        starts.append(min(enough, key=lambda end: (crossing[end], -end)))


def _edges(
    widths: Sequence[float],
    gaps: Sequence[float],
    behind: Sequence[float],
    starts: Sequence[int],
    margin: float,
    page: float,
) -> tuple[list[tuple[float, float]], float]:
    """The left and right edge of each column, and the right edge of the longest row."""
    edges: list[tuple[float, float]] = []
    longest = 0.0
    for start, end in pairwise(starts):
        length = sum(widths[start:end]) + sum(gaps[start:end]) + max(gaps[-1], behind[end - 1])
        inner = end - start - 1
        room = page - 2 * margin - length
        last_is_short = len(starts) > 2 and end == len(widths) and room > _SLACK * inner
        extra = min(room / inner, _SLACK) if page and inner and room > 0 and not last_is_short else 0.0
        x = margin
        for column in range(start, end):
            x += gaps[column] + (extra if column > start else 0.0)
            edges.append((x, x + widths[column]))
            x += widths[column]
        longest = max(longest, x + behind[end - 1])
    return edges, longest


def _strands(plan: Plan, row: int, gap: int) -> list[tuple[tuple[int, str, str], Strand]]:
    """What passes over `gap` where a row ends, from top to bottom."""
    by_line: dict[tuple[str, str], list[Course]] = {}
    for course in plan.courses:
        if course.start < gap <= course.end:
            by_line.setdefault((course.link.tail, course.link.source), []).append(course)
    found: list[tuple[tuple[int, str, str], Station, Station]] = []
    for (tail, source), courses in by_line.items():
        first = courses[0]
        adjacent = first.start == gap - 1
        out = first.leaves if adjacent else next((c.way for c in courses if c.start < gap - 1), first.way)
        if len(courses) == 1:
            into = first.way if first.end > gap or first.upright else first.arrives
        else:
            into = next((c.way for c in courses if c.end > gap), (out[0], 0.0))
        found.append(((row, tail, source), out, into))
    found.sort(key=lambda entry: entry[1])
    return [(key, Strand(out, into, number)) for number, (key, out, into) in enumerate(found)]


def _lanes(plan: Plan, starts: Sequence[int], strands: Mapping[tuple[int, str, str], Strand]) -> list[set[int]]:
    """The lanes that each row needs."""
    rows: list[set[int]] = [set() for _ in starts[1:]]
    of = {column: row for row in range(len(rows)) for column in range(starts[row], starts[row + 1])}
    of[-1], of[plan.grid.count] = 0, len(rows) - 1
    for item, lane in plan.grid.lanes.items():
        rows[of[plan.grid.columns[item]]].add(lane)
    for course in plan.courses:
        for row in range(of[max(course.start, 0)], of[course.end] + 1):
            rows[row].add(course.way[0])
        rows[of[course.start]].add(course.leaves[0])
    for (row, _, _), strand in strands.items():
        rows[row - 1].add(strand.out[0])
        rows[row].add(strand.into[0])
    for row_lanes in rows:
        row_lanes.update({plan.grid.main} if not row_lanes else ())
    return rows


def reached(plan: Plan, item: str, lanes: Collection[int]) -> tuple[int, int]:
    """The first and the last of its row's lanes that an item reaches: a bar may be planned for one that ends before."""
    if item not in plan.bars:
        return plan.grid.lanes[item], plan.grid.lanes[item]
    low, high = plan.bars[item]
    there = [other for other in lanes if low <= other <= high]
    return min(there), max(there)


def _row(
    held: Sequence[Item], plan: Plan, lanes: Sequence[int], columns: Sequence[tuple[float, float]], top: float
) -> Row:
    above, below = dict.fromkeys(lanes, WIRE), dict.fromkeys(lanes, WIRE)
    for item in held:
        lane = plan.grid.lanes[item.id]
        above[lane], below[lane] = max(above[lane], item.above), max(below[lane], item.below)
        (_, last), written = reached(plan, item.id, lanes), item.below - item.above
        if last > lane and written > 0:
            below[last] = max(below[last], BAR_END + written)  # its caption stands below the last lane that it reaches
    made = []
    y = top
    for lane in lanes:
        made.append(Lane(y, y + above[lane], y + above[lane] + below[lane]))
        y = made[-1].bottom + LANE_GAP
    return Row(top, y - LANE_GAP, tuple(columns), tuple(made))

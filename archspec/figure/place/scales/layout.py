"""Layout: a container on a sheet of scales, in one row, by `columns`, `ways` and `ruling`."""

from collections.abc import Collection, Mapping

from archspec.figure.place.lines import Point
from archspec.figure.place.scales.columns import NARROWINGS, Columns, Narrowing, in_columns
from archspec.figure.place.scales.ruling import Across, across, down
from archspec.figure.place.scales.ways import Lanes, Way, Ways, in_lanes
from archspec.figure.place.sheet import Container, Item, Lane, Line, Link, Row, Sheet, Spot
from archspec.figure.place.tracks import Key

_TRIES = 8  # times that columns are found again because something stands in one


def lay_out_scales(
    container: Container,
    items: Mapping[str, Item],
    levels: Mapping[str, int],
    names: Mapping[int, float],
    *,
    width: float,
    frames: Collection[frozenset[str]] = (),
    folded: bool = False,
) -> Sheet:
    """`container` laid out in one row, in a band of lanes for each of `levels`. No link may enter it or leave it.

    Where it is wider than the page, boxes stand above and below what they read. n log n in items and links, times the
    lanes of a level.

    Args:
        container: what to lay out.
        items: the room that each of its items takes, by id.
        levels: item -> level, the finest 0.
        names: level -> how wide its name is, which stands at the left of what is in it.
        width: of the page in points, which is filled where little is missing; what is wider stays so.
        folded: boxes may stand before what they read in the row above or below, too.
        frames: items that a frame is drawn round, in columns that what leads to them and from them does not stand in.
    """
    found: list[tuple[Columns, Lanes, list[Way], Across]] = []
    for narrowing in NARROWINGS if folded else NARROWINGS[:-1]:
        made = _ways(container, items, levels, frames, narrowing)
        named = {lane: names.get(levels[item], 0.0) for item, lane in made[1].of.items()}
        found.append((*made, across(*made, items, named, width)))
        if found[-1][-1].width <= width:
            break
    columns, lanes, ways, x = found[-1] if found[-1][-1].width <= width else min(found, key=lambda one: one[-1].width)
    y = down(lanes, ways, items)
    spots = {item: _spot(items[item], columns.of[item], lanes.of[item], x, y) for item in container.items}
    first, last = min(y.values(), key=lambda lane: lane.top), max(y.values(), key=lambda lane: lane.bottom)
    return Sheet(
        width=x.width,
        height=last.bottom - first.top,
        axis_in=first.axis,
        axis_out=last.axis,
        rows=(Row(first.top, last.bottom, tuple((m, m) for m in x.middles.values()), tuple(y.values())),),
        spots=spots,
        lines=tuple(Line(way.link, _points(way, x, y, items, spots)) for way in ways),
        entries={},
        exits={},
    )


def _ways(
    container: Container,
    items: Mapping[str, Item],
    levels: Mapping[str, int],
    frames: Collection[frozenset[str]],
    narrowing: Narrowing,
) -> tuple[Columns, Lanes, list[Way]]:
    barred: set[Link] = set()
    for left in range(_TRIES, -1, -1):
        columns = in_columns(container, items, levels, barred if left else container.links, frames, narrowing=narrowing)
        lanes = in_lanes(container, columns, levels)
        ways, blocked = Ways(container, items, columns, lanes).run()
        if not blocked:
            break
        barred |= set(blocked)
    return columns, lanes, ways


def _spot(item: Item, column: int, lane: int, x: Across, y: Mapping[int, Lane]) -> Spot:
    index = sorted(y).index(lane)
    return Spot(x.middles[column] - item.width / 2, y[lane].axis, 0, column, index, item.above, item.below)


def _points(
    way: Way, x: Across, y: Mapping[int, Lane], items: Mapping[str, Item], spots: Mapping[str, Spot]
) -> tuple[Point, ...]:
    """The corners of a way."""
    tail, head, out = spots[way.link.tail], spots[way.link.head], items[way.link.tail]
    start, end = y[way.leaves[0]].axis + way.leaves[1], y[way.arrives[0]].axis + way.arrives[1]
    run = y[way.lane].axis
    legs: dict[int, Key] = {leg.gap: leg.key for leg in way.legs()}
    points: list[Point] = []
    if way.drops:
        points.append((x.middles[way.start], tail.axis + (out.reach_below if way.drops > 0 else -out.reach_above)))
    else:
        points.append((tail.x + out.width - out.outlet, start))
    if way.fans:
        return (*points, (x.fans[way.link.head], start), (head.x + items[way.link.head].inlet, end))
    if way.start < way.end or way.back:
        long = way.back or way.end - way.start > 1
        level = run if long or way.upright else end
        if way.drops:
            points.append((x.middles[way.start], level))
        elif way.start + 1 in legs:
            here = x.legs[way.start + 1, legs[way.start + 1]]
            points += [(here, start), (here, level)]
        if long and way.end in legs:
            here = x.legs[way.end, legs[way.end]]
            points += [(here, run), (here, end)]
    if way.upright:
        middle, into = x.middles[way.end], items[way.link.head]
        points.append((middle, points[-1][1]))
        points.append((middle, head.axis + (into.reach_below if way.upright > 0 else -into.reach_above)))
    else:
        points.append((head.x + items[way.link.head].inlet, points[-1][1]))
    return tuple(points)

"""Ruling: where columns and lanes of a sheet of scales run, in points.

A column is as far to the right as the nearest of its items needs, each beside what stands before it in its own lane:
items of different lanes may stand over each other.

        [ a ]--------+
          |          |
          +-->[ b ]--+--> ...      b begins below a; in one lane it would begin behind it
"""

from collections.abc import Iterable, Mapping, Sequence

from archspec.figure.place.scales.columns import Columns
from archspec.figure.place.scales.ways import Lanes, Way
from archspec.figure.place.sheet import Item, Lane
from archspec.figure.place.tracks import Key, Leg, tracks
from archspec.values.dataclass import dataclass

CLEAR = 3.0  # between what is written
LANE_GAP = 5.0
LEVEL_GAP = 9.0
WIRE = 2.0  # half the height of a lane without items
_BESIDE = 2.0  # more than that between the name of a level and what stands in it
_SPREAD = 14.0  # by how much columns may move apart to fill the page


@dataclass(frozen=True, slots=True)
class Spacing:
    """What is free between things.

    Attributes:
        gap: between items of one lane.
        lead: between an item and a line beside it.
        track: between lines.
        arrow: between a line and the item that it enters.
        fan: between the ends of a fan.
    """

    gap: float
    lead: float
    track: float
    arrow: float
    fan: float


WIDE = Spacing(gap=10.0, lead=4.0, track=5.0, arrow=8.0, fan=24.0)
TIGHT = Spacing(gap=6.0, lead=3.0, track=4.0, arrow=6.2, fan=18.0)  # where the page is too narrow
TIGHTEST = Spacing(gap=5.4, lead=2.0, track=3.0, arrow=5.4, fan=12.0)  # where it still is


@dataclass(slots=True)
class _Edge:
    """How far to the right a lane is taken: by bodies of items, by what is written round them, by lines."""

    space: Spacing
    body: float = 0.0
    label: float = 0.0
    line: float = 0.0

    def __post_init__(self) -> None:
        """Nothing is free before the first of a lane."""
        self.body, self.label, self.line = -self.space.gap, -CLEAR, -self.space.arrow

    @property
    def free(self) -> float:
        """The first place for a line that stands across the lane."""
        return max(self.body + self.space.lead, self.label + 1.5, self.line + self.space.track)


@dataclass(frozen=True, slots=True)
class Across:
    """Column -> its middle; (gap, key) -> where a change of lane runs; and how wide all is.

    `fans` has for each head of a fan where its lines part.
    """

    middles: Mapping[int, float]
    legs: Mapping[tuple[int, Key], float]
    fans: Mapping[str, float]
    width: float


def across(
    columns: Columns,
    lanes: Lanes,
    ways: Sequence[Way],
    items: Mapping[str, Item],
    names: Mapping[int, float],
    page: float,
) -> Across:
    """Where everything stands from left to right; spread over `page` points where that is little.

    `names` are lanes and how much room is left at the left of what is in them.
    """
    found = _packed(columns, lanes, ways, items, names, WIDE)
    if found.width > page:
        tight = _packed(columns, lanes, ways, items, names, TIGHT)
        return tight if tight.width <= page else _packed(columns, lanes, ways, items, names, TIGHTEST)
    more = min(max(page - found.width, 0.0) / max(columns.count - 1, 1), _SPREAD)
    if more <= 0:
        return found
    middles = {column: x + column * more for column, x in found.middles.items()}
    legs = {(gap, key): x + max(gap - 0.5, 0.0) * more for (gap, key), x in found.legs.items()}
    fans = {head: x + (columns.of[head] - 1) * more for head, x in found.fans.items()}
    return Across(middles, legs, fans, found.width + (columns.count - 1) * more)


def _packed(
    columns: Columns,
    lanes: Lanes,
    ways: Sequence[Way],
    items: Mapping[str, Item],
    names: Mapping[int, float],
    space: Spacing,
) -> Across:
    edges = {lane: _Edge(space) for lane in {*lanes.of.values(), *(way.lane for way in ways)}}
    for lane, name in names.items():
        edges[lane].label += name + CLEAR + _BESIDE if name else 0.0
    held: list[list[str]] = [[] for _ in range(columns.count)]
    for item, column in columns.of.items():
        held[column].append(item)
    standing = _standing(ways)
    by_gap = _changes(ways)
    fans = {fan.heads[0]: (fan.tails, fan.heads) for fan in columns.fans}
    middles: dict[int, float] = {}
    parting: dict[str, float] = {}
    legs: dict[tuple[int, Key], float] = {}
    for column in range(columns.count + 1):
        for key, changes in by_gap.get(column, {}).items():
            legs[column, key] = _stands(_lanes_of(edges, changes))
        if column == columns.count:
            break  # behind the last there are only lines that run back
        needs = [_middle(items[item], edges[lanes.of[item]]) for item in held[column]]
        for low, high in standing.get(column, ()):
            between = [edge for lane, edge in edges.items() if low < lane < high]
            needs += [edge.free for edge in between]
        for tails, heads in (fans[item] for item in held[column] if item in fans):
            spanned = _between((*tails, *heads), lanes, edges)
            needs += _fan_needs(heads, spanned, items)
            parting |= dict.fromkeys(heads, max(edge.body for edge in spanned))
        middles[column] = max(needs)
        _take(middles[column], held[column], standing.get(column, ()), edges, lanes, items)
    ends = [max(edge.body, edge.label, edge.line) for edge in edges.values()]
    return Across(middles, legs, parting, max(ends, default=0.0))


def _changes(ways: Iterable[Way]) -> dict[int, dict[Key, list[Leg]]]:
    """Gap -> the changes of lane that stand in it, those at one place together, from left to right."""
    legs = [leg for way in ways for leg in way.legs()]
    places, _ = tracks(legs)
    found: dict[int, dict[Key, list[Leg]]] = {}
    for leg in sorted(legs, key=lambda leg: places[leg.gap, leg.key]):
        found.setdefault(leg.gap, {}).setdefault(leg.key, []).append(leg)
    return found


def _stands(spanned: Sequence[_Edge]) -> float:
    """Where a change of lane stands; takes that of the lanes that it spans."""
    x = max(0.0, *(edge.free for edge in spanned))
    for edge in spanned:
        edge.line = max(edge.line, x)
    return x


def _standing(ways: Iterable[Way]) -> dict[int, list[tuple[float, float]]]:
    """Column -> from where to where lines stand in its middle; an end in a lane without their item counts as passed."""
    found: dict[int, list[tuple[float, float]]] = {}
    for way in ways:
        for column, (one, _), (other, _) in way.standing():
            ends = {one, other}
            own = {way.leaves[0] if column == way.start else -1, way.arrives[0] if column == way.end else -1}
            low, high = min(ends), max(ends)
            found.setdefault(column, []).append((low - (low not in own), high + (high not in own)))
    return found


def _lanes_of(edges: Mapping[int, _Edge], legs: Iterable[Leg]) -> list[_Edge]:
    stations = [station[0] for leg in legs for station in (leg.start, leg.end)]
    return [edge for lane, edge in edges.items() if min(stations) <= lane <= max(stations)]


def _middle(item: Item, edge: _Edge) -> float:
    """The least middle of an item that stands behind what is in its lane."""
    body = max(edge.body + edge.space.gap, edge.line + edge.space.arrow) + item.width / 2
    label = max(edge.label + CLEAR, edge.line + 1.5) + max(item.label, item.width) / 2
    return max(body, label)


def _between(items: Iterable[str], lanes: Lanes, edges: Mapping[int, _Edge]) -> list[_Edge]:
    """The lanes from the first to the last of those of `items`."""
    ends = [lanes.of[item] for item in items]
    return [edge for lane, edge in edges.items() if min(ends) <= lane <= max(ends)]


def _fan_needs(heads: Iterable[str], spanned: Iterable[_Edge], items: Mapping[str, Item]) -> list[float]:
    """The least middles of the heads of a fan behind what is in the lanes that it spans."""
    half = max(items[head].width for head in heads) / 2
    return [max(max(edge.body, edge.label) + edge.space.fan, edge.line + edge.space.arrow) + half for edge in spanned]


def _take(
    middle: float,
    held: Iterable[str],
    standing: Iterable[tuple[float, float]],
    edges: Mapping[int, _Edge],
    lanes: Lanes,
    items: Mapping[str, Item],
) -> None:
    """Takes what a column needs of each lane."""
    for low, high in standing:
        for lane, edge in edges.items():
            if low < lane < high:
                edge.line = max(edge.line, middle)
    for item in held:
        edge = edges[lanes.of[item]]
        edge.body = max(edge.body, middle + items[item].width / 2)
        edge.label = max(edge.label, middle + max(items[item].label, items[item].width) / 2)


def down(lanes: Lanes, ways: Iterable[Way], items: Mapping[str, Item]) -> dict[int, Lane]:
    """Lane -> where it runs, from the top."""
    used = sorted({*lanes.of.values(), *(way.lane for way in ways)})
    above, below = dict.fromkeys(used, WIRE), dict.fromkeys(used, WIRE)
    for name, lane in lanes.of.items():
        above[lane], below[lane] = max(above[lane], items[name].above), max(below[lane], items[name].below)
    firsts = set(lanes.bands.values())
    found: dict[int, Lane] = {}
    y = 0.0
    for lane in used:
        y += 0.0 if not found else LEVEL_GAP if lane in firsts else LANE_GAP
        found[lane] = Lane(y, y + above[lane], y + above[lane] + below[lane])
        y = found[lane].bottom
    return found

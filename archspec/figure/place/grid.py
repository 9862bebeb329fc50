"""Grid: which column and lane each item of a container stands in, and in which lane each link runs.

    column   the longest way from where the flow enters: every link runs to the right
    lane     0 for the main way; what branches off it lies above (-1, -2, ...) or below (1, 2, ...)

`chains.py` says which lane is whose.
"""

from collections.abc import Mapping

from archspec.figure.place.chains import Arranger
from archspec.figure.place.sheet import OUTSIDE, Container, Link
from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Grid:
    """The places of a container's items.

    Attributes:
        columns: item -> column, from 0.
        lanes: item -> lane, from 0 at the top.
        ways: link -> lane in which it runs between the column of its tail and that of its head.
        main: lane of the main way.
        count: number of columns.
    """

    columns: Mapping[str, int]
    lanes: Mapping[str, int]
    ways: Mapping[Link, int]
    main: int
    count: int


def arrange(container: Container, levels: Mapping[str, int] | None = None) -> Grid:
    """The grid of `container`. With `levels`, items stand in one band of lanes for each level, the finest on top.

    n log n in items and links, times the lanes that a chain must pass to find a free one.
    """
    columns = _columns(container)
    if levels is None:
        lanes, ways = Arranger(container.items, container.links, columns).run()
        return _grid(columns, lanes, ways)
    lanes, ways, base = {}, {}, 0
    by_level: dict[int, list[str]] = {}
    for item in container.items:
        by_level.setdefault(levels[item], []).append(item)
    inside: dict[int, list[Link]] = {}
    for link in container.links:
        ends = [levels[end] for end in (link.tail, link.head) if end != OUTSIDE]
        inside.setdefault(min(ends), []).append(link)
    for level in sorted(by_level):
        own, wires = Arranger(by_level[level], inside.get(level, []), columns).run()
        used = [*own.values(), *wires.values()]
        low, high = min(used), max(used)
        lanes |= {item: base + lane - low for item, lane in own.items()}
        ways |= {link: base + lane - low for link, lane in wires.items()}
        base += high - low + 1
    return _grid(columns, lanes, ways)


def _grid(
    columns: Mapping[str, int],
    lanes: Mapping[str, int],
    ways: Mapping[Link, int],
) -> Grid:
    top = min([*lanes.values(), *ways.values()], default=0)
    return Grid(
        columns,
        {item: lane - top for item, lane in lanes.items()},
        {link: lane - top for link, lane in ways.items()},
        -top,
        1 + max(columns.values(), default=-1),
    )


def _columns(container: Container) -> dict[str, int]:
    """The longest way to each item; what no data reaches stands right before its first reader.

    What nothing leads to nor from, such as a layer that others only share, stands in a row with its like.
    """
    columns: dict[str, int] = {}
    feeding: dict[str, list[Link]] = {}
    heads: dict[str, list[str]] = {}
    for link in container.links:
        feeding.setdefault(link.head, []).append(link)
        heads.setdefault(link.tail, []).append(link.head)
    for item in container.items:
        columns[item] = 1 + max((columns.get(link.tail, -1) for link in feeding.get(item, ())), default=-1)
    for item in reversed(container.items):
        readers = [columns[head] for head in heads.get(item, ()) if head != OUTSIDE]
        if readers and all(link.edge.fixed and link.tail != OUTSIDE for link in feeding.get(item, ())):
            columns[item] = max(min(readers) - 1, 0)
    alone = [item for item in container.items if item not in feeding and item not in heads]
    count = 1 + max((column for item, column in columns.items() if item not in alone), default=len(alone) - 1)
    return columns | {item: number % count for number, item in enumerate(alone)}

"""Grid: which column and lane each item of a container stands in, and in which lane each link runs.

    column   the longest way from where the flow enters: every link runs to the right
    lane     0 for the main way; what branches off it lies above (-1, -2, ...) or below (1, 2, ...)

`chains.py` says which lane is whose.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archspec.figure.place.chains import Arranger
from archspec.figure.place.sheet import OUTSIDE, Container, Link

_BUS = 3  # sources whose links run as one where all of their readers join them


@dataclass(frozen=True, slots=True)
class Grid:
    """The places of a container's items.

    Attributes:
        columns: item -> column, from 0.
        lanes: item -> lane, from 0 at the top.
        ways: link -> lane in which it runs between the column of its tail and that of its head.
        nets: link -> name of the line that it is drawn with: its source, or the first source on a bus.
        main: lane of the main way.
        count: number of columns.
    """

    columns: Mapping[str, int]
    lanes: Mapping[str, int]
    ways: Mapping[Link, int]
    nets: Mapping[Link, str]
    main: int
    count: int


def arrange(container: Container, levels: Mapping[str, int] | None = None) -> Grid:
    """The grid of `container`. With `levels`, items stand in one band of lanes for each level, the finest on top.

    n log n in items and links, times the lanes that a chain must pass to find a free one.
    """
    columns = _columns(container)
    nets = line_names(container, columns)
    if levels is None:
        lanes, ways = Arranger(container.items, container.links, columns, nets).run()
        return _grid(columns, lanes, ways, nets)
    lanes, ways, base = {}, {}, 0
    by_level: dict[int, list[str]] = {}
    for item in container.items:
        by_level.setdefault(levels[item], []).append(item)
    inside: dict[int, list[Link]] = {}
    for link in container.links:
        ends = [levels[end] for end in (link.tail, link.head) if end != OUTSIDE]
        inside.setdefault(min(ends), []).append(link)
    for level in sorted(by_level):
        own, wires = Arranger(by_level[level], inside.get(level, []), columns, nets).run()
        used = [*own.values(), *wires.values()]
        low, high = min(used), max(used)
        lanes |= {item: base + lane - low for item, lane in own.items()}
        ways |= {link: base + lane - low for link, lane in wires.items()}
        base += high - low + 1
    return _grid(columns, lanes, ways, nets)


def _grid(
    columns: Mapping[str, int],
    lanes: Mapping[str, int],
    ways: Mapping[Link, int],
    nets: Mapping[Link, str],
) -> Grid:
    top = min([*lanes.values(), *ways.values()], default=0)
    return Grid(
        columns,
        {item: lane - top for item, lane in lanes.items()},
        {link: lane - top for link, lane in ways.items()},
        nets,
        -top,
        1 + max(columns.values(), default=-1),
    )


def _columns(container: Container) -> dict[str, int]:
    """The longest way to each item; what reads nothing stands right before its first reader."""
    columns: dict[str, int] = {}
    feeding: dict[str, list[str]] = {}
    heads: dict[str, list[str]] = {}
    for link in container.links:
        feeding.setdefault(link.head, []).append(link.tail)
        heads.setdefault(link.tail, []).append(link.head)
    for item in container.items:
        columns[item] = 1 + max((columns.get(tail, -1) for tail in feeding.get(item, ())), default=-1)
    for item in container.items:
        readers = [columns[head] for head in heads.get(item, ()) if head != OUTSIDE]
        if not feeding.get(item) and readers:
            columns[item] = max(min(readers) - 1, 0)
    return columns


def line_names(container: Container, columns: Mapping[str, int]) -> dict[Link, str]:
    """The line of each link. Sources that all later members of a set of readers read run on one bus."""
    nets = {link: link.source for link in container.links}
    readers: dict[str, list[Link]] = {}
    for link in container.links:
        if link.head != OUTSIDE and link.edge.kind != "residual":
            readers.setdefault(link.source, []).append(link)
    ends: dict[str, list[str]] = {}
    for source, links in readers.items():
        if any(columns[link.head] - columns.get(link.tail, -1) > 1 for link in links):
            ends.setdefault(max(links, key=lambda link: columns[link.head]).head, []).append(source)
    for sources in ends.values():
        if len(sources) < _BUS:
            continue
        heads = {link.head for source in sources for link in readers[source]}
        if all(_reads_all(readers[source], heads, columns) for source in sources):
            nets |= {link: sources[0] for source in sources for link in readers[source]}
    return nets


def _reads_all(links: Sequence[Link], heads: set[str], columns: Mapping[str, int]) -> bool:
    """Whether a source is read by every one of `heads` behind it."""
    behind = {head for head in heads if columns[head] > columns.get(links[0].tail, -1)}
    return behind == {link.head for link in links}

"""Nest: from a flat Panel to the tree of its containers.

An edge that crosses the border of an open block becomes one link in every container on its way: it leaves the blocks
around its tail, runs between two items of the container around both ends, and enters the blocks around its head.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush

from archspec.figure.diagram import Box, Edge, Group, Panel
from archspec.figure.place.sheet import OUTSIDE, Container, Link


def nest(panel: Panel, groups: Sequence[Group] | None = None) -> dict[str, Container]:
    """Id of each open block -> what is in it; "" is the panel itself. Blocks inside come before those around them.

    Linear in boxes and edges, times the nesting of blocks. `groups` are the open blocks, all of the panel's without it.
    """
    open_blocks = panel.groups if groups is None else groups
    parents = {group.id: group.parent for group in open_blocks}
    homes = around(panel, open_blocks)
    items: dict[str, dict[str, None]] = {"": {}}
    for box in panel.boxes:
        inner = box.id
        for group in homes[box.id]:
            items.setdefault(group, {})[inner] = None
            inner = group
    links: dict[str, dict[tuple[str, str, str], Link]] = {name: {} for name in items}
    for edge in panel.edges:
        for container, tail, head in crossed(edge, homes):
            key = (tail, head, edge.source)
            known = links[container].get(key)
            if known is None or (known.edge.kind != "flow" and edge.kind == "flow"):
                links[container][key] = Link(tail, head, edge.source, edge)
    ordered = sorted(items, key=lambda name: -_depth(name, parents))
    return {
        name: Container(name, tuple(_topological(items[name], links[name].values())), tuple(links[name].values()))
        for name in ordered
    }


def around(panel: Panel, groups: Sequence[Group]) -> dict[str, tuple[str, ...]]:
    """Box id -> the open blocks around it, the innermost first, "" last."""
    parents = {group.id: group.parent for group in groups}
    return {box.id: tuple(_around(box, parents)) for box in panel.boxes}


def crossed(edge: Edge, homes: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str, str]]:
    """The pieces of an edge, from its tail to its head: container, and the items of it that the piece runs between.

    `homes` has the open blocks around each box, the innermost first, "" last.
    """
    outer = set(homes[edge.head])
    shared = next(name for name in homes[edge.tail] if name in outer)
    tail = edge.tail
    for group in homes[edge.tail]:
        if group == shared:
            break
        yield group, tail, OUTSIDE
        tail = group
    inward = list(homes[edge.head][: homes[edge.head].index(shared)])
    yield shared, tail, inward[-1] if inward else edge.head
    for index in range(len(inward) - 1, -1, -1):
        yield inward[index], OUTSIDE, inward[index - 1] if index else edge.head


def _around(box: Box, parents: Mapping[str, str]) -> Iterator[str]:
    name = next((group for group in box.groups if group in parents), "")
    while name:
        yield name
        name = parents[name]
    yield ""


def _depth(name: str, parents: Mapping[str, str]) -> int:
    depth = 0
    while name:
        name, depth = parents[name], depth + 1
    return depth


def _topological(items: Iterable[str], links: Iterable[Link]) -> Iterator[str]:
    """`items` so that links run forward, otherwise in the order given."""
    names = list(items)
    place = {name: index for index, name in enumerate(names)}
    waiting = dict.fromkeys(names, 0)
    heads: dict[str, list[str]] = {}
    for link in links:
        if OUTSIDE not in (link.tail, link.head):
            waiting[link.head] += 1
            heads.setdefault(link.tail, []).append(link.head)
    ready = [place[name] for name, count in waiting.items() if not count]
    heapify(ready)
    while ready:
        name = names[heappop(ready)]
        yield name
        for head in heads.get(name, ()):
            waiting[head] -= 1
            if not waiting[head]:
                heappush(ready, place[head])

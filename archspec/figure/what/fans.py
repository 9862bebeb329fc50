"""Fans: blocks that all read all of some others, each at a resolution of its own."""

from collections.abc import Iterable, Iterator

from archspec.figure.diagram import Box, Edge
from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Fan:
    """Boxes of different levels, and those that all of them read."""

    tails: frozenset[str]
    heads: tuple[str, ...]


def fans(boxes: Iterable[Box], edges: Iterable[Edge]) -> Iterator[Fan]:
    """Two blocks or more, each of a level of its own, that read the same two boxes or more, as much apart."""
    known = {box.id: box for box in boxes}
    read: dict[str, set[str]] = {}
    for edge in edges:
        read.setdefault(edge.head, set()).add(edge.tail)
    found: dict[frozenset[str], list[str]] = {}
    for head, tails in read.items():
        if len({known[tail].level for tail in tails}) == len(tails) > 1 and known[head].kind == "block":
            found.setdefault(frozenset(tails), []).append(head)
    for ends, heads in found.items():
        if len(heads) > 1 and len({known[head].level for head in heads}) == len(heads):
            yield Fan(ends, tuple(heads))

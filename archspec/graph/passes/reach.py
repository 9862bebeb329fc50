"""Reach: which nodes some others need."""

from collections.abc import Iterable

from archspec.graph.graph import Graph


def reach(graph: Graph, ends: Iterable[str]) -> set[str]:
    """The nodes `ends` and everything they read, through any number of nodes. Linear in nodes and edges."""
    found = set(ends)
    open_ = list(found)
    while open_:
        for ref in graph.nodes[open_.pop()].inputs:
            if ref.node not in found:
                found.add(ref.node)
                open_.append(ref.node)
    return found

"""Reach: which nodes some others need."""

from collections.abc import Iterable

from archspec.graph.graph import Graph


def reach(graph: Graph, ends: Iterable[str], *, owners: bool = True) -> set[str]:
    """The nodes `ends` and everything they read, through any number of nodes; and the owners of shared parameters.

    Linear in nodes and edges.
    """
    found = set(ends)
    open_ = list(found)
    while open_:
        node = graph.nodes[open_.pop()]
        for needed in (*(ref.node for ref in node.inputs), *((node.share,) if node.share and owners else ())):
            if needed not in found:
                found.add(needed)
                open_.append(needed)
    return found

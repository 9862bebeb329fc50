"""Assemble: nodes and scopes -> Graph."""

from collections.abc import Mapping
from types import MappingProxyType

from archspec.graph.graph import Graph, Node, Output, Scope


def assemble(
    nodes: Mapping[str, Node], scopes: Mapping[str, Scope], inputs: tuple[str, ...], outputs: tuple[Output, ...]
) -> Graph:
    """The Graph of these parts."""
    return Graph(MappingProxyType(dict(nodes)), MappingProxyType(dict(scopes)), inputs, outputs)

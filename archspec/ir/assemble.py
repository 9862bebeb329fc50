"""Assemble: nodes and scopes -> Graph, with the networkx DAG over them."""

from collections.abc import Mapping
from types import MappingProxyType

import networkx as nx

from archspec.ir.graph import Graph, Node, Output, Scope


def assemble(
    nodes: Mapping[str, Node], scopes: Mapping[str, Scope], inputs: tuple[str, ...], outputs: tuple[Output, ...]
) -> Graph:
    """The Graph of these parts. Linear in nodes and edges."""
    dag: nx.DiGraph[str] = nx.DiGraph()
    dag.add_nodes_from((id, {"node": node}) for id, node in nodes.items())
    dag.add_edges_from((ref.node, id) for id, node in nodes.items() for ref in node.inputs)
    return Graph(nx.freeze(dag), MappingProxyType(dict(nodes)), MappingProxyType(dict(scopes)), inputs, outputs)

"""Dag: a Graph for networkx, whose algorithms then answer what archspec does not: paths, cuts, orders."""

import networkx as nx

from archspec.graph.graph import Graph


def dag(graph: Graph) -> "nx.DiGraph[str]":
    """`graph` as `Graph.dag` describes it. Linear in nodes and edges."""
    made: nx.DiGraph[str] = nx.DiGraph()
    made.add_nodes_from((id, {"node": node}) for id, node in graph.nodes.items())
    made.add_edges_from((ref.node, id) for id, node in graph.nodes.items() for ref in node.inputs)
    nx.freeze(made)
    return made

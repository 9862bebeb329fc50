"""Prune: leaves out what no output needs."""

from archspec.diagnostics.findings import Findings
from archspec.ir.graph import Graph


def prune(graph: Graph, findings: Findings) -> Graph:
    """The graph without unneeded nodes, scopes and scope outputs."""
    return graph

"""Verify: the invariants of a Graph. A broken one is a bug of archspec, never a mistake in a spec."""
from archspec.ir.graph import Graph


def verify(graph: Graph) -> None:
    """Raises AssertionError where the graph breaks an invariant."""

"""Saved memory: what autograd keeps in training between forward and backward."""

from archspec.measures.measure import Measure, Run

MEASURE = Measure(
    name="saved_memory",
    label="saved memory",
    unit="bytes that autograd saves for the backward pass; one sample in float32",
    value=Run("archspec.memory.by_node", sum),
    places=frozenset({"heat", "expect", "expect of a block"}),
    shown="bytes",
)

"""Peak memory: how much of values is live at once at inference, by the order of the source."""

from archspec.measures.measure import Measure, Run

MEASURE = Measure(
    name="peak_memory",
    label="peak memory",
    unit="bytes of values that are live at once at inference, at most; one sample in float32",
    value=Run("archspec.memory.by_node", max),
    places=frozenset({"heat", "expect", "expect of a block"}),
    shown="bytes",
)

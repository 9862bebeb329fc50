"""Time: how long ops take at least, one after the other, on a device. Which device, `sweep` and `solve` are told."""

from archspec.measures.measure import Measure, Run

VALUE = Run("archspec.speed.by_node", sum)
MEASURE = Measure(
    name="time",
    label="time",
    unit="nanoseconds by a roofline: one sample at inference in float32, on an A100 unless a device is named",
    value=VALUE,
    places=frozenset({"heat"}),
    shown="time",
)

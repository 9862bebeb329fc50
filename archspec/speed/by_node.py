"""By node: what measures say of the time of each node. `archspec/measures/` names this module."""

from collections.abc import Mapping
from dataclasses import replace

from archspec.graph.network import Network
from archspec.measures.measure import Measure
from archspec.measures.time import MEASURE, VALUE
from archspec.speed.device import devices
from archspec.speed.roofline import Run, work

USUAL = "a100-80gb"  # the device of the table that is meant where none is named


def by_node(network: Network, run: Run | None = None) -> Mapping[str, Mapping[str, int]]:
    """Name of a measure -> id of a node -> nanoseconds that it takes at least. Linear in nodes and edges."""
    works = work(network, run or Run(devices()[USUAL]))
    return {MEASURE.name: {id: round(one.seconds * 1e9) for id, one in works.items()}}


def time_of(run: Run) -> Measure:
    """The measure `time` of what runs so."""
    return replace(MEASURE, value=replace(VALUE, how=(run,)))

"""By node: what measures say of the memory of each node. `archspec/measures/` names this module."""

from collections.abc import Mapping

from archspec.graph.network import Network
from archspec.memory.need import Plan, kept_by_node, live_at_inference
from archspec.memory.tape import Sizes, Tape


def by_node(network: Network) -> Mapping[str, Mapping[str, int]]:
    """Name of a measure -> id of a node -> bytes of one sample in float32. Linear in nodes and edges.

    `peak_memory` is all that is live while a node runs at inference, `saved_memory` what it makes that autograd keeps.
    """
    tape, plan = Tape(network), Plan()
    saved = kept_by_node(tape, Sizes.of_plan(plan.batch, plan.dtype))
    return {"peak_memory": live_at_inference(tape), "saved_memory": dict(saved)}

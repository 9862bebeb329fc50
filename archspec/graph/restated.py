"""Restated: a report whose counts are those of another tool's rules (`archspec/conventions/`)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from archspec.conventions.convention import Convention, Counted
from archspec.graph.measured import ops_in
from archspec.graph.network import Network
from archspec.measures.measure import Values

if TYPE_CHECKING:
    from archspec.graph.report import Report


def by_tool(network: Network, convention: Convention) -> Mapping[str, int]:
    """Node id -> what the tool counts of it.

    Raises:
        ValueError: it counts an op here by a rule that is not restated; the message names both.
    """
    found: dict[str, int] = {}
    for id, node in network.graph.nodes.items():
        if node.op.module in convention.apart:
            raise ValueError(f"how {convention.name} counts {node.op.module} ({id}) is not restated")
        counted = Counted(node.op, network.input_shapes(node), network.shapes[id], network.costs[id])
        found[id] = convention.count(counted)
    return found


def restated(made: "Report", network: Network, convention: Convention) -> "Report":
    """The report with the tool's counts in its rows and totals. Raises as `by_tool`."""
    counts, name = by_tool(network, convention), convention.name
    held = ops_in(network, [row.path for row in made.rows])

    def with_count(values: Values, ids: Iterable[str]) -> Values:
        return replace(values, own={**values.own, name: sum(counts[id] for id in ids)})

    nodes = network.graph.nodes
    return replace(
        made,
        whole=with_count(made.whole, [id for id in counts if not nodes[id].train_only]),
        training=with_count(made.training, [id for id in counts if nodes[id].train_only]),
        rows=tuple(replace(row, values=with_count(row.values, held[row.path])) for row in made.rows),
    )

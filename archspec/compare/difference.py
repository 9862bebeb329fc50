"""The way from two networks to their Difference: match, compare, tabulate."""

from archspec.compare.changes import Comparison, compare
from archspec.compare.facts import facts
from archspec.compare.match import match
from archspec.compare.rows import rows
from archspec.compare.table import Counts, Difference, Row, Side
from archspec.graph.network import Network
from archspec.graph.report import totals


def difference(first: Network, second: Network) -> Difference:
    """What is different between `first` and `second`. Linear in nodes, scopes and edges."""
    return tabulate(comparison(first, second))


def comparison(first: Network, second: Network) -> Comparison:
    """What corresponds in two networks and what changed of it: what the table and the figure are made of."""
    return compare(first, second, match(first.graph, second.graph))


def tabulate(compared: Comparison) -> Difference:
    """The table of a comparison."""
    made, ops = rows(compared)
    graph = compared.first.graph
    before = len(graph.nodes) - len(graph.inputs)
    return Difference(
        before=_side(compared.first),
        after=_side(compared.second),
        facts=tuple(facts(compared)),
        rows=made,
        ops=ops,
        same=before - ops.removed - ops.changed - ops.renamed - ops.affected,
    )


def _side(network: Network) -> Side:
    graph = network.graph
    return Side(
        name=network.name,
        variant=network.variant,
        source=graph.scopes[""].definition.span.source.name,
        inputs={graph.nodes[id].name: network.shapes[id][0] for id in graph.inputs},
        outputs={output.name: network.shape(output.ref) for output in graph.outputs},
        totals=Counts(*totals(network)),
    )


__all__ = ["Difference", "Row", "comparison", "difference", "tabulate"]

"""The way from two networks to their Difference: match, compare, tabulate."""

from collections.abc import Sequence
from dataclasses import replace

from archspec.compare.changes import Comparison, compare
from archspec.compare.facts import facts
from archspec.compare.match import match
from archspec.compare.rows import rows
from archspec.compare.table import Counts, Difference, Row, Side
from archspec.graph.measured import ops_in, own
from archspec.graph.network import Network
from archspec.graph.report import totals
from archspec.measures.known import beside_cost, computed
from archspec.measures.measure import Measure


def difference(first: Network, second: Network) -> Difference:
    """What is different between `first` and `second`. Linear in nodes, scopes and edges."""
    return tabulate(comparison(first, second))


def comparison(first: Network, second: Network) -> Comparison:
    """What corresponds in two networks and what changed of it: what the table and the figure are made of."""
    return compare(first, second, match(first.graph, second.graph))


def tabulate(compared: Comparison, asked: Sequence[Measure] = ()) -> Difference:
    """The table of a comparison; `asked` are measures to show besides those that every table shows."""
    made, ops = rows(compared)
    graph = compared.first.graph
    before = len(graph.nodes) - len(graph.inputs)
    return Difference(
        before=_side(compared.first, asked),
        after=_side(compared.second, asked),
        facts=tuple(facts(compared)),
        rows=_with_own(compared, made, asked),
        ops=ops,
        same=before - ops.removed - ops.changed - ops.renamed - ops.moved - ops.affected,
        asked=tuple(asked),
    )


def _side(network: Network, asked: Sequence[Measure]) -> Side:
    graph = network.graph
    return Side(
        name=network.name,
        variant=network.variant,
        source=graph.scopes[""].definition.span.source.name,
        inputs={graph.nodes[id].name: network.shapes[id][0] for id in graph.inputs},
        outputs={output.name: network.shape(output.ref) for output in graph.outputs},
        totals=Counts(*totals(network)),
        own=own(network, graph.nodes, asked),
    )


def _with_own(compared: Comparison, found: tuple[Row, ...], asked: Sequence[Measure]) -> tuple[Row, ...]:
    """Rows with the measures that are no column of Cost: of all the ops a row stands for, since they are no sums."""
    if not beside_cost() and not any(map(computed, asked)):
        return found
    pending, paths = list(found), (set[str](), set[str]())
    while pending:
        row = pending.pop()
        for known, members in zip(paths, row.members, strict=True):
            known.update(members)
        pending += row.rows
    before, after = ops_in(compared.first, paths[0]), ops_in(compared.second, paths[1])

    def measured(row: Row) -> Row:
        """Recursive over the nesting only."""
        one = own(compared.first, (op for id in row.members[0] for op in before[id]), asked)
        other = own(compared.second, (op for id in row.members[1] for op in after[id]), asked)
        return replace(row, own=(one, other), rows=tuple(map(measured, row.rows)))

    return tuple(map(measured, found))


__all__ = ["Difference", "Row", "comparison", "difference", "tabulate"]

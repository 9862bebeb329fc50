"""Scales: which blocks have to do with maps of several resolutions."""

from collections.abc import Iterator, Mapping

from archspec.figure.what.idioms import held_values
from archspec.figure.what.runs import NO_RUNS, Runs
from archspec.graph.graph import Node, Ref
from archspec.graph.network import Network
from archspec.graph.once import once
from archspec.graph.walk import ancestors
from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Scales:
    """What opens for its resolutions, and what does not open twice.

    Attributes:
        laned: scopes of which maps of several levels are read outside.
        meeting: scopes that read maps of several levels and give one.
        runs: equal scopes in a row.
        still: scopes that depend on nothing the network is given, tables of places: they stay closed.
        more: times the budget of boxes that may be there where scopes open for their lanes.
    """

    laned: frozenset[str] = frozenset()
    meeting: frozenset[str] = frozenset()
    runs: Runs = NO_RUNS
    more: int = 1
    still: frozenset[str] = frozenset()


NO_SCALES = Scales()


def scales(network: Network, levels: Mapping[str, int], runs: Runs) -> Scales:
    """The scales of `network`. Linear in nodes, times how deep scopes nest."""
    graph = network.graph
    around = {id: tuple(ancestors(graph, id)) for id in graph.scopes}
    given: dict[str, set[int]] = {}
    read: dict[str, set[int]] = {}
    for node in graph.nodes.values():
        for ref in _maps(network, node):
            tails, heads = around[graph.nodes[ref.node].scope], around[node.scope]
            for scope in tails:
                if scope not in heads:
                    given.setdefault(scope, set()).add(levels[ref.node])
            for scope in heads:
                if scope not in tails:
                    read.setdefault(scope, set()).add(levels[ref.node])
    for output in graph.outputs:
        if not output.train_only and _is_map(network, output.ref):
            for scope in around[graph.nodes[output.ref.node].scope]:
                given.setdefault(scope, set()).add(levels[output.ref.node])
    laned = frozenset(scope for scope, found in given.items() if len(found) > 1)
    meeting = frozenset(scope for scope, found in read.items() if len(found) > 1 and len(given.get(scope, ())) == 1)
    return Scales(laned, meeting, runs)


@once
def still(network: Network) -> frozenset[str]:
    """Scopes in which nothing depends on what the network is given, sizes apart. Linear, times how deep scopes nest."""
    graph, held = network.graph, held_values(network)
    moving = {scope for node in graph.nodes.values() if node.id not in held for scope in ancestors(graph, node.scope)}
    return frozenset(graph.scopes.keys() - moving)


def _maps(network: Network, node: Node) -> Iterator[Ref]:
    """The maps that a node reads more than the size of, in inference."""
    for index, ref in enumerate(node.inputs):
        if not node.train_only and not node.op.reads_size(index) and _is_map(network, ref):
            yield ref


def _is_map(network: Network, ref: Ref) -> bool:
    """Whether a value has a resolution."""
    return any(side > 1 for side in network.shape(ref).spatial)

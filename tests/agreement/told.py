"""What a graph says of each of its members, found in the plainest way: what every view is held to."""

from collections.abc import Iterator
from dataclasses import dataclass

from archspec.graph.graph import Node, Ref, Scope
from archspec.graph.network import Network
from archspec.graph.walk import default_output
from archspec.values.shape import Shape


@dataclass(frozen=True, slots=True)
class Told:
    """One member: the shape of its default output, and the counts of everything in it, train-only parts included."""

    shape: Shape
    params: int
    macs: int
    train_only: bool


def told(net: Network) -> dict[str, Told]:
    """Every node and every scope but the root, by id."""
    graph = net.graph
    params, macs = dict.fromkeys(graph.scopes, 0), dict.fromkeys(graph.scopes, 0)
    found: dict[str, Told] = {}
    for id, node in graph.nodes.items():
        cost = net.costs[id]
        found[id] = Told(net.shapes[id][0], cost.params, cost.macs, node.train_only)
        for around in scopes_around(net, node):
            params[around] += cost.params
            macs[around] += cost.macs
    for id, scope in graph.scopes.items():
        if id:
            found[id] = Told(net.shape(default_output(graph, scope)), params[id], macs[id], scope.train_only)
    return found


def scopes_around(net: Network, node: Node) -> Iterator[str]:
    """Ids of the scopes that a node stands in, the innermost first, the root last."""
    scope = net.graph.scopes[node.scope]
    while scope.id:
        yield scope.id
        scope = net.graph.scopes[scope.parent]
    yield ""


def nodes_inside(net: Network) -> dict[str, list[str]]:
    """Scope -> ids of the nodes in it at any depth, in writing order."""
    held: dict[str, list[str]] = {id: [] for id in net.graph.scopes}
    for node in net.graph.nodes.values():
        for scope in scopes_around(net, node):
            held[scope].append(node.id)
    return held


def read_by_bare_name(net: Network) -> Iterator[tuple[str, Ref]]:
    """Every scope that is read by its bare name, and what its reader reads in the flat graph."""
    members: tuple[Node | Scope, ...] = (*net.graph.nodes.values(), *net.graph.scopes.values())
    for member in members:
        around = member.scope if isinstance(member, Node) else member.parent
        for local, ref in zip(member.reads, member.inputs, strict=True):
            id = f"{around}/{local.member}" if around else local.member
            if id in net.graph.scopes and not local.port and id != member.id:
                yield id, ref

"""Runs: equal blocks one behind the other, whether a `repeat` wrote them or their author did.

    a: {block: module, from: [x, y]}
    b: {block: module, from: [a.r4, a.r8]}        a run of three, drawn once with its number
    c: {block: module, from: [b.r4, b.r8]}

Each reads of the one before all that comes to it, or what the one before it reads too, and nothing else reads that.
They are equal op by op and shape by shape, and their parameters are their own.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from archspec.graph.graph import Graph, Node, Ref, Scope
from archspec.graph.network import Network
from archspec.graph.walk import ancestors, children, home, inside, moved, within

_OUTSIDE = ""  # as a reader of a scope: something beyond the scope around it, or an output of the network


@dataclass(frozen=True, slots=True)
class Runs:
    """Equal blocks in a row.

    Attributes:
        members: first scope of a run -> all of them in order.
        same: id of everything in the others, and of themselves -> what it is in the first.
        within: the same ids -> the scope of the run that they are in.
    """

    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    same: Mapping[str, str] = field(default_factory=dict)
    within: Mapping[str, str] = field(default_factory=dict)

    def of(self, scopes: Iterable[str]) -> "Runs":
        """Those whose first is one of `scopes`."""
        kept = {first: self.members[first] for first in scopes if first in self.members}
        others = {other for members in kept.values() for other in members[1:]}
        return Runs(kept, {id: first for id, first in self.same.items() if self.within[id] in others}, self.within)

    def first(self, id: str) -> str:
        """What a node or a scope is drawn as: itself, or what it is in the first of its run."""
        return self.same.get(id, id)

    def first_ref(self, ref: Ref) -> Ref:
        """The same of a value."""
        return Ref(self.first(ref.node), ref.port)


NO_RUNS = Runs()


def runs(network: Network) -> Runs:
    """The outermost runs of a network. Linear in nodes, times how deep scopes nest."""
    graph = network.graph
    readers = _readers(graph)
    members: dict[str, tuple[str, ...]] = {}
    same: dict[str, str] = {}
    places: dict[str, str] = {}
    for parent in graph.scopes.values():
        if parent.id in same or any(around in members for around in ancestors(graph, parent.id)):
            continue
        for first, *others in _in_a_row(network, parent, readers):
            members[first.id] = (first.id, *(other.id for other in others))
            for other in others:
                for each in (other, *inside(graph, other)):
                    same[each.id] = moved(each.id, other.id, first.id)
                    places[each.id] = other.id
    return Runs(members, same, places)


def _in_a_row(network: Network, parent: Scope, readers: Mapping[str, frozenset[str]]) -> Iterator[list[Scope]]:
    """The runs of two or more among the scopes that stand in `parent` itself."""
    row: list[Scope] = []
    for scope in children(network.graph, parent):
        if not isinstance(scope, Scope):
            continue
        if row and readers.get(row[-1].id) == {scope.id} and _follows(network, row, scope):
            row.append(scope)
            continue
        if len(row) > 1:
            yield row
        row = [scope]
    if len(row) > 1:
        yield row


def _follows(network: Network, row: list[Scope], scope: Scope) -> bool:
    """Whether `scope` reads of the last of `row` what that one reads of the one before it, and is equal to it."""
    before = row[-1]
    if scope.definition is not before.definition or scope.train_only != before.train_only or scope.share:
        return False
    read = 0
    for given, mine in zip(before.inputs, scope.inputs, strict=True):
        if within(mine.node, before.id):
            read += 1
            back = Ref(moved(mine.node, before.id, row[-2].id), mine.port) if len(row) > 1 else given
            if back != given:
                return False
        elif mine != given:
            return False
    return read > 0 and _looks(network, before) == _looks(network, scope)


def _looks(network: Network, scope: Scope) -> tuple[Hashable, ...]:
    """All of a scope by which another may equal it: its ops, their shapes and what they read."""
    found: list[Hashable] = []
    for member in inside(network.graph, scope):
        if not isinstance(member, Node):
            found.append((moved(member.id, scope.id, ""), member.share))
            continue
        shapes = tuple(shape.dims for shape in network.shapes[member.id])
        reads = tuple(
            (moved(ref.node, scope.id, ""), ref.port) if within(ref.node, scope.id) else scope.inputs.index(ref)
            for ref in member.inputs
            if within(ref.node, scope.id) or ref in scope.inputs
        )
        found.append((moved(member.id, scope.id, ""), member.op.name, repr(member.op), shapes, reads, member.share))
    return tuple(found)


def _readers(graph: Graph) -> dict[str, frozenset[str]]:
    """Scope -> the scopes beside it that read what is in it, and `_OUTSIDE` where something else does."""
    found: dict[str, set[str]] = {}
    around = {id: tuple(ancestors(graph, id)) for id in graph.scopes}
    for node in graph.nodes.values():
        for ref in node.inputs:
            tails = around[home(graph.nodes[ref.node])]
            heads = around[node.scope]
            shared = set(heads)
            outer = [scope for scope in tails if scope not in shared]
            beside = next((scope for scope in reversed(heads) if scope not in tails), node.id)
            for index, scope in enumerate(outer):
                found.setdefault(scope, set()).add(beside if index == len(outer) - 1 else _OUTSIDE)
    for output in graph.outputs:
        for scope in around[home(graph.nodes[output.ref.node])]:
            found.setdefault(scope, set()).add(_OUTSIDE)
    return {scope: frozenset(reads) for scope, reads in found.items()}

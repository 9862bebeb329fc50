"""Runs: equal blocks one behind the other, whether a `repeat` wrote them or their author did.

    a: {block: module, from: [x, y]}
    b: {block: module, from: [a.r4, a.r8]}        a run of three, drawn once with its number
    c: {block: module, from: [b.r4, b.r8]}

Each reads of the one before all that comes to it, or what the one before it reads too, and nothing else reads that.
They are equal op by op and shape by shape, and their parameters are their own.

In a stage the first may differ: it is written as the others are but for its stride, and may read other channels. What
it gives is as large as what they give. A stage is never drawn open.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field

from archspec.graph.graph import Graph, Member, Node, Ref, Scope, child_id
from archspec.graph.network import Network
from archspec.graph.once import once
from archspec.graph.walk import ancestors, children, default_output, home, inside, moved, own_output, within
from archspec.values.dataclass import dataclass

_BRANCHES = 2  # a block of more is a picture of its own, with a band for each, where only two stand in a row
_MANY = 3
_OUTSIDE = ""  # as a reader of a scope: something beyond the scope around it


@dataclass(frozen=True, slots=True)
class Runs:
    """Equal blocks in a row.

    Attributes:
        members: first scope of a run -> all of them in order.
        same: id of everything in the others, and of themselves -> what it is in the first.
        within: the same ids -> the scope of the run that they are in.
        stages: first scopes of the runs in which the first differs.
    """

    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    same: Mapping[str, str] = field(default_factory=dict)
    within: Mapping[str, str] = field(default_factory=dict)
    stages: frozenset[str] = frozenset()

    def of(self, scopes: Iterable[str]) -> "Runs":
        """Those whose first is one of `scopes`."""
        kept = {first: self.members[first] for first in scopes if first in self.members}
        others = {other for members in kept.values() for other in members[1:]}
        same = {id: first for id, first in self.same.items() if self.within[id] in others}
        return Runs(kept, same, self.within, self.stages.intersection(kept))

    def first(self, id: str) -> str:
        """What a node or a scope is drawn as: itself, or what it is in the first of its run."""
        return self.same.get(id, id)

    def first_ref(self, ref: Ref) -> Ref:
        """The same of a value."""
        return Ref(self.first(ref.node), ref.port)


NO_RUNS = Runs()


@once
def runs(network: Network) -> Runs:
    """The outermost runs of a network. Linear in nodes, times how deep scopes nest."""
    graph = network.graph
    readers = _readers(graph)
    members: dict[str, tuple[str, ...]] = {}
    same: dict[str, str] = {}
    places: dict[str, str] = {}
    stages: set[str] = set()
    for parent in graph.scopes.values():
        if parent.id in same or any(around in members for around in ancestors(graph, parent.id)):
            continue
        for first, *others in _in_a_row(network, parent, readers):
            members[first.id] = (first.id, *(other.id for other in others))
            if _looks(network, first) != _looks(network, others[0]):
                stages.add(first.id)
            for other in others:
                for each in (other, *inside(graph, other)):
                    same[each.id] = _counterpart(graph, each, other, first, is_stage=first.id in stages)
                    places[each.id] = other.id
    return Runs(members, same, places, frozenset(stages))


def _counterpart(graph: Graph, each: Member, scope: Scope, first: Scope, *, is_stage: bool) -> str:
    """What something in a scope is in the first of its run: in a stage, the node that the first gives its value by."""
    if is_stage and isinstance(each, Node):
        return default_output(graph, first).node
    return first.id if is_stage else moved(each.id, scope.id, first.id)


def _in_a_row(network: Network, parent: Scope, readers: Mapping[str, frozenset[str]]) -> Iterator[list[Scope]]:
    """The runs of two or more among the scopes that stand in `parent` itself."""
    row: list[Scope] = []
    for scope in children(network.graph, parent):
        if not isinstance(scope, Scope):
            continue
        if row and _read_by(readers, row, scope) and _follows(network, row, scope):
            row.append(scope)
            continue
        if _is_run(network, row):
            yield row
        row = [scope]
    if _is_run(network, row):
        yield row


def _is_run(network: Network, row: Sequence[Scope]) -> bool:
    """Whether equal blocks in a row are drawn once: two, or three of many branches."""
    if not 1 < len(row) < _MANY:
        return bool(row[1:])
    last = own_output(network.graph, row[0])
    return last is None or last.op.joins != "concat" or len(last.inputs) <= _BRANCHES


def _read_by(readers: Mapping[str, frozenset[str]], row: Sequence[Scope], scope: Scope) -> bool:
    """Whether only `scope` reads what is in the last of `row`, and the network, if it reads the same of all of them."""
    read = [readers.get(one.id, frozenset()) for one in (*row, scope)]
    given = [{moved(id, one.id, "") for id in ids if within(id, one.id)} for one, ids in zip(row, read, strict=False)]
    only = all(id == scope.id or within(id, row[-1].id) for id in read[-2])
    alike = all(ids == given[0] for ids in given)
    return scope.id in read[-2] and only and alike and all(child_id(scope.id, id) in read[-1] for id in given[0])


def _follows(network: Network, row: list[Scope], scope: Scope) -> bool:
    """Whether `scope` reads of the last of `row` what that one reads of the one before it, and is equal to it."""
    before = row[-1]
    if scope.definition is not before.definition or scope.train_only != before.train_only or scope.share:
        return False
    read = 0
    for given, mine in zip(before.inputs, scope.inputs, strict=True):
        if within(mine.node, before.id):
            read += 1
            if len(row) > 1 and not _same_output(network.graph, (row[-2], given), (before, mine)):
                return False
        elif mine != given:
            return False
    return read > 0 and (
        _looks(network, before) == _looks(network, scope) or (len(row) == 1 and _leads(network, before, scope))
    )


def _same_output(graph: Graph, one: tuple[Scope, Ref], other: tuple[Scope, Ref]) -> bool:
    """Whether two scopes give two values by the same name: as the same inside, or as what they give by default."""
    (first, given), (second, mine) = one, other
    by_default = given == default_output(graph, first) and mine == default_output(graph, second)
    return by_default or given == Ref(moved(mine.node, second.id, first.id), mine.port)


def _leads(network: Network, first: Scope, scope: Scope) -> bool:
    """Whether `first` is the first of a stage of such as `scope`: of one input and output, alike but for a stride."""
    graph = network.graph
    ends = [own_output(graph, one) for one in (first, scope)]
    if len(scope.inputs) != 1 or len(scope.outputs) != 1 or None in ends or first.share:
        return False
    given, read = (
        [network.shape(ref).dims for ref in refs]
        for refs in ([default_output(graph, first), default_output(graph, scope)], [first.inputs[0], scope.inputs[0]])
    )
    differing = [name for name, value in scope.args.items() if first.args.get(name) != value]
    coarser = read[0][1:] != read[1][1:]
    return given[0] == given[1] and len(differing) <= coarser and len(given[0]) > 1


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
        told = member.op.name if member.op.unseen else repr(member.op)  # a rate of dropout is not shown
        found.append((moved(member.id, scope.id, ""), member.op.name, told, shapes, reads, member.share))
    return tuple(found)


def _readers(graph: Graph) -> dict[str, frozenset[str]]:
    """Scope -> the scopes beside it that read what is in it, and `_OUTSIDE` where something else does.

    Its own nodes that give outputs of the network stand for these.
    """
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
            found.setdefault(scope, set()).add(output.ref.node)
    return {scope: frozenset(reads) for scope, reads in found.items()}

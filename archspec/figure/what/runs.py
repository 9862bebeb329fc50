"""Runs: equal blocks one behind the other, whether a `repeat` wrote them or their author did.

    a: {block: module, from: [x, y]}
    b: {block: module, from: [a.r4, a.r8]}        a run of three, drawn once with its number
    c: {block: module, from: [b.r4, b.r8]}

Each reads of the one before all that comes to it, or what the one before it reads too, and nothing else reads that.
They are equal op by op and shape by shape, and their parameters are their own, or those of one block before them.

    read2: {share: read1, from: [think1, pixels]}
    think2: {share: think}
    read3: {share: read1, from: [think2, pixels]}        rounds of two: both are drawn once, in a frame with its number
    think3: {share: think}

In a stage the first may differ: it is written as the others are but for its stride, and may read other channels. What
it gives is as large as what they give. A stage is never drawn open.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from itertools import islice
from typing import TypeAlias

from archspec.figure.what.wanted import wanted
from archspec.graph.graph import Definition, Graph, Member, Node, Ref, Scope, child_id
from archspec.graph.network import Network
from archspec.graph.once import once
from archspec.graph.walk import ancestors, children, default_output, home, inside, moved, own_output, within
from archspec.values.dataclass import dataclass

_BRANCHES = 2  # a block of more is a picture of its own, with a band for each, where only two stand in a row
_MANY = 3  # rounds of several blocks, or blocks of more branches, that are drawn once
_PLACES = 4  # blocks in a round at most
_Readers: TypeAlias = Mapping[str, frozenset[str]]
_Rounds: TypeAlias = list[tuple[Scope, ...]]  # all of as many blocks

_OUTSIDE = ""  # as a reader of a scope: something beyond the scope around it


@dataclass(frozen=True, slots=True)
class Runs:
    """Equal blocks in a row.

    Attributes:
        members: first scope of a run -> all of them in order.
        same: id of everything in the others, and of themselves -> what it is in the first.
        within: the same ids -> the scope of the run that they are in.
        stages: first scopes of the runs in which the first differs.
        rounds: each scope of a first round of several -> all of that round, in order. They are as often there.
    """

    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    same: Mapping[str, str] = field(default_factory=dict)
    within: Mapping[str, str] = field(default_factory=dict)
    stages: frozenset[str] = frozenset()
    rounds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, scopes: Iterable[str]) -> "Runs":
        """Those whose first is one of `scopes`, and of a first round any."""
        named = set(scopes)
        kept = {
            first: members
            for first, members in self.members.items()
            if not named.isdisjoint(self.rounds.get(first, (first,)))
        }
        others = {other for members in kept.values() for other in members[1:]}
        same = {id: first for id, first in self.same.items() if self.within[id] in others}
        rounds = {first: places for first, places in self.rounds.items() if first in kept}
        return Runs(kept, same, self.within, self.stages.intersection(kept), rounds)

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
    rounds: dict[str, tuple[str, ...]] = {}
    stages: set[str] = set()
    for parent in graph.scopes.values():
        if parent.id in same or any(around in members for around in ancestors(graph, parent.id)):
            continue
        for row in _in_a_row(network, parent, readers):
            if len(row[0]) > 1:
                rounds |= dict.fromkeys((scope.id for scope in row[0]), tuple(scope.id for scope in row[0]))
            for first, *others in zip(*row, strict=True):
                members[first.id] = (first.id, *(other.id for other in others))
                if _looks(network, first) != _looks(network, others[0]):
                    stages.add(first.id)
                for other in others:
                    for each in (other, *inside(graph, other)):
                        same[each.id] = _counterpart(graph, each, other, first, is_stage=first.id in stages)
                        places[each.id] = other.id
    return Runs(members, same, places, frozenset(stages), rounds)


def _counterpart(graph: Graph, each: Member, scope: Scope, first: Scope, *, is_stage: bool) -> str:
    """What something in a scope is in the first of its run: in a stage, the node that the first gives its value by."""
    if is_stage and isinstance(each, Node):
        return default_output(graph, first).node
    return first.id if is_stage else moved(each.id, scope.id, first.id)


def _in_a_row(network: Network, parent: Scope, readers: _Readers) -> Iterator[_Rounds]:
    """The runs of two rounds or more among the scopes that stand in `parent` itself.

    A round is of one block, or of several where no `repeat` counts them.
    """
    scopes = [each for each in children(network.graph, parent) if isinstance(each, Scope)]
    written: dict[Definition, int] = {}
    for index, scope in enumerate(scopes):
        written.setdefault(scope.definition, index)
    at = 0
    while at < len(scopes):
        row = [scopes[at]]
        for scope in islice(scopes, at + 1, None):
            if not (_read_by(readers, row, scope) and _follows(network, row, scope)):
                break
            row.append(scope)
        found: _Rounds = [(scope,) for scope in row]
        if not _is_run(network, row):
            counted = parent.definition.kind == "repeat"
            at, found = (at, []) if counted else _rounds_from(network, (scopes, written), at, readers)
        if found:
            yield found
        at += sum(map(len, found)) or 1


def _rounds_from(
    network: Network, held: tuple[Sequence[Scope], Mapping[Definition, int]], at: int, readers: _Readers
) -> tuple[int, _Rounds]:
    """Where rounds of several blocks begin, from the scope `at` on or little later, and these; nothing where none do.

    `held`: the scopes, and where the author first wrote each of their blocks. A round begins with the block that was
    written first, unless there are fewer of these.
    """
    scopes, written = held
    for size in range(2, _PLACES + 1):
        here = _rounds(network, scopes, at, size, readers)
        if not here:
            continue
        later = {start: _rounds(network, scopes, start, size, readers) for start in range(at + 1, at + size)}
        begins = {at: here, **later}
        best = max(begins, key=lambda start: (len(begins[start]), -written[scopes[start].definition], -start))
        return best, begins[best]
    return at, []


def _rounds(network: Network, scopes: Sequence[Scope], at: int, size: int, readers: _Readers) -> _Rounds:
    """Rounds of `size` blocks that begin with the scope `at`; nothing where a frame saves too little."""
    found = [tuple(scopes[at : at + size])]
    for start in range(at + size, len(scopes) - size + 1, size):
        after = tuple(scopes[start : start + size])
        if not _is_round_again(network, found, after, readers):
            break
        found.append(after)
    return found if len(found) >= _MANY else []


def _is_round_again(network: Network, rounds: _Rounds, after: tuple[Scope, ...], readers: _Readers) -> bool:
    """Whether `after` follows the last of `rounds` as that follows the one before it, and is equal to it."""
    before = rounds[-1]
    ids = {scope.id for scope in (*before, *after)}
    pairs = tuple(zip(before, after, strict=True))
    return (
        all(one.definition is other.definition for one, other in pairs)
        and all((one.share, one.train_only) == (other.share, other.train_only) for one, other in pairs)
        and len({wanted(scope).group for scope in (*before, *after)}) == 1
        and all(ids.issuperset(readers.get(scope.id, ())) for scope in before)
        and _reads_on(network.graph, rounds, after)
        and all(_looks(network, one) == _looks(network, other) for one, other in pairs)
    )


def _reads_on(graph: Graph, rounds: _Rounds, after: tuple[Scope, ...]) -> bool:
    """Whether a round reads of itself, of the one before it and of others what that one reads.

    Each of its blocks but the first reads another of them.
    """
    before = rounds[-1]
    read: set[int] = set()  # places that read in their own round
    goes_on = False
    for place, (one, other) in enumerate(zip(before, after, strict=True)):
        for given, mine in zip(one.inputs, other.inputs, strict=True):
            own, earlier = _place(after, mine), _place(before, mine)
            if own >= 0:
                read.add(place)
                alike = _same_output(graph, (before[own], given), (after[own], mine))
            elif earlier >= 0:
                goes_on = True
                again = len(rounds) > 1 and _same_output(graph, (rounds[-2][earlier], given), (before[earlier], mine))
                alike = again or (len(rounds) == 1 and _place(before, given) < 0)
            else:
                alike = mine == given
            if not alike:
                return False
    return goes_on and read.issuperset(range(1, len(after)))


def _place(scopes: Sequence[Scope], ref: Ref) -> int:
    """Which of `scopes` gives a value; -1 for none."""
    return next((index for index, scope in enumerate(scopes) if within(ref.node, scope.id)), -1)


def _is_run(network: Network, row: Sequence[Scope]) -> bool:
    """Whether equal blocks in a row are drawn once: two, or three of many branches."""
    if not 1 < len(row) < _MANY:
        return bool(row[1:])
    last = own_output(network.graph, row[0])
    return last is None or last.op.joins != "concat" or len(last.inputs) <= _BRANCHES


def _read_by(readers: _Readers, row: Sequence[Scope], scope: Scope) -> bool:
    """Whether only `scope` reads what is in the last of `row`, and the network, if it reads the same of all of them."""
    read = [readers.get(one.id, frozenset()) for one in (*row, scope)]
    given = [{moved(id, one.id, "") for id in ids if within(id, one.id)} for one, ids in zip(row, read, strict=False)]
    only = all(id == scope.id or within(id, row[-1].id) for id in read[-2])
    alike = all(ids == given[0] for ids in given)
    return scope.id in read[-2] and only and alike and all(child_id(scope.id, id) in read[-1] for id in given[0])


def _follows(network: Network, row: list[Scope], scope: Scope) -> bool:
    """Whether `scope` reads of the last of `row` what that one reads of the one before it, and is equal to it."""
    before = row[-1]
    if scope.definition is not before.definition or scope.train_only != before.train_only:
        return False
    if scope.share != before.share:
        return False  # the one has its own parameters, or they are those of another
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

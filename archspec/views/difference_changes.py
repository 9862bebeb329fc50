"""What changed in members that correspond: settings, wiring, and what only follows from changes elsewhere.

    changed     an op with other settings or of another type, a member that reads something else, a longer repeat
    affected    nothing of its own changed, but it has other shapes, counts, or a reason to run

What stands beside an added or a removed member reads something new without having changed: reading is compared through
members that only one of the networks has.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from archspec.ir.graph import Graph, Local, Node, Scope, child_id
from archspec.ir.network import Network
from archspec.values.expression import Value
from archspec.views.difference_match import Match, inputs

Kind: TypeAlias = Literal["setting", "op", "block", "argument", "parts", "reads", "gives", "when", "share"]

_FAR = 64  # sources remembered of one member that only one network has
_WHEN = {False: "always", True: "in training only"}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is different in one member.

    Attributes:
        kind: "setting" of an op, "op" its type, "block" the block used, "argument" of a block, "parts" of a repeat,
            "reads" its inputs, "gives" its outputs, "when" it runs, "share" whose parameters it uses.
        name: of the setting, the argument or the output; "" otherwise.
        before: in the first network. Of "reads" and "gives", the names that are there no more.
        after: in the second.
    """

    kind: Kind
    name: str
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two networks, what corresponds in them, and what changed of that.

    Attributes:
        first: the network before.
        second: the network after.
        match: what corresponds.
        changes: id in the first network -> what changed in the member itself.
        stirred: ids in the first network of scopes that have changes inside.
        affected: ids in the first network of ops in which nothing changed but what follows from other changes.
        blocks: names of blocks, before and after, whose uses are the same inside.
        outputs: what changed in the outputs of the whole network, by output.
    """

    first: Network
    second: Network
    match: Match
    changes: Mapping[str, tuple[Change, ...]]
    stirred: frozenset[str]
    affected: frozenset[str]
    blocks: tuple[tuple[str, str], ...]
    outputs: Mapping[str, tuple[Change, ...]]


def compare(first: Network, second: Network, match: Match) -> Comparison:
    """What changed in `match`. Linear in nodes, scopes and edges."""
    found = _changes(first.graph, second.graph, match)
    changes, stirred = _that_matter(first.graph, second.graph, match, found)
    affected = frozenset(
        id
        for id in first.graph.nodes
        if id in match.pairs
        and id not in changes
        and id not in first.graph.inputs
        and _follows(first, second, match, id)
    )
    kept = {change for id in changes for change in changes[id]}
    called = {change: None for id in found for change in found[id] if change.kind == "block" and change not in kept}
    return Comparison(
        first=first,
        second=second,
        match=match,
        changes=changes,
        stirred=stirred,
        affected=affected,
        blocks=tuple((str(change.before), str(change.after)) for change in called),
        outputs=dict(_outputs(first, second, match)),
    )


def _changes(first: Graph, second: Graph, match: Match) -> dict[str, tuple[Change, ...]]:
    """Id in the first network -> changes of the member itself."""
    wirings = _Wirings(first, second, match)
    given = {"", *first.inputs}
    changes: dict[str, tuple[Change, ...]] = {}
    for left, right in match.pairs.items():
        if left in given:
            continue
        if left in first.scopes:
            found = tuple(_scope(wirings, first.scopes[left], second.scopes[right]))
        else:
            found = tuple(_node(wirings, first.nodes[left], second.nodes[right]))
        if found:
            changes[left] = found
    return changes


def _that_matter(
    first: Graph, second: Graph, match: Match, found: Mapping[str, tuple[Change, ...]]
) -> tuple[dict[str, tuple[Change, ...]], frozenset[str]]:
    """`found` without new names and arguments of blocks that are the same inside; and the scopes that are not."""
    changes = dict(found)
    stirred: set[str] = set()
    for left, right in reversed(tuple(match.pairs.items())):
        if left in first.scopes:
            one, other = first.scopes[left], second.scopes[right]
            alone = any(child_id(left, name) not in match.pairs for name in one.members)
            alone = alone or any(child_id(right, name) not in match.back for name in other.members)
            if alone:
                stirred.add(left)
            if left not in stirred and left in changes:
                kept = tuple(change for change in changes[left] if change.kind not in ("block", "argument"))
                changes[left] = kept
        renamed = left.rpartition("/")[2] != right.rpartition("/")[2]
        if left and left not in first.inputs and (renamed or changes.get(left) or left in stirred):
            stirred.add(left.rpartition("/")[0])
    return {id: kept for id, kept in changes.items() if kept}, frozenset(stirred)


def _follows(first: Network, second: Network, match: Match, id: str) -> bool:
    other = match.pairs[id]
    one, two = first.graph.nodes[id], second.graph.nodes[other]
    return (first.shapes[id], first.costs[id], one.train_only) != (
        second.shapes[other],
        second.costs[other],
        two.train_only,
    )


# -- members ----------------------------------------------------------------------------------------------------------


def _node(wirings: "_Wirings", one: Node, other: Node) -> Iterator[Change]:
    if type(one.op) is not type(other.op):
        yield Change("op", "", one.op.label(), other.op.label())
    elif one.op != other.op:
        for name in type(one.op).model_fields:
            before, after = getattr(one.op, name), getattr(other.op, name)
            if before != after:
                yield Change("setting", name, before, after)
    around = wirings.between(one.scope, other.scope)
    yield from around.reads(one.reads, other.reads)
    yield from _state(wirings, one, other, one.scope, other.scope)


def _scope(wirings: "_Wirings", one: Scope, other: Scope) -> Iterator[Change]:
    kinds = (one.definition.kind, other.definition.kind)
    if "inline" not in kinds and "repeat" not in kinds:
        if one.definition.name != other.definition.name:
            yield Change("block", "", one.definition.name, other.definition.name)
        for param in one.definition.params:
            before, after = one.args.get(param.name), other.args.get(param.name)
            if param.name in other.args and before != after:
                yield Change("argument", param.name, before, after)
    if kinds == ("repeat", "repeat") and len(one.members) != len(other.members):
        yield Change("parts", "", len(one.members), len(other.members))
    yield from wirings.between(one.parent, other.parent).reads(one.reads, other.reads)
    if "repeat" not in kinds:
        inside = wirings.between(one.id, other.id)
        yield from inside.gives(_main_outputs(one), _main_outputs(other))
    yield from _state(wirings, one, other, one.parent, other.parent)


def _main_outputs(scope: Scope) -> dict[str, Local]:
    """The outputs by name; the first, which a bare name means, by no name. Paths into the scope are no outputs."""
    found = {port: local for port, local in scope.outputs.items() if "." not in port}
    first = next(iter(scope.outputs), "")
    return {"" if port == first else port: local for port, local in found.items()}


def _state(
    wirings: "_Wirings", one: Node | Scope, other: Node | Scope, around: str, around_other: str
) -> Iterator[Change]:
    """When a member runs and whose parameters it uses, where that is not already said of the scope around it."""
    scopes = wirings.first.scopes[around], wirings.second.scopes[around_other]
    when = one.train_only, other.train_only
    if when[0] != when[1] and (scopes[0].train_only, scopes[1].train_only) != when:
        yield Change("when", "", _WHEN[when[0]], _WHEN[when[1]])
    pairs, back = wirings.match.pairs, wirings.match.back
    told = any(scope.share for scope in scopes)
    gone = bool(one.share and other.share) and one.share not in pairs and other.share not in back
    if not told and not gone and pairs.get(one.share or "") != other.share:
        yield Change("share", "", one.share, other.share)


# -- wiring -----------------------------------------------------------------------------------------------------------


class _Wirings:
    """The wiring inside pairs of scopes, each found once."""

    def __init__(self, first: Graph, second: Graph, match: Match) -> None:
        self.first, self.second, self.match = first, second, match
        self._found: dict[str, _Wiring] = {}

    def between(self, one: str, other: str) -> "_Wiring":
        """The wiring inside the scopes `one` and `other`."""
        if one not in self._found:
            self._found[one] = self._make(self.first.scopes[one], self.second.scopes[other])
        return self._found[one]

    def _make(self, one: Scope, other: Scope) -> "_Wiring":
        known = inputs(one, other)
        for name in one.members:
            right = self.match.pairs.get(child_id(one.id, name))
            if right is not None:
                known[name] = right.rpartition("/")[2]
        back = {right: left for left, right in known.items()}
        return _Wiring(known, back, _origins(self.first, one, known), _origins(self.second, other, back))


_Origins: TypeAlias = Mapping[str, frozenset[Local]]


def _origins(graph: Graph, scope: Scope, known: Mapping[str, str]) -> dict[str, frozenset[Local]]:
    """What members that one network alone has read, seen through others like them; left-out ones are such members."""
    found: dict[str, frozenset[Local]] = {}
    for name in scope.order:
        if name in known:
            continue
        id = child_id(scope.id, name)
        if name in scope.absent:
            reads: Sequence[Local] = scope.absent[name].reads
        else:
            reads = graph.nodes[id].reads if id in graph.nodes else graph.scopes[id].reads
        sources: set[Local] = set()
        for local in reads:
            sources |= {local} if local.member in known else found.get(local.member, frozenset())
        found[name] = frozenset(sorted(sources, key=lambda local: (local.member, local.port))[:_FAR])
    return found


@dataclass(frozen=True, slots=True)
class _Wiring:
    """Two scopes that correspond: the names in them that do, both ways, and where the others come from."""

    known: Mapping[str, str]
    back: Mapping[str, str]
    origins: _Origins
    origins_other: _Origins

    def reads(self, one: Sequence[Local], other: Sequence[Local]) -> Iterator[Change]:
        """What is read no more and what is read instead, in order."""
        if len(one) == len(other):
            pairs = [(left, right) for left, right in zip(one, other, strict=True) if not self._same(left, right)]
            before, after = [left for left, _ in pairs], [right for _, right in pairs]
        else:
            before, after = self._left_over(one, other)
        if before or after:
            yield Change("reads", "", tuple(map(_named, before)), tuple(map(_named, after)))

    def _left_over(self, one: Sequence[Local], other: Sequence[Local]) -> tuple[list[Local], list[Local]]:
        """What only one of two joins reads, whatever the order."""
        there = Counter(other)
        before = []
        for left in one:
            right = Local(self.known[left.member], left.port) if left.member in self.known else None
            if right is not None and there[right]:
                there[right] -= 1
            else:
                before.append(left)
        after = list(there.elements())
        for left in tuple(before):
            like = next((right for right in after if self._same(left, right)), None)
            if like is not None:
                before.remove(left)
                after.remove(like)
        return before, after

    def gives(self, one: Mapping[str, Local], other: Mapping[str, Local]) -> Iterator[Change]:
        """Outputs that come from elsewhere."""
        for port, left in one.items():
            right = other.get(port)
            if right is None or left.member not in self.known or right.member not in self.back:
                continue  # what gives it was added or removed, which is said there
            if not self._same(left, right):
                yield Change("gives", port, (_named(left),), (_named(right),))

    def _same(self, left: Local, right: Local) -> bool:
        """Whether two inputs are the same, or differ only by what one network has and the other has not."""
        if left.member in self.known and right.member in self.back:
            return self.known[left.member] == right.member and left.port == right.port
        if left.member in self.known:
            return Local(self.known[left.member], left.port) in self.origins_other.get(right.member, ())
        if right.member in self.back:
            return Local(self.back[right.member], right.port) in self.origins.get(left.member, ())
        return True


def _named(local: Local) -> str:
    return f"{local.member}.{local.port}" if local.port else local.member


def _outputs(first: Network, second: Network, match: Match) -> Iterator[tuple[str, tuple[Change, ...]]]:
    """The outputs that both networks have and that come from elsewhere or at other times."""
    theirs = {output.name: output for output in second.graph.outputs}
    for output in first.graph.outputs:
        other = theirs.get(output.name)
        if other is None:
            continue
        one, two = output.ref, other.ref
        moved = one.node in match.pairs and two.node in match.back and match.pairs[one.node] != two.node
        found = [Change("gives", output.name, (one.node,), (two.node,))] if moved or one.port != two.port else []
        if output.train_only != other.train_only:
            found.append(Change("when", output.name, _WHEN[output.train_only], _WHEN[other.train_only]))
        if found:
            yield output.name, tuple(found)

"""What changed in members that correspond: settings, wiring, and what only follows from changes elsewhere.

changed     an op with other settings or of another type, a member that reads something else, a longer repeat
affected    nothing of its own changed, but it has other shapes, counts, or a reason to run
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from archspec.compare.match import Match
from archspec.compare.wiring import Change, Wirings
from archspec.graph.graph import Graph, Local, Node, Scope, Tensor
from archspec.graph.network import Network
from archspec.graph.walk import at, children, home
from archspec.values.dataclass import dataclass

_WHEN = {False: "always", True: "in training only"}


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
    wirings = Wirings(first, second, match)
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
            alone = any(member.id not in match.pairs for member in children(first, one))
            alone = alone or any(member.id not in match.back for member in children(second, other))
            if alone:
                stirred.add(left)
            if left not in stirred and left in changes:
                kept = tuple(change for change in changes[left] if change.kind not in ("block", "argument"))
                changes[left] = kept
        if not left or left in first.inputs:
            continue
        member = at(first, left)
        if member.name != at(second, right).name or changes.get(left) or left in stirred:
            stirred.add(home(member))
    return {id: kept for id, kept in changes.items() if kept}, frozenset(stirred)


def _follows(first: Network, second: Network, match: Match, id: str) -> bool:
    other = match.pairs[id]
    one, two = first.graph.nodes[id], second.graph.nodes[other]
    costs = (replace(cost, trainable=0) for cost in (first.costs[id], second.costs[other]))  # that is said by "freeze"
    return (first.shapes[id], next(costs), one.train_only) != (second.shapes[other], next(costs), two.train_only)


# -- members ----------------------------------------------------------------------------------------------------------


def _node(wirings: Wirings, one: Node, other: Node) -> Iterator[Change]:
    if type(one.op) is not type(other.op):
        yield Change("op", "", str(one.op.caption), str(other.op.caption))
    elif one.op != other.op:
        acting = one.op.acting, other.op.acting
        for name in type(one.op).model_fields:
            # What both leave to another field is said there.
            if getattr(one.op, name) != getattr(other.op, name) and acting[0][name] != acting[1][name]:
                yield Change("setting", name, acting[0][name], acting[1][name])
    around = wirings.between(one.scope, other.scope)
    yield from around.reads(one.reads, other.reads)
    yield from _state(wirings, one, other, one.scope, other.scope)


def _scope(wirings: Wirings, one: Scope, other: Scope) -> Iterator[Change]:
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
    wirings: Wirings, one: Node | Scope, other: Node | Scope, around: str, around_other: str
) -> Iterator[Change]:
    """When a member runs, whether it learns, and whose parameters it uses, where the scope around does not say so."""
    scopes = wirings.first.scopes[around], wirings.second.scopes[around_other]
    when = one.train_only, other.train_only
    if when[0] != when[1] and (scopes[0].train_only, scopes[1].train_only) != when:
        yield Change("when", "", _WHEN[when[0]], _WHEN[when[1]])
    if _frozen(one) != _frozen(other):
        yield Change("freeze", "", _frozen(one), _frozen(other))
    pairs, back = wirings.match.pairs, wirings.match.back
    told = any(scope.share for scope in scopes)
    gone = bool(one.share and other.share) and one.share not in pairs and other.share not in back
    if not told and not gone and pairs.get(one.share or "") != other.share:
        yield Change("share", "", one.share, other.share)
    if isinstance(one, Node) and isinstance(other, Node):
        before = {name: Tensor(pairs.get(owner.node, ""), owner.name) for name, owner in one.ties}
        if before != dict(other.ties):
            yield Change("share", "", _tied(one), _tied(other))


def _frozen(member: Node | Scope) -> bool:
    """Whether a member says of itself that it does not learn."""
    return member.frozen or (isinstance(member, Scope) and member.frozen_inside)


def _tied(node: Node) -> str:
    return ", ".join(f"{name} of {owner}" if name != owner.name else str(owner) for name, owner in node.ties)


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

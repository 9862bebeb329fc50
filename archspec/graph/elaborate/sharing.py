"""Sharing: whether a second use of a module does what the first one does, so that one module serves both.

a: {op: conv2d, out_channels: 8, kernel_size: 3}
b: {op: conv2d, out_channels: 8, kernel_size: 3, stride: 2, share: a}    stride of b is 2, not 1
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from archspec.graph.graph import Local, Member, Node, Scope, child_id
from archspec.graph.walk import last_name
from archspec.language.expression.grammar import names_in
from archspec.values.expression import Attribute, Expr, Literal, parts


def unlike(
    nodes: Mapping[str, Node], scopes: Mapping[str, Scope], first: Member, second: Member, known: AbstractSet[str]
) -> str:
    """What `second` does otherwise than `first`, whose parameters it uses; "" for nothing. Linear in what is inside.

    Args:
        nodes: ids -> ops.
        scopes: ids -> blocks and graphs in place.
        first: the member that owns the parameters.
        second: the one that uses them again.
        known: names that an argument of `second` may read where it gives another number: `i` in a repeat.
    """
    if isinstance(second, Node) and not second.op.stateful:
        return ""  # it has no parameters, so it is no second use of anything
    told = _told_apart(first, second, known) if isinstance(first, Scope) and isinstance(second, Scope) else ()
    pending = [(first, second)]
    while pending:
        one, other = pending.pop()
        if isinstance(one, Node) and isinstance(other, Node):
            found = _of_ops(one, other, told)
        elif isinstance(one, Node) or isinstance(other, Node):
            found = _kinds(one, other)
        else:
            found = _members(one, other)
            if not found:
                pairs = [(_at(nodes, scopes, one, name), _at(nodes, scopes, other, name)) for name in other.members]
                inside = [(first, second) for first, second in pairs if first is not None and second is not None]
                if len(inside) < len(pairs):
                    return ""  # a mistake in one of the two is reported already
                found = _wiring(one, other, inside)
                pending += reversed(inside)
        if not found and other is not second and not other.share:
            return ""  # a mistake in it is reported already
        if not found and other is not second and _held(one) != _held(other):
            found = f"{other.name} uses the parameters of {last_name(_held(other))} and not of {last_name(_held(one))}"
        if found:
            return found
    return ""


def _told_apart(first: Scope, second: Scope, known: AbstractSet[str]) -> tuple[str, ...]:
    """Params to which the two uses give different numbers that each call can say: plain, or by `known`."""
    names = (param.name for param in first.definition.params)
    told = (name for name in names if first.args[name] != second.args[name] and name not in first.site.exprs)
    return tuple(name for name in told if set(names_in(second.site.exprs.get(name, Literal(0)))) <= known)


def by_expression(first: Member, second: Member, known: AbstractSet[str]) -> str:
    """The first param that two uses give different values, one of which follows from more than `known`; "" of none."""
    if isinstance(first, Node) or isinstance(second, Node):
        return ""
    names = (param.name for param in first.definition.params if first.args[param.name] != second.args[param.name])
    told = _told_apart(first, second, known)
    return next((name for name in names if name not in told), "")


def _at(nodes: Mapping[str, Node], scopes: Mapping[str, Scope], scope: Scope, name: str) -> Member | None:
    """The member; None after a mistake in it."""
    id = child_id(scope.id, name)
    return nodes.get(id) or scopes.get(id)


def _held(member: Member) -> str:
    """The id of what holds the parameters that a member uses."""
    return member.share or member.id


def _kinds(one: Member, other: Member) -> str:
    kinds = ["an op" if isinstance(member, Node) else "a graph" for member in (other, one)]
    return f"{other.name} is {kinds[0]}, not {kinds[1]}"


def _of_ops(one: Node, other: Node, told: Collection[str]) -> str:
    if type(one.op) is not type(other.op):
        return f"{other.name} is {other.op.name}, not {one.op.name}"
    for field, theirs in one.op:
        mine = getattr(other.op, field)
        expr = other.site.exprs.get(field)
        given = one.op.formed and expr is not None and set(names_in(expr)) <= set(told)
        if mine != theirs and not _of_size(expr) and not given:
            return f"{field} of {other.name} is {mine}, not {theirs}"
    return ""


def _of_size(expr: Expr | None) -> bool:
    """Whether a field follows from the size of an input, which each call of one module reads anew."""
    if expr is None:
        return False
    return isinstance(expr, Attribute) or any(_of_size(part) for part in parts(expr))


def _members(one: Scope, other: Scope) -> str:
    if (there := set(one.order) ^ set(other.order)) or (there := set(one.members) ^ set(other.members)):
        name = min(there)
        with_, without = (one, other) if name in one.members else (other, one)
        return f"{with_.name} has {name}, and {without.name} has not"
    return ""


def _wiring(one: Scope, other: Scope, inside: Sequence[tuple[Member, Member]]) -> str:
    names = dict(zip(other.definition.inputs, one.definition.inputs, strict=False))
    for name, mine, theirs in (*_reads(one, other, inside), *_outputs(one, other)):
        renamed = tuple(Local(names.get(local.member, local.member), local.port) for local in mine)
        if renamed != theirs:
            return f"{name} of {other.name} is from {_listed(mine)}, not from {_listed(theirs)}"
    return ""


_Wire = tuple[str, tuple[Local, ...], tuple[Local, ...]]


def _reads(one: Scope, other: Scope, inside: Sequence[tuple[Member, Member]]) -> Iterator[_Wire]:
    for first, second in inside:
        yield second.name, second.reads, first.reads
    for name, left_out in other.absent.items():
        yield name, left_out.reads, one.absent[name].reads


def _outputs(one: Scope, other: Scope) -> Iterator[_Wire]:
    for port, local in other.outputs.items():
        if port in one.outputs:
            yield f"output {port}".rstrip(), (local,), (one.outputs[port],)


def _listed(reads: tuple[Local, ...]) -> str:
    return ", ".join(f"{local.member}.{local.port}".rstrip(".") for local in reads)

"""Rows: in what the blocks of a row differ that one box with a count stands for, and the row in a closed block."""

from collections.abc import Sequence

from archspec.figure.what.runs import Runs
from archspec.graph.graph import Graph, Node, Scope
from archspec.graph.network import Network
from archspec.graph.walk import children, inside, member_of, within
from archspec.language.expression.symbolic import names
from archspec.ops.op import Role

_LAYERS = (Role.CONV, Role.LINEAR, Role.ATTENTION)


def parts_of(graph: Graph, scope: Scope, runs: Runs) -> tuple[Scope, ...]:
    """The blocks that a closed scope stands for, where they are no rows themselves: those of a run, or of a repeat."""
    found = [graph.scopes[id] for id in runs.members.get(scope.id, ())]
    if not found and scope.definition.kind == "repeat":
        found = [part for name in scope.members if isinstance(part := member_of(graph, scope, name), Scope)]
    return tuple(found) if all(part.definition.kind != "repeat" for part in found) else ()


def row_inside(network: Network, scope: Scope) -> str:
    """`layers ×12` of a closed block that is for the most part one row of blocks; "" of any other.

    Linear in what is in the block.
    """
    graph = network.graph
    rows = [each for each in inside(graph, scope) if isinstance(each, Scope) and each.definition.kind == "repeat"]
    outer = [row for row in rows if not any(within(row.id, other.id) and row is not other for other in rows)]
    if len(outer) != 1 or len(outer[0].members) < 2:
        return ""
    layers = [node for node in inside(graph, scope) if isinstance(node, Node) and node.op.role in _LAYERS]
    held = sum(within(node.id, outer[0].id) for node in layers)
    first = member_of(graph, outer[0], outer[0].members[0])
    is_most = isinstance(first, Scope) and 2 * held > len(layers) and held > len(outer[0].members)
    return f"{outer[0].name} ×{len(outer[0].members)}" if is_most else ""


def in_turn(network: Network, parts: Sequence[Scope]) -> str:
    """The whole numbers that two kinds of blocks take in turn: `shift 0 | 3`; "" where they do not.

    What only a rate of dropout is worked out from is none.
    """
    first, second = parts[0].args, parts[min(1, len(parts) - 1)].args
    read = params_read(network, parts[0])
    said = (
        f"{name} {value} | {second[name]}"
        for name, value in first.items()
        if type(value) is int
        and name in second
        and type(second[name]) is int
        and value != second[name]
        and name in read.intersection(param.name for param in parts[0].definition.params)
        and all(part.args.get(name) == parts[index % 2].args[name] for index, part in enumerate(parts))
    )
    return ", ".join(said)


def params_read(network: Network, root: Scope) -> set[str]:
    """Names of params that an op with a box reads in a block, or a block inside that hands them on to one.

    Rates of dropout and sizes of `unflatten` are none.
    """
    graph = network.graph
    seen: dict[str, set[str]] = {}  # scope -> the names that it reads of the params around it
    for scope in (*reversed([each for each in inside(graph, root) if isinstance(each, Scope)]), root):
        read = seen[scope.id] = set()
        for member in children(graph, scope):
            if isinstance(member, Node):
                if member.op.role is not Role.DROPOUT and not member.op.unseen:
                    read.update(name for expr in member.site.exprs.values() for name in names(expr))
                continue
            named = member.definition.kind in ("block", "spec")
            own = {param.name for param in member.definition.params} - seen[member.id] if named else set()
            read.update(name for key, expr in member.site.exprs.items() if key not in own for name in names(expr))
            read.update(() if named else seen[member.id])
    return seen[root.id]

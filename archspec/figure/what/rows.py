"""Rows: in what the blocks of a row differ that one box with a count stands for."""

from collections.abc import Sequence

from archspec.figure.what.runs import Runs
from archspec.graph.graph import Graph, Scope
from archspec.graph.walk import member_of


def parts_of(graph: Graph, scope: Scope, runs: Runs) -> tuple[Scope, ...]:
    """The blocks that a closed scope stands for, where they are no rows themselves: those of a run, or of a repeat."""
    found = [graph.scopes[id] for id in runs.members.get(scope.id, ())]
    if not found and scope.definition.kind == "repeat":
        found = [part for name in scope.members if isinstance(part := member_of(graph, scope, name), Scope)]
    return tuple(found) if all(part.definition.kind != "repeat" for part in found) else ()


def in_turn(parts: Sequence[Scope]) -> str:
    """The whole numbers that two kinds of blocks take in turn: `shift 0 | 3`; "" where they do not."""
    first, second = parts[0].args, parts[min(1, len(parts) - 1)].args
    said = (
        f"{name} {value} | {second[name]}"
        for name, value in first.items()
        if type(value) is int
        and name in second
        and type(second[name]) is int
        and value != second[name]
        and name in {param.name for param in parts[0].definition.params}
        and all(part.args.get(name) == parts[index % 2].args[name] for index, part in enumerate(parts))
    )
    return ", ".join(said)

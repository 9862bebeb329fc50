"""Items: the members of one use, with lists of equal blocks folded into repeats."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

from archspec.importer.blocks.template import Item, Placed
from archspec.importer.naming import numbered
from archspec.importer.tree import Graph, Member, Plain
from archspec.language.names import part_name
from archspec.ops import OPS
from archspec.ops.op import Role

Key: TypeAlias = tuple[str, ...]

# Activations that may stand for each other in one place: `op: $activation`.
ACTIVATIONS = frozenset(
    name for name, op in OPS.items() if op.role is Role.ACTIVATION and not op.stateful and "dim" not in op.model_fields
)


def stands_for(op: str) -> str:
    """What an op is told from others by that may stand in its place: norms and poolings that need the same settings."""
    kind = OPS[op]
    if op in ACTIVATIONS:
        return "activation"
    if kind.role not in (Role.NORM, Role.POOL) or kind.module[:3] != "nn.":
        return op
    return " ".join((kind.role.value, *(name for name, one in kind.model_fields.items() if one.is_required())))


def items(graph: Graph, placed: Placed) -> tuple[Item, ...]:
    """The members of a graph as items."""
    return tuple(_item(member, placed) for member in graph.members)


def _item(member: Member, placed: Placed) -> Item:
    inner = member.graph
    if inner is not None and placed.block(member) is None and not (member.training or member.share or member.tied):
        repeated = folded(inner, placed)
        if repeated:
            return Item(member, member.reads, member.gives, repeated)
    return Item(member, member.reads, member.gives)


def folded(graph: Graph, placed: Placed) -> tuple[Member, ...]:
    """The parts of a graph that is one repeat of a block, each reading the one before; empty for any other."""
    members = graph.members
    blocks = [placed.block(member) for member in members]
    if not members or any(block is None for block in blocks) or len({id(block) for block in blocks}) > 1:
        return ()
    if any(m.training or m.share or len(m.gives) != 1 or not m.reads for m in members) or len(graph.reads) != len(
        members[0].reads
    ):
        return ()
    chained = all(b.reads[0] == a.gives[0] for a, b in pairwise(members))
    same = len({member.reads[1:] for member in members}) == 1
    if not chained or not same or graph.gives != members[-1].gives or not _counted(members):
        return ()
    if graph.rounds:  # a round says what it has by its number
        return members
    differ = 0
    for argument in placed.given(members[0]):
        values = [_shown(placed.given(member)[argument]) for member in members]
        if len(set(values[1:])) > 1:
            return ()
        differ += values[0] != values[-1]
    return () if len(members) == 2 and differ > 1 else members


def _counted(members: Sequence[Member]) -> bool:
    """Whether their names count: 0, 1, ... or layer1, layer2, ..."""
    first = members[0].name
    stem = "" if first == "0" else first
    return all(member.name == part_name(stem, at) for at, member in enumerate(members)) and (
        first == "0" or not first.isdigit()
    )


def _shown(value: Plain) -> str:
    return repr(value)


def listed(graph: Graph) -> bool:
    """Whether a graph is written as a list."""
    return numbered(graph.members)


def key(item: Item, placed: Placed, *, as_list: bool) -> Key:
    """What an item is lined up by: its kind and its name; in a list, where names are numbers, its kind only."""
    member = item.member
    kind, what = _kind(item, placed)
    if member.share:
        what = f"{what} again"
    if member.tied:
        what = f"{what} tied to {sorted(member.tied.items())}"
    if member.training:
        what = f"{what} in training"
    if kind == "op" and member.module is None and not member.path and not as_list:
        return (kind, "", what)  # the name is ours, and only says which op it is
    return (kind, "" if as_list else member.name, what)


def _kind(item: Item, placed: Placed) -> tuple[str, str]:
    member = item.member
    if member.op:
        return "op", stands_for(member.op)
    block = placed.block(item.repeated[0] if item.repeated else member)
    if block is None:
        return "graph", ""
    return ("repeat" if item.repeated else "block"), block.name


def shape_key(graph: Graph, placed: Placed) -> tuple[object, ...]:
    """What uses of one structure have in common."""
    as_list = listed(graph)
    found: list[object] = []
    for item in items(graph, placed):
        inner = item.member.graph
        deep = inner is not None and not item.repeated and placed.block(item.member) is None
        found.append((key(item, placed, as_list=as_list), shape_key(inner, placed) if deep and inner else ()))
    return (*found, len(graph.reads), len(graph.gives))


def wiring(graph: Graph) -> tuple[object, ...]:
    """What each member of a graph reads, and the graph gives: which result of the members together, or which input."""
    place = {number: -1 - at for at, number in enumerate(graph.reads)}
    made = (number for member in graph.members for number in member.gives)
    place |= {number: at for at, number in enumerate(made)}
    read = tuple(tuple(place.get(number) for number in member.reads) for member in graph.members)
    return (*read, tuple(place.get(number) for number in graph.gives))


def sequence(graph: Graph, placed: Placed, *, as_list: bool) -> list[tuple[Key, Item]]:
    """The items of a graph with their keys."""
    return [(key(item, placed, as_list=as_list), item) for item in items(graph, placed)]

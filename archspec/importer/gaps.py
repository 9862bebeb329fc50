"""Gaps: modules of a list that nobody calls and that hold nothing, so that those behind them keep their numbers.

transition: [Identity, Identity, Conv2d], of which only the last is called     transition: [identity, identity, conv2d]
nn.Sequential(...)[1:], which has no module 0                                   [identity, ...]
nn.ModuleDict({"2": ...}), with an addition in front of it                      [add, identity, ...]
downs.0 and downs.2, called between others                                      downs.1: {op: identity, from: x}
"""

from dataclasses import replace

from torch import nn

from archspec.importer.tree import Graph, Member
from archspec.importer.values import Values
from archspec.language.names import holders


def filled(graph: Graph, values: Values) -> Graph:
    """The graph and those inside, in which each such module is an identity, through which the next one reads."""
    members = tuple(
        member if member.graph is None else replace(member, graph=filled(member.graph, values))
        for member in graph.members
    )
    for name in dict.fromkeys(name for member in members for name in holders(member.name)):
        members = _between(members, name, graph, values)
    containers = nn.ModuleList | nn.Sequential | nn.ModuleDict
    if isinstance(graph.module, containers) and all(member.name.isdigit() or not member.name for member in members):
        members = _without_gaps(members, graph, values)
    return replace(graph, members=members)


def _without_gaps(members: tuple[Member, ...], graph: Graph, values: Values) -> tuple[Member, ...]:
    members, made = _beside_at_their_numbers(members), list[Member]()
    for member in members:
        missing = range(len(made), int(member.name or len(made)))
        if member.name and int(member.name) < len(made):
            return members  # more runs in between than it leaves numbers for
        if missing and not (member.reads and all(_holds_nothing(graph.module, number) for number in missing)):
            return members  # what is missing there is more than a gap
        reader = member
        for number in missing:
            x = reader.reads[0]
            y = values.fresh(values.layout(x), values.dtype(x))
            made.append(Member("identity", (x,), (y,), str(number)))
            reader = _reading(reader, x, y)
        made.append(reader)
    return tuple(made)


def _beside_at_their_numbers(members: tuple[Member, ...]) -> tuple[Member, ...]:
    """The members of a list with each tensor, which stands beside the flow, where its number is."""
    beside = {int(member.name): member for member in members if member.name and not (member.reads or member.graph)}
    flow = [member for member in members if not member.name or int(member.name) not in beside]
    made: list[Member] = []
    while flow or beside:
        at = len(made)
        if at not in beside and not flow:
            return members  # no number leads to what is left
        made.append(beside.pop(at) if at in beside else flow.pop(0))
    there = {number: at for at, member in enumerate(made) for number in member.gives}
    late = any(there.get(number, -1) > at for at, member in enumerate(made) for number in member.reads)
    return members if late else tuple(made)


def _between(members: tuple[Member, ...], name: str, graph: Graph, values: Values) -> tuple[Member, ...]:
    """The members with an identity for each such module of one list, through which its next one reads."""
    module = graph.module.get_submodule(name)
    ways = [
        member.name[len(name) + 1 :].partition(".")[0] if name in holders(member.name) else "" for member in members
    ]
    numbers = sorted({int(way) for way in ways if way.isdigit()})
    made = list(members)
    for number in set(range(numbers[-1] if numbers else 0)) - set(numbers):
        if not _holds_nothing(module, number):
            continue  # a member that only holds it has the number
        later = str(next(one for one in numbers if one > number))
        at = next((at for at, way in enumerate(ways) if way == later and members[at].reads), None)
        if at is None:
            continue
        x = made[at].reads[0]
        y = values.fresh(values.layout(x), values.dtype(x))
        path = f"{graph.path}.{name}.{number}".lstrip(".")
        identity = Member("identity", (x,), (y,), f"{name}.{number}", module=module, path=path)
        made[at] = _reading(made[at], x, y)
        made.insert(at, identity)
        ways.insert(at, "")
        members = tuple(made)
    return members


def _reading(member: Member, x: int, y: int) -> Member:
    """A member that reads `y` in the place of `x`."""
    reads = tuple(y if number == x else number for number in member.reads)
    graph = member.graph
    if graph is not None:
        inside = tuple(_reading(one, x, y) for one in graph.members)
        apart = {number: y if outside == x else outside for number, outside in graph.apart.items()}
        within = tuple(y if number == x else number for number in graph.reads)
        graph = replace(graph, members=inside, reads=within, apart=apart)
    return replace(member, reads=reads, graph=graph)


def _holds_nothing(module: nn.Module, number: int) -> bool:
    there = module._modules.get(str(number))  # a list may hold None
    return there is None or not there.state_dict()

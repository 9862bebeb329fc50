"""Rounds: what a loop over a list of lists does each time, as one graph, so that equal rounds become a repeat.

for attn, ff in self.layers:      layers.0.0, add, layers.0.1, add,      layers: [{0, add, 1, add},
    x = attn(x) + x               layers.1.0, add, layers.1.1, add                {0, add, 1, add}]
    x = ff(x) + x
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from archspec.importer.tree import Graph, Member, ops
from archspec.language.names import fault_of_member, nested, singular
from archspec.ops import OPS


def in_rounds(graph: Graph) -> Graph:
    """The graph, and those inside, with each list of lists that is used in rounds as a list of graphs."""
    members = tuple(
        member if member.graph is None else replace(member, graph=in_rounds(member.graph)) for member in graph.members
    )
    graph = replace(graph, members=members)
    for name in dict.fromkeys(nested(member.name)[0] for member in members if nested(member.name)):
        graph = replace(graph, members=_in_rounds(graph, name))
    return graph


def _in_rounds(graph: Graph, name: str) -> tuple[Member, ...]:
    members = graph.members
    starts = _starts(members, name)
    if len(starts) < 2:
        return members
    last = max(at for at, member in enumerate(members) if nested(member.name)[:1] == (name,))
    between = [member.op for member in members[_last_of(members, name, 0) + 1 : starts[1]]]
    tail = _alike(between, members[last + 1 :])
    lead = len(between) - tail
    begin = starts[0] - lead
    if begin < 0 or _alike(between[tail:], members[begin : starts[0]]) < lead:
        return members
    bounds = [start - lead for start in starts] + [last + 1 + tail]
    rounds = [members[start:end] for start, end in pairwise(bounds)]
    if not all(_is_round(one, name, str(at)) for at, one in enumerate(rounds)) or not chained(graph, rounds):
        return members
    return (*members[:begin], _listed(graph, name, rounds), *members[bounds[-1] :])


def _starts(members: Sequence[Member], name: str) -> list[int]:
    """Where the first module of each item of a list of lists stands; empty where it is none, or in another order."""
    first: dict[str, int] = {}
    for at, member in enumerate(members):
        way = nested(member.name)
        if way[:1] == (name,):
            if len(way) != 3 or not way[1].isdigit():
                return []
            first.setdefault(way[1], at)
    return list(first.values()) if list(first) == list(map(str, range(len(first)))) else []


def _last_of(members: Sequence[Member], name: str, number: int) -> int:
    return max(at for at, member in enumerate(members) if nested(member.name)[:2] == (name, str(number)))


def _alike(wanted: Sequence[str], members: Sequence[Member]) -> int:
    """How many of the first members are these ops, and nobody's modules."""
    count = 0
    for op, member in zip(wanted, members, strict=False):
        if not is_beside(member) or member.op != op:
            break
        count += 1
    return count


def _is_round(members: Sequence[Member], name: str, number: str) -> bool:
    """Whether these are the modules of one item, numbers in their order, and what holds nothing between them."""
    own = [nested(member.name) for member in members if not is_beside(member)]
    keys = [way[2] for way in own if way[:2] == (name, number)]
    numbers = [key for key in keys if key.isdigit()]
    if len(keys) < max(len(own), 2) or len(set(keys)) < len(keys) or any(map(fault_of_member, keys)):
        return False
    return not any(member.training or member.share for member in members) and (
        not numbers or keys == list(map(str, range(len(keys))))
    )


def is_beside(member: Member) -> bool:
    """Whether a member holds nothing and has no place of its own: a sum, or the one dropout that all rounds call."""
    if "." in member.name or any(OPS[one.op].holds for one in ops(member)):
        return False
    return not member.name or (member.graph is None and member.module is not None and not member.module.state_dict())


def chained(graph: Graph, rounds: Sequence[Sequence[Member]]) -> bool:
    """Whether one value comes of each round, and each reads that of the round before, and besides what all read."""
    made = [{number for member in one for at in ops(member) for number in at.gives} for one in rounds]
    read = [{number for member in one for at in ops(member) for number in at.reads} for one in rounds]
    within = {id(member) for one in rounds for member in one}
    others = set(graph.gives)
    for member in graph.members:
        if id(member) not in within:
            others.update(number for one in ops(member) for number in one.reads)
    beside = {frozenset(read[at] - made[at] - made[at - 1]) for at in range(1, len(rounds))}
    first = read[0] - made[0]
    if any(not (some <= first and len(first - some) < 2) for some in beside) or len(beside) > 1:
        return False
    readers = Counter(number for one in read for number in one)
    ends = [
        {number for number in own if number in others or readers[number] > (number in read[at])}
        for at, own in enumerate(made)
    ]
    return all(len(end) == 1 for end in ends) and all(end <= read[at] for at, end in enumerate(ends[:-1], 1))


def _listed(graph: Graph, name: str, rounds: Sequence[Sequence[Member]]) -> Member:
    """The list as one member, a graph of its rounds."""
    path = f"{graph.path}.{name}".lstrip(".")
    module = graph.module.get_submodule(name)
    names = dict(zip(graph.reads, graph.named, strict=False))
    given = [taken(one) for one in rounds]
    shared = [number for number in given[-1] if all(number in one for one in given)]
    made: list[Member] = []
    for at, one in enumerate(rounds):
        members = tuple(replace(member, name=member.name.rpartition(".")[2]) for member in one)
        place, own = f"{path}.{at}", module.get_submodule(str(at))
        reads = (*(number for number in given[at] if number not in shared), *shared)
        named = tuple(names.get(number, "") if number in shared else "" for number in reads)
        inner = Graph(members, reads, (), own, place, named, called=singular(name) or f"{name}_part")
        made.append(Member("", (), (), str(at), graph=inner, module=own, path=place))
    return Member(
        "", (), (), name, graph=Graph(tuple(made), (), (), module, path, block=False), module=module, path=path
    )


def taken(members: Sequence[Member]) -> dict[int, None]:
    """The values that members read of others, in their order."""
    inside = [one for member in members for one in ops(member)]
    made = {number for one in inside for number in one.gives}
    return dict.fromkeys(number for one in inside for number in one.reads if number not in made)

"""Parallel: lists whose modules are used in rounds, as one graph of rounds, so that they become a repeat with `lists`.

for conv, norm in zip(self.convs, self.norms):      convs.0, norms.0, relu,       rounds: [{convs, norms, relu},
    x = relu(norm(conv(x)))                         convs.1, norms.1, relu1                {convs, norms, relu}]

The last round may lack what stands between rounds.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from archspec.importer.naming import free, numbered
from archspec.importer.rounds import chained, is_beside, taken
from archspec.importer.tree import Graph, Member
from archspec.language.names import nested
from archspec.ops import OPS

NAME = "rounds"
LEAST = 4  # members in all rounds, from which on a repeat may be what a person writes


def over_lists(graph: Graph) -> Graph:
    """The graph, and those inside, with lists that are used in rounds as one graph of these; it is to be wired."""
    members = tuple(
        member if member.graph is None else replace(member, graph=over_lists(member.graph)) for member in graph.members
    )
    graph = replace(graph, members=members)
    made: Graph | None = None if numbered(members) else graph
    while made is not None:
        graph = made
        found = (_rolled(graph, starts) for starts in _places(graph.members).values())
        made = next((one for one in found if one is not None), None)
    return graph


def _places(members: Sequence[Member]) -> dict[str, list[int]]:
    """Where the modules of each list stand."""
    found: dict[str, list[int]] = {}
    for at, member in enumerate(members):
        if len(way := nested(member.name)) == 2:
            found.setdefault(way[0], []).append(at)
    return found


def _rolled(graph: Graph, starts: Sequence[int]) -> Graph | None:
    """The graph with the rounds that begin with the modules of one list; None where there are none."""
    members = graph.members
    if len(starts) < 2 or _lists(members[starts[0] : starts[1]], "0") is None:
        return None
    rounds = _bounds(members, starts)
    parts = [members[start:end] for start, end in rounds]
    lists = [_lists(part, str(at)) for at, part in enumerate(parts)]
    size = max(map(len, parts))
    if None in lists or len(parts) * size < LEAST or not _whole(graph, lists, rounds):
        return None
    if not chained(graph, parts):
        return None
    name = free(NAME, {member.name for member in members} | set(graph.named))
    made = _member(graph, name, parts)
    return replace(graph, members=(*members[: rounds[0][0]], made, *members[rounds[-1][1] :]))


def _bounds(members: Sequence[Member], starts: Sequence[int]) -> list[tuple[int, int]]:
    """Where each round begins and ends: what stands between two of them ends the one, or else begins the other."""
    first, second, *_, last = starts if len(starts) > 2 else (*starts, starts[-1])
    listed = max(at for at in range(first, second) if nested(members[at].name))
    end, whole = _end(members, range(first, second), last)
    lead = 0 if whole else _alike_before(members, range(listed + 1, second), first)
    if lead:
        end, whole = _end(members, range(first, second - lead), last)
        lead = lead if whole else 0
    if not lead:
        end, _ = _end(members, range(first, second), last)
    return list(pairwise([start - lead for start in starts] + [end]))


def _end(members: Sequence[Member], first: range, start: int) -> tuple[int, bool]:
    """Where the last round ends that begins there, which may lack some of what the first has; whether it has all."""
    at, lacking = start, False
    for one in first:
        if at < len(members) and _name(members[at]) == _name(members[one]):
            at += 1
        else:
            lacking = True
    return at, not lacking


def _name(member: Member) -> tuple[str, ...]:
    """What a member is in every round: the list that it is in, or its op."""
    way = nested(member.name)
    return (way[0],) if way else ("", member.op, member.name if not is_beside(member) else "")


def _alike_before(members: Sequence[Member], between: range, first: int) -> int:
    """How many of the last members between two rounds stand before the first one too."""
    count = 0
    while count < min(len(between), first) and _name(members[between[-1 - count]]) == _name(members[first - 1 - count]):
        count += 1
    return count


def _lists(part: Sequence[Member], number: str) -> frozenset[str] | None:
    """The lists that a round has a module of; None where it has others, or holds something by itself."""
    own = [nested(member.name) for member in part if not is_beside(member)]
    names = frozenset(way[0] for way in own if way[1:] == (number,))
    shared = any(member.training or member.share or member.tied for member in part)
    return names if len(names) == len(own) and not shared else None


def _whole(graph: Graph, lists: Sequence[frozenset[str] | None], rounds: Sequence[tuple[int, int]]) -> bool:
    """Whether all modules of the lists are in the rounds."""
    names = frozenset().union(*(one for one in lists if one is not None))
    outside = (*graph.members[: rounds[0][0]], *graph.members[rounds[-1][1] :])
    return names.isdisjoint(nested(member.name)[0] for member in outside if nested(member.name))


def _member(graph: Graph, name: str, rounds: Sequence[Sequence[Member]]) -> Member:
    """The rounds as one member, a graph of them."""
    path = f"{graph.path}.{name}".lstrip(".")
    names = dict(zip(graph.reads, graph.named, strict=False))
    given = [taken(one) for one in rounds]
    shared = [number for number in given[-1] if all(number in one for one in given)]
    made: list[Member] = []
    for at, one in enumerate(rounds):
        members = tuple(map(_in_round, one))
        reads = (*(number for number in given[at] if number not in shared), *shared)
        named = tuple(names.get(number, "") if number in shared else "" for number in reads)
        place = f"{path}.{at}"
        inner = Graph(members, reads, (), graph.module, place, named, called=name, rounds="one")
        made.append(Member("", (), (), str(at), graph=inner))
    return Member("", (), (), name, graph=Graph(tuple(made), (), (), graph.module, path, block=False, rounds="all"))


def _in_round(member: Member) -> Member:
    """A module of a list by the list's name; one without tensors that all rounds call as one of a list of its own."""
    way = nested(member.name)
    if way or member.graph is not None:
        return replace(member, name=way[0]) if way else member
    called = f"{member.name}s" if member.name and OPS[member.op].stateful else member.called
    return replace(member, name="", module=None, path="", called=called)

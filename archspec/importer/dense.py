"""Dense: calls that each join all that came before them, as calls that each hand on the join.

layer1([x])                  concat [x, a]           layer1(x)    gives concat [x, a]
layer2([x, a])               concat [x, a, b]        layer2(...)  gives concat [concat, b]
concat [x, a, b]                                     so that all are one block, one behind the other

A join of a join and one more value is the join of all of them, number for number.
"""

from collections.abc import Sequence
from dataclasses import replace

from archspec.importer.tree import Graph, Member, ops
from archspec.values.dataclass import dataclass

JOIN = "concat"
SHORTEST = 3  # calls; two are read as they are


@dataclass(frozen=True, slots=True, eq=False)
class _Call:
    """A call that starts from a join of all that it reads, or from the one value that it reads.

    Attributes:
        at: where it stands among the members.
        member: it.
        lead: the join inside of it; None where it reads one value.
    """

    at: int
    member: Member
    lead: Member | None

    @property
    def reads(self) -> tuple[int, ...]:
        """What is joined for it."""
        return self.member.reads if self.lead is None else self.lead.reads

    @property
    def value(self) -> int:
        """The join."""
        return self.member.reads[0] if self.lead is None else self.lead.gives[0]


def handed_on(graph: Graph) -> Graph:
    """The graph, and those inside, in which calls hand on what the next ones would join; its edges are to be wired."""
    members = tuple(
        member if member.graph is None else replace(member, graph=handed_on(member.graph)) for member in graph.members
    )
    return _handed_on(replace(graph, members=members))


def _handed_on(graph: Graph) -> Graph:
    calls = [call for at, member in enumerate(graph.members) if (call := _call(at, member)) is not None]
    while calls:
        chain = _chain(calls)
        joins = [call.lead for call in chain[1:]]
        end = _end(graph.members, chain[-1])
        joins += [end] if end is not None else []
        if len(joins) >= SHORTEST - 1 and len(chain) >= SHORTEST:
            graph = replace(graph, members=_rewritten(graph.members, chain, joins, end))
            return _handed_on(graph)
        calls = calls[len(chain) :]
    return graph


def _call(at: int, member: Member) -> _Call | None:
    """A member as such a call; None where it is none."""
    inner = member.graph
    if inner is None or inner.apart or len(member.gives) != 1 or member.training or member.share or not member.reads:
        return None
    lead = next((one for one in inner.members if one.op == JOIN and set(member.reads) <= set(one.reads)), None)
    if lead is None:
        return _Call(at, member, None) if len(member.reads) == 1 else None
    others = {number for one in ops(member) for number in one.reads if one is not lead}
    alone = len(set(lead.reads)) == len(lead.reads) and set(lead.reads) == set(member.reads)
    return _Call(at, member, lead) if alone and others.isdisjoint(lead.reads) else None


def _chain(calls: Sequence[_Call]) -> list[_Call]:
    """The first of the calls, and those behind it that each join what the one before joins, and what it gives."""
    chain = [calls[0]]
    for call in calls[1:]:
        before = chain[-1]
        if call.lead is None or call.reads != (*before.reads, *before.member.gives) or not _alike(before, call):
            break
        chain.append(call)
    return chain


def _alike(one: _Call, other: _Call) -> bool:
    """Whether two calls are of one class, and join along one dimension."""
    same = type(one.member.module) is type(other.member.module)
    return same and (one.lead is None or other.lead is None or one.lead.fields == other.lead.fields)


def _end(members: Sequence[Member], last: _Call) -> Member | None:
    """The join of all that the last call joins and what it gives, where there is one."""
    wanted = (*last.reads, *last.member.gives)
    fields = last.lead.fields if last.lead is not None else {}
    return next((one for one in members if one.op == JOIN and one.reads == wanted and one.fields == fields), None)


def _rewritten(
    members: Sequence[Member], chain: Sequence[_Call], joins: Sequence[Member | None], end: Member | None
) -> tuple[Member, ...]:
    """The members, each call with the next join at its end in place of its own at its start."""
    made: dict[int, list[Member]] = {}
    for number, call in enumerate(chain):
        following = joins[number] if number < len(joins) else None
        inner = call.member.graph
        if inner is None:
            continue
        ahead = [call.lead] if number == 0 and call.lead is not None else []
        own = tuple(one for one in inner.members if one is not call.lead)
        if following is not None:
            own += (replace(following, reads=(call.value, *call.member.gives)),)
        gives = following.gives if following is not None else call.member.gives
        inner = replace(inner, members=own, reads=(call.value,), gives=gives, named=())
        made[call.at] = [*ahead, replace(call.member, graph=inner, reads=inner.reads, gives=gives)]
    return tuple(one for at, member in enumerate(members) if member is not end for one in made.get(at, [member]))

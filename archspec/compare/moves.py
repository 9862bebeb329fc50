"""What moved: it stands, equal inside, in another block of the other network.

    conv1: ...                    stem:
    bn1: batch_norm2d        ->     conv1: ...             conv1 and bn1 moved into the new block stem,
    relu: relu                      bn1: batch_norm2d      and so did the relu that stands beside them
                                    relu: relu

The largest parts move first, and what is in them moves with them. One end of a move is in a block of both networks: of
what stands in blocks that only one has at both ends, any could be any other.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from itertools import pairwise
from typing import TypeAlias

from archspec.graph.graph import Graph, Member, Node
from archspec.graph.walk import ancestors, at, children, home
from archspec.values.dataclass import dataclass

_Key: TypeAlias = tuple[int, str]  # what it holds, and the name of a single op


@dataclass(frozen=True, slots=True)
class Loose:
    """A network, the numbers of what its members hold, and the ids that have a partner in place."""

    graph: Graph
    contents: Mapping[str, int]
    paired: AbstractSet[str]

    def left_over(self) -> dict[_Key, list[str]]:
        """What it is -> ids without a partner, at any depth. A single op is found by its name too."""
        found: dict[_Key, list[str]] = {}
        for scope in self.graph.scopes.values():
            for member in children(self.graph, scope):
                if member.id not in self.paired and not slight(member):
                    name = member.name if isinstance(member, Node) else ""
                    found.setdefault((self.contents[member.id], name), []).append(member.id)
        return found

    def outside(self, id: str, moved: AbstractSet[str]) -> bool:
        """Whether a member stands in nothing that `moved`."""
        return moved.isdisjoint(ancestors(self.graph, home(at(self.graph, id))))

    def outermost(self, id: str) -> bool:
        """Whether a member without a partner stands in a scope that has one."""
        return home(at(self.graph, id)) in self.paired

    def beside(self, step: int) -> dict[str, str]:
        """Id -> id of the single op next in its scope, or before it, where that has no partner and holds nothing."""
        found: dict[str, str] = {}
        for scope in self.graph.scopes.values():
            members = list(children(self.graph, scope))[::step]
            found |= {
                one.id: next_.id for one, next_ in pairwise(members) if next_.id not in self.paired and slight(next_)
            }
        return found


def slight(member: Member) -> bool:
    """Whether a member is a single op that holds nothing, as there are many: a relu, a dropout."""
    return isinstance(member, Node) and not member.op.stateful


def moves(first: Loose, second: Loose) -> dict[str, str]:
    """Id in the first network -> id in the second of what moved. n log n in what has no partner."""
    left = first.left_over(), second.left_over()
    found: dict[str, str] = {}
    gone: tuple[set[str], set[str]] = set(), set()
    for key in sorted(left[0].keys() & left[1].keys(), reverse=True):  # what holds a thing has the higher number
        ids = [id for id in left[0][key] if first.outside(id, gone[0])]
        others = [id for id in left[1][key] if second.outside(id, gone[1])]
        if len(ids) != len(others):  # any could be any other
            continue
        for one, other in zip(ids, others, strict=True):
            if first.outermost(one) or second.outermost(other):
                found[one] = other
                gone[0].add(one)
                gone[1].add(other)
    for step in (1, -1):
        found |= dict(_beside(first, second, found, step))
    return found


def _beside(first: Loose, second: Loose, moved: Mapping[str, str], step: int) -> Iterator[tuple[str, str]]:
    """Single ops that hold nothing, alike, and stand in both networks right behind what moved, or right before it."""
    beside = first.beside(step), second.beside(step)
    taken = set(moved.values())
    for one, other in moved.items():
        here, there = beside[0].get(one, ""), beside[1].get(other, "")
        while here and there and first.contents[here] == second.contents[there]:
            if here in moved or there in taken:
                break
            yield here, there
            here, there = beside[0].get(here, ""), beside[1].get(there, "")

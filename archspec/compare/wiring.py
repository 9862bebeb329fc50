"""Changes, and those of wiring: what members that correspond read, seen through what only one network has.

What stands beside an added or a removed member reads something new without having changed. So an input counts as the
same where both networks read what corresponds, or where what the one reads comes from what the other reads.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, TypeAlias

from archspec.compare.match import Match, inputs
from archspec.graph.graph import Graph, Local, Scope
from archspec.graph.walk import at, children, member_of
from archspec.values.dataclass import dataclass
from archspec.values.expression import Value

Kind: TypeAlias = Literal["setting", "op", "block", "argument", "parts", "reads", "gives", "when", "freeze", "share"]

_FAR = 64  # sources remembered of one member that only one network has


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is different in one member.

    Attributes:
        kind: "setting" of an op, "op" its type, "block" the block used, "argument" of a block, "parts" of a repeat,
            "reads" its inputs, "gives" its outputs, "when" it runs, "freeze" whether it learns, "share" whose
            parameters it uses.
        name: of the setting, the argument or the output; "" otherwise.
        before: in the first network. Of "reads" and "gives", the names that are there no more.
        after: in the second.
    """

    kind: Kind
    name: str
    before: Value
    after: Value


class Wirings:
    """The wiring inside pairs of scopes, each found once."""

    def __init__(self, first: Graph, second: Graph, match: Match) -> None:
        self.first, self.second, self.match = first, second, match
        self._found: dict[str, Wiring] = {}

    def between(self, one: str, other: str) -> "Wiring":
        """The wiring inside the scopes `one` and `other`."""
        if one not in self._found:
            self._found[one] = self._make(self.first.scopes[one], self.second.scopes[other])
        return self._found[one]

    def _make(self, one: Scope, other: Scope) -> "Wiring":
        known = inputs(one, other)
        for left in children(self.first, one):
            right = self.match.pairs.get(left.id)
            if right is not None:
                known[left.name] = at(self.second, right).name
        back = {right: left for left, right in known.items()}
        return Wiring(known, back, _origins(self.first, one, known), _origins(self.second, other, back))


_Origins: TypeAlias = Mapping[str, frozenset[Local]]


def _origins(graph: Graph, scope: Scope, known: Mapping[str, str]) -> dict[str, frozenset[Local]]:
    """What members that one network alone has read, seen through others like them; left-out ones are such members."""
    found: dict[str, frozenset[Local]] = {}
    for name in scope.order:
        if name in known:
            continue
        left_out = scope.absent.get(name)
        reads = left_out.reads if left_out is not None else member_of(graph, scope, name).reads
        sources: set[Local] = set()
        for local in reads:
            sources |= {local} if local.member in known else found.get(local.member, frozenset())
        found[name] = frozenset(sorted(sources, key=lambda local: (local.member, local.port))[:_FAR])
    return found


@dataclass(frozen=True, slots=True)
class Wiring:
    """Two scopes that correspond: the names in them that do, both ways, and where the others come from."""

    known: Mapping[str, str]
    back: Mapping[str, str]
    origins: _Origins
    origins_other: _Origins

    def reads(self, one: Sequence[Local], other: Sequence[Local]) -> Iterator[Change]:
        """What is read no more and what is read instead, in order."""
        if len(one) == len(other):
            pairs = [(left, right) for left, right in zip(one, other, strict=True) if not self._same(left, right)]
            before, after = [left for left, _ in pairs], [right for _, right in pairs]
        else:
            before, after = self._left_over(one, other)
        if before or after:
            yield Change("reads", "", tuple(map(named, before)), tuple(map(named, after)))

    def _left_over(self, one: Sequence[Local], other: Sequence[Local]) -> tuple[list[Local], list[Local]]:
        """What only one of two joins reads, whatever the order."""
        there = Counter(other)
        before = []
        for left in one:
            right = Local(self.known[left.member], left.port) if left.member in self.known else None
            if right is not None and there[right]:
                there[right] -= 1
            else:
                before.append(left)
        after = list(there.elements())
        for left in tuple(before):
            like = next((right for right in after if self._same(left, right)), None)
            if like is not None:
                before.remove(left)
                after.remove(like)
        return before, after

    def gives(self, one: Mapping[str, Local], other: Mapping[str, Local]) -> Iterator[Change]:
        """Outputs that come from elsewhere."""
        for port, left in one.items():
            right = other.get(port)
            if right is None or left.member not in self.known or right.member not in self.back:
                continue  # what gives it was added or removed, which is said there
            if not self._same(left, right):
                yield Change("gives", port, (named(left),), (named(right),))

    def _same(self, left: Local, right: Local) -> bool:
        """Whether two inputs are the same, or differ only by what one network has and the other has not."""
        if left.member in self.known and right.member in self.back:
            return self.known[left.member] == right.member and left.port == right.port
        if left.member in self.known:
            return Local(self.known[left.member], left.port) in self.origins_other.get(right.member, ())
        if right.member in self.back:
            return Local(self.back[right.member], right.port) in self.origins.get(left.member, ())
        return True


def named(local: Local) -> str:
    """`pool4.indices`."""
    return f"{local.member}.{local.port}" if local.port else local.member

"""From a comparison to the rows of its table, scope by scope."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import replace
from typing import TypeAlias

from archspec.compare.changes import Comparison
from archspec.compare.runs import Both, Item, joined, shortened, summed
from archspec.compare.table import Counts, Ops, Row, Status
from archspec.graph.graph import Graph
from archspec.graph.network import Network
from archspec.graph.report import Row as Member
from archspec.graph.report import report
from archspec.graph.walk import ancestors, at, children, home, last_name, sums
from archspec.ops.label import Label
from archspec.values.dataclass import dataclass
from archspec.values.shape import Shape

_Pair: TypeAlias = tuple[str, str]
_NOTHING: Both = (Counts(), Counts())


def rows(compared: Comparison) -> tuple[tuple[Row, ...], Ops]:
    """The rows, and how many ops of each kind there are. Linear in nodes and scopes."""
    inside = _Builder(compared).inside("", "")
    return tuple(map(shortened, inside.rows("", ""))), inside.ops


@dataclass(slots=True)
class _Inside:
    """What was found in one scope: items, ops of all of it, and what only follows and belongs to no item."""

    items: list[Item]
    ops: Ops
    affected: list[_Pair]
    rest: Both

    def keys(self) -> Hashable:
        """What its rows say."""
        return tuple((item.row.name, item.key) for item in self.items), len(self.affected)

    def rows(self, left: str, right: str) -> tuple[Row, ...]:
        """The items' rows, and one for the rest, which stands for the scopes `left` and `right`."""
        found = tuple(item.row for item in self.items)
        if not self.affected:
            return found
        times = len(self.affected)
        ops = Ops(affected=times)
        rest = Row("affected", "", left, right, "ops", Label(""), (), times, self.rest, (None, None), False, ops)
        members = tuple(one for one, _ in self.affected), tuple(other for _, other in self.affected)
        return (*found, replace(rest, members=members))


class _Builder:
    def __init__(self, compared: Comparison) -> None:
        self.compared = compared
        self.members = tuple(_members(network) for network in (compared.first, compared.second))
        self.counts = tuple(_counts(network) for network in (compared.first, compared.second))
        self.sizes = tuple(_sizes(network.graph) for network in (compared.first, compared.second))
        moved = compared.match.moved
        self.elsewhere = (moved, {right: left for left, right in moved.items()})
        self.held = tuple(
            set(_around(g, m))
            for g, m in zip((compared.first.graph, compared.second.graph), self.elsewhere, strict=True)
        )
        self.keys: dict[Hashable, int] = {}

    def inside(self, one: str, other: str) -> _Inside:
        """What is in two scopes that correspond. Recursive only over the nesting."""
        found = _Inside([], Ops(), [], _NOTHING)
        for left, right in self.together(one, other):
            if not left or not right:
                self.add(found, self.alone(left, right))
            elif left in self.compared.first.graph.scopes:
                self.scope(found, left, right)
            else:
                self.node(found, left, right)
        found.items = list(joined(found.items))
        return found

    def together(self, one: str, other: str) -> Iterator[_Pair]:
        """The members of both in the second's order; what was removed stands behind what it stood behind."""
        pairs, back = self.compared.match.pairs, self.compared.match.back
        removed: dict[str, list[str]] = {}
        last = ""
        first, second = self.compared.first.graph, self.compared.second.graph
        for gone in children(first, first.scopes[one]):
            last = pairs.get(gone.id, last)
            if gone.id not in pairs:
                removed.setdefault(last, []).append(gone.id)
        yield from ((id, "") for id in removed.get("", ()))
        for there in children(second, second.scopes[other]):
            yield back.get(there.id, ""), there.id
            if there.id in back:
                yield from ((id, "") for id in removed.get(there.id, ()))

    def add(self, found: _Inside, item: Item) -> None:
        found.items.append(item)
        found.ops += item.row.ops

    def alone(self, left: str, right: str) -> Item:
        """A member that one network has, or has here and the other elsewhere, where its ops are counted."""
        side = 0 if left else 1
        content = self.compared.match.contents[side][left or right]
        size = self.sizes[side].get(left or right, 1)
        elsewhere = self.elsewhere[side].get(left or right, "")
        if elsewhere:
            moved = self.item("moved", left, right, Ops(moved=0 if left else size), (), elsewhere)
            return Item(moved.key, replace(moved.row, elsewhere=elsewhere))
        status: Status = "removed" if left else "added"
        if (left or right) in self.held[side]:
            return self.around_moved(status, left, right)
        ops = Ops(removed=size) if left else Ops(added=size)
        return self.item(status, left, right, ops, (), content)

    def around_moved(self, status: Status, left: str, right: str) -> Item:
        """A block that one network has, and that holds what the other has elsewhere: all in it is listed."""
        graph = (self.compared.first if left else self.compared.second).graph
        found = _Inside([], Ops(), [], _NOTHING)
        for member in children(graph, graph.scopes[left or right]):
            self.add(found, self.alone(left and member.id, right and member.id))
        found.items = list(joined(found.items))
        return self.item(status, left, right, found.ops, found.rows(left, right), found.keys())

    def node(self, found: _Inside, left: str, right: str) -> None:
        compared = self.compared
        moved = last_name(left) != last_name(right)
        if left in compared.changes:
            ops = Ops(changed=1)
        elif left != right:
            ops = Ops(renamed=1)
        else:
            ops = Ops(affected=int(left in compared.affected))
        if left in compared.changes or moved:
            self.add(found, self.item("changed" if left in compared.changes else "renamed", left, right, ops, ()))
            return
        found.ops += ops
        if left in compared.affected:
            found.affected.append((left, right))
            found.rest = summed((found.rest, (self.counts[0][left], self.counts[1][right])))

    def scope(self, found: _Inside, left: str, right: str) -> None:
        compared = self.compared
        inside = self.inside(left, right)
        renamed = last_name(left) != last_name(right)
        if not inside.items and not renamed and left not in compared.changes:
            found.ops += inside.ops
            found.affected += inside.affected
            found.rest = summed((found.rest, inside.rest))
            return
        status: Status = "changed" if left in compared.changes else "renamed" if renamed else "inside"
        within = inside.rows(left, right) if inside.items else ()
        self.add(found, self.item(status, left, right, inside.ops, within, inside.keys()))

    def item(
        self, status: Status, left: str, right: str, ops: Ops, within: tuple[Row, ...], content: Hashable = None
    ) -> Item:
        """A row with its key."""
        here = tuple(self.members[side].get(id) for side, id in enumerate((left, right)))
        there = [member for member in here if member is not None]
        changes = self.compared.changes.get(left, ())
        row = Row(
            status=status,
            name=last_name(right or left),
            before=left,
            after=right,
            kind=there[-1].kind,
            label=there[-1].label,
            changes=changes,
            times=1,
            counts=(self.counts[0][left] if left else Counts(), self.counts[1][right] if right else Counts()),
            shapes=(_shape(here[0]), _shape(here[1])),
            train_only=all(member.train_only for member in there),
            ops=ops,
            rows=within,
            members=((left,) if left else (), (right,) if right else ()),
        )
        types = tuple(member.type for member in here if member is not None)
        key: Hashable = (status, row.kind, types, changes, content)
        if status == "renamed" and not within and not changes:
            key = status
        return Item(self.keys.setdefault(key, len(self.keys)), row)


# -- counts -----------------------------------------------------------------------------------------------------------


def _counts(network: Network) -> dict[str, Counts]:
    """Id of every op and every scope -> everything in it. Each is added once, to the scope around it."""
    graph = network.graph
    found: dict[str, Counts] = {}
    held: dict[str, list[Counts]] = {id: [] for id in graph.scopes}
    for id, node in graph.nodes.items():
        cost = network.costs[id]
        found[id] = Counts(training=cost) if node.train_only else Counts(always=cost)
        held[node.scope].append(found[id])
    for scope in reversed(tuple(graph.scopes.values())):
        found[scope.id] = sum(held[scope.id], Counts())
        if scope.id:
            held[scope.parent].append(found[scope.id])
    return found


def _around(graph: Graph, members: Iterable[str]) -> Iterator[str]:
    """Ids of the scopes that hold any of these members."""
    for id in members:
        yield from ancestors(graph, home(at(graph, id)))


def _sizes(graph: Graph) -> dict[str, int]:
    """Id of every scope -> ops in it."""
    return sums(graph, Counter(node.scope for node in graph.nodes.values()))


def _members(network: Network) -> dict[str, Member]:
    return {row.path: row for row in report(network).rows}


def _shape(member: Member | None) -> Shape | None:
    return member.shape if member is not None else None

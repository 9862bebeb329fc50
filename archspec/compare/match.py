"""Which member of one network is which of another.

    by name       members of one kind (an op, a block, a repeat) and one name, in scopes that are matched themselves
    by number     members of a list: their names are positions, so the list is aligned where items come or go
    by content    what is left over in one scope: equal inside, so it was renamed

What is left over then may have moved, see moves. All of it here is linear.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

from archspec.compare.moves import Loose, moves, slight
from archspec.graph.graph import Graph, Node, Scope
from archspec.graph.walk import children, member_of
from archspec.ops.op import Op
from archspec.values.dataclass import dataclass

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Match:
    """What corresponds.

    Attributes:
        pairs: id in the first network -> id in the second; inputs, ops and scopes, "" to "" first, parents before
            children.
        back: the same from the second to the first.
        moved: id in the first network -> id in the second of what stands elsewhere there; in none of the other two.
        contents: for each network, id -> number of what is inside; equal contents have one number.
    """

    pairs: Mapping[str, str]
    back: Mapping[str, str]
    moved: Mapping[str, str]
    contents: tuple[Mapping[str, int], Mapping[str, int]]


def match(first: Graph, second: Graph) -> Match:
    """The members of `first` and `second` that correspond. Linear in nodes and scopes."""
    numbers: dict[Hashable, int] = {}
    contents = (_contents(first, numbers), _contents(second, numbers))
    sides = _Side(first, contents[0]), _Side(second, contents[1])
    pairs = {"": "", **dict(_by_name_or_place(first.inputs, second.inputs))}
    open_ = [("", "")]
    while open_:
        one, other = open_.pop()
        scopes = first.scopes[one], second.scopes[other]
        found = [
            (member_of(first, scopes[0], left).id, member_of(second, scopes[1], right).id)
            for left, right in _members(sides, *scopes)
        ]
        pairs |= found
        open_.extend(pair for pair in reversed(found) if pair[0] in first.scopes)
    back = {right: left for left, right in pairs.items()}
    moved = moves(Loose(first, contents[0], pairs.keys()), Loose(second, contents[1], back.keys()))
    return Match(pairs, back, moved, contents)


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the two networks."""

    graph: Graph
    contents: Mapping[str, int]

    def kind(self, scope: Scope, name: str) -> str:
        """What may be matched by name alone: ops, repeats and other scopes."""
        found = member_of(self.graph, scope, name)
        if isinstance(found, Node):
            return "op"
        return "repeat" if found.definition.kind == "repeat" else "block"

    def type(self, scope: Scope, name: str) -> Hashable:
        """What items of a list are of one type by: the op, or the block they use."""
        found = member_of(self.graph, scope, name)
        if isinstance(found, Node):
            return found.op.name
        named = found.definition.name if found.definition.kind in ("block", "spec") else ""
        return self.kind(scope, name), named

    def content(self, scope: Scope, name: str) -> int:
        return self.contents[member_of(self.graph, scope, name).id]

    def slight(self, scope: Scope, name: str) -> bool:
        return slight(member_of(self.graph, scope, name))


_Sides = tuple[_Side, _Side]


def _contents(graph: Graph, numbers: dict[Hashable, int]) -> dict[str, int]:
    """Id -> number of what a member is and holds: ops with their settings, inner names and wiring, not its own name."""
    ops: dict[int, int] = {}  # equal ops are one object, so that each is hashed once
    found: dict[str, int] = {}

    def number(op: Op) -> int:
        if id(op) not in ops:
            ops[id(op)] = numbers.setdefault((op.name, *op.acting.items()), len(numbers))
        return ops[id(op)]

    for node in graph.nodes.values():
        found[node.id] = number(node.op)
    for scope in reversed(tuple(graph.scopes.values())):
        inside = tuple((member.name, found[member.id], member.reads) for member in children(graph, scope))
        repeated = scope.definition.kind == "repeat"
        key = (repeated, scope.definition.inputs, inside, tuple(scope.outputs.items()))
        found[scope.id] = numbers.setdefault(key, len(numbers))
    return found


def _by_name_or_place(first: Sequence[str], second: Sequence[str]) -> Iterator[Pair]:
    """Inputs of one name; the others by their place among the others."""
    names = set(first) & set(second)
    yield from ((name, name) for name in first if name in names)
    yield from zip(
        [name for name in first if name not in names], [name for name in second if name not in names], strict=False
    )


def inputs(one: Scope, other: Scope) -> dict[str, str]:
    """The inputs of two scopes that correspond."""
    return dict(_by_name_or_place(one.definition.inputs, other.definition.inputs))


def _members(sides: _Sides, one: Scope, other: Scope) -> list[Pair]:
    if one.definition.listed and other.definition.listed and one.definition.kind != "repeat":
        return _aligned(sides, one, other)
    theirs = set(other.members)
    pairs = [
        (name, name)
        for name in one.members
        if name in theirs and sides[0].kind(one, name) == sides[1].kind(other, name)
    ]
    return [*pairs, *_renamed(sides, one, other, dict(pairs))]


# -- renamed ----------------------------------------------------------------------------------------------------------


def _renamed(sides: _Sides, one: Scope, other: Scope, named: Mapping[str, str]) -> Iterator[Pair]:
    """Pairs of what is left over and has equal content, in order.

    Where one network has more of a content than the other, first what stands behind the same member; then the rest, but
    not single ops that hold nothing, of which any could be any other.
    """
    contents = [
        {name: side.content(scope, name) for name in scope.members}
        for side, scope in zip(sides, (one, other), strict=True)
    ]
    behind = _behind(one.members, named), _behind(other.members, {right: right for right in named.values()})
    left = _grouped(one.members, named, contents[0].__getitem__)
    right = _grouped(other.members, named.values(), contents[1].__getitem__)
    for content, names in left.items():
        others = right.get(content, [])
        if len(names) == len(others):
            yield from zip(names, others, strict=True)
            continue
        near = _grouped(names, (), behind[0].__getitem__)
        theirs = _grouped(others, (), behind[1].__getitem__)
        found = {name: like for place in near for name, like in zip(near[place], theirs.get(place, ()), strict=False)}
        yield from found.items()
        if not sides[0].slight(one, names[0]):
            taken = set(found.values())
            rest = [name for name in names if name not in found], [name for name in others if name not in taken]
            yield from zip(*rest, strict=False)


def _behind(members: Iterable[str], named: Mapping[str, str]) -> dict[str, str]:
    """Member -> the last one before it that has a partner, by the partner's name; "" for none."""
    found: dict[str, str] = {}
    last = ""
    for name in members:
        found[name] = last
        last = named.get(name, last)
    return found


def _grouped(names: Iterable[str], without: Iterable[str], key: Callable[[str], Hashable]) -> dict[Hashable, list[str]]:
    gone = set(without)
    groups: dict[Hashable, list[str]] = {}
    for name in names:
        if name not in gone:
            groups.setdefault(key(name), []).append(name)
    return groups


# -- lists ------------------------------------------------------------------------------------------------------------


def _aligned(sides: _Sides, one: Scope, other: Scope) -> list[Pair]:
    """Items of two lists that correspond: place by place where all types agree, else as Heckel's diff has it.

    Source: P. Heckel, A technique for isolating differences between files, CACM 21 (1978). Contents that both lists
    have once are anchors; equal neighbours of a pair are a pair.
    """
    types = [
        [side.type(scope, name) for name in scope.members] for side, scope in zip(sides, (one, other), strict=True)
    ]
    if types[0] == types[1]:
        return list(zip(one.members, other.members, strict=True))
    a = [sides[0].content(one, name) for name in one.members]
    b = [sides[1].content(other, name) for name in other.members]
    found = _anchors(a, b)
    for keys in ((a, b), (types[0], types[1])):
        found = _between(found, keys[0], keys[1])
    return [(one.members[i], other.members[j]) for i, j in sorted(found.items())]


def _anchors(a: Sequence[int], b: Sequence[int]) -> dict[int, int]:
    """Places in `a` and `b` of what certainly corresponds."""
    start, end = 0, min(len(a), len(b))
    while start < end and a[start] == b[start]:
        start += 1
    shift = len(b) - len(a)
    tail = len(a)
    while tail > start and tail + shift > start and a[tail - 1] == b[tail + shift - 1]:
        tail -= 1
    found = {i: i for i in range(start)} | {i: i + shift for i in range(tail, len(a))}
    middle = range(start, tail), range(start, tail + shift)
    once = _places(a, middle[0]), _places(b, middle[1])
    found |= {i: once[1][content] for content, i in once[0].items() if i >= 0 and once[1].get(content, -1) >= 0}
    taken = set(found.values())
    for step, order in ((1, range(len(a))), (-1, range(len(a) - 1, -1, -1))):
        for i in order:
            if i not in found:
                continue
            near, j = i + step, found[i] + step
            if near in found or j in taken or near not in middle[0] or j not in middle[1] or a[near] != b[j]:
                continue
            found[near] = j
            taken.add(j)
    return found


def _places(contents: Sequence[int], where: range) -> dict[int, int]:
    """Content -> its one place, -1 where it has several."""
    found: dict[int, int] = {}
    for i in where:
        found[contents[i]] = -1 if contents[i] in found else i
    return found


def _between(found: Mapping[int, int], a: Sequence[Hashable], b: Sequence[Hashable]) -> dict[int, int]:
    """`found`, and pairs of equal keys between two that are found, in order."""
    taken = set(found.values())
    gaps: dict[tuple[int, Hashable], list[int]] = {}
    before = -1
    for j, key in enumerate(b):
        before = j if j in taken else before
        if j not in taken:
            gaps.setdefault((before, key), []).append(j)
    rest = {gap: iter(places) for gap, places in gaps.items()}
    more = dict(found)
    before = -1
    for i, key in enumerate(a):
        before = found.get(i, before)
        if i not in found and (j := next(rest.get((before, key), iter(())), -1)) >= 0:
            more[i] = j
    return more

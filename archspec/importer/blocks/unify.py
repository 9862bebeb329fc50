"""Unify: one template of several uses, whose parts read the same in all of them.

uses                              template
conv1 bn1 relu1 conv2 add         conv1 bn1 relu1 conv2 shortcut add
conv1 bn1 relu1 conv2 shortcut add     where shortcut is left out, add reads what it would read: x
"""

from collections import Counter
from collections.abc import Sequence
from itertools import permutations

from archspec.importer.blocks.align import Row, align
from archspec.importer.blocks.items import listed, sequence
from archspec.importer.blocks.template import Block, Item, Mismatch, Part, Placed, Ref, Template
from archspec.importer.naming import base, free
from archspec.importer.tree import Graph
from archspec.language.names import fault_of_param
from archspec.ops import OPS

COMMUTING = frozenset({"add", "mul"})
FEW = 5  # operands of which all orders are tried


def unify(uses: Sequence[Graph | None], placed: Placed) -> Template:
    """The template of these uses, None where a use does not have it. Raises Mismatch where they have none."""
    have = [use for use in uses if use is not None]
    as_list = all(map(listed, have))
    there = [at for at, use in enumerate(uses) if use is not None]
    rows = align([sequence(use, placed, as_list=as_list) for use in have], placed)
    rows = tuple(Row(row.key, tuple((there[use], item) for use, item in row.found)) for row in rows)
    if not as_list:
        _require_one_of_each(rows)
        _require_whole_lists(rows, len(have))
    if len({len(use.reads) for use in have}) > 1 or len({len(use.gives) for use in have}) > 1:
        raise Mismatch("uses with other inputs or outputs")
    reads, outputs = _Reads(rows, uses).settled()
    parts: list[Part] = []
    taken = {row.key[1] for row in rows if row.key[1]}
    wanted = Counter(_base(row) for row in rows if not row.key[1])
    for at, row in enumerate(rows):
        name = str(at) if as_list else row.key[1] or free(_base(row), taken, many=wanted[_base(row)] > 1)
        taken.add(name)
        parts.append(_part(row, name, reads[at], len(uses), placed))
    named = have[0].named
    inputs = _input_names(have[0], taken) if have[0].path or not all(named) else network_inputs(named, parts)
    return Template(tuple(parts), inputs, outputs, tuple(uses), as_list)


def _require_one_of_each(rows: Sequence[Row]) -> None:
    names = [row.key[1] for row in rows if row.key[1]]
    if len(set(names)) < len(names):
        raise Mismatch("one name for two things")


def _require_whole_lists(rows: Sequence[Row], uses: int) -> None:
    """Raises Mismatch where a use does not have a member of a list, which has no gaps."""
    if any("." in row.key[1] and len(row.found) < uses for row in rows):
        raise Mismatch("a member of a list that may be left out")


def _base(row: Row) -> str:
    """What a part is called that the module has no name for; of several ops, what all of them are."""
    names = Counter(base(item.member) for _, item in row.found)
    several = len({item.member.op for _, item in row.found}) > 1
    return OPS[row.found[0][1].member.op].role.value if several else names.most_common(1)[0][0]


def network_inputs(named: Sequence[str], parts: Sequence[Part]) -> tuple[str, ...]:
    """The names of forward's arguments; for one that a member or the language has, `x` or `mask_input` stands."""
    members = {name for part in parts for name in (part.name, part.name.partition(".")[0])}
    taken = members | set(named)
    made: list[str] = []
    for name in named:
        stem = f"{name.strip('_')}_input".lstrip("_")
        other = "x" if len(named) == 1 and "x" not in taken else free(stem, taken | set(made))
        made.append(other if name in members or fault_of_param(name) is not None else name)
    return tuple(made)


def _input_names(graph: Graph, taken: set[str]) -> tuple[str, ...]:
    """Those of forward's arguments, where the graph reads several; none is that of a member."""
    if len(graph.reads) < 2:
        name = next((name for name in ("x", *graph.named, "input") if name and name not in taken), "")
        return (name or free("x", taken),) * len(graph.reads)
    made: list[str] = []
    for at, name in enumerate(graph.named or ("",) * len(graph.reads)):
        made.append(free(name or ("x" if not at else f"x{at + 1}"), {*taken, *made}))
    return tuple(made)


def _part(row: Row, name: str, reads: tuple[Ref, ...], uses: int, placed: Placed) -> Part:
    by_use = dict(row.found)
    lined: tuple[Item | None, ...] = tuple(by_use.get(use) for use in range(uses))
    first = row.found[0][1]
    if first.repeated:
        starts = {item.repeated[0].name for _, item in row.found}
        if len(starts) > 1:
            raise Mismatch("parts with other names")
        start = starts.pop()
        names = "" if start == "0" else start
        return Part(name, lined, reads, block=placed.block(first.repeated[0]), names=names)
    if first.member.graph is None:
        return Part(name, lined, reads)
    block: Block | None = placed.block(first.member)
    if block is not None or first.member.share:
        return Part(name, lined, reads, block=block)
    template = unify([None if item is None else item.member.graph for item in lined], placed)
    return Part(name, lined, reads, template=template)


class _Reads:
    """What each part reads, the same in every use: a part that a use does not have stands for its first input."""

    def __init__(self, rows: Sequence[Row], uses: Sequence[Graph | None]) -> None:
        self.rows = rows
        self.have = [at for at, use in enumerate(uses) if use is not None]
        found = [dict(row.found) for row in rows]
        self.there = [set(one) for one in found]
        self.stated: dict[tuple[int, int], tuple[Ref, ...]] = {}
        self.given: dict[int, tuple[Ref, ...]] = {}
        self.chosen: list[tuple[Ref, ...]] = []
        for use in self.have:
            graph = uses[use]
            if graph is None:
                continue
            made = {number: Ref(-1, port) for port, number in enumerate(graph.reads)}
            for at, one in enumerate(found):
                item = one.get(use)
                if item is not None:
                    self.stated[use, at] = tuple(made[number] for number in item.reads)
                    made |= {number: Ref(at, port) for port, number in enumerate(item.gives)}
            self.given[use] = tuple(made[number] for number in graph.gives)

    def settled(self) -> tuple[list[tuple[Ref, ...]], tuple[Ref, ...]]:
        """What each part reads, and what the template gives. Raises Mismatch."""
        for at in range(len(self.rows)):
            self.chosen.append(self.choice(at))
        partial = [at for at in range(len(self.rows)) if self.commutes(at) and len(self.there[at]) < len(self.have)]
        for at in partial:
            self.turn(at)
        return self.chosen, self.outputs()

    def commutes(self, at: int) -> bool:
        return self.rows[at].found[0][1].member.op in COMMUTING or _commutes(self.rows[at])

    def resolve(self, ref: Ref, use: int) -> Ref:
        """What a reference means in one use."""
        while ref.at >= 0 and use not in self.there[ref.at]:
            if ref.port or not self.chosen[ref.at]:
                raise Mismatch("a further output of what is not there")
            ref = self.chosen[ref.at][0]
        return ref

    def choice(self, at: int) -> tuple[Ref, ...]:
        """What a part reads: of what its uses state, what is right in all of them."""
        stated = {use: self.stated[use, at] for use in sorted(self.there[at])}
        options = list(dict.fromkeys(stated.values()))
        if self.commutes(at):
            turned = [order for one in options if len(one) <= FEW for order in permutations(one)]
            options += [order for order in turned if order not in options]
        for option in sorted(options, key=lambda refs: -max((ref.at for ref in refs), default=-1)):
            if all(self.fits(option, stated[use], use, at) for use in stated):
                return option
        raise Mismatch(f"{self.rows[at].key} reads otherwise")

    def fits(self, option: tuple[Ref, ...], stated: tuple[Ref, ...], use: int, at: int) -> bool:
        found = tuple(self.resolve(ref, use) for ref in option)
        return found == stated or (self.commutes(at) and Counter(found) == Counter(stated))

    def turn(self, at: int) -> None:
        """A join that some uses do not have first reads what stands for it there."""
        was = self.chosen[at]
        if len(was) > FEW:
            return
        for order in permutations(was):
            self.chosen[at] = order
            try:
                for later in range(at + 1, len(self.rows)):
                    self.choice(later)
                self.outputs()
            except Mismatch:
                continue
            return
        self.chosen[at] = was

    def outputs(self) -> tuple[Ref, ...]:
        options = list(dict.fromkeys(self.given[use] for use in self.have))
        for option in sorted(options, key=lambda refs: -max((ref.at for ref in refs), default=-1)):
            if all(tuple(self.resolve(ref, use) for ref in option) == self.given[use] for use in self.have):
                return option
        raise Mismatch("uses give otherwise")


def _commutes(row: Row) -> bool:
    op = row.found[0][1].member.op
    return bool(op) and OPS[op].commutes

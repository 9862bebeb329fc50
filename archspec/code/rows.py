"""Rows: a forward pass for so many values as one for any number of them.

branches_0 = self.branches[0](maps_0)         branches = [branch(x) for branch, x in zip(self.branches, maps)]
branches_1 = self.branches[1](maps_1)
return torch.cat([branches_0, branches_1], 1)      return torch.cat(branches, 1)
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias, cast

from archspec.code.lifting import All, Differs, Each, Lifter, Lowering, One, Row, has_each, inlined, last_term, unpacked
from archspec.code.naming import FUNCTIONS_OF_PYTHON
from archspec.code.program import Assign, Delete, Return, Statement
from archspec.code.trees import alone, parts_of, rebuilt, substituted
from archspec.language.names import singular, unused
from archspec.values.dataclass import dataclass
from archspec.values.expression import Call, Global, Literal, Name
from archspec.values.source import (
    SELF,
    Comprehension,
    Invoke,
    Item,
    Lazy,
    Listing,
    Member,
    Operation,
    Source,
    Tuple,
    Unpacked,
    invoke,
)

_SUMS = {"+": "torch.add", "*": "torch.mul"}


@dataclass(frozen=True, slots=True)
class _Line:
    """`names = [value for ...]`: several values, a name for all."""

    names: str
    row: Row


@dataclass(frozen=True, slots=True)
class _Several:
    """`parts = x.chunk(len(maps))`: what gives several values at once."""

    names: str
    value: Source


_Lines: TypeAlias = _Line | _Several | Statement


class Rows:
    """A forward pass for any number of values. Raises Differs where it does something else for each number.

    Args:
        statements: for as many values as there are `values`.
        values: what they are called.
        called: what they are called together.
        taken: names of the file, which no variable may hide.
        counted: whether a number in it that is as large is how many there are.
    """

    def __init__(
        self,
        statements: Sequence[Statement],
        values: Sequence[str],
        called: str,
        taken: frozenset[str] = frozenset(),
        *,
        counted: bool,
    ) -> None:
        self.called, self.taken = called, taken | FUNCTIONS_OF_PYTHON
        self.counts: dict[object, object] = {Literal(len(values)): how_many(called)} if counted else {}
        self.names = {part.name for one in statements for part in parts_of(one) if isinstance(part, Name)}
        if called in self.names | self.taken:
            raise Differs
        self.lifter = lifter = Lifter(len(values), {called: tuple(values)})
        self.lines: list[_Lines] = []
        gone = {name for one in statements if isinstance(one, Delete) for name in one.names}
        statements, at = [one for one in statements if not isinstance(one, Delete)], 0
        while at < len(statements):
            line = self._row(statements[at : at + lifter.count]) if lifter.count > 1 else None
            self.lines.append(line or self._single(statements[at]))
            at += lifter.count if line is not None else 1
        self._delete(gone)

    @property
    def has_row(self) -> bool:
        """Whether anything is made for each of the values."""
        return any(isinstance(part, Row) and not part.operator for line in self.lines for part in parts_of(line))

    @property
    def gives_several(self) -> bool:
        """Whether how many values it returns follows from how many it takes."""
        last = self.lines[-1]
        given = last.value.items if isinstance(last, Return) and isinstance(last.value, Tuple) else ()
        return any(_is_row((item,)) for item in given)

    @property
    def lists(self) -> dict[str, bool]:
        """Each value that is in a list with a name, and whether that list is deleted when it was read last."""
        gone = {name for line in self.lines if isinstance(line, Delete) for name in line.names}
        named = [line.names for line in self.lines if isinstance(line, (_Line, _Several))]
        return {value: name in gone for name in named for value in self.lifter.several[name]}

    def _row(self, window: Sequence[Statement]) -> _Line | None:
        """As many statements as there are values as one, where each does the same for its value."""
        values, names = [], []
        for one in window:
            match one:
                case Assign((Name(name),), value, "="):
                    values.append(value)
                    names.append(name)
        stem = _stem(names)
        if len(values) < self.lifter.count or not stem:
            return None
        try:
            each = self.folded(self.lifter.row(values))
        except Differs:
            return None
        if not has_each(each) or any(isinstance(part, Row) for part in parts_of(each)):
            return None
        self._call(stem, names)
        return _Line(stem, Row(each))

    def _call(self, stem: str, names: Sequence[str]) -> None:
        """Calls several values by one name. Raises Differs where that is another's, or one that a loop calls."""
        if stem in self.names.difference(names) | self.taken or any(
            {*names} & {*several} for several in self.lifter.several.values()
        ):
            raise Differs
        self.lifter.several[stem] = tuple(names)

    def folded(self, node: object) -> object:
        """A value with the rows in it, and the numbers that are how many values there are."""
        return self.lifter.folded(substituted(node, self.counts))

    def _delete(self, names: Collection[str]) -> None:
        """Puts deletions behind the last lines that read what is deleted."""
        several = {called for called, many in self.lifter.several.items() if {*many} <= {*names}}
        alone = {*names}.difference(*self.lifter.several.values())
        last: dict[str, int] = {}
        for at, line in enumerate(self.lines[:-1]):
            last.update((name, at) for name in _names_in(line) if name in several | alone)
        ended = _names_in(self.lines[-1])
        for at in sorted({at for name, at in last.items() if name not in ended}, reverse=True):
            gone = sorted(name for name in last if last[name] == at and name not in ended)
            self.lines.insert(at + 1, Delete(tuple(gone)))

    def _single(self, one: Statement) -> _Lines:
        """A statement that stands by itself, with the rows in it."""
        held = {name: called for called, names in self.lifter.several.items() for name in names}
        match one:
            case Assign((Name(name),), value) if name not in held:
                return replace(one, value=cast(Source, self.folded(value)))
            case Assign(targets, value, "=") if len(targets) == self.lifter.count:
                value = cast(Source, self.folded(value))
                names = [target.name for target in targets if isinstance(target, Name)]
                stem = _stem(names)
                if not stem or len(names) < self.lifter.count:
                    raise Differs
                self._call(stem, names)
                return _Several(stem, value)
            case Return(value):
                return Return(cast(Source, self.folded(value)))
        raise Differs

    def printed(self, taken: frozenset[str], comments: frozenset[tuple[object, str]]) -> tuple[Statement, ...]:
        """The statements.

        Args:
            taken: names that no variable may hide.
            comments: what is assigned to, and comments that hold for every number.
        """
        given = frozenset(line.names for line in self.lines if isinstance(line, _Several))
        printer = _Printer(taken | self.lifter.several.keys() | FUNCTIONS_OF_PYTHON, self.called, given)
        made: list[Statement] = []
        for line in _ended(self.lines):
            match line:
                case _Line(name, row):
                    made.append(Assign((Name(name),), Listing((printer.comprehension(row.value),))))
                case _Several(name, value):
                    made.append(Assign((Name(name),), printer.source(value)))
                case Assign(targets, value):
                    comment = line.comment if (targets, line.comment) in comments else ""
                    made.append(replace(line, value=printer.source(value), comment=comment))
                case Return(Tuple(items)) if _is_row(items):
                    made.append(Return(printer.several(items[0])))
                case Return(value):
                    made.append(Return(printer.source(value)))
                case Delete():
                    made.append(line)
        return tuple(made)


def lowered(rows: Rows, values: Sequence[str]) -> object:
    """What a forward pass for any number of values gives for so many. Raises Differs where it is not simple."""
    several = {rows.called: tuple(values)}
    lowering = Lowering(len(values), several, {how_many(rows.called): Literal(len(values))})
    made: list[Statement] = []
    for line in rows.lines:
        match line:
            case _Line(name, row):
                names = several[name] = tuple(f"{name} {number}" for number in range(len(values)))
                ones = (cast(Source, lowering.one(row.value, number)) for number in range(len(values)))
                made += (Assign((Name(one),), value) for one, value in zip(names, ones, strict=True))
            case _Several(name, value):
                names = several[name] = tuple(f"{name} {number}" for number in range(len(values)))
                made.append(Assign(tuple(map(Name, names)), cast(Source, lowering.said(value))))
            case Assign():
                made.append(replace(line, value=cast(Source, lowering.said(line.value))))
            case Return(value):
                made.append(Return(cast(Source, lowering.said(value))))
    return inlined(made)


class _Printer:
    """Writes rows as comprehensions; `given` are several values that one call gives."""

    def __init__(self, taken: frozenset[str], called: str, given: frozenset[str]) -> None:
        self.taken, self.called, self.given = taken, called, given

    def source(self, node: object) -> Source:
        """An expression."""
        return cast(Source, self._changed(node))

    def several(self, item: object) -> Source:
        """All that is returned, as a tuple."""
        if isinstance(row := unpacked(item), Row):
            return invoke("tuple", self.comprehension(row.value))
        name = Name(item.name) if isinstance(item, All) else self.source(item)
        return name if name == Name(self.called) else invoke("tuple", name)

    def comprehension(self, value: object) -> Comprehension:
        """`fuse(*branches) for fuse in self.fuses`."""
        found = dict.fromkeys(part for part in parts_of(value) if isinstance(part, Each) and part.name)
        given = [one for one in found if one.name in self.given and not one.module]
        if len(given) < len(found):  # tracing knows no length of what a call gives
            value = _with(value, {one: Item(Name(one.name), (cast(Source, Each("")),)) for one in given})
            found = {one: None for one in found if one not in given}
        lists = sorted(found, key=lambda one: not one.module)
        taken, variables = {*self.taken}, dict[object, object]()
        taken |= {part.name for part in parts_of(value) if isinstance(part, Name)}
        over: list[Source] = []
        for one in lists:
            name = singular(one.name) or ("block" if one.module else "y")
            name = unused(name if one.module or "x" in taken else "x", taken)
            taken.add(name)
            variables[one] = Name(name)
            over.append(Member(SELF, one.name) if one.module else Name(one.name))
        names = ", ".join(cast(Name, variables[one]).name for one in lists)
        whole = over[0] if len(over) == 1 else invoke("zip", *over, strict=Literal(True))
        if any(part == Each("") for part in parts_of(value)):
            number = unused("i", taken)
            variables[Each("")] = Name(number)
            names = f"{number}, {names}" if len(over) == 1 else f"{number}, ({names})"
            whole = invoke("enumerate", whole)
        return Comprehension(cast(Source, self._changed(_with(value, variables))), names, whole)

    def _changed(self, node: object) -> object:
        if isinstance(node, Listing) and isinstance(all_ := alone(node.items), All):
            return Name(all_.name)
        if isinstance(node, Listing) and isinstance(row := unpacked(alone(node.items)), Row):
            return Listing((self.comprehension(row.value),))
        if isinstance(row := unpacked(node), Row):
            return Unpacked(self.comprehension(row.value))
        if isinstance(node, Operation) and isinstance(row := last_term(node), Row):
            return self._sum(row, self.source(node.left))
        match node:
            case All(name):
                return Unpacked(Name(name))
            case One(name, number):
                return Item(Name(name), (Literal(number),))
            case Row():
                return self._sum(node)
        return rebuilt(node, self._changed)

    def _sum(self, row: Row, *start: Source) -> Invoke:
        """`functools.reduce(torch.add, (block(x) for block, x in zip(self.blocks, maps)))`."""
        plain = isinstance(row.value, Each) and not row.value.module and row.value.name
        values = Name(plain) if plain else Lazy(self.comprehension(row.value))
        return invoke("functools.reduce", Global(_SUMS[row.operator]), values, *start)


def _ended(lines: Sequence[_Lines]) -> list[_Lines]:
    """The lines, where the last row is written where it is returned."""
    match lines[-2:]:
        case [_Line(name, row), Return(Tuple(items))] if alone(items) == All(name):
            return [*lines[:-2], Return(Tuple((Unpacked(cast(Source, row)),), bare=True))]
    return [*lines]


def _names_in(line: object) -> set[str]:
    """The variables in a line, those of several values by their one name."""
    found = (part.name for part in parts_of(line) if isinstance(part, (Name, All, Each, One)))
    return {*found, *([line.names] if isinstance(line, (_Line, _Several)) else ())}


def how_many(called: str) -> Call:
    """`len(maps)`."""
    return Call("len", (Name(called),))


def _stem(names: Sequence[str]) -> str:
    """`maps` of `maps_0`, `maps_1`; "" of what is not called so."""
    stem = names[0].removesuffix("_0") if names else ""
    further = [f"{stem}_{number}" for number in range(1, len(names))]
    return stem if names and names[0] in (stem, f"{stem}_0") and [*names[1:]] == further else ""


def _with(node: object, values: Mapping[object, object]) -> object:
    if isinstance(node, Each):
        return values.get(node, node)
    return rebuilt(node, lambda part: _with(part, values))


def _is_row(items: Sequence[Source]) -> bool:
    """Whether a tuple has an item for each value and no other."""
    item = alone(items)
    return isinstance(item, All) or isinstance(unpacked(item), Row)

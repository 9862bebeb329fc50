"""Lifting: what is said for so many values, said for any number; and said for a number again.

    self.brought[0](maps_0), self.brought[1](maps_1)     a row of two
    block(x) for block, x in zip(self.brought, maps)     lifted

In a constructor, what each of the values has is `channels[i]`, and its number `i`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import cast

from archspec.code.program import Assign, Attribute, Container, Delete, Entry, Held, Return, Statement
from archspec.code.trees import EXPRESSIONS, nesting, parts_of, rebuilt, substituted
from archspec.language.expression.symbolic import simplify
from archspec.values.dataclass import dataclass
from archspec.values.expression import Binary, Literal, Name
from archspec.values.source import SELF, Item, Member, Operation, Source, Unpacked

NUMBER = Name("i")  # of one of the values, in a constructor
ENOUGH = 3  # numbers that follow a rule, so that it is none by chance
MOST = 400  # parts for each statement of what a class computes, written out as one expression
DEEPEST = 150  # levels of parts of one expression: each of them takes three frames of the interpreter's thousand


class Differs(Exception):
    """What is said for several numbers of values is not the same."""


@dataclass(frozen=True, slots=True)
class Row:
    """`value for module, x in zip(self.lists, values)`: what is done for each of several values, in their order.

    Attributes:
        value: it, in which `Each` stands for one of several.
        operator: of what is one sum of it, "+"; "" of a row.
    """

    value: object
    operator: str = ""


@dataclass(frozen=True, slots=True)
class Each:
    """One of several values, by the name of all; one of a list of modules, by its attribute; or its number, of ""."""

    name: str
    module: bool = False


@dataclass(frozen=True, slots=True)
class All:
    """All of several values, one after the other: `*maps`."""

    name: str


def unpacked(node: object) -> object:
    """What `*` stands before; else None."""
    return node.value if isinstance(node, Unpacked) else None


def last_term(node: Operation) -> object:
    """What an operation has on its right, which may be a row."""
    return node.right


@dataclass(frozen=True, slots=True)
class One:
    """One of several values by its number, `maps[0]`."""

    name: str
    number: int


class Lifter:
    """Says rows of `count` things as one for any number.

    Args:
        count: how many there are.
        several: name of several values -> the name of each.
        element: name of several -> what says one of them; by default `Each`.
    """

    def __init__(
        self, count: int, several: Mapping[str, tuple[str, ...]], element: Callable[[str], object] = Each
    ) -> None:
        self.count, self.element = count, element
        self.several = dict(several)
        self.number: object = Each("")

    def row(self, items: Sequence[object]) -> object:
        """What each of as many things as there are values is. Raises Differs where they are not alike."""
        first = items[0]
        if all(item == first for item in items):
            return first
        if all(isinstance(item, Name) for item in items):
            names = tuple(cast(Name, item).name for item in items)
            for called, several in self.several.items():
                if names == several:
                    return self.element(called)
        if all(isinstance(item, Item) and _is_list(item.owner) for item in items):
            owners = {cast(Item, item).owner for item in items}
            if len(owners) == 1 and [cast(Item, item).index for item in items] == self._numbers():
                return Each(cast(Member, owners.pop()).name, module=True)
        if all(isinstance(item, EXPRESSIONS) for item in items) and (made := self._numbered(items)) is not None:
            return made
        if any(type(item) is not type(first) for item in items):
            raise Differs
        if isinstance(first, tuple):
            if len({len(cast(tuple[object, ...], item)) for item in items}) != 1:
                raise Differs
            return tuple(self.row(column) for column in zip(*cast(Sequence[tuple[object, ...]], items), strict=True))
        if not is_dataclass(first) or isinstance(first, (type, Literal)):
            raise Differs
        return type(first)(**{f.name: self.row([getattr(item, f.name) for item in items]) for f in fields(first)})

    def _numbers(self) -> list[tuple[Source, ...]]:
        return [(Literal(number),) for number in range(self.count)]

    def _numbered(self, items: Sequence[object]) -> object | None:
        """An expression that follows from the number of each, `to - i`; None where none does."""
        if (steps := _steps(items)) is not None:
            return simplify(Binary("+", simplify(Binary("*", Literal(steps[0]), self.number)), Literal(steps[1])))  # type: ignore[arg-type]
        last = len(items) - 1
        mark = Name("i ")  # a name that no spec has
        guess = _marked(items[last], last, mark)
        for number, item in enumerate(items):
            if substituted(guess, {mark: Literal(number)}) != item:
                return None
        return substituted(guess, {mark: self.number}) if guess != items[last] else None

    def folded(self, node: object) -> object:
        """A value in which all rows are said for any number. Recursive over the nesting."""
        if isinstance(node, Operation) and node.operator in ("+", "*") and self.count > 1:
            terms = _terms(node)
            if len(terms) >= self.count:
                found = self._ending(terms)
                if found is not None:
                    head, each = found
                    made = self.folded(each)
                    if any(isinstance(part, Row) for part in parts_of(made)):
                        raise Differs
                    row = Row(made, node.operator)
                    return row if head is None else Operation(node.operator, cast(Source, self.folded(head)), row)  # type: ignore[arg-type]
        if isinstance(node, tuple):
            return self._tuple(node)
        if isinstance(node, Name):
            held = ((called, names) for called, names in self.several.items() if node.name in names)
            return next((One(called, names.index(node.name)) for called, names in held), node)
        return rebuilt(node, self.folded)

    def _ending(self, terms: Sequence[Source]) -> tuple[Source | None, object] | None:
        """What a sum begins with, and what each of its last terms is."""
        head, last = terms[: -self.count], terms[-self.count :]
        try:
            each = self.row(last)
        except Differs:
            return None
        if len(head) > 1 or not has_each(each):
            return None
        return (head[0] if head else None), each

    def _tuple(self, items: tuple[object, ...]) -> tuple[object, ...]:
        made: list[object] = []
        at = 0
        while at < len(items):
            window = items[at : at + self.count]
            found = self._window(window)
            made.append(self.folded(items[at]) if found is None else found)
            at += 1 if found is None else self.count
        return tuple(made)

    def _window(self, window: tuple[object, ...]) -> object | None:
        """As many items as there are values as one, where each says the same of its value."""
        if len(window) < self.count or not all(is_dataclass(item) for item in window):
            return None
        try:
            each = self.row(window)
        except Differs:
            return None
        if isinstance(each, Each) and each.name and not each.module:
            return All(each.name)
        made = self.folded(each)
        inner = any(isinstance(part, Row) for part in parts_of(made))
        return Unpacked(cast(Source, Row(made))) if has_each(each) and not inner else None


class Lowering:
    """Says for a number of values what is said for any."""

    def __init__(self, count: int, several: Mapping[str, tuple[str, ...]], known: Mapping[object, object]) -> None:
        self.count, self.several, self.known = count, several, known

    def said(self, node: object) -> object:
        """A value of a forward pass. Recursive over the nesting."""
        if isinstance(node, tuple):
            made: list[object] = []
            for item in node:
                if isinstance(item, All):
                    made += map(Name, self.several[item.name])
                elif isinstance(row := unpacked(item), Row):
                    made += (self.one(row.value, number) for number in range(self.count))
                else:
                    made.append(self.said(item))
            return tuple(made)
        if isinstance(node, Operation) and isinstance(row := last_term(node), Row):
            return self._sum(row, [self.said(node.left)])
        if isinstance(node, Row):
            return self._sum(node, [])
        if isinstance(node, One):
            if node.number >= self.count:
                raise Differs
            return Name(self.several[node.name][node.number])
        return self.known[node] if _is_key(node, self.known) else rebuilt(node, self.said)

    def _sum(self, row: Row, terms: list[object]) -> object:
        made, *rest = [*terms, *(self.one(row.value, number) for number in range(self.count))]
        for term in rest:
            made = Operation(row.operator, cast(Source, made), cast(Source, term))
        return made

    def one(self, value: object, number: int) -> object:
        """What is said of each value, of the one with a number."""

        def change(part: object) -> object:
            match part:
                case Each("", _):
                    return Literal(number)
                case Each(name, True):
                    return Item(Member(SELF, name), (Literal(number),))
                case Each(name, False):
                    return Name(self.several[name][number])
            return rebuilt(part, change)

        return self.said(change(value))


def expanded(attribute: Attribute | Held) -> Attribute | Held:
    """A list of modules with each of its entries by itself."""
    if not isinstance(attribute, Attribute) or not is_listed(attribute):
        return attribute
    container = cast(Container, attribute.module)
    entries: list[Entry] = []
    for entry in container.entries:
        if entry.condition is not None or entry.dropped or entry.unpacked:
            raise Differs
        if entry.times is None:
            entries.append(Entry(str(len(entries)), entry.module))
            continue
        if not isinstance(entry.times, Literal) or not isinstance(entry.times.value, int):
            raise Differs
        for number in range(entry.start, entry.start + entry.times.value):
            module = substituted(entry.module, {NUMBER: Literal(number)}) if entry.indexed else entry.module
            entries.append(Entry(str(len(entries)), module))  # type: ignore[arg-type]  # a module stays one
    return replace(attribute, module=replace(container, entries=tuple(entries)))


def is_listed(attribute: Attribute) -> bool:
    """Whether an attribute is a list of modules."""
    return isinstance(attribute.module, Container) and attribute.module.target == "nn.ModuleList"


def inlined(statements: Sequence[Statement]) -> object:
    """What statements return, as one expression of the inputs. Raises Differs where it is not as simple as that."""
    values: dict[object, object] = {}
    levels: dict[object, int] = {}

    def said(value: object) -> tuple[object, int]:
        level = nesting(value) + max(
            (levels.get(part, 0) for part in parts_of(value) if isinstance(part, Name)), default=0
        )
        if level > DEEPEST:
            raise Differs
        return substituted(value, values), level

    for statement in statements:
        match statement:
            case Assign((Name() as name,), value, "="):
                values[name], levels[name] = said(value)
            case Assign(targets, value, "=") if len(targets) > 1:
                whole, level = said(value)
                for number, target in enumerate(targets):
                    values[target], levels[target] = Item(cast(Source, whole), (Literal(number),)), level + 1
            case Assign((Name() as name,), value, "+="):
                values[name], levels[name] = said(Operation("+", name, value))
            case Return(value):
                made, _ = said(value)
                most = MOST * len(statements)
                if any(number > most for number, _ in enumerate(parts_of(made))):
                    raise Differs
                return made
            case Delete():
                pass
            case _:
                raise Differs
    raise Differs


def _steps(items: Sequence[object]) -> tuple[int, int] | None:
    """By how much numbers grow from one to the next, and the first; None where two are no evidence, or they do not."""
    numbers = [item.value for item in items if isinstance(item, Literal) and type(item.value) is int]
    if len(numbers) < max(len(items), ENOUGH) or numbers == list(range(len(numbers))):
        return None
    step = numbers[1] - numbers[0]
    alike = all(number == numbers[0] + k * step for k, number in enumerate(numbers))
    return (step, numbers[0]) if alike and step else None


def _marked(node: object, number: int, mark: Name) -> object:
    """An expression with a mark wherever a number stands in it."""
    if isinstance(node, Literal):
        return mark if node.value == number and type(node.value) is int else node
    if not isinstance(node, EXPRESSIONS):
        return node
    made: Callable[..., object] = type(node)
    return made(*(_marked(getattr(node, field.name), number, mark) for field in fields(node)))


def _terms(node: Source) -> list[Source]:
    """`a + b + c` as its terms."""
    if isinstance(node, Operation):
        terms, operator = [node.right], node.operator
        here = node.left
        while isinstance(here, Operation) and here.operator == operator:
            terms.append(here.right)
            here = here.left
        return [here, *reversed(terms)]
    return [node]


def has_each(node: object) -> bool:
    """Whether anything in a value is one of several."""
    return any(isinstance(part, Each) for part in parts_of(node))


def _is_list(owner: Source) -> bool:
    return isinstance(owner, Member) and owner.owner == SELF


def _is_key(node: object, known: Mapping[object, object]) -> bool:
    return is_dataclass(node) and not isinstance(node, type) and node in known

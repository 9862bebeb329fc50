"""Trees: what is said of any value that is made of others, expressions and the parts of a program alike."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache, reduce
from typing import cast

from archspec.language.expression.symbolic import simplify
from archspec.values.expression import Binary, Call, Conditional, Expr, Index, List, Literal, Name, Slice, Unary

EXPRESSIONS = (Literal, Name, Index, Slice, Unary, Binary, Conditional, Call, List)  # that are computed


def rebuilt(node: object, change: Callable[[object], object]) -> object:
    """A value with each of its direct parts changed; the same one where none does."""
    if isinstance(node, tuple):
        return tuple(map(change, node))
    names = _parts(node)
    if not names:
        return node
    before = {name: getattr(node, name) for name in names}
    after = {name: change(part) for name, part in before.items()}
    made = node if after == before else type(node)(**after)
    return simplify(cast(Expr, made)) if made is not node and isinstance(made, EXPRESSIONS) else made


def substituted(node: object, values: Mapping[object, object]) -> object:
    """A value with others in the place of some of its parts. Recursive over the nesting."""

    def change(part: object) -> object:
        if is_dataclass(part) and not isinstance(part, type) and part in values:
            return values[part]
        return rebuilt(part, change)

    return change(node)


def parts_of(node: object) -> Iterator[object]:
    """A value and all of its parts, as they are written."""
    pending = [node]
    while pending:
        here = pending.pop()
        yield here
        if isinstance(here, tuple):
            pending.extend(reversed(here))
        else:
            pending.extend(getattr(here, name) for name in reversed(_parts(here)))


def nesting(node: object) -> int:
    """How many levels of parts a value has: `a + b + c` has one more than `a + b`. Linear in its parts."""
    pending, deepest = [(node, 0)], 0
    while pending:
        here, level = pending.pop()
        deepest = max(deepest, level)
        if isinstance(here, tuple):
            pending.extend((part, level + 1) for part in here)
        else:
            pending.extend((getattr(here, name), level + 1) for name in _parts(here))
    return deepest


def _parts(node: object) -> tuple[str, ...]:
    """What a value is made of, by name."""
    kind: type = type(node)
    return _fields(kind)


@cache
def _fields(kind: type) -> tuple[str, ...]:
    """The same of a class: kept, for it is asked of each of its values."""
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()


def alone(items: object) -> object:
    """What a tuple holds if that is one thing; else None."""
    return items[0] if isinstance(items, tuple) and len(items) == 1 else None


def summed(node: object, names: Sequence[str], whole: Expr) -> object:
    """A value with `sum(channels)` where all of them are added up, whatever else is."""

    def change(part: object) -> object:
        terms = _addends(part)
        added = [term.name for term in terms if isinstance(term, Name) and term.name in names]
        if len(terms) < 2 or added != list(names):
            return rebuilt(part, change)
        rest = [cast(Expr, change(term)) for term in terms if not (isinstance(term, Name) and term.name in names)]
        return reduce(lambda a, b: Binary("+", a, b), rest, whole)

    return change(node)


def ordered(node: object) -> object:
    """A value whose sums are one for all orders of what is added."""
    terms = _addends(node)
    if len(terms) < 2:
        return rebuilt(node, ordered)
    return ("sum", *sorted((ordered(term) for term in terms), key=repr))


def _addends(node: object) -> list[object]:
    """What an expression of sizes adds up."""
    if isinstance(node, Binary) and node.operator == "+":
        return [*_addends(node.left), *_addends(node.right)]
    return [node]

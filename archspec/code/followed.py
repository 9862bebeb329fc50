"""Followed: numbers that code can say where they come from, and how they change where a layer may be missing.

conv: width          Followed(width * 2, {width})
a mystery of width   Followed(None, {width}): only a number, which changes with `width`
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise
from typing import TypeAlias

from archspec.language.expression.symbolic import LARGEST, folded, rebuild, replaced, simplify, size, times
from archspec.values.dataclass import dataclass
from archspec.values.expression import (
    Attribute,
    Binary,
    Conditional,
    Expr,
    Index,
    List,
    Literal,
    Name,
    Unary,
    Value,
    parts,
)
from archspec.values.shape import Shape

NOTHING: frozenset[str] = frozenset()
OPPOSITES = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


@dataclass(frozen=True, slots=True)
class Followed:
    """How a number is written (None: only as a number), and the names of the template that it depends on."""

    expr: Expr | None
    names: frozenset[str] = NOTHING


Sizes: TypeAlias = tuple[Followed, ...]


def constant(value: Value) -> Followed:
    """A number that depends on nothing."""
    return Followed(Literal(value))


def bounded(expr: Expr | None, names: frozenset[str]) -> Followed:
    """What is followed only as far as it reads better than a number."""
    return Followed(folded(expr) if expr is not None and size(expr) <= LARGEST else None, names)


def fitted(read: Sizes, x: Shape) -> Sizes:
    """The sizes of what is read; unknown ones where they are of another rank."""
    return read if len(read) == len(x.dims) else (Followed(None, names_of(read)),) * len(x.dims)


def all_fitted(reads: tuple[Sizes, ...], xs: Sequence[Shape]) -> tuple[Sizes, ...]:
    """The same of everything that is read; all unknown where it is not as much as there is."""
    met = reads if len(reads) == len(xs) else ((),) * len(xs)
    return tuple(map(fitted, met, xs))


def names_of(sizes: Sizes) -> frozenset[str]:
    """Every name that sizes depend on."""
    return frozenset().union(*(one.names for one in sizes))


def alike(several: Sequence[Sizes]) -> bool:
    """Whether the sizes of several values are followed and written in one way."""
    first, *others = ([one.expr for one in sizes] for sizes in several)
    return None not in first and all(one == first for one in others)


def items_of(expr: Expr, count: int) -> Iterable[Expr]:
    """An expression for each item of one for a list."""
    match expr:
        case List(items) if len(items) == count:
            return items
        case Literal(tuple() as values) if len(values) == count:
            return map(Literal, values)
    return (simplify(Index(expr, Literal(i))) for i in range(count))


def either(when: Followed, there: Followed, before: Followed) -> Followed:
    """A size after an optional part: its own where the part is there, else that of what it would read.

    A shortcut that is there where `x.channels != channels` gives `channels` channels in both cases.
    """
    read = when.names | there.names | before.names
    if there.expr is None or before.expr is None or there.expr == before.expr or when.expr is None:
        return Followed(there.expr, read)
    if _where_unequal(when.expr, {there.expr, before.expr}):
        return Followed(there.expr, read)
    return bounded(simplify(Conditional(when.expr, there.expr, before.expr)), read)


def _where_unequal(test: Expr, sizes: AbstractSet[Expr]) -> bool:
    """Whether a condition holds wherever two sizes differ."""
    match test:
        case Binary("or", left, right):
            return _where_unequal(left, sizes) or _where_unequal(right, sizes)
        case Binary("!=", left, right):
            return {left, right} == sizes
    return False


def where_holds(when: Followed, reads: tuple[Sizes, ...]) -> tuple[Sizes, ...]:
    """The sizes that an optional part reads: `channels`, where `channels if stride > 1 else in_channels` comes to it.

    Args:
        when: the condition under which the part is there.
        reads: the sizes of each input, as they are whether or not the condition holds.
    """
    if when.expr is None:
        return reads
    held = frozenset(_all_of(when.expr))
    return tuple(
        tuple(one if one.expr is None else Followed(_settled(one.expr, held), one.names) for one in sizes)
        for sizes in reads
    )


def _all_of(test: Expr) -> Iterator[Expr]:
    """What holds wherever a condition does."""
    if isinstance(test, Binary) and test.operator == "and":
        yield from _all_of(test.left)
        yield from _all_of(test.right)
    else:
        yield test


def _settled(expr: Expr, held: AbstractSet[Expr]) -> Expr:
    if isinstance(expr, Conditional):
        if expr.test in held:
            return _settled(expr.then, held)
        if opposite(expr.test) in held:
            return _settled(expr.otherwise, held)
    inside = parts(expr)
    made = tuple(_settled(part, held) for part in inside)
    return expr if made == inside else simplify(rebuild(expr, made))


def opposite(test: Expr) -> Expr:
    """What holds where a test does not."""
    match test:
        case Unary("not", operand):
            return operand
        case Binary(operator, left, right) if operator in OPPOSITES:
            return Binary(OPPOSITES[operator], left, right)
    return Unary("not", test)


def handed_on(
    places: Sequence[int], ports: Sequence[str], given: Mapping[str, Sizes], reads: tuple[Sizes, ...]
) -> tuple[Sizes, ...]:
    """The sizes that the next part of a repeat reads: of what this one gives, at their places, and what it reads."""
    gives = [given[port] for port in ports] if len(ports) > 1 else [given[""]]
    handed = dict(zip(places, gives, strict=False))
    return tuple(handed.get(k, reads[k] if k < len(reads) else ()) for k in range(max(len(reads), len(handed))))


def put(reads: tuple[Sizes, ...], place: int, sizes: Sizes) -> tuple[Sizes, ...]:
    """What a part reads, with other sizes in one place."""
    return (*reads[:place], sizes, *reads[place + 1 :])


def after_all(
    count: Followed,
    places: Sequence[int],
    ports: Sequence[str],
    reads: tuple[Sizes, ...],
    once: Mapping[str, Sizes],
    twice: Mapping[str, Sizes],
) -> dict[str, Sizes]:
    """The sizes of each output after a number of equal blocks, from those after one and after two."""
    read = {"": places[0], **dict(zip(ports, places, strict=False))}
    found = {port: (reads[k], once[port], twice[port]) for port, k in read.items()}
    return {
        port: tuple(after(count, *three) for three in zip(*each, strict=True))
        if len({len(sizes) for sizes in each}) == 1
        else once[port]
        for port, each in found.items()
    }


def after(count: Followed, before: Followed, once: Followed, twice: Followed) -> Followed:
    """A size after a number of equal blocks that each add the same to it."""
    read = count.names | before.names | once.names
    if before.expr is None or once.expr is None or twice.expr is None or count.expr is None:
        return Followed(None, read)
    step = simplify(Binary("-", once.expr, before.expr))
    if step != simplify(Binary("-", twice.expr, once.expr)):
        return Followed(None, read)
    if step == Literal(0):
        return bounded(before.expr, before.names | once.names)
    more = simplify(Binary("+", count.expr, Literal(1))), simplify(Binary("-", before.expr, step))
    sums = [(count.expr, before.expr), more]  # `x + 3 + 3 * (n - 1)` or, of one part more, `x + 3 * n`
    made = (simplify(Binary("+", start, simplify(Binary("*", step, times)))) for times, start in sums)
    return bounded(min(made, key=size), read)


def progression(at: Mapping[int, Sizes], count: int) -> Sizes | None:
    """What part `i` of a repeat reads, where every part adds the same to a size: `64 + 32 * i`; else None."""
    if len({len(sizes) for sizes in at.values()}) != 1:
        return None
    made = [_growing([at[i][axis].expr for i in range(count + 1)]) for axis in range(len(at[0]))]
    if all(expr is None or expr == first.expr for expr, first in zip(made, at[0], strict=True)):
        return None
    return tuple(Followed(expr, first.names) for expr, first in zip(made, at[0], strict=True))


def _growing(exprs: list[Expr | None]) -> Expr | None:
    steps = {
        simplify(Binary("-", after, before)) if before is not None and after is not None else None
        for before, after in pairwise(exprs)
    }
    if len(steps) != 1 or exprs[0] is None:
        return None
    step = steps.pop()
    if step is None or step == Literal(0):
        return exprs[0] if step is not None else None
    growth = times(step.value, Name("i")) if isinstance(step, Literal) and isinstance(step.value, int) else None
    return Binary("+", exprs[0], growth or simplify(Binary("*", Name("i"), step)))


def is_number(value: object) -> bool:
    """Whether a value is a number, or a list of some."""
    if isinstance(value, tuple):
        return all(map(is_number, value))
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_list(value: object) -> bool:
    """Whether a value is a list of one or more numbers or flags."""
    return isinstance(value, tuple) and bool(value) and all(isinstance(item, int | float) for item in value)


def same(a: Value, b: Value) -> bool:
    """Equal, and of one type: `True` is not 1."""
    return a == b and type(a) is type(b)


def within(told: Followed, around: Mapping[str, Followed]) -> Followed:
    """What is written in the names of a template, in those of the template around it."""
    known = frozenset().union(*(around[name].names for name in told.names if name in around))
    if told.expr is None:
        return Followed(None, known)

    def replace(leaf: Name | Attribute) -> Expr | None:
        return around[leaf.name].expr if isinstance(leaf, Name) and leaf.name in around else None

    return bounded(replaced(told.expr, replace), known)

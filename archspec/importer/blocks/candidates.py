"""Candidates: expressions that give what differs between the uses of a class, the simplest first.

A number is never explained by another that happens to fit once: what is compared has one value for each use, and names
are those that the class itself has for its constructor's arguments, or facts of its inputs.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import TypeAlias

from archspec.importer.tree import Plain
from archspec.values.dataclass import dataclass
from archspec.values.expression import Attribute, Binary, Call, Conditional, Expr, Literal, Name, Unary


class Absent:
    """What a setting is in a use that does not have the part."""

    def __repr__(self) -> str:
        return "absent"


ABSENT = Absent()
Cell: TypeAlias = "Plain | Absent"
Column: TypeAlias = tuple[Cell, ...]

FACTORS = (2, 3, 4, 8)
# Roots as people write them: `x**-0.5` and `1 / x**0.5` differ in the last bit.
ROOTS: tuple[tuple[Callable[[Expr], Expr], Callable[[int], float]], ...] = (
    (lambda base: Binary("**", base, Unary("-", Literal(0.5))), lambda base: float(base**-0.5)),
    (lambda base: Binary("**", base, Literal(0.5)), lambda base: float(base**0.5)),
    (lambda base: Binary("/", Literal(1), Binary("**", base, Literal(0.5))), lambda base: float(1 / base**0.5)),
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An expression, and the constructor's arguments that it reads."""

    expr: Expr
    uses: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Atom:
    """A name or a fact, with its value for each use."""

    expr: Expr
    column: Column
    uses: frozenset[str]


def agree(column: Column, candidate: Column) -> bool:
    """Whether a candidate gives every value that is there."""
    return all(
        isinstance(value, Absent) or (type(value) is type(given) and value == given)
        for value, given in zip(column, candidate, strict=True)
    )


def varies(column: Column) -> bool:
    """Whether there are several values."""
    return len({repr(value) for value in column if not isinstance(value, Absent)}) > 1


def is_number(value: object) -> bool:
    """Whether a value is a number, and no truth value."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def candidates(
    column: Column,
    names: Mapping[str, Column],
    facts: Mapping[Attribute, Column],
    chosen: Sequence[str],
    *,
    any_factor: bool = False,
    only_names: bool = False,
) -> Iterator[Candidate]:
    """Expressions that agree with a column.

    Args:
        column: what is to be given.
        names: the arguments, those that are params already first.
        facts: of the inputs.
        chosen: the names that are params already.
        any_factor: numbers beside a name may be any, as where each name was changed by itself to see what follows.
        only_names: what stands by itself.
    """
    atoms = _atoms(names, facts, chosen)
    yield from (Candidate(atom.expr, atom.uses) for atom in atoms if agree(column, atom.column))
    if only_names:
        return
    numbers = [atom for atom in atoms if all(is_number(v) or isinstance(v, Absent) for v in atom.column)]
    for atom in numbers:
        for factor in FACTORS:
            yield from _fitting(column, atom, "//", factor)
            yield from _fitting(column, atom, "*", factor)
        yield from _half_of_odd(column, atom)
        if _gives(column, _times, atom.column, atom.column):
            yield Candidate(Binary("*", atom.expr, atom.expr), atom.uses)
        if _gives(column, _times, atom.column, (-1,) * len(column)):
            yield Candidate(Unary("-", atom.expr), atom.uses)
    order: dict[Expr, int] = {Name(name): at for at, name in enumerate(names)}
    for at, other in enumerate(numbers):
        for another in numbers[at + 1 :]:
            one, two = sorted((other, another), key=lambda atom: order.get(atom.expr, len(order)))
            for operator, compute in (("*", _times), ("+", _plus)):
                if _gives(column, compute, one.column, two.column):
                    yield Candidate(Binary(operator, one.expr, two.expr), one.uses | two.uses)
    if any_factor:
        yield from _beside_numbers(column, numbers)
        yield from _by_text(column, atoms)
        yield from _unless_none(column, names, facts, chosen)


def _beside_numbers(column: Column, atoms: Sequence[Atom]) -> Iterator[Candidate]:
    """A name, or what is made of two, times any number or more or less by it; and what constructors often compute.

    A fact that is the same in all uses is a number itself: `width // x.features` says only that the input is 16 long.
    """
    atoms = [atom for atom in atoms if atom.uses or varies(atom.column)]
    whole = [atom for atom in atoms if all(type(cell) is int for cell in atom.column)]
    for atom in whole:
        yield from _multiples(column, atom)
        yield from _part(column, atom)
        yield from _shifted(column, atom)
        yield from _linear(column, atom)
        yield from _rounds(column, atom)
    for one in whole:
        for two in whole:
            if one is not two:
                yield from _of_two(column, one, two)
    for one, two in combinations(whole, 2):
        yield from _of_quotients(column, one, two, whole)
    yield from _of_fractions(column, whole, atoms)


def _by_text(column: Column, atoms: Sequence[Atom]) -> Iterator[Candidate]:
    """What a text decides: `norm == 'batch'`, or `'batch_norm2d' if norm == 'batch' else 'instance_norm2d'`."""
    if not all(isinstance(cell, str | bool | Absent) for cell in column):
        return
    for atom in atoms:
        said: dict[str, str | bool] = {}
        for text, cell in zip(atom.column, column, strict=True):
            if not isinstance(text, str) or (isinstance(cell, str | bool) and said.setdefault(text, cell) != cell):
                break
        else:
            if len(set(said.values())) > 1:
                yield Candidate(_decided(atom.expr, said), atom.uses)


def _unless_none(
    column: Column, names: Mapping[str, Column], facts: Mapping[Attribute, Column], chosen: Sequence[str]
) -> Iterator[Candidate]:
    """An argument where it is given, and what stands for it otherwise: `hidden if hidden != none else 4 * dim`."""
    for name, cells in names.items():
        given = [at for at, cell in enumerate(cells) if cell is not None]
        if len(given) == len(cells) or not agree(_at(given, column), _at(given, cells)):
            continue
        left = [at for at, cell in enumerate(cells) if cell is None]
        rest = _at(left, column)
        stated = next((cell for cell in rest if not isinstance(cell, Absent)), None)
        others = {other: _at(left, one) for other, one in names.items() if other != name}
        known = {fact: _at(left, one) for fact, one in facts.items()}
        found = iter((Candidate(Literal(stated)),))
        for one in candidates(rest, others, known, chosen, any_factor=True) if varies(rest) else found:
            made = Conditional(Binary("!=", Name(name), Literal(None)), Name(name), one.expr)
            yield Candidate(made, one.uses | {name})


def _at(places: Sequence[int], column: Column) -> Column:
    return tuple(column[at] for at in places)


def _decided(asked: Expr, said: Mapping[str, "str | bool"]) -> Expr:
    """What is said for each text; the most frequent, of several the last, for all that are not named."""
    times = Counter(said.values())
    (*_, rest) = sorted(said.values(), key=lambda one: times[one])
    tests = [(Binary("==", asked, Literal(text)), one) for text, one in said.items() if one != rest]
    if isinstance(rest, bool):
        (made, *others) = [test if one else Binary("!=", test.left, test.right) for test, one in tests]
        for test in others:
            made = Binary("and" if rest else "or", made, test)
        return made
    found: Expr = Literal(rest)
    for test, one in reversed(tests):
        found = Conditional(test, Literal(one), found)
    return found


def _of_two(column: Column, one: Atom, two: Atom) -> Iterator[Candidate]:
    """Products, parts such as `dim // heads`, the number of patches of an image, and what a dilation pads."""
    uses = one.uses | two.uses
    yield from _multiples(column, Atom(Binary("*", one.expr, two.expr), _lifted(_times, one.column, two.column), uses))
    part = Atom(Binary("//", one.expr, two.expr), _lifted(_quotient, one.column, two.column), uses)
    yield from _multiples(column, part)
    square = Atom(Binary("**", part.expr, Literal(2)), _lifted(_times, part.column, part.column), uses)
    yield from _multiples(column, square)
    yield from _shifted(column, square)
    less = Atom(Binary("-", one.expr, Literal(1)), _lifted(_minus, one.column, (1,) * len(column)), uses)
    yield from _paddings(column, Atom(Binary("*", less.expr, two.expr), _lifted(_times, less.column, two.column), uses))


def _paddings(column: Column, atom: Atom) -> Iterator[Candidate]:
    """`(kernel_size - 1) * dilation`, half of it for two sides, and as many rows from the end."""
    if agree(column, atom.column):
        yield Candidate(atom.expr, atom.uses)
    yield from _fitting(column, atom, "//", 2)
    if _gives(column, _times, atom.column, (-1,) * len(column)):
        yield Candidate(Unary("-", atom.expr), atom.uses)


def _multiples(column: Column, atom: Atom) -> Iterator[Candidate]:
    """It, or a multiple of it."""
    first, own = column[0], atom.column[0]
    if type(first) is int and type(own) is int and own and first % own == 0:
        times = first // own
        if _gives(column, _times, atom.column, (times,) * len(column)):
            yield Candidate(atom.expr if times == 1 else _multiple(times, atom.expr), atom.uses)


def _part(column: Column, atom: Atom) -> Iterator[Candidate]:
    """A part of it, `width // 16`, where nothing is left over."""
    first, own = column[0], atom.column[0]
    if not (type(first) is int and type(own) is int and 0 < first < own and own % first == 0):
        return
    parts = own // first
    left = any(type(cell) is int and cell % parts for cell in atom.column)
    if not left and _gives(column, _quotient, atom.column, (parts,) * len(column)):
        yield Candidate(Binary("//", atom.expr, Literal(parts)), atom.uses)


def _shifted(column: Column, atom: Atom) -> Iterator[Candidate]:
    """A number more than it, or less."""
    first, own = column[0], atom.column[0]
    if type(first) is int and type(own) is int and _gives(column, _plus, atom.column, (first - own,) * len(column)):
        yield Candidate(Binary("+" if first > own else "-", atom.expr, Literal(abs(first - own))), atom.uses)


def _linear(column: Column, atom: Atom) -> Iterator[Candidate]:
    """A multiple of it and a number more, `2 * depth + 1`, or of one less, `4 * (kernel_size - 1)`."""
    points = [(a, b) for a, b in zip(atom.column, column, strict=True) if type(a) is int and type(b) is int]
    if len(points) < len(column):
        return
    (x, y), (x2, y2) = points[0], next((point for point in points if point[0] != points[0][0]), points[0])
    times, left = divmod(y2 - y, x2 - x) if x2 != x else (0, 0)
    more = y - times * x
    if left or abs(times) < 2 or any(b != times * a + more for a, b in points):
        return
    if more == -times:
        yield Candidate(Binary("*", Literal(times), Binary("-", atom.expr, Literal(1))), atom.uses)
    else:
        number = Literal(abs(more))
        yield Candidate(Binary("+" if more > 0 else "-", _multiple(times, atom.expr), number), atom.uses)


def _rounds(column: Column, atom: Atom) -> Iterator[Candidate]:
    """How often what has so many layers stands there, of a depth that counts them all: `(depth - 4) // 6`."""
    points = [(a, b) for a, b in zip(atom.column, column, strict=True) if type(a) is int and type(b) is int]
    others = [(a, b) for a, b in points if points[0][1] != b]
    if len(points) < len(column) or not others:
        return
    (x, y), (x2, y2) = points[0], others[0]
    times, left = divmod(x2 - x, y2 - y)
    more = x - times * y
    if left or times < 2 or not more or any(a != times * b + more for a, b in points):
        return
    shifted = Binary("-" if more > 0 else "+", atom.expr, Literal(abs(more)))
    yield Candidate(Binary("//", shifted, Literal(times)), atom.uses)


def _of_quotients(column: Column, one: Atom, two: Atom, whole: Sequence[Atom]) -> Iterator[Candidate]:
    """A part of a product, `planes * base_width // 64`, and a multiple of it, `planes * base_width // 64 * groups`."""
    product = _lifted(_times, one.column, two.column)
    for three in (None, *whole):
        if three is one or three is two:
            continue
        uses = one.uses | two.uses | (three.uses if three is not None else frozenset())
        by = three.column if three is not None else (1,) * len(column)
        top, own, first = product[0], by[0], column[0]
        if not (type(top) is int and type(own) is int and type(first) is int and first) or top * own % first:
            continue
        parts = (top * own // first,) * len(column)
        if parts[0] > 1 and _gives(column, _times, _lifted(_quotient, product, parts), by):
            part = Binary("//", Binary("*", one.expr, two.expr), Literal(parts[0]))
            yield Candidate(part if three is None else Binary("*", part, three.expr), uses)


def _multiple(times: int, expr: Expr) -> Expr:
    """`3 * heads * dim`, as it is read without brackets."""
    if isinstance(expr, Binary) and expr.operator == "*":
        return Binary("*", _multiple(times, expr.left), expr.right)
    return Binary("*", Literal(times), expr)


def _of_fractions(column: Column, whole: Sequence[Atom], atoms: Sequence[Atom]) -> Iterator[Candidate]:
    """The whole part of a product with a fraction, `int(dim * mlp_ratio)`, and roots."""
    yield from _of_roots(column, whole)
    for one in whole:
        for two in atoms:
            parts = [(a, b) for a, b in zip(one.column, two.column, strict=True) if type(a) is int and type(b) is float]
            if len(parts) == len(column) and agree(column, tuple(int(a * b) for a, b in parts)):
                yield Candidate(Call("int", (Binary("*", one.expr, two.expr),)), one.uses | two.uses)


def _of_roots(column: Column, whole: Sequence[Atom]) -> Iterator[Candidate]:
    """Attention's scale, `(dim // heads) ** -0.5` or `1 / dim**0.5`, and an embedding's, `dim**0.5`."""
    if not all(isinstance(cell, float | Absent) for cell in column):
        return
    for write, compute in ROOTS:
        for base in _products(whole):
            given = tuple(compute(cell) if isinstance(cell, int) and cell > 0 else ABSENT for cell in base.column)
            if agree(column, given):
                yield Candidate(write(base.expr), base.uses)


def _products(whole: Sequence[Atom]) -> Iterator[Atom]:
    """Names, quotients of two, and products of two."""
    yield from whole
    for operator, compute in (("//", _quotient), ("*", _times)):
        for one in whole:
            for two in whole:
                if one is not two:
                    column = _lifted(compute, one.column, two.column)
                    yield Atom(Binary(operator, one.expr, two.expr), column, one.uses | two.uses)


def _atoms(names: Mapping[str, Column], facts: Mapping[Attribute, Column], chosen: Sequence[str]) -> list[Atom]:
    """The names that are no fact of an input under another name, then the facts."""
    free = [name for name, column in names.items() if not any(agree(column, fact) for fact in facts.values())]
    free.sort(key=lambda name: name not in chosen)
    named = [Atom(Name(name), names[name], frozenset({name})) for name in free]
    return [*named, *(Atom(fact, column, frozenset()) for fact, column in facts.items())]


def _fitting(column: Column, atom: Atom, operator: str, factor: int) -> Iterator[Candidate]:
    """One times or divided by the other. A rest is left of halves only: 4 // 3 for a stride of 1 says nothing."""
    compute: Callable[[int, int], int] = _quotient if operator == "//" else _times
    if operator == "//" and factor > 2 and any(type(cell) is int and cell % factor for cell in atom.column):
        return
    if _gives(column, compute, atom.column, (factor,) * len(column)):
        number = Literal(factor)
        sides = (atom.expr, number) if operator == "//" else (number, atom.expr)
        yield Candidate(Binary(operator, *sides), atom.uses)


def _half_of_odd(column: Column, atom: Atom) -> Iterator[Candidate]:
    """`(kernel_size - 1) // 2`: the padding that keeps a size."""
    ones, twos = (1,) * len(column), (2,) * len(column)
    if _gives(column, _quotient, _lifted(_minus, atom.column, ones), twos):
        less = Binary("-", atom.expr, Literal(1))
        yield Candidate(Binary("//", less, Literal(2)), atom.uses)


def _lifted(compute: Callable[[int, int], int], one: Column, two: Column) -> Column:
    """A function of numbers for each use; absent where there is no integer."""
    return tuple(_computed(compute, a, b) for a, b in zip(one, two, strict=True))


def _gives(column: Column, compute: Callable[[int, int], int], one: Column, two: Column) -> bool:
    """Whether a function of numbers agrees with a column; most do not with one of the first."""
    return all(
        isinstance(value, Absent) or (type(value) is int and value == _computed(compute, a, b))
        for value, a, b in zip(column, one, two, strict=True)
    )


def _computed(compute: Callable[[int, int], int], a: Cell, b: Cell) -> int | Absent:
    return compute(a, b) if type(a) is int and type(b) is int else ABSENT


def _times(a: int, b: int) -> int:
    return a * b


def _plus(a: int, b: int) -> int:
    return a + b


def _minus(a: int, b: int) -> int:
    return a - b


def _quotient(a: int, b: int) -> int:
    return a // b if b else 0

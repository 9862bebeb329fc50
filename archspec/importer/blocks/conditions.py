"""Conditions: what tells the uses that have a part from those that do not.

By a flag of the constructor, by what it says in words, by None, by 1 as in `stride != 1`, or by two sizes that must be
equal.
Never by a size that happens to tell these uses apart.
"""

from collections.abc import Iterator, Mapping, Sequence

from archspec.importer.blocks.candidates import Absent, Column, is_number
from archspec.values.dataclass import dataclass
from archspec.values.expression import Attribute, Binary, Expr, Literal, Name, Unary

# Numbers that a condition may compare with: none of them is a size.
TELLING = (0, 1, 0.0, 1.0)
LONGEST = 40  # letters of a word; a text of packed numbers is none


@dataclass(frozen=True, slots=True)
class Test:
    """A condition with what it is for each use, and the arguments that it reads.

    Attributes:
        sizes: it asks whether two sizes are equal, as conditions of joins do.
        simple: it asks one thing.
    """

    expr: Expr
    holds: tuple[bool, ...]
    uses: frozenset[str]
    sizes: bool
    simple: bool


def condition(
    present: Sequence[bool | None],
    names: Mapping[str, Column],
    facts: Mapping[Attribute, Column],
    sizes: Mapping[Expr, Column],
    *,
    chosen: Sequence[str],
    joins: bool,
) -> Test | None:
    """The test that is true where a part is there; None where there is none.

    Args:
        present: for each use whether the part is there; None where its graph is not.
        names: arguments and params.
        facts: of the inputs.
        sizes: expressions of channels that the block makes, each with its column.
        chosen: the names that are params already.
        joins: the part is a join or leads to one.
    """
    fitting = [
        test
        for test in _tests(names, facts, sizes)
        if all(here is None or here == holds for here, holds in zip(present, test.holds, strict=True))
    ]
    fitting.sort(key=lambda test: (test.sizes != joins, joins and test.simple, not test.uses <= set(chosen)))
    return fitting[0] if fitting else None


def _tests(
    names: Mapping[str, Column], facts: Mapping[Attribute, Column], sizes: Mapping[Expr, Column]
) -> Iterator[Test]:
    for name, column in names.items():
        yield from _of_one(Name(name), column)
    made: dict[Expr, tuple[Column, frozenset[str]]] = {expr: (column, _read(expr)) for expr, column in sizes.items()}
    made |= {Name(name): (column, frozenset({name})) for name, column in names.items() if _sizes(column)}
    for fact, column in facts.items():
        for expr, (other, uses) in made.items():
            if any(isinstance(value, Absent) for value in (*column, *other)):
                continue
            equal = tuple(one == two for one, two in zip(column, other, strict=True))
            yield Test(Binary("!=", fact, expr), _not(equal), uses, True, True)
            yield Test(Binary("==", fact, expr), equal, uses, True, True)
            yield from _strided(names, fact, expr, equal, uses)


def _of_one(name: Name, column: Column) -> Iterator[Test]:
    uses = frozenset({name.name})
    if all(isinstance(value, bool) for value in column):
        holds = tuple(bool(value) for value in column)
        yield Test(name, holds, uses, False, True)
        yield Test(Unary("not", name), _not(holds), uses, False, True)
        return
    for value in dict.fromkeys(column):
        if (
            value is None
            or (isinstance(value, str) and len(value) <= LONGEST)
            or (isinstance(value, int | float) and is_number(value) and value in TELLING)
        ):
            equal = tuple(type(one) is type(value) and one == value for one in column)
            yield Test(Binary("!=", name, Literal(value)), _not(equal), uses, False, True)
            yield Test(Binary("==", name, Literal(value)), equal, uses, False, True)


def _strided(
    names: Mapping[str, Column], fact: Attribute, expr: Expr, equal: tuple[bool, ...], uses: frozenset[str]
) -> Iterator[Test]:
    """`stride != 1 or x.channels != channels`, and what is its opposite."""
    for name, column in names.items():
        if Name(name) == expr or not all(map(is_number, column)) or 1 not in column:
            continue
        one = tuple(value == 1 for value in column)
        both = uses | {name}
        apart = Binary("or", Binary("!=", Name(name), Literal(1)), Binary("!=", fact, expr))
        alike = Binary("and", Binary("==", Name(name), Literal(1)), Binary("==", fact, expr))
        holds = tuple(a and b for a, b in zip(one, equal, strict=True))
        yield Test(apart, _not(holds), both, True, False)
        yield Test(alike, holds, both, True, False)


def _sizes(column: Column) -> bool:
    return all(type(value) is int and value > 1 for value in column)


def _read(expr: Expr) -> frozenset[str]:
    return frozenset({expr.name}) if isinstance(expr, Name) else frozenset()


def _not(holds: tuple[bool, ...]) -> tuple[bool, ...]:
    return tuple(not value for value in holds)

"""Numbers: what rounds have one after the other, as an expression of their number, `i`.

1, 2, 3        $(i + 1)
1, 2, 4, 8     $(2**i)
3, 5, 7        $(3 + 2 * i)
"""

from collections.abc import Iterator, Sequence

from archspec.importer.tree import Plain
from archspec.language.expression.symbolic import value_of
from archspec.values.expression import Binary, Expr, Literal, Name

INDEX = Name("i")


def by_number(given: Sequence[Sequence[Plain]]) -> Expr | None:
    """An expression of `i` that gives all values of each use; None where none does."""
    longest = max(given, key=len)
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in longest):
        return None
    for expr in _rules(longest):
        if all(value_of(expr, {"i": at}) == value for values in given for at, value in enumerate(values)):
            return expr
    return None


def _rules(values: Sequence[Plain]) -> Iterator[Expr]:
    first, second, *rest = values
    if not (isinstance(first, int) and isinstance(second, int)) or not rest:
        return
    step = second - first
    if first == step:
        counted = Binary("+", INDEX, Literal(1))
        yield counted if step == 1 else Binary("*", Literal(step), counted)
    run: Expr = INDEX if step == 1 else Binary("*", Literal(step), INDEX)
    yield Binary("+", Literal(first), run) if first else run
    if first and second % first == 0:
        power = Binary("**", Literal(second // first), INDEX)
        yield power if first == 1 else Binary("*", Literal(first), power)

"""Branches: an expression with its conditions decided, and what no expression of a setting may be."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from archspec.language.expression.symbolic import names, rebuild, simplify
from archspec.values.expression import Conditional, Expr, Index, Literal, Name, parts

if TYPE_CHECKING:
    from archspec.code.settings import Settings


def picks(expr: Expr, borrowed: AbstractSet[str] = frozenset()) -> bool:
    """Whether an expression picks an item of a list that is written out, `(8, 16, 32)[level]` for the item itself.

    So does one of a list that a class would be given for the item, such as those that it has `borrowed`.
    """
    match expr:
        case Index(Literal(), _):
            return True
        case Index(Name(name), _) if name in borrowed:
            return True
    return any(picks(part, borrowed) for part in parts(expr))


def branches(expr: Expr | None, own: "Settings") -> Iterator[Expr]:
    """An expression with its outermost conditional decided one way and the other, then as it is.

    A condition that a root decides stays, since the root may have another value.
    """
    if expr is None:
        return
    found = _conditional(expr)
    if found is not None and not own.rooted(names(found.test)):
        for branch in (found.then, found.otherwise):
            yield from branches(_with(expr, found, branch), own)
    yield expr


def _conditional(expr: Expr) -> Conditional | None:
    if isinstance(expr, Conditional):
        return expr
    return next((found for part in parts(expr) if (found := _conditional(part)) is not None), None)


def _with(expr: Expr, old: Expr, new: Expr) -> Expr:
    """`expr` with a part replaced."""
    if expr == old:
        return new
    return simplify(rebuild(expr, tuple(_with(part, old, new) for part in parts(expr)))) if parts(expr) else expr

"""Filled: how a block is written where it stands in place: what a use gives its params stands for them."""

from collections.abc import Mapping

from archspec.importer.blocks.template import Said, Solution
from archspec.language.expression.symbolic import substitute
from archspec.values.expression import Conditional, Expr, Literal, Name, Unary


def with_params(solution: Solution, given: Mapping[str, Said]) -> Solution:
    """A solution in which what is given to params stands for them."""
    exprs = {name: expr_of(said) for name, said in given.items()}

    def put(expr: Expr) -> Expr:
        return substitute(expr, lambda name: exprs.get(name, Name(name))) or expr

    def filled(said: Said) -> Said:
        if isinstance(said, tuple):
            return tuple(map(filled, said))  # type: ignore[arg-type]  # a list of which some are expressions
        made = put(expr_of(said))
        return made.value if isinstance(made, Literal) else made

    return Solution(
        {key: filled(said) for key, said in solution.settings.items()},
        {key: filled(said) for key, said in solution.first.items()},
        {key: filled(said) for key, said in solution.last.items()},
        {key: put(expr) for key, expr in solution.when.items()},
        {key: put(expr) for key, expr in solution.ops.items()},
        {key: filled(said) for key, said in solution.counts.items()},
    )


def either(test: Expr, there: Said, otherwise: Said) -> Expr:
    """`there if test else otherwise`; of truth values the test itself."""
    if there is True and otherwise is False:
        return test
    if there is False and otherwise is True:
        return Unary("not", test)
    return Conditional(test, expr_of(there), expr_of(otherwise))


def expr_of(said: Said) -> Expr:
    """What is said as an expression."""
    return Literal(said) if said is None or isinstance(said, bool | int | float | str | tuple) else said

"""Symbolic sizes: how emitted code says `planes * 4` where a tool would say 256.

Expressions are the author's own, or follow the channels from layer to layer (a concatenation adds them up).
Simplifying keeps the author's form where there is nothing to gain: it folds constants, drops neutral elements and
collects equal terms of a sum.
"""

import re
from collections.abc import Callable, Mapping
from math import isfinite

from archspec.language.expression.evaluate import evaluate
from archspec.language.expression.grammar import ExpressionFault, parts
from archspec.values.expression import (
    Attribute,
    Binary,
    Call,
    Conditional,
    Expr,
    Index,
    List,
    Literal,
    Name,
    Slice,
    Unary,
    Value,
)

_SIMPLE = re.compile(r"-?[\w.]+")  # formatters write powers of such operands without spaces
LARGEST = 24  # nodes of an expression beyond which a plain number reads better

PRECEDENCE = {
    "or": 1,
    "and": 2,
    "not": 3,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), 4),
    **dict.fromkeys(("+", "-"), 5),
    **dict.fromkeys(("*", "/", "//", "%"), 6),
    "neg": 7,
    "**": 8,
}
ATOM = 10


def rebuild(expr: Expr, made: tuple[Expr, ...]) -> Expr:
    """`expr` with other direct parts, in the order of `parts`."""
    match expr:
        case Index():
            return Index(made[0], made[1])
        case Slice(_, start, _):
            rest = list(made[1:])
            return Slice(made[0], rest.pop(0) if start is not None else None, rest.pop(0) if rest else None)
        case Unary(operator, _):
            return Unary(operator, made[0])
        case Binary(operator, _, _):
            return Binary(operator, made[0], made[1])
        case Conditional():
            return Conditional(made[1], made[0], made[2])
        case Call(function, _):
            return Call(function, made)
        case List():
            return List(made)
    return expr


def names(expr: Expr) -> frozenset[str]:
    """Every name in an expression; `x.channels` counts as `x.channels`."""
    match expr:
        case Name(name):
            return frozenset((name,))
        case Attribute(owner, name):
            return frozenset((f"{owner}.{name}",))
    return frozenset().union(*map(names, parts(expr)))


def size(expr: Expr) -> int:
    """Number of nodes in the tree."""
    return 1 + sum(map(size, parts(expr)))


def substitute(expr: Expr, replace: Callable[[str], Expr | None]) -> Expr | None:
    """`expr` with every name (also `x.channels`) replaced, simplified; None where a name has no replacement."""
    match expr:
        case Literal():
            return expr
        case Name(name):
            return replace(name)
        case Attribute(owner, name):
            return replace(f"{owner}.{name}")
    made = []
    for inner in parts(expr):
        part = substitute(inner, replace)
        if part is None:
            return None
        made.append(part)
    return simplify(rebuild(expr, tuple(made)))


def simplify(expr: Expr) -> Expr:
    """One level of simplification: the parts are simple already."""
    match expr:
        case Unary("-", Literal(int() | float() as value)):
            return Literal(-value)
        case Unary("not", Literal(value)):
            return Literal(not value)
        case Index(Literal(tuple() as held), Literal(int() as index)) if -len(held) <= index < len(held):
            return Literal(held[index])
        case Slice() if all(isinstance(part, Literal) for part in parts(expr)):
            return _fold(expr)
        case Conditional(Literal(test), then, otherwise):
            return then if test else otherwise
        case Call(_, items) | List(items) if all(isinstance(item, Literal) for item in items):
            return _fold(expr)
        case Binary():
            return _simplify_binary(expr)
    return expr


def _simplify_binary(expr: Binary) -> Expr:
    operator, left, right = expr.operator, expr.left, expr.right
    match operator, left, right:
        case _, Literal(), Literal():
            return _fold(expr)
        case "and", Literal(value), other:
            return other if value else Literal(False)
        case "or", Literal(value), other:
            return Literal(True) if value else other
        case "and", other, Literal(True):
            return other
        case "or", other, Literal(False):
            return other
        case ("*" | "//", other, Literal(1)) | ("+" | "-", other, Literal(0)) | ("**", other, Literal(1)):
            return other
        case ("*", Literal(1), other) | ("+", Literal(0), other):
            return other
        case "*", Binary("*", other, Literal(int() as a)), Literal(int() as b):
            return simplify(Binary("*", other, Literal(a * b)))
        case "//", Binary("*", other, Literal(int() as a)), Literal(int() as b) if b and a % b == 0:
            return simplify(Binary("*", other, Literal(a // b)))
        case (("+" | "-"), _, _):
            return _collect(expr)
    return expr


def _fold(expr: Expr) -> Expr:
    value = value_of(expr, {})
    return expr if value is None else Literal(value)


def _terms(expr: Expr, sign: int, out: list[tuple[int, Expr | None]]) -> None:
    """The terms of a sum as (integer factor, rest); the rest of a plain number is None."""
    match expr:
        case Binary("+", left, right):
            _terms(left, sign, out)
            _terms(right, sign, out)
        case Binary("-", left, right):
            _terms(left, sign, out)
            _terms(right, -sign, out)
        case Binary("*", rest, Literal(int() as factor)) | Binary("*", Literal(int() as factor), rest):
            out.append((sign * factor, rest))
        case Literal(int() as value):
            out.append((sign * value, None))
        case _:
            out.append((sign, expr))


def _collect(expr: Binary) -> Expr:
    """A sum with equal terms added up; the sum as it was where there are none."""
    terms: list[tuple[int, Expr | None]] = []
    _terms(expr, 1, terms)
    factors: dict[Expr | None, int] = {}
    for factor, rest in terms:
        factors[rest] = factors.get(rest, 0) + factor
    if len(factors) == len(terms):
        return expr
    constant = factors.pop(None, 0)
    total: Expr | None = None
    for rest, factor in factors.items():
        if rest is None or factor == 0:
            continue
        term: Expr = rest if abs(factor) == 1 else Binary("*", rest, Literal(abs(factor)))
        if total is None:
            total = term if factor > 0 else Binary("*", rest, Literal(factor))
        else:
            total = Binary("+" if factor > 0 else "-", total, term)
    if total is None:
        return Literal(constant)
    if constant:
        return Binary("+" if constant > 0 else "-", total, Literal(abs(constant)))
    return total


def value_of(expr: Expr, env: Mapping[str, Value]) -> Value:
    """The value of an expression; None where an operation has none."""
    try:
        return evaluate(expr, env)
    except ExpressionFault:
        return None


def python(expr: Expr, rename: Mapping[str, str] | None = None) -> str:
    """The expression as Python source, with as few parentheses as its meaning allows."""
    return _print(expr, rename or {})[0]


def _print(expr: Expr, rename: Mapping[str, str]) -> tuple[str, int]:  # noqa: C901  a case for each kind
    def operand(part: Expr, least: int) -> str:
        text, precedence = _print(part, rename)
        return text if precedence >= least else f"({text})"

    match expr:
        case Literal(value):
            return literal(value), ATOM if not isinstance(value, int | float) or value >= 0 else PRECEDENCE["neg"]
        case Name(name):
            return rename.get(name, name), ATOM
        case Attribute(owner, name):
            return rename.get(f"{owner}.{name}", f"{owner}.{name}"), ATOM
        case Index(owner, index):
            return f"{operand(owner, ATOM)}[{operand(index, 0)}]", ATOM
        case Slice(owner, start, stop):
            first, last = ("" if bound is None else operand(bound, 0) for bound in (start, stop))
            return f"{operand(owner, ATOM)}[{first}:{last}]", ATOM
        case Call(function, args):
            return f"{function}({', '.join(operand(arg, 0) for arg in args)})", ATOM
        case List(items):
            printed = [operand(item, 0) for item in items]
            return f"({', '.join(printed)}{',' if len(printed) == 1 else ''})", ATOM
        case Unary("not", inner):
            return f"not {operand(inner, PRECEDENCE['not'])}", PRECEDENCE["not"]
        case Unary(operator, inner):
            return f"{operator}{operand(inner, PRECEDENCE['neg'])}", PRECEDENCE["neg"]
        case Conditional(test, then, otherwise):
            return f"{operand(then, 1)} if {operand(test, 1)} else {operand(otherwise, 0)}", 0
        case Binary(operator, left, right):
            level = PRECEDENCE[operator]
            tight_left = level + 1 if operator == "**" or level == 4 else level
            tight_right = level if operator in ("and", "or", "**") else level + 1
            if operator == "**":
                base, exponent = operand(left, tight_left), operand(right, PRECEDENCE["neg"])
                close = _SIMPLE.fullmatch(base) and _SIMPLE.fullmatch(exponent)
                return f"{base}**{exponent}" if close else f"{base} ** {exponent}", level
            return (
                f"{operand(left, tight_left)} {_operator(operator, left, right)} {operand(right, tight_right)}",
                level,
            )
    raise AssertionError(expr)


def _operator(operator: str, left: Expr, right: Expr) -> str:
    """Python's operator: nothing but `is` compares with None."""
    if Literal(None) in (left, right):
        return {"==": "is", "!=": "is not"}.get(operator, operator)
    return operator


class Bare(str):
    """A text that is source itself: `nn.ReLU`."""

    __slots__ = ()


def literal(value: Value) -> str:
    """A value as Python source, strings in double quotes as the formatter wants them."""
    if isinstance(value, Bare):
        return str(value)
    if isinstance(value, tuple):
        items = ", ".join(map(literal, value))
        return f"({items},)" if len(value) == 1 else f"({items})"
    if isinstance(value, str):
        quoted = repr(value)
        return f'"{quoted[1:-1]}"' if quoted[0] == "'" and '"' not in value else quoted
    if isinstance(value, float) and not isfinite(value):
        return f'float("{value}")'
    # Python writes 1e-06 where people write 1e-6.
    return repr(value).replace("e-0", "e-") if isinstance(value, float) else repr(value)

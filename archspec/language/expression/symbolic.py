"""Symbolic sizes: how emitted code says `planes * 4` where a tool would say 256.

Expressions are the author's own, or follow the channels from layer to layer (a concatenation adds them up).
Simplifying keeps the author's form where there is nothing to gain: it folds constants, drops neutral elements and
collects equal terms of a sum. A constant is not folded to a fraction that nobody would write: `0.2 / 11` stays.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from itertools import product
from typing import TypeAlias

from archspec.language.expression.evaluate import evaluate
from archspec.language.expression.words import ExpressionFault
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
    parts,
)
from archspec.values.printing import text

Leaf: TypeAlias = Name | Attribute

LARGEST = 24  # nodes of an expression beyond which a plain number reads better
LONGEST = 8  # characters of a fraction beyond which what it was computed from reads better


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
    return frozenset(map(_called, leaves(expr)))


def leaves(expr: Expr) -> frozenset[Leaf]:
    """What an expression reads: names and facts of inputs."""
    if isinstance(expr, Name | Attribute):
        return frozenset((expr,))
    return frozenset().union(*map(leaves, parts(expr)))


def is_fact(leaf: Leaf) -> bool:
    """Whether only a run knows what an expression reads there: any size of an input but its channels."""
    return isinstance(leaf, Attribute) and leaf.name != "channels"


def _called(leaf: Leaf) -> str:
    return leaf.name if isinstance(leaf, Name) else f"{leaf.owner}.{leaf.name}"


def size(expr: Expr) -> int:
    """Number of nodes in the tree."""
    return 1 + sum(map(size, parts(expr)))


def substitute(expr: Expr, replace: Callable[[str], Expr | None]) -> Expr | None:
    """`expr` with every name (also `x.channels`) replaced, simplified; None where a name has no replacement."""
    return replaced(expr, lambda leaf: replace(_called(leaf)))


def replaced(expr: Expr, replace: Callable[[Leaf], Expr | None]) -> Expr | None:
    """`expr` with every name and every fact of an input replaced, simplified; None where one has no replacement."""
    if isinstance(expr, Literal):
        return expr
    if isinstance(expr, Name | Attribute):
        return replace(expr)
    made = []
    for inner in parts(expr):
        part = replaced(inner, replace)
        if part is None:
            return None
        made.append(part)
    match expr, made:
        case Binary("*", _, Binary() | Call()), [other, Literal(int())] if names(other) and not _is_list(other):
            made.reverse()  # `width * 2**i` as `4 * width`: the author's own `width * 4` stays
    return simplify(rebuild(expr, tuple(made)))


def renamed(expr: Expr, names: Mapping[str, str]) -> Expr:
    """`expr` with other names for what it reads."""
    if isinstance(expr, Name):
        return Name(names.get(expr.name, expr.name))
    inside = parts(expr)
    return rebuild(expr, tuple(renamed(part, names) for part in inside)) if inside else expr


def simplify(expr: Expr) -> Expr:
    """One level of simplification: the parts are simple already."""
    match expr:
        case Binary() | Unary() | Call() if _is_constant(expr):
            return _fold(expr)
        case Unary("-", Literal(int() | float() as value)):
            return Literal(-value)
        case Unary("-", Unary("-", value)):
            return value
        case Unary("not", Literal(value)):
            return Literal(not value)
        case Index():
            return _item(expr)
        case Slice(List(items), None | Literal(None | int()) as start, None | Literal(None | int()) as stop):
            return List(items[_bound(start) : _bound(stop)])
        case Slice() if all(isinstance(part, Literal) for part in parts(expr)):
            return _fold(expr)
        case Conditional(Literal(test), then, otherwise):
            return then if test else otherwise
        case Call(_, items) | List(items) if all(isinstance(item, Literal) for item in items):
            return _fold(expr)
        case Binary():
            return _simplify_binary(expr)
    return expr


def _item(expr: Index) -> Expr:
    """An item of a list that is written out, and `widths[-1]` for `widths[len(widths) - 1]`."""
    match expr:
        case Index(Literal(tuple() as held), Literal(int() as index)) if -len(held) <= index < len(held):
            return Literal(held[index])
        case Index(owner, Literal(int() as index)) if (items := _items(owner)) and -len(items) <= index < len(items):
            return items[index]
        case Index(owner, Binary("-", Call("len", (same,)), Literal(int() as ahead))) if same == owner and ahead > 0:
            return Index(owner, Literal(-ahead))
    return expr


def _items(expr: Expr) -> tuple[Expr, ...] | None:
    """The items of a list that is written out, or made longer as `[a] * 3 + [b]`; None where they are not known."""
    match expr:
        case List(items):
            return items
        case Literal(tuple() as held):
            return tuple(map(Literal, held))
        case Binary("+", left, right):
            before, after = _items(left), _items(right)
            return None if before is None or after is None else before + after
        case Binary("*", inner, Literal(int() as times)) | Binary("*", Literal(int() as times), inner):
            once = _items(inner)
            return None if once is None or len(once) * times > LARGEST else once * times
    return None


def _bound(bound: Expr | None) -> int | None:
    """A bound of a slice that is written in place; None for none."""
    return bound.value if isinstance(bound, Literal) and isinstance(bound.value, int) else None


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
        case "*", _, _:
            return _simplify_product(expr)
        case "//", _, _:
            return _quotient(expr)
        case (("+" | "-"), _, _) if not _is_list(expr):  # lists keep their order
            return _collect(expr)
    return expr


def _simplify_product(expr: Binary) -> Expr:
    """A product with one number, and the square of what stands there twice."""
    match expr.left, expr.right:
        case (Literal(0), _) | (_, Literal(0)):
            return Literal(0)
        case (
            Binary("*", other, Literal(int() as a)) | Binary("*", Literal(int() as a), other),
            Literal(int() as b),
        ) | (Literal(int() as b), Binary("*", other, Literal(int() as a)) | Binary("*", Literal(int() as a), other)):
            return times(a * b, other)
        case Binary("**", other, Literal(int() as a)), Binary("**", same, Literal(int() as b)) if other == same:
            return Binary("**", other, Literal(a + b))
        case left, right if left == right and parts(left):
            return Binary("**", left, Literal(2))
    return expr


def _is_list(expr: Expr) -> bool:
    """Whether an expression is a list as written, one made longer, or a part of one."""
    match expr:
        case List() | Slice() | Literal(tuple()):
            return True
        case Binary("+" | "*", left, right):
            return _is_list(left) or _is_list(right)
    return False


def _quotient(expr: Binary) -> Expr:
    """A quotient without what both sides are a multiple of: `2 * width // 2` as `width`, `128 * k // k` as 128."""
    (a, left), (b, right) = _multiple(expr.left), _multiple(expr.right)
    if left is not None and left == right and b >= 1 and a % b == 0:
        return Literal(a // b)
    if left is None or a < 1 or b < 1 or (a % b and b % a) or (b == 1 and right is not None):
        return expr
    shared = min(a, b)
    over, under = times(a // shared, left), Literal(b // shared)
    if right is not None:
        return Binary("//", over, simplify(Binary("*", right, under)))
    return over if under == Literal(1) else Binary("//", over, under)


def _multiple(expr: Expr) -> tuple[int, Expr | None]:
    """A whole number and what it is a multiple of; None for a number itself."""
    match expr:
        case Literal(int() as value):
            return value, None
        case Binary("*", other, Literal(int() as value)) | Binary("*", Literal(int() as value), other):
            return value, other
    return 1, expr


def _is_constant(expr: Expr) -> bool:
    """Whether nothing is read in an expression, as in what was too long to fold."""
    return isinstance(expr, Literal) or (
        isinstance(expr, Binary | Unary | Call) and all(_is_constant(part) for part in parts(expr))
    )


def _fold(expr: Expr) -> Expr:
    """A constant as its value; one that may be part of a long fraction stays, `0.2 * 2` of `0.2 * 2 / 11`."""
    value = value_of(expr, {})
    scaled = isinstance(value, float) and isinstance(expr, Binary) and expr.operator == "*"
    return expr if value is None or is_long(value) or scaled else Literal(value)


def folded(expr: Expr) -> Expr:
    """A constant that is no long fraction as its value; anything else as it is."""
    value = value_of(expr, {}) if _is_constant(expr) else None
    return expr if value is None or is_long(value) else Literal(value)


def is_long(value: Value) -> bool:
    """Whether a number is a fraction of so many digits that it was computed: `0.018181818181818184`."""
    return isinstance(value, float) and len(repr(abs(value))) > LONGEST


def equal(one: Expr, other: Expr) -> bool:
    """Whether two expressions are one sum of products, however it is written: `n + 2 * i - 2 * (i + 1)` and `n - 2`."""
    return one == other or _products(one) == _products(other)


def _products(expr: Expr) -> dict[tuple[Expr, ...], int]:
    """An expression as a sum: what is multiplied, in one order, and how often that is added."""
    match expr:
        case Literal(int() as value):
            return {(): value} if value else {}
        case Unary("-", operand):
            return _products(Binary("-", Literal(0), operand))
        case Binary("+" | "-" as operator, left, right):
            sign, found = (1 if operator == "+" else -1), dict(_products(left))
            for factors, count in _products(right).items():
                found[factors] = found.get(factors, 0) + sign * count
        case Binary("*", left, right):
            found = {}
            for (a, m), (b, n) in product(_products(left).items(), _products(right).items()):
                factors = tuple(sorted((*a, *b), key=repr))
                found[factors] = found.get(factors, 0) + m * n
        case _:
            return {(expr,): 1}
    return {factors: count for factors, count in found.items() if count}


def _terms(expr: Expr, sign: int, out: list[tuple[int, Expr | None]]) -> None:
    """The terms of a sum as (integer factor, rest); the rest of a plain number is None."""
    match expr:
        case Binary("+", left, right):
            _terms(left, sign, out)
            _terms(right, sign, out)
        case Binary("-", left, right):
            _terms(left, sign, out)
            _terms(right, -sign, out)
        case Unary("-", operand):
            _terms(operand, -sign, out)
        case Binary("*", rest, Literal(int() as factor)) | Binary("*", Literal(int() as factor), rest):
            out.append((sign * factor, rest))
        case Literal(int() as value):
            out.append((sign * value, None))
        case _:
            out.append((sign, expr))


def _multiplied(expr: Expr | None) -> tuple[Expr, ...]:
    """What a product multiplies."""
    match expr:
        case None:
            return ()
        case Binary("*", left, right):
            return (*_multiplied(left), *_multiplied(right))
    return (expr,)


def times(number: int, expr: Expr) -> Expr:
    """So many of a size, as people write it where it is no author's own: `4 * width`."""
    return expr if number == 1 else Binary("*", Literal(number), expr)


def _collect(expr: Binary) -> Expr:
    """A sum with equal terms added up; the sum as it was where there are none."""
    match expr:
        case Binary("+", Binary("//", Binary("-", whole, step), by), Literal(1)) if step == by:
            return simplify(Binary("//", whole, by))  # places of a kernel that moves by its own width
    terms: list[tuple[int, Expr | None]] = []
    _terms(expr, 1, terms)
    factors: dict[Expr | None, int] = {}
    named: dict[object, Expr | None] = {}  # equal products are one, whatever the order of what they multiply
    for factor, rest in terms:
        one = named.setdefault(frozenset(Counter(_multiplied(rest)).items()), rest)
        factors[one] = factors.get(one, 0) + factor
    if len(factors) == len(terms):
        return expr
    constant = factors.pop(None, 0)
    there = [(factor, rest) for rest, factor in factors.items() if rest is not None and factor]
    total: Expr | None = None
    if there and there[0][0] < 0:  # 9 - m, which is no -1 * m + 9
        there.sort(key=lambda term: term[0] < 0)
        if constant > 0 and there[0][0] < 0:
            total, constant = Literal(constant), 0
    for factor, rest in there:
        if total is None:
            total = times(factor, rest)
        else:
            total = Binary("+" if factor > 0 else "-", total, times(abs(factor), rest))
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


def python(expr: Expr) -> str:
    """The expression as Python source."""
    return text(expr)

"""Traced: numbers that know how they are written, with which an op's own shape rule runs.

    flatten of (N, width, 7, 7)      rule: (prod(dims),)         -> width * 49
    unflatten of (N, L, dim)         rule: (heads, dim // heads) -> heads, dim // heads
    flatten of these two             rule: heads * (dim // heads) -> dim, as the rule before requires

No op says a second time how its sizes follow: the rule is the fact, and it computes with `+ - * // %` whatever it is
given. A size that becomes a plain number, as in `range(size)`, is seen: what the rule gives then depends on it in an
unknown way. So is a question, `size > 7`, which `rule` answers both ways. A number of 1 or less makes no question: that
a width be 1, or a stop negative, is another network.
"""

import operator
from collections import Counter
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import field
from typing import TypeAlias, cast

from archspec.code.followed import Followed, bounded, constant
from archspec.language.expression.symbolic import simplify
from archspec.values.dataclass import dataclass
from archspec.values.expression import Binary, Call, Expr, Literal, Unary, parts

Plain: TypeAlias = int | float
COMPARED: dict[Callable[[Plain, Plain], bool], str] = {
    operator.eq: "==",
    operator.lt: "<",
    operator.le: "<=",
    operator.gt: ">",
    operator.ge: ">=",
}


@dataclass(frozen=True, slots=True)
class Product:
    """A product as a whole number and its other factors."""

    number: int
    factors: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What a rule asks of sizes.

    Attributes:
        names: what it is about.
        divides: the division that it requires.
        said: how it is written, where the answer is yes; None where that is not followed.
        answer: that of the network at hand.
    """

    names: frozenset[str]
    divides: tuple[Expr, Expr] | None
    said: Expr | None
    answer: bool


@dataclass(slots=True)
class Trace:
    """One run of a rule.

    Attributes:
        divisors: (a, b) where a rule refuses an `a` that `b` does not divide.
        turned: number of the question that gets the other answer.
        matters: names of which a question matters; of others only what it says of division does.
        questions: what the rule asks, in order.
        lost: names of sizes that became plain numbers.
        counted: names of sizes that became the number of something.
    """

    divisors: set[tuple[Expr, Expr]]
    matters: Callable[[frozenset[str]], bool]
    turned: int = -1
    questions: list[Question] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)
    counted: set[str] = field(default_factory=set)

    def ask(
        self,
        names: frozenset[str],
        answer: bool,
        divides: tuple[Expr, Expr] | None = None,
        said: Expr | None = None,
    ) -> bool:
        """The answer to a question about sizes; the other one where it is this question's turn."""
        if divides is None and not self.matters(names):
            return answer
        self.questions.append(Question(names, divides, said, answer))
        return answer != (len(self.questions) - 1 == self.turned)


class Traced:
    """A number that knows how it is written. It is no `int`, so that nothing takes it for a plain number unseen."""

    __slots__ = ("said", "trace", "value")

    def __init__(self, value: Plain, said: Followed, trace: Trace) -> None:
        self.value, self.said, self.trace = value, said, trace

    # -- arithmetic ---------------------------------------------------------------------------------------------------

    def __add__(self, other: object) -> "Traced":
        return _combined("+", operator.add, self, other)

    def __radd__(self, other: object) -> "Traced":
        return _combined("+", operator.add, other, self)

    def __sub__(self, other: object) -> "Traced":
        return _combined("-", operator.sub, self, other)

    def __rsub__(self, other: object) -> "Traced":
        return _combined("-", operator.sub, other, self)

    def __mul__(self, other: object) -> "Traced":
        return _combined("*", operator.mul, self, other)

    def __rmul__(self, other: object) -> "Traced":
        return _combined("*", operator.mul, other, self)

    def __floordiv__(self, other: object) -> "Traced":
        return _combined("//", operator.floordiv, self, other)

    def __rfloordiv__(self, other: object) -> "Traced":
        return _combined("//", operator.floordiv, other, self)

    def __truediv__(self, other: object) -> "Traced":
        return _combined("/", operator.truediv, self, other)

    def __rtruediv__(self, other: object) -> "Traced":
        return _combined("/", operator.truediv, other, self)

    def __mod__(self, other: object) -> "Traced":
        return _combined("%", operator.mod, self, other)

    def __rmod__(self, other: object) -> "Traced":
        return _combined("%", operator.mod, other, self)

    def __pow__(self, other: object) -> "Traced":
        return _combined("**", operator.pow, self, other)

    def __neg__(self) -> "Traced":
        expr = self.said.expr
        made = None if expr is None else simplify(Unary("-", expr))
        return Traced(-self.value, bounded(made, self.said.names), self.trace)

    def __floor__(self) -> "Traced":
        """Rounded down, which `int` does to a size: none is negative."""
        expr = self.said.expr if self.value >= 0 else None
        made = expr if expr is None or isinstance(self.value, int) else Call("int", (expr,))
        return Traced(int(self.value // 1), bounded(made, self.said.names), self.trace)

    def __ceil__(self) -> "Traced":
        expr = self.said.expr
        made = expr if expr is None or isinstance(self.value, int) else Call("ceil", (expr,))
        return Traced(-int(-self.value // 1), bounded(made, self.said.names), self.trace)

    # -- what becomes a plain number ----------------------------------------------------------------------------------

    def __index__(self) -> int:
        self.trace.lost |= self.said.names
        self.trace.counted |= self.said.names
        return operator.index(cast("int", self.value))

    def __int__(self) -> int:
        self.trace.lost |= self.said.names
        return int(self.value)

    def __float__(self) -> float:
        self.trace.lost |= self.said.names
        return float(self.value)

    # -- questions ----------------------------------------------------------------------------------------------------

    def __eq__(self, other: object) -> bool:
        return self._compared(operator.eq, other)

    def __ne__(self, other: object) -> bool:
        return not self._compared(operator.eq, other)

    def __lt__(self, other: object) -> bool:
        return self._compared(operator.lt, other)

    def __le__(self, other: object) -> bool:
        return self._compared(operator.le, other)

    def __gt__(self, other: object) -> bool:
        return self._compared(operator.gt, other)

    def __ge__(self, other: object) -> bool:
        return self._compared(operator.ge, other)

    def __bool__(self) -> bool:
        match self.said.expr:
            case Binary("%", left, right):
                return self.trace.ask(self.said.names, self.value != 0, None if self.value else (left, right))
        return self.value != 0

    def __hash__(self) -> int:
        return hash(self.value)

    def __str__(self) -> str:
        return str(self.value)

    def __repr__(self) -> str:
        return repr(self.value)

    def __format__(self, spec: str) -> str:
        return format(self.value, spec)

    def _compared(self, compare: Callable[[Plain, Plain], bool], other: object) -> bool:
        if isinstance(other, Traced):
            if other.said == self.said and other.said.expr is not None:
                return compare(self.value, other.value)
            answer = compare(self.value, other.value)
            divides = _division(self, other) if answer and compare is operator.eq else None
            said = None
            if self.said.expr is not None and other.said.expr is not None:
                said = Binary(COMPARED[compare], self.said.expr, other.said.expr)
            return self.trace.ask(self.said.names | other.said.names, answer, divides, said)
        if not isinstance(other, int | float):
            return False
        answer = compare(self.value, other)
        said = None if self.said.expr is None else Binary(COMPARED[compare], self.said.expr, Literal(other))
        return answer if other <= 1 else self.trace.ask(self.said.names, answer, None, said)


def _combined(symbol: str, compute: Callable[[Plain, Plain], Plain], one: object, other: object) -> Traced:
    trace = cast("Traced", one if isinstance(one, Traced) else other).trace
    (a, said_a), (b, said_b) = _operand(one), _operand(other)
    names = said_a.names | said_b.names
    if said_a.expr is None or said_b.expr is None:
        return Traced(compute(a, b), Followed(None, names), trace)
    left, right = said_a.expr, said_b.expr
    if symbol == "*" and isinstance(right, Literal):
        left, right = right, left  # 2 * hidden, which the rule may have the other way round
    made = simplify(Binary(symbol, left, right))
    if symbol == "*":
        made = without_division(made, trace.divisors)
    return Traced(compute(a, b), bounded(made, names), trace)


def _operand(operand: object) -> tuple[Plain, Followed]:
    if isinstance(operand, Traced):
        return operand.value, operand.said
    if isinstance(operand, int | float):
        return operand, constant(operand)
    raise TypeError(f"a size meets {operand!r}")


# -- division ---------------------------------------------------------------------------------------------------------


def _division(left: Traced, right: Traced) -> tuple[Expr, Expr] | None:
    """(a, b) where `left == right` says that `b` divides `a`: `3 * heads * (dim // heads) == 3 * dim`."""
    for one, other in ((left.said.expr, right.said.expr), (right.said.expr, left.said.expr)):
        if one is None or other is None:
            continue
        here, there = _product(one), _product(other)
        for quotient in here.factors:
            match quotient:
                case Binary("//", a, b):
                    whole, divisor = _product(a), _product(b)
                    rest = Counter(here.factors) - Counter([quotient])
                    evens = here.number * whole.number == there.number * divisor.number
                    if evens and rest + Counter(whole.factors) == Counter(there.factors) + Counter(divisor.factors):
                        return a, b
    return None


def without_division(expr: Expr, divisors: AbstractSet[tuple[Expr, Expr]]) -> Expr:
    """`heads * (dim // heads)` as `dim`, where `heads` is known to divide `dim`."""
    made = _product(expr)
    for quotient in made.factors:
        match quotient:
            case Binary("//", a, b) if (a, b) in divisors:
                whole, divisor = _product(a), _product(b)
                rest = Counter(made.factors) - Counter([quotient])
                if made.number % divisor.number == 0 and not Counter(divisor.factors) - rest:
                    return _of(_divided(made, quotient, whole, divisor))
    return expr


def _divided(made: Product, quotient: Expr, whole: Product, divisor: Product) -> Product:
    gone = Counter(divisor.factors)
    kept: list[Expr] = []
    for factor in made.factors:
        if factor == quotient:
            kept.extend(whole.factors)
            quotient = Literal(None)  # only the first of several
        elif gone[factor]:
            gone[factor] -= 1
        else:
            kept.append(factor)
    return Product(made.number // divisor.number * whole.number, tuple(kept))


def _product(expr: Expr) -> Product:
    match expr:
        case Literal(int() as number):
            return Product(number, ())
        case Binary("*", left, right):
            a, b = _product(left), _product(right)
            return Product(a.number * b.number, (*a.factors, *b.factors))
        case Binary("**", base, Literal(2)) if parts(base):
            return _product(Binary("*", base, base))
    return Product(1, (expr,))


def _of(product: Product) -> Expr:
    if not product.factors:
        return Literal(product.number)
    made = product.factors[0]
    for factor in product.factors[1:]:
        made = Binary("*", made, factor)
    return simplify(Binary("*", Literal(product.number), made))

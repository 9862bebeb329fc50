"""Numbers with which an op's own shape rule runs for all sizes at once: each is a form, and a comparison is a question.

    rule: room // stride + 1 of H          H - 3 and 2        (H - 3) // 2 + 1
    rule: if count < 1: raise              asks whether (H - 3) // 2 + 1 < 1: it is for H = 1, 2, and for no other

Whoever runs the rule answers, and runs it again where a question has both answers. What a rule makes of a size that is
no form of it, such as a plain number of repetitions, is `Unfollowed`.
"""

from collections.abc import Callable, Iterable
from fractions import Fraction
from math import lcm
from typing import TypeAlias, cast

from archspec.sizes.form import Form, constant, quotient
from archspec.sizes.solve import Relation

Ask: TypeAlias = Callable[[Form, Relation], bool]
Tell: TypeAlias = Callable[[Form], int]

EXACT = 1 << 12  # of a factor given as a fraction: torch computes with it exactly up to such a denominator


class Unfollowed(Exception):
    """A rule does with a size what no form says."""


class Asked:
    """Answers the questions of one run of a rule.

    Args:
        ask: whether a form is zero, or negative.
        tell: the value of a form that a rule needs as a plain number.
    """

    __slots__ = ("ask", "made", "tell")

    def __init__(self, ask: Ask, tell: Tell) -> None:
        self.ask, self.tell = ask, tell
        self.made: dict[Form, Number] = {}


class Number:
    """A size. It is no `int`, so that nothing takes it for a plain number unseen."""

    __slots__ = ("asked", "form", "over")

    def __init__(self, form: Form, asked: Asked, over: int = 1) -> None:
        self.form, self.asked, self.over = (
            form,
            asked,
            over,
        )  # `over` divides the form: half a size, before it is rounded

    # -- arithmetic ---------------------------------------------------------------------------------------------------

    def __add__(self, other: object) -> "Number":
        return self._sum(other, 1)

    __radd__ = __add__

    def __sub__(self, other: object) -> "Number":
        return self._sum(other, -1)

    def __rsub__(self, other: object) -> "Number":
        return (-self)._sum(other, 1)

    def __mul__(self, other: object) -> "Number":
        number = self.form.number
        if number is not None and self.over == 1 and isinstance(other, float):
            return cast("Number", number * other)  # a size that is one number: as the rule computes it by itself
        form, over = _operand(other)
        return Number(self.form * form, self.asked, self.over * over)

    __rmul__ = __mul__

    def __neg__(self) -> "Number":
        return Number(-self.form, self.asked, self.over)

    def __pos__(self) -> "Number":
        return self

    def __abs__(self) -> "Number":
        return -self if self < 0 else self

    def __floordiv__(self, other: object) -> "Number":
        form, over = _operand(other)
        return self._divided(self.form * constant(over), form * constant(self.over))

    def __rfloordiv__(self, other: object) -> "Number":
        form, over = _operand(other)
        return self._divided(form * constant(self.over), self.form * constant(over))

    def __truediv__(self, other: object) -> "Number":
        form, over = _operand(other)
        by = form.number
        if by is None or by <= 0:
            raise Unfollowed
        return Number(self.form * constant(over), self.asked, self.over * by)

    def __mod__(self, other: object) -> "Number":
        return self - (self // other) * _plain(other)

    def __rmod__(self, other: object) -> "Number":
        return _plain(other) - (other // self) * self

    def __pow__(self, other: object) -> "Number":
        if not isinstance(other, int) or not 0 <= other <= 8:
            raise Unfollowed
        made = Number(constant(1), self.asked)
        for _ in range(other):
            made = made * self
        return made

    def __floor__(self) -> "Number":
        return self // 1

    def __ceil__(self) -> "Number":
        return -(-self // 1)

    def _sum(self, other: object, sign: int) -> "Number":
        form, over = _operand(other)
        shared = lcm(self.over, over)
        made = self.form * constant(shared // self.over) + form * constant(sign * shared // over)
        return Number(made, self.asked, shared)

    def _divided(self, form: Form, by: Form) -> "Number":
        number = by.number
        if number is not None and number != 0:
            return Number((form if number > 0 else -form) // abs(number), self.asked)
        exact = quotient(form, by)
        if exact is None:
            exact = constant(self.asked.tell(form) // self.asked.tell(by))
        return Number(exact, self.asked)

    # -- what becomes a plain number ----------------------------------------------------------------------------------

    def __index__(self) -> int:
        if self.over != 1:
            raise Unfollowed
        number = self.form.number
        return number if number is not None else self.asked.tell(self.form)

    def __int__(self) -> int:
        return (self // 1).__index__() if self >= 0 else -((-self // 1).__index__())

    def __float__(self) -> float:
        raise Unfollowed

    # -- questions ----------------------------------------------------------------------------------------------------

    def __eq__(self, other: object) -> bool:
        if other is None or isinstance(other, str | bool):
            return False
        if not isinstance(other, Number | int | float):
            return NotImplemented
        return self._ask(self - other, "zero")

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __lt__(self, other: object) -> bool:
        return self._ask(self - other, "negative")

    def __le__(self, other: object) -> bool:
        return not self._ask(-(self - other), "negative")

    def __gt__(self, other: object) -> bool:
        return self._ask(-(self - other), "negative")

    def __ge__(self, other: object) -> bool:
        return not self._ask(self - other, "negative")

    def __bool__(self) -> bool:
        return not self._ask(self, "zero")

    def __hash__(self) -> int:
        return 0  # of all sizes: a set asks whether two are equal, and does not take it from here that they are not

    def _ask(self, difference: "Number", relation: Relation) -> bool:
        number = difference.form.number
        if number is not None:
            return number == 0 if relation == "zero" else number < 0
        return self.asked.ask(difference.form, relation)

    def __str__(self) -> str:
        number = self.form.number
        return str(number) if number is not None and self.over == 1 else "?"

    __repr__ = __str__


def numbers(forms: Iterable[Form], asked: Asked) -> tuple[int, ...]:
    """Forms as the sizes that a rule takes: equal ones are one object, so that nothing need be asked about them."""
    return tuple(cast("int", asked.made.setdefault(form, Number(form, asked))) for form in forms)


def form_of(value: object) -> Form:
    """The form of a size that a rule gave. Raises Unfollowed for what is no whole number."""
    form, over = _operand(value)
    if over != 1:
        raise Unfollowed
    return form


def _plain(value: object) -> "Number | int":
    return cast("Number | int", value)


def _operand(value: object) -> tuple[Form, int]:
    """A form, and what divides it."""
    match value:
        case Number():
            return value.form, value.over
        case bool() | int():
            return constant(int(value)), 1
        case float():
            fraction = Fraction(value)
            if fraction.denominator <= EXACT:
                return constant(fraction.numerator), fraction.denominator
    raise Unfollowed

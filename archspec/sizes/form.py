"""Forms: what a size is, as a polynomial with whole coefficients in the sizes of the inputs and in floors of such.

    H              an input's height
    (H - 1) // 2   a floor, which a stride makes
    3 * (H // 2) * (W // 2) + 1

Floors of floors are one floor, `(H // 2 - 1) // 2` is `(H - 2) // 4`, so that a form stays as short as a size is deep.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from functools import cache, reduce
from math import gcd, lcm
from typing import TypeAlias

from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Variable:
    """A size of an input: its dimension `axis` after the batch."""

    input: str
    axis: int


@dataclass(frozen=True, slots=True)
class Floor:
    """`form // divisor`, for a divisor above 1."""

    form: "Form"
    divisor: int


Atom: TypeAlias = Variable | Floor
Monomial: TypeAlias = tuple[Atom, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """A sum of products. `terms` are sorted, and have no coefficient of 0; the product of nothing is 1."""

    terms: tuple[tuple[Monomial, int], ...]
    hashed: int = field(init=False, repr=False, compare=False)  # forms stand in forms: hashing all of them takes long

    def __post_init__(self) -> None:
        object.__setattr__(self, "hashed", hash(self.terms))

    def __hash__(self) -> int:
        return self.hashed

    def __add__(self, other: "Form") -> "Form":
        made = dict(self.terms)
        for monomial, number in other.terms:
            made[monomial] = made.get(monomial, 0) + number
        return _of(made)

    def __neg__(self) -> "Form":
        return Form(tuple((monomial, -number) for monomial, number in self.terms))

    def __sub__(self, other: "Form") -> "Form":
        return self + -other

    def __mul__(self, other: "Form") -> "Form":
        made: dict[Monomial, int] = {}
        for left, a in self.terms:
            for right, b in other.terms:
                monomial = tuple(sorted((*left, *right), key=_key))
                made[monomial] = made.get(monomial, 0) + a * b
        return _of(made)

    def __floordiv__(self, divisor: int) -> "Form":
        return divided(self, divisor)

    @property
    def number(self) -> int | None:
        """Its value, where it is a plain number; None where it depends on a size."""
        if not self.terms:
            return 0
        (monomial, value), *others = self.terms
        return value if not monomial and not others else None

    @property
    def constant(self) -> int:
        """The number in it that depends on nothing."""
        return next((number for monomial, number in self.terms if not monomial), 0)


def constant(value: int) -> Form:
    """A plain number as a form."""
    return Form((((), value),) if value else ())


def of_atom(atom: Atom) -> Form:
    """An atom as a form."""
    return Form((((atom,), 1),))


@cache
def divided(form: Form, divisor: int) -> Form:
    """`form // divisor`, for a divisor above 0, with what divides evenly taken out of the floor."""
    if divisor == 1:
        return form
    whole = {monomial: number // divisor for monomial, number in form.terms}
    rest = {monomial: number % divisor for monomial, number in form.terms}
    (lead, _), *others = [(m, n) for m, n in rest.items() if m and n] or [((), 0)]
    if not lead:
        return _of(whole)
    before = form.terms if others else [term for term in form.terms if term[0] == lead]
    if not others and before[0][1] < 0 and before[0][1] % divisor * 2 >= divisor:
        # -(x // 2) is written as it stands, and the ceiling as (x + 1) // 2: one floor of x, not x less another one.
        size, upward = -before[0][1] % divisor, -rest.get((), 0) + divisor - 1
        return _of({**whole, lead: whole[lead] + 1}) - _floor(_of({lead: size, (): upward}), divisor)
    return _of(whole) + _floor(_of(rest), divisor)


def _floor(form: Form, divisor: int) -> Form:
    """The floor of what has no multiple of the divisor in it but in its constant; nested floors become one."""
    shift, left = divmod(form.constant, divisor)
    (lead, number), *others = [(m, n) for m, n in form.terms if m] or [((), 0)]
    if not lead:
        return constant(shift)
    shared = reduce(gcd, (n for _, n in others), gcd(number, divisor))
    if shared > 1:  # (6 x + 5) // 4 is (3 x + 2) // 2
        rest = _of({monomial: n // shared for monomial, n in form.terms if monomial} | {(): left // shared})
        return constant(shift) + divided(rest, divisor // shared)
    match lead:
        case (Floor(inner, step),) if number == 1 and not others:
            return constant(shift) + divided(inner + constant(left * step), divisor * step)
    kept = _of({monomial: n for monomial, n in form.terms if monomial} | {(): left})
    return constant(shift) + of_atom(Floor(kept, divisor))


def quotient(form: Form, by: Form) -> Form | None:
    """`form / by` where that is a form, as `3 * h * w` by `h`; None where it is not."""
    if len(by.terms) != 1:
        return constant(1) if form == by else None
    ((monomial, number),) = by.terms
    made: dict[Monomial, int] = {}
    for product, value in form.terms:
        left = list(product)
        for atom in monomial:
            if atom not in left:
                return None
            left.remove(atom)
        if value % number:
            return None
        made[tuple(left)] = value // number
    return _of(made)


def atoms(form: Form) -> Iterator[Atom]:
    """The atoms of its products, each once."""
    return iter(dict.fromkeys(atom for monomial, _ in form.terms for atom in monomial))


@cache
def variables(form: Form) -> frozenset[Variable]:
    """The sizes that it depends on."""
    found: set[Variable] = set()
    for atom in atoms(form):
        found |= variables_of(atom)
    return frozenset(found)


def variables_of(atom: Atom) -> frozenset[Variable]:
    """The sizes that an atom depends on."""
    return frozenset((atom,)) if isinstance(atom, Variable) else variables(atom.form)


def replaced(form: Form, known: Callable[[Atom], Form | None]) -> Form:
    """The form with atoms replaced by what `known` gives for them, also inside of floors; None keeps one."""
    made = constant(0)
    for monomial, number in form.terms:
        product = constant(number)
        for atom in monomial:
            product = product * _one_replaced(atom, known)
        made = made + product
    return made


def _one_replaced(atom: Atom, known: Callable[[Atom], Form | None]) -> Form:
    given = known(atom)
    if given is not None:
        return given
    if isinstance(atom, Variable):
        return of_atom(atom)
    return divided(replaced(atom.form, known), atom.divisor)


def value_at(form: Form, at: Mapping[Variable, int]) -> int:
    """What the form is for these sizes."""
    total = 0
    for monomial, number in form.terms:
        for atom in monomial:
            number *= at[atom] if isinstance(atom, Variable) else value_at(atom.form, at) // atom.divisor  # noqa: PLW2901
        total += number
    return total


@cache
def period(form: Form) -> int:
    """After how many steps of every size the form repeats, but for a polynomial without floors."""
    return lcm(*(1 if isinstance(atom, Variable) else atom.divisor * period(atom.form) for atom in atoms(form)))


@cache
def in_class(form: Form, step: int, rest: int) -> tuple[int, ...]:
    """The form of one size `step * k + rest` as a polynomial in k, coefficients from k ** 0 on.

    `step` is a multiple of the form's period, so that every floor comes out even.
    """
    total: tuple[int, ...] = (0,)
    for monomial, number in form.terms:
        product: tuple[int, ...] = (number,)
        for atom in monomial:
            product = _product(product, _atom_in_class(atom, step, rest))
        total = _sum(total, product)
    while len(total) > 1 and not total[-1]:
        total = total[:-1]
    return total


def _atom_in_class(atom: Atom, step: int, rest: int) -> tuple[int, ...]:
    if isinstance(atom, Variable):
        return (rest, step)
    inner = in_class(atom.form, step, rest)
    return tuple(number // atom.divisor for number in inner)


def _product(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    made = [0] * (len(a) + len(b) - 1)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            made[i + j] += x * y
    return tuple(made)


def _sum(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    longer, shorter = (a, b) if len(a) >= len(b) else (b, a)
    return tuple(x + (shorter[i] if i < len(shorter) else 0) for i, x in enumerate(longer))


def _of(terms: Mapping[Monomial, int]) -> Form:
    kept = [(monomial, number) for monomial, number in terms.items() if number]
    return Form(tuple(sorted(kept, key=_of_term)) if len(kept) > 1 else tuple(kept))


def _of_term(term: tuple[Monomial, int]) -> tuple[int, tuple[str, ...]]:
    """Products before sums, the plain number last."""
    return -len(term[0]), tuple(map(_key, term[0]))


@cache
def _key(atom: Atom) -> str:
    return repr(atom)

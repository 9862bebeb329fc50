"""Boxes: a set of sizes for each dimension. A question about sizes has one answer in a box, or cuts it into boxes.

    (H // 32) * (W // 32) == 49     H = 32 .. 63 and W = 1568 .. 1599, or H = 224 .. 255 and W the same, or ...
    H == W                          W is H from there on; else it is not

What a question leaves open is never guessed. Where nothing here cuts a box, the answer becomes a condition of it.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from math import inf

from archspec.sizes.form import (
    Atom,
    Floor,
    Form,
    Monomial,
    Variable,
    atoms,
    constant,
    of_atom,
    replaced,
    value_at,
    variables,
    variables_of,
)
from archspec.sizes.periodic import Periodic, at_least
from archspec.sizes.solve import Relation, holding
from archspec.values.dataclass import dataclass

MOST = 1 << 12  # values of one factor that are told apart


@dataclass(frozen=True, slots=True)
class Condition:
    """A question that has one answer in a box, which its sets do not say."""

    form: Form
    relation: Relation
    holds: bool

    def met(self, at: Mapping[Variable, int]) -> bool:
        """Whether these sizes meet it."""
        value = value_at(self.form, at)
        return (value == 0 if self.relation == "zero" else value < 0) == self.holds


@dataclass(frozen=True, slots=True)
class Box:
    """Sizes that are treated alike.

    Attributes:
        sets: of each size that is free.
        ties: size -> the free one that it follows, and by how much it is larger.
        conditions: what must hold besides.
    """

    sets: Mapping[Variable, Periodic]
    ties: Mapping[Variable, tuple[Variable, int]]
    conditions: tuple[Condition, ...] = ()

    def contains(self, at: Mapping[Variable, int]) -> bool:
        """Whether these sizes lie in it."""
        return (
            all(at[size] in held for size, held in self.sets.items())
            and all(at[size] == at[other] + by for size, (other, by) in self.ties.items())
            and all(condition.met(at) for condition in self.conditions)
        )

    def whole(self, free: Mapping[Variable, int]) -> dict[Variable, int]:
        """All sizes, where the free ones are these."""
        return {**free, **{size: free[other] + by for size, (other, by) in self.ties.items()}}

    def known(self, atom: Atom) -> Form | None:
        """What an atom is in this box, where that is less than the atom itself."""
        if isinstance(atom, Variable):
            if atom in self.ties:
                other, by = self.ties[atom]
                found = self.known(other)
                return (found if found is not None else of_atom(other)) + constant(by)
            only = self.sets[atom].only
            return None if only is None else constant(only)
        return None

    def simplest(self, form: Form) -> Form:
        """The form with sizes that are one number, or follow others, as what they are; floors of one value too."""
        if any(size in self.ties or self.sets[size].only is not None for size in variables(form)):
            form = replaced(form, self.known)
        levels = {atom: span for atom in atoms(form) if isinstance(atom, Floor) and (span := self.level(atom))}
        return replaced(form, lambda atom: constant(levels[atom][0]) if atom in levels else None) if levels else form

    def level(self, atom: Floor) -> tuple[int] | None:
        """The one value of a floor in this box, in a tuple; None where it has several."""
        low, high = span_of_atom(self, atom)
        return (int(low),) if low == high else None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, and where it holds."""

    holds: bool
    box: Box


def decide(box: Box, form: Form, relation: Relation) -> tuple[Answer, ...]:
    """The answers that a question has in a box, each with its part of the box; together they are all of it."""
    plain = tuple((size, box.sets[size]) for size in variables(form) if size in box.sets)
    if len(plain) == len(variables(form)):
        holds = _plainly(form, relation, plain)
        if holds is not None:
            return (Answer(holds, box),)
    form = box.simplest(form)
    holds = _by_bounds(box, form, relation)
    if holds is not None:
        return (Answer(holds, box),)
    if len(sizes := variables(form)) == 1:
        (size,) = sizes
        return tuple(_halves(box, size, holding(form, relation)))
    return _recalled(box, form, relation) or _tied(box, form, relation) or _cut(box, form, relation)


@lru_cache(maxsize=1 << 16)
def _plainly(form: Form, relation: Relation, sets: tuple[tuple[Variable, Periodic], ...]) -> bool | None:
    """The one answer that a question has with these sets; None where it has several. It is asked over and over."""
    box = Box(dict(sets), {})
    form = box.simplest(form)
    holds = _by_bounds(box, form, relation)
    if holds is not None:
        return holds
    if len(sizes := variables(form)) == 1:
        (size,) = sizes
        answers = [answer.holds for answer in _halves(box, size, holding(form, relation))]
        return answers[0] if len(answers) == 1 else None
    return None


def _by_bounds(box: Box, form: Form, relation: Relation) -> bool | None:
    """The answer that the bounds of a form give; None where they leave it open."""
    low, high = span(box, form)
    match relation:
        case "negative":
            return high < 0 if high < 0 or low >= 0 else None
        case "zero":
            return low == high == 0 if low > 0 or high < 0 or low == high else None


def _halves(box: Box, size: Variable, where: Periodic) -> Iterator[Answer]:
    held = box.sets[size]
    for answer, part in ((True, held & where), (False, held - where)):
        if part:
            yield Answer(answer, narrowed(box, size, part))


def narrowed(box: Box, size: Variable, part: Periodic) -> Box:
    """The box with fewer values of one size."""
    return replace(box, sets={**box.sets, size: part})


def _recalled(box: Box, form: Form, relation: Relation) -> tuple[Answer, ...]:
    """The answer that was given before."""
    for condition in box.conditions:
        if condition.relation == relation and condition.form == form:
            return (Answer(condition.holds, box),)
        if relation == condition.relation == "zero" and condition.form == -form:
            return (Answer(condition.holds, box),)
    return ()


def _tied(box: Box, form: Form, relation: Relation) -> tuple[Answer, ...]:
    """The answers where two sizes are asked to be equal: one follows the other where they are."""
    match relation, form.terms:
        case "zero", (((Variable() as first,), a), ((Variable() as second,), b), *rest) if {a, b} == {1, -1}:
            if len(rest) > 1 or (rest and rest[0][0]):
                return ()
            by = form.constant if a == 1 else -form.constant  # first - second + c == 0: second is first + c
        case _:
            return ()
    both = box.sets[first] & box.sets[second].shifted(-by) & at_least(max(1, 1 - by))
    apart = Answer(False, _noted(box, form, relation, holds=False))
    if not both:
        return (Answer(False, box),)
    sets = {size: held for size, held in box.sets.items() if size != second} | {first: both}
    moved = {size: (first, more + by) if to == second else (to, more) for size, (to, more) in box.ties.items()}
    return Answer(True, replace(box, sets=sets, ties={**moved, second: (first, by)})), apart


def _noted(box: Box, form: Form, relation: Relation, *, holds: bool) -> Box:
    return replace(box, conditions=(*box.conditions, Condition(form, relation, holds)))


def _cut(box: Box, form: Form, relation: Relation) -> tuple[Answer, ...]:
    """The answers by the values of a factor, from some value of which on the question has one answer."""
    for size in sorted(variables(form), key=repr):
        factors = [atom for atom in atoms(form) if variables_of(atom) == {size}]
        if len(factors) != 1 or any(size in variables_of(atom) for atom in atoms(form) if atom != factors[0]):
            continue
        (factor,) = factors
        low, high = span_of_atom(box, factor)
        top = _settled_from(box, size, factor, form, relation)
        if top is None or top - low > MOST:
            continue
        answers: list[Answer] = []
        for value in range(int(low), int(min(top, high + 1))):
            part = box.sets[size] & holding(of_atom(factor) - constant(value), "zero")
            if part:
                fixed = _with_value(form, factor, value)
                answers += decide(narrowed(box, size, part), fixed, relation)
        rest = box.sets[size] - holding(of_atom(factor) - constant(top), "negative")
        if rest:
            answers += decide(narrowed(box, size, rest), form, relation)
        return tuple(merged_answers(answers))
    return tuple(Answer(holds, _noted(box, form, relation, holds=holds)) for holds in (True, False))


def _with_value(form: Form, factor: Atom, value: int) -> Form:
    return replaced(form, lambda atom: constant(value) if atom == factor else None)


def _settled_from(box: Box, size: Variable, factor: Atom, form: Form, relation: Relation) -> int | None:
    """From which value of a factor on the question has one answer; None where it never has."""
    low, high = span_of_atom(box, factor)
    if high < inf and high - low <= MOST:
        return int(high) + 1
    top = max(int(low), 1)
    while top <= MOST:
        rest = box.sets[size] - holding(of_atom(factor) - constant(top), "negative")
        if not rest:
            return top
        least, most = span(narrowed(box, size, rest), form)
        if most < 0 or (least >= 0 if relation == "negative" else least > 0):
            return top
        top *= 2
    return None


# -- bounds -----------------------------------------------------------------------------------------------------------


def span(box: Box, form: Form) -> tuple[float, float]:
    """Numbers between which all values of a form in a box lie; infinite where they have no end.

    A product is counted from the least values of its factors on, `(a' + 3) * (b' + 1)` and not `a * b`: what is
    subtracted again, as in `a * b - 2 * a`, then does not hide that it grows with both.
    """
    spans = {atom: span_of_atom(box, atom) for atom in atoms(form)}
    low: float = 0
    high: float = 0
    for monomial, number in _from_least(form, spans).items():
        a: float = number
        b: float = number
        for atom in monomial:
            least, most = spans[atom]
            ends = (0, most - least) if least > -inf else (least, most)
            products = [x * y if x and y else 0 for x in (a, b) for y in ends]
            a, b = min(products), max(products)
        low, high = low + a, high + b
    return low, high


def _from_least(form: Form, spans: Mapping[Atom, tuple[float, float]]) -> dict[Monomial, int]:
    """The form with each atom counted from its least value on."""
    made: dict[Monomial, int] = {}
    for monomial, number in form.terms:
        products: dict[Monomial, int] = {(): number}
        for atom in monomial:
            least = spans[atom][0]
            further: dict[Monomial, int] = {}
            for product, value in products.items():
                longer = (*product, atom)
                further[longer] = further.get(longer, 0) + value
                if least > -inf:
                    further[product] = further.get(product, 0) + value * int(least)
            products = further
        for product, value in products.items():
            made[product] = made.get(product, 0) + value
    return made


def span_of_atom(box: Box, atom: Atom) -> tuple[float, float]:
    """The same for an atom."""
    if isinstance(atom, Variable):
        if atom in box.ties:
            other, by = box.ties[atom]
            low, high = span_of_atom(box, other)
            return low + by, high + by
        held = box.sets[atom]
        return held.least, inf if held.greatest is None else held.greatest
    low, high = span(box, atom.form)
    return low // atom.divisor if abs(low) < inf else low, high // atom.divisor if abs(high) < inf else high


# -- boxes put together -----------------------------------------------------------------------------------------------


def merged_answers(answers: Iterable[Answer]) -> Iterator[Answer]:
    """The same answers in fewer boxes."""
    answers = tuple(answers)
    for holds in (True, False):
        for box in merged([answer.box for answer in answers if answer.holds == holds]):
            yield Answer(holds, box)


def merged(boxes: Iterable[Box]) -> list[Box]:
    """The same sizes in fewer boxes: those that differ in one set become one. Linear in them, while some do."""
    found = list(boxes)
    while True:
        before = len(found)
        for size in dict.fromkeys(size for box in found for size in box.sets):
            alike: dict[Hashable, Box] = {}
            for box in found:
                key = _but_for(box, size)
                held = alike.get(key)
                alike[key] = box if held is None else _united(held, box, size)
            found = list(alike.values())
        if len(found) == before:
            return found


def _but_for(box: Box, size: Variable) -> Hashable:
    """All that a box is but for one of its sets."""
    others = frozenset((other, held) for other, held in box.sets.items() if other != size)
    return size in box.sets, others, frozenset(box.ties.items()), box.conditions


def _united(a: Box, b: Box, size: Variable) -> Box:
    return narrowed(a, size, a.sets[size] | b.sets[size]) if size in a.sets else a

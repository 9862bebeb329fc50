"""Words: what a set of sizes, and a form of them, is in a line that people read.

H = 16k + 12, H >= 188        a set that repeats
(H - 4) / 2                   a floor that comes out even in that set
ceil(H/32), H // 32           one that does not
"""

from collections.abc import Mapping
from fractions import Fraction
from itertools import groupby
from math import lcm
from typing import TypeAlias

from archspec.sizes.box import Box, Condition
from archspec.sizes.form import Atom, Floor, Form, Variable, constant, in_class, period, variables_of
from archspec.sizes.periodic import Periodic
from archspec.sizes.solve import MAX_PERIOD, Relation

Names: TypeAlias = Mapping[Variable, str]
Exact: TypeAlias = dict[tuple[Variable, ...], Fraction]

FEW = 4  # classes or numbers that are told one by one
LISTED = 8  # numbers of a finite set that are told one by one


def words_of_set(held: Periodic, name: str) -> str:
    """What numbers a set has: `H = 32k`, `H >= 63`, `H = 224 .. 255`."""
    if not held.endless:
        return f"{name} = {_stretches(held.irregular)}"
    few = held.irregular
    least = held.above(held.start)
    if held.period == 1:
        return _with_few(f"{name} >= {least}", few, held.start, name)
    classes = [rest for rest in range(held.period) if held.mask >> rest & 1]
    if len(classes) > held.period - FEW > FEW:
        missing = [rest for rest in range(held.period) if rest not in classes]
        told = f"any but {_classes(missing, held.period)}"
    else:
        told = _classes(classes, held.period)
    first = few[0] if few else least
    natural = not few and first is not None and first <= held.period
    said = f"{name} = {told}" if natural else f"{name} = {told}, {name} >= {least}"
    return _with_few(said, few, held.start, name)


def _with_few(said: str, few: list[int], start: int, name: str) -> str:
    return f"{said}, or {name} = {_stretches(few)}" if few and start else said


def _classes(rests: list[int], step: int) -> str:
    """`32k`, `16k + 12`, `32k + 29 .. 32k + 32`, for the classes of a period; those side by side are one stretch."""
    runs = [list(run) for _, run in groupby(rests, key=_Consecutive())]
    if len(runs) > 1 and runs[0][0] == 0 and runs[-1][-1] == step - 1:
        runs = [*runs[1:-1], [*(rest - step for rest in runs[-1]), *runs[0]]]
    return " or ".join(
        _class(run[0], step) if len(run) == 1 else f"{_class(run[0], step)} .. {_class(run[-1], step)}" for run in runs
    )


def _class(rest: int, step: int) -> str:
    if not rest:
        return f"{step}k"
    return f"{step}k {'+' if rest > 0 else '-'} {abs(rest)}"


def _stretches(numbers: list[int]) -> str:
    """`224`, `224 .. 239`, `1, 2, 4 .. 8`."""
    runs = [list(run) for _, run in groupby(numbers, key=_Consecutive())]
    told = [str(run[0]) if len(run) == 1 else f"{run[0]} .. {run[-1]}" for run in runs]
    if len(told) > LISTED:
        told = [*told[: LISTED - 1], "...", told[-1]]
    return ", ".join(told)


class _Consecutive:
    """A key that is equal for numbers that follow each other by ones."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, number: int) -> int:
        self.count += 1
        return number - self.count


# -- forms ------------------------------------------------------------------------------------------------------------


def words_of_form(form: Form, box: Box, names: Names) -> str:
    """What a size is in a box: `H / 32`, `2 H - 184`, `ceil(H/32)`."""
    form = box.simplest(form)
    found = exact(form, box)
    return words_of_exact(found, names) if found is not None else _floored(form, names)


def exact(form: Form, box: Box) -> Exact | None:
    """The form as a polynomial in the sizes with fractions, in a box where all its floors come out even; else None."""
    made: Exact = {}
    for monomial, number in form.terms:
        product: Exact = {(): Fraction(number)}
        for atom in monomial:
            factor = _even(atom, box)
            if factor is None:
                return None
            product = _times(product, factor)
        for sizes, value in product.items():
            made[sizes] = made.get(sizes, Fraction(0)) + value
    return {sizes: value for sizes, value in made.items() if value}


def _even(atom: Atom, box: Box) -> Exact | None:
    """A floor as a straight line in its size; None where different sizes of the box have different ones."""
    if isinstance(atom, Variable):
        return {(atom,): Fraction(1)}
    if len(sizes := variables_of(atom)) != 1:
        return None
    (size,) = sizes
    held, form = box.sets[size], Form((((atom,), 1),))
    step = lcm(period(form), held.period)
    if step > MAX_PERIOD:
        return None
    lines = set()
    for rest in range(step):
        if not _has(held, rest, step):
            continue
        constant, *slopes = (*in_class(form, step, rest), 0)
        if len(slopes) > 2:
            return None
        slope = Fraction(slopes[0], step)
        lines.add((Fraction(constant) - slope * rest, slope))
    if len(lines) != 1:
        return None
    ((start, slope),) = lines
    return {key: value for key, value in (((size,), slope), ((), start)) if value}


def _has(held: Periodic, rest: int, step: int) -> bool:
    """Whether a set has a number of this class of a multiple of its period."""
    if held.mask >> rest % held.period & 1:
        return True
    return any(value in held for value in range(rest, held.start, step))


def _times(a: Exact, b: Exact) -> Exact:
    made: Exact = {}
    for left, x in a.items():
        for right, y in b.items():
            key = tuple(sorted((*left, *right), key=repr))
            made[key] = made.get(key, Fraction(0)) + x * y
    return made


def words_of_exact(found: Exact, names: Names) -> str:
    """`H`, `H / 32`, `(H - 4) / 2`, `(12544 H W + 64) / 3`."""
    under = lcm(*(value.denominator for value in found.values()))
    terms = [(_product(sizes, names), int(value * under)) for sizes, value in _by_degree(found)]
    said = _sum(terms)
    if under == 1:
        return said
    return f"({said}) / {under}" if len(terms) > 1 else f"{said} / {under}"


def _by_degree(found: Exact) -> list[tuple[tuple[Variable, ...], Fraction]]:
    return sorted(found.items(), key=lambda term: (-len(term[0]), list(map(repr, term[0]))))


def _product(sizes: tuple[Variable, ...], names: Names) -> str:
    told = []
    for size, several in groupby(sizes):
        count = len(list(several))
        told.append(names[size] if count == 1 else f"{names[size]}^{count}")
    return " ".join(told)


def _sum(terms: list[tuple[str, int]]) -> str:
    """`2 H - 184`: coefficients of 1 are not said."""
    said = ""
    for product, number in terms:
        term = product if product and abs(number) == 1 else f"{abs(number)} {product}".rstrip()
        if said:
            said += f" {'-' if number < 0 else '+'} {term}"
        else:
            said = f"-{term}" if number < 0 else term
    return said or "0"


def _floored(form: Form, names: Names) -> str:
    match form.terms:
        case (((Floor() as floor,), 1),):
            return _quotient(floor, names)
    told = [(" ".join(_atom(atom, names) for atom in monomial), number) for monomial, number in form.terms]
    return _sum(told)


def _atom(atom: Atom, names: Names) -> str:
    if isinstance(atom, Variable):
        return names[atom]
    said = _quotient(atom, names)
    return said if _rounds_up(atom) else f"({said})"


def _quotient(floor: Floor, names: Names) -> str:
    """`H // 2`, `(H + 1) // 4`, `ceil(H/2)`."""
    form = floor.form - constant(floor.divisor - 1) if _rounds_up(floor) else floor.form
    inner = _floored(form, names)
    match form.terms:
        case (((Variable(),), 1),):
            pass
        case _:
            inner = f"({inner})"
    return f"ceil({inner}/{floor.divisor})" if _rounds_up(floor) else f"{inner} // {floor.divisor}"


def _rounds_up(floor: Floor) -> bool:
    """Whether a floor is a ceiling of what is not a floor itself: `(H + 3) // 4` is that of `H / 4`."""
    return floor.form.constant == floor.divisor - 1


# -- conditions -------------------------------------------------------------------------------------------------------

_SAID: Mapping[tuple[Relation, bool], tuple[str, str]] = {  # of what is on the left, and where the sides are changed
    ("zero", True): ("=", "="),
    ("zero", False): ("is not", "is not"),
    ("negative", True): ("<", ">"),
    ("negative", False): (">=", "<="),
}


def words_of_condition(condition: Condition, box: Box, names: Names) -> str:
    """What has to hold of several sizes, one by itself on the left where that can be: `L_slow = ceil(L_fast/4)`."""
    form = box.simplest(condition.form)
    lone = next((term for term in form.terms if _is_lone(term, form)), None)
    left = Form((lone,)) if lone is not None else Form(tuple(term for term in form.terms if term[1] > 0))
    turned = left.terms[0][1] < 0 if left.terms else False
    right = form - left if turned else left - form
    said = _SAID[condition.relation, condition.holds][turned]
    return f"{words_of_form(-left if turned else left, box, names)} {said} {words_of_form(right, box, names)}"


def _is_lone(term: tuple[tuple[Atom, ...], int], form: Form) -> bool:
    """Whether a term is a size by itself, which stands nowhere else in a form."""
    match term:
        case ((Variable() as size,), 1 | -1):
            return sum(size in variables_of(atom) for monomial, _ in form.terms for atom in monomial) == 1
    return False

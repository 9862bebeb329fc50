"""Where a form of one size is zero, or negative: exactly, for all numbers from 1 on.

    H - 2 * (H // 2) - 0 == 0       H = 2k
    (H - 188) // 16 < 0             1 <= H < 188

In a class of sizes `step * k + rest`, with the form's own period as the step, a form is a polynomial in k, and where a
polynomial changes its sign is found by halving between the places where its differences do.
"""

from functools import cache
from itertools import pairwise
from typing import Literal, TypeAlias

from archspec.sizes.form import Form, in_class, period
from archspec.sizes.periodic import Periodic, TooLarge, at_least, from_classes

Relation: TypeAlias = Literal["zero", "negative"]

MAX_PERIOD = 1 << 14


@cache
def holding(form: Form, relation: Relation) -> Periodic:
    """The sizes from 1 on at which a form of one size is zero, or negative.

    Raises:
        TooLarge: they repeat after too many.
    """
    step = period(form)
    if step > MAX_PERIOD:
        raise TooLarge
    wanted = {"zero": 0, "negative": -1}[relation]
    classes = {rest: _intervals(in_class(form, step, rest), wanted) for rest in range(step)}
    return from_classes(step, {rest: spans for rest, spans in classes.items() if spans}) & at_least(1)


def _intervals(polynomial: tuple[int, ...], wanted: int) -> list[tuple[int, int | None]]:
    """The stretches of k from 0 on in which a polynomial has this sign."""
    starts = _changes(polynomial)
    found: list[tuple[int, int | None]] = []
    for start, end in pairwise([*starts, None]):
        if start is not None and _sign(_at(polynomial, start)) == wanted:
            found.append((start, end))
    return found


@cache
def _changes(polynomial: tuple[int, ...]) -> tuple[int, ...]:
    """0 and the numbers from which on the sign is another one than before."""
    if len(polynomial) == 1:
        return (0,)
    turns = _changes(_differences(polynomial))
    found = {0}
    for start, end in pairwise([*turns, None]):
        if start is not None:
            found.update(_crossings(polynomial, start, end))
    ordered = sorted(found)
    signs = [_sign(_at(polynomial, at)) for at in ordered]
    return tuple(at for i, at in enumerate(ordered) if i == 0 or signs[i] != signs[i - 1])


def _crossings(polynomial: tuple[int, ...], start: int, end: int | None) -> list[int]:
    """Where the sign changes from `start` to `end`, between which the polynomial only grows, or only falls."""
    found = []
    for above in (0, 1):  # the first that is no longer below, and the first above zero; the same upside down
        rises = _at(polynomial, start + 1) >= _at(polynomial, start)
        bound = above if rises else 1 - above

        def crossed(at: int, bound: int = bound, rises: bool = rises) -> bool:
            return (_at(polynomial, at) >= bound) == rises

        low, high = start, end if end is not None else start + 1
        while end is None and not crossed(high):
            if high > start + (1 << 62):
                break
            high = start + 2 * (high - start)
        if crossed(low) or not crossed(high):
            continue
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if crossed(middle) else (middle, high)
        found.append(high)
    return found


def _differences(polynomial: tuple[int, ...]) -> tuple[int, ...]:
    """`p(k + 1) - p(k)`, of one degree less."""
    row = [1]
    made = [0] * (len(polynomial) - 1)
    for number in polynomial[1:]:
        row = [1, *(a + b for a, b in pairwise(row)), 1]
        for place, binomial in enumerate(row[:-1]):
            made[place] += number * binomial
    while len(made) > 1 and not made[-1]:
        made.pop()
    return tuple(made)


def _at(polynomial: tuple[int, ...], k: int) -> int:
    total = 0
    for number in reversed(polynomial):
        total = total * k + number
    return total


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)

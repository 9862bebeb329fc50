"""Solve: the value of a param at which a network keeps to a budget, such as `macs <= 600M and params < 5M`.

Of several values it is the largest; of a budget that asks for much, `params > 5M`, the smallest. Values that are
listed, `width=8..256:8` or by the param's `choices`, are all looked at. Else they are the whole numbers from 1 on:
doubled until the budget is broken, and the edge between is found by bisection:

    1 ok   2 ok   4 ok   8 ok   16 broken        12 ok   14 broken   13 ok
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

from archspec.diagnostics.diagnostic import SpecError
from archspec.language.spec import Spec
from archspec.registry import nearest
from archspec.search.axes import spread_values
from archspec.search.condition import Formula, broken, in_words, measured, names_of
from archspec.search.counting import Counting, Figures
from archspec.search.given import Given
from archspec.values.dataclass import dataclass
from archspec.values.expression import Value

DOUBLINGS = 20  # of 1: a budget that still holds there follows no such param
STRIDE = 32  # values below one that is no network that are looked at in its place
BEYOND = 4  # values beyond the edge, and doublings of it, where the budget may hold again
LISTED = 4096  # values that are all looked at

Number: TypeAlias = int | float


@dataclass(frozen=True, slots=True)
class Tried:
    """A value that was looked at.

    Attributes:
        value: of the param.
        figures: of the network.
        excess: by how much of it the budget is broken, 0 where it holds.
    """

    value: Number
    figures: Figures
    excess: float

    @property
    def meets(self) -> bool:
        """Whether the budget holds."""
        return self.excess == 0


@dataclass(frozen=True, slots=True)
class Solved:
    """What was found.

    Attributes:
        param: that was looked for.
        best: the value that keeps to the budget.
        next: the next value, which does not; None where there is none.
        again: a value further on that keeps to it again.
        unbounded: the budget held as far as was looked.
        looked_at: how many values were tried.
    """

    param: str
    best: Tried
    next: Tried | None
    again: Tried | None
    unbounded: bool
    looked_at: int


class _Search:
    """Tries values, each once."""

    def __init__(self, counting: Counting, param: str, budget: Formula) -> None:
        self.counting, self.param, self.budget = counting, param, budget
        self.tried: dict[Number, Tried | None] = {}
        self.fault: SpecError | None = None

    def at(self, value: Number) -> Tried | None:
        """What is there; None where it is no network."""
        if value not in self.tried:
            try:
                figures = self.counting.of({self.param: value})
            except SpecError as error:
                self.fault = self.fault or error
                self.tried[value] = None
            else:
                excess = 0.0 if self.budget.holds(names_of(figures)) else broken(self.budget, names_of(figures))
                self.tried[value] = Tried(value, figures, excess)
        return self.tried[value]

    def near(self, value: int, lowest: int) -> Tried | None:
        """What is there, or at the next lower value above `lowest` that is a network."""
        below = range(value, max(lowest, value - STRIDE), -1)
        return next((found for found in map(self.at, below) if found is not None), None)

    def found(self) -> list[Tried]:
        """All networks that were tried, by their values."""
        return sorted((one for one in self.tried.values() if one is not None), key=lambda one: one.value)


def solve(spec: Spec, counting: Counting, asked: Given, budget: Formula) -> Solved:
    """The value of a param at which the budget holds.

    Args:
        spec: whose param it is.
        counting: gives the figures of variants.
        asked: `width`, or with the values to choose from `width=8..256:8`.
        budget: the condition.

    Raises:
        SpecError: there is no such param, it has no numbers, or no value keeps to the budget.
    """
    name, values = _wanted(spec, asked)
    search = _Search(counting, name, budget)
    unbounded = False
    if values:
        for value in values:
            search.at(value)
    else:
        unbounded = _find_edge(search)
    found = search.found()
    meeting = [one for one in found if one.meets]
    if not meeting:
        raise _unmet(search, found, values)
    rising = not found[0].meets and found[-1].meets  # a budget that asks for much holds from some value on
    best = meeting[0] if rising else _first_run(found)[-1]
    at = found.index(best)
    beyond = found[at - 1 :: -1] if rising and at else [] if rising else found[at + 1 :]
    return Solved(
        param=name,
        best=best,
        next=next(iter(beyond), None),
        again=next((one for one in beyond if one.meets), None),
        unbounded=unbounded and not rising,
        looked_at=len(search.tried),
    )


def _first_run(found: Sequence[Tried]) -> list[Tried]:
    """The values that keep to the budget, up to the first that does not."""
    run: list[Tried] = []
    for one in found:
        if one.meets:
            run.append(one)
        elif run:
            break
    return run


def _wanted(spec: Spec, asked: Given) -> tuple[str, tuple[Number, ...]]:
    """The param, and the values to choose from; none where they are the whole numbers from 1 on."""
    name, equals, _ = asked.text.partition("=")
    decl = spec.body.params.get(name)
    if decl is None:
        near = nearest(name, spec.body.params)
        help = f"did you mean {near}?" if near else f"its params are {', '.join(spec.body.params) or 'none'}"
        raise asked.fault("unknown-param", f"{spec.name} has no param {name}", at=(0, len(name)), help=help)
    listed: tuple[Value, ...] = spread_values(asked, len(name) + 1) if equals else decl.choices
    numbers = tuple(one for one in listed if isinstance(one, (int, float)) and not isinstance(one, bool))
    if len(numbers) < len(listed) or (decl.type not in ("int", "float", "number") and not numbers):
        help = f"sweep compares values of any kind: archspec sweep SPEC --set {name}=..."
        raise asked.fault("wrong-type", f"{name} is {_article(decl.type)}, and solve looks for a number", help=help)
    if decl.type == "float" and not numbers:
        help = f"say from where to where, and the step: --for {name}=0..2:0.1"
        raise asked.fault("bad-range", f"{name} is a float, which has no next value", help=help)
    if len(numbers) > LISTED:
        message = f"{len(numbers):,} values are more than the {LISTED:,} that solve looks at"
        raise asked.fault("bad-range", message, help="take larger steps: 32..512:32")
    return name, tuple(sorted(set(numbers)))


def _find_edge(search: _Search) -> bool:
    """Tries whole numbers until the edge of the budget is known; whether the budget holds as far as was looked."""
    samples = [1]
    while len(samples) <= DOUBLINGS:
        found = search.near(samples[-1], samples[-2] if len(samples) > 1 else 0)
        met = any(one.meets for one in search.found())
        if met and found is not None and not found.meets:
            break
        samples.append(2 * samples[-1])
    pairs = pairwise(search.found())
    edge = next(((one, other) for one, other in pairs if one.meets != other.meets), None)
    if edge is None:
        if not any(one.meets for one in search.found()):
            _look_closer(search)
        return any(one.meets for one in search.found())
    _bisect(search, int(edge[0].value), int(edge[1].value))
    last = max((int(one.value) for one in search.found() if one.meets), default=1)
    for step in range(1, BEYOND + 1):
        search.at(last + step)
        search.at(last * 2**step)
    return False


def _bisect(search: _Search, low: int, high: int) -> None:
    """Tries values between two of which the budget holds at one, until there are none left between."""
    first = search.at(low)
    while high - low > 1:
        middle = (low + high) // 2
        found = search.near(middle, low)
        if found is None:
            upper = next((value for value in range(middle, high) if search.at(value) is not None), None)
            if upper is None:
                high = middle
                continue
            found = search.at(upper)
        if found is None or first is None:
            return
        if found.meets == first.meets:
            low = max(int(found.value), middle)
        else:
            high = min(int(found.value), high - 1)


def _look_closer(search: _Search) -> None:
    """Tries values round the one that breaks the budget least: a narrow one may be met between two doublings."""
    found = search.found()
    if not found:
        return
    best = min(found, key=lambda one: one.excess)
    low, high = max(int(best.value) // 2, 1), int(best.value) * 2
    for value in range(low, high + 1, max((high - low) // LISTED, 1)):
        tried = search.at(value)
        if tried is not None and tried.meets:
            return


def _unmet(search: _Search, found: Sequence[Tried], values: Sequence[Number]) -> SpecError:
    """What to say where no value keeps to the budget: which comes nearest, and what it has."""
    budget = search.budget
    if not found and search.fault is not None:
        return search.fault
    best = min(found, key=lambda one: (one.excess, one.value))
    where = f"of {len(values)} values" if values else "from 1 on"
    counts = measured(best.figures)
    has = " and ".join(f"{name} {(in_words(name) or '{:,}'.format)(counts[name])}" for name in budget.counted())
    help = f"{search.param}={best.value} comes nearest, with {has}"
    return budget.given.fault("budget-unmet", f"no {search.param} {where} keeps to this", help=help)


def _article(type_: str) -> str:
    return f"an {type_}" if type_[:1] in "aio" else f"a {type_}"

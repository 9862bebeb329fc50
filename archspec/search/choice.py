"""Choice: how the variants of a sweep are ordered, and which of them are its front."""

from archspec.diagnostics.diagnostic import Diagnostic, SpecError
from archspec.language.spec import Spec
from archspec.measures.time import MEASURE
from archspec.registry import nearest
from archspec.search.condition import Formula, countable, followed, formula
from archspec.search.front import front
from archspec.search.given import Given
from archspec.search.output import Table
from archspec.search.task import Row, Task, names_at
from archspec.values.dataclass import dataclass

_ALWAYS = ("params", "macs")


@dataclass(frozen=True, slots=True)
class Side:
    """One figure of a front, of which less is better, or more."""

    name: str
    more: bool = False

    def of(self, row: Row) -> float:
        """The figure of a variant, so that less is better."""
        return -row.counts[self.name] if self.more else row.counts[self.name]


@dataclass(frozen=True, slots=True)
class Choice:
    """What is shown of a sweep.

    Attributes:
        order: the least first; None for the order of the grid.
        sides: of the front.
        columns: measures that people see.
    """

    order: Formula | None
    sides: tuple[Side, Side]
    columns: tuple[str, ...]

    @property
    def asked(self) -> tuple[str, ...]:
        """Those of the columns that only a whole network tells."""
        return followed(self.columns)

    def table(self, task: Task, rows: tuple[Row, ...]) -> Table:
        """The rows in order. Raises SpecError where the order has no value for one."""
        best = front([(self.sides[0].of(row), self.sides[1].of(row)) for row in rows])
        marked = frozenset(rows[number].number for number in best)
        if self.order is not None:
            keys = {row.number: self._key(self.order, task, row) for row in rows}
            rows = tuple(sorted(rows, key=lambda row: (keys[row.number], row.number)))
        return Table(task.grid, rows, marked)

    @staticmethod
    def _key(order: Formula, task: Task, row: Row) -> float:
        found = order.value(names_at(task, row))
        if isinstance(found, bool) or not isinstance(found, (int, float)):
            raise order.given.fault("expression-type", "rows are ordered by a number")
        return found


def choice(spec: Spec, where: str, sort: str, sides: str, *, timed: bool = False) -> Choice:
    """What the options ask for, and the time where it is `timed`. Raises SpecError with all that is wrong."""
    found: list[Diagnostic] = []
    order: Formula | None = None
    shown = dict.fromkeys(_ALWAYS)
    for option, text in (("--where", where), ("--sort", sort)):
        try:
            if text:
                made = formula(Given(option, text), spec)
                order = made if option == "--sort" else order
                shown.update(dict.fromkeys(made.counted()))
        except SpecError as error:
            found += error.diagnostics
    both = (Side("macs"), Side("params", more=True))
    try:
        both = _sides(Given("--front", sides))
    except SpecError as error:
        found += error.diagnostics
    if found:
        raise SpecError(tuple(found))
    shown.update(dict.fromkeys(side.name for side in both))
    shown.update({MEASURE.name: None} if timed else {})
    return Choice(order, both, tuple(shown))


def _sides(given: Given) -> tuple[Side, Side]:
    names = given.text.split(",")
    if len(names) != 2:
        raise given.fault("bad-range", "a front has two figures", help="macs,params; -params where more is better")
    made: list[Side] = []
    at = 0
    for written in names:
        name = written.strip()
        more = name.startswith("-")
        name = name.removeprefix("-")
        if name not in countable():
            near = nearest(name, countable())
            help = f"did you mean {near}?" if near else f"there are {', '.join(countable())}"
            raise given.fault("unknown-name", f"nothing is counted as {name}", at=(at, at + len(written)), help=help)
        made.append(Side(name, more))
        at += len(written) + 1
    return made[0], made[1]

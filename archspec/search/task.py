"""Task: what every process of a sweep is told, and what one does with a stretch of the grid.

A task holds plain values only, so that it travels; each process reads the spec itself, once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from functools import lru_cache

from archspec.diagnostics.diagnostic import Source, SpecError
from archspec.language.expression.evaluate import Bound
from archspec.language.permit import Permit
from archspec.measures.known import measures
from archspec.measures.measure import Measure
from archspec.measures.time import MEASURE
from archspec.pipeline import Reading, Sizes, read_source
from archspec.search.axes import Grid, Variant
from archspec.search.condition import Formula, formula, measured, names_of
from archspec.search.counting import Counting, Figures
from archspec.search.given import Given
from archspec.speed.by_node import time_of
from archspec.speed.roofline import Run
from archspec.tables.quantity import size
from archspec.values.dataclass import dataclass
from archspec.values.expression import Value
from archspec.values.run import Runner


@dataclass(frozen=True, slots=True)
class Task:
    """A sweep.

    Attributes:
        source: of the spec.
        variant: of it that is asked for, "" for the params' defaults.
        copies: as of Permit.
        paths: as of Permit.
        grid: the variants.
        where: the condition that they have to meet, "" for none.
        run: as of Permit, its `modules`.
        asked: measures to count although they need the whole network.
        runs: how the networks run whose `time` is asked for; None where it is not.
    """

    source: Source
    variant: str
    copies: int
    paths: tuple[str, ...]
    grid: Grid
    where: str = ""
    run: Runner | None = None
    asked: tuple[str, ...] = ()
    runs: Run | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A variant that is a network and meets the condition.

    Attributes:
        number: its place in the grid.
        values: what it is on each axis; inputs as sizes.
        counts: every measure that ops count, `flops`, what was asked for, and nothing that training adds but
            `train_only_params`.
    """

    number: int
    values: tuple[Value, ...]
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Stretch:
    """What became of some variants in a row.

    Attributes:
        start: place of the first.
        stop: place after the last.
        rows: those that are shown.
        unmet: how many do not meet the condition.
        faults: place of each that is no network -> the code of its first mistake.
    """

    start: int
    stop: int
    rows: tuple[Row, ...] = ()
    unmet: int = 0
    faults: Mapping[int, str] = field(default_factory=dict)


def counted(task: Task, start: int, stop: int) -> Stretch:
    """Counts the variants from `start` to `stop`. Raises SpecError where the condition has no value for one."""
    bench = _bench(task)
    rows: list[Row] = []
    faults: dict[int, str] = {}
    for number in range(start, stop):
        try:
            figures = bench.figures(task.grid.variant(number))
        except SpecError as error:
            faults[number] = next(one.code for one in error.diagnostics if one.severity == "error")
            continue
        if bench.where is None or bench.where.holds(names_of(figures)):
            rows.append(Row(number, _values(task, number, figures), measured(figures)))
    return Stretch(start, stop, tuple(rows), stop - start - len(rows) - len(faults), faults)


def figures_at(task: Task, number: int) -> Figures:
    """The figures of one variant. Raises SpecError where it is no network."""
    return _bench(task).figures(task.grid.variant(number))


def names_at(task: Task, row: Row) -> dict[str, Bound]:
    """What the names of an expression are for a variant that was counted."""
    variant = task.grid.variant(row.number)
    reading = _bench(task).reading
    if variant.name is not None:
        reading = replace(reading, variant=variant.name)
    settled = reading.settled(resolved(reading, variant.settings, variant.sizes), variant.settings)
    return {**settled.params, **settled.inputs, **row.counts}


def spec_name(task: Task) -> str:
    """The name of the spec."""
    return _bench(task).reading.spec.name


def resolved(reading: Reading, settings: Mapping[str, object], sizes: Mapping[str, Value]) -> Sizes | None:
    """Sizes as a spec takes them: one number stands for all sizes of an input after the first. Raises SpecError."""
    if not sizes:
        return None
    found: dict[str, tuple[int, ...]] = {}
    declared = reading.settled(None, settings).inputs
    for name, given in sizes.items():
        if isinstance(given, tuple):
            found[name] = tuple(one for one in given if isinstance(one, int))
        elif isinstance(given, int):
            shape = declared[name]
            found[name] = (*shape.dims[:1], *(given for _ in shape.dims[1:])) if len(shape.dims) > 1 else (given,)
    return {**reading.inputs, **found}


@dataclass(frozen=True, slots=True, eq=False)
class _Bench:
    """What a process needs for one sweep, made once."""

    reading: Reading
    where: Formula | None
    asked: tuple[Measure, ...] = ()
    countings: dict[str | None, Counting] = field(default_factory=dict)

    def figures(self, variant: Variant) -> Figures:
        """The figures of one variant. Raises SpecError."""
        counting = self.countings.get(variant.name)
        if counting is None:
            reading = self.reading if variant.name is None else replace(self.reading, variant=variant.name)
            counting = self.countings[variant.name] = Counting(reading, asked=self.asked)
        return counting.of(variant.settings, resolved(counting.reading, variant.settings, variant.sizes))


@lru_cache(maxsize=2)
def _bench(task: Task) -> _Bench:
    reading = read_source(task.source, variant=task.variant, permit=Permit(task.copies, task.paths, task.run))
    where = formula(Given("--where", task.where), reading.spec) if task.where else None
    return _Bench(reading, where, asked_for(task.asked, task.runs))


def asked_for(names: Iterable[str], runs: Run | None) -> tuple[Measure, ...]:
    """The measures of these names, the time of networks that run so."""
    found = [measures()[name] for name in names]
    return tuple(time_of(runs) if one.name == MEASURE.name and runs is not None else one for one in found)


def _values(task: Task, number: int, figures: Figures) -> tuple[Value, ...]:
    """What stands on each axis, of an input its sizes: `3 x 224 x 224`."""
    shapes = figures.inputs
    return tuple(
        size(shapes[axis.name]) if axis.kind == "input" else value
        for axis, value in zip(task.grid.axes, task.grid.values(number), strict=True)
    )

"""Sweep: all variants of a grid, counted on all cores, and gone on with where it was stopped.

The grid is cut into stretches; each goes to whoever is free, and what became of it comes back as soon as it is done.
Where they are counted is an `Executor` of `concurrent.futures`: a pool of processes here, that of an engine elsewhere.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import field

from archspec.search.task import Row, Stretch, Task, counted
from archspec.values.dataclass import dataclass

LENGTH = 64  # variants of a stretch: a tenth of a second or so
AHEAD = 3  # stretches that wait for each process, so that none is idle


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep found.

    Attributes:
        rows: in the order of the grid.
        unmet: how many variants do not meet the condition.
        faults: place of each that is no network -> the code of its first mistake.
        counted: how many variants were looked at.
    """

    rows: tuple[Row, ...] = ()
    unmet: int = 0
    faults: dict[int, str] = field(default_factory=dict)
    counted: int = 0


def together(stretches: Iterable[Stretch]) -> Swept:
    """All stretches as one."""
    ordered = sorted(stretches, key=lambda one: one.start)
    faults: dict[int, str] = {}
    for one in ordered:
        faults.update(one.faults)
    return Swept(
        rows=tuple(row for one in ordered for row in one.rows),
        unmet=sum(one.unmet for one in ordered),
        faults=faults,
        counted=sum(one.stop - one.start for one in ordered),
    )


def stretches(task: Task, done: Iterable[Stretch] = (), length: int = LENGTH) -> Iterator[tuple[int, int]]:
    """The parts of the grid that are not done yet."""
    at = 0
    for one in sorted(done, key=lambda one: one.start):
        yield from _cut(at, one.start, length)
        at = one.stop
    yield from _cut(at, task.grid.count, length)


def sweep(
    task: Task, executor: Executor | None = None, *, workers: int = 1, done: Iterable[Stretch] = ()
) -> Iterator[Stretch]:
    """What becomes of every variant that is not `done`, stretch by stretch as they are counted.

    Args:
        task: what to count.
        executor: who counts; this process where it is None.
        workers: how many count at a time.
        done: what was counted before.

    Raises:
        SpecError: the condition has no value for a variant.
    """
    parts = stretches(task, done)
    if executor is None:
        for start, stop in parts:
            yield counted(task, start, stop)
        return
    waiting: set[Future[Stretch]] = set()
    try:
        for start, stop in parts:
            waiting.add(executor.submit(counted, task, start, stop))
            if len(waiting) >= AHEAD * workers:
                finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in finished)
        while waiting:
            finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in finished)
    finally:
        for future in waiting:
            future.cancel()


def _cut(start: int, stop: int, length: int) -> Iterator[tuple[int, int]]:
    for at in range(start, stop, length):
        yield at, min(at + length, stop)

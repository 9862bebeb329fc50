"""`archspec sweep`: many variants of one network, counted and compared."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archspec.cli.late import plot_suffixes, sweep_suffixes
from archspec.cli.options import Request
from archspec.cli.sweep_options import Asked, Run, Shown, asked_options, run_options, shown_options
from archspec.cli.timing import Timing, timing_options

if TYPE_CHECKING:
    from collections.abc import Callable

    from archspec.search.choice import Choice
    from archspec.search.sweep import Swept
    from archspec.search.task import Stretch, Task

_FEW = 256  # variants that one process counts before others would have started


@click.command()
@asked_options
@shown_options
@run_options
@timing_options(device="The device whose `time` conditions read: one of the table of `archspec time`, or a YAML file.")
def sweep(asked: Asked, shown: Shown, run: Run, timing: Timing) -> None:
    """Count all combinations of some values: what does another width, depth or input cost?

    Values stand between commas or are a range: `--set width=32..128:32 --set depth=1..4 --input 224,256`. A condition
    reads params, macs and every other measure, the params of the spec, and sizes: `image.height > 200`. Combinations
    that are no network are counted and left out. peak_memory, time and their like need each network as a whole, which
    takes longer.

    A sweep with -o that is stopped goes on with --resume.
    """
    from archspec.cli.application import Usage
    from archspec.measures.time import MEASURE
    from archspec.search.axes import grid
    from archspec.search.choice import choice
    from archspec.search.task import Task

    reading = Request(asked.spec, permit=asked.permit).reading()
    made = grid(reading.spec, asked.variant, asked.settings, asked.inputs)
    if not made.axes:
        params = ", ".join(reading.spec.body.params) or "none"
        raise Usage(
            f"nothing differs: give --set, --input or --variant; the params of {reading.spec.name} are {params}"
        )
    chosen = choice(reading.spec, asked.where, shown.sort, shown.front, timed=timing.device is not None)
    _require_meaning(run)
    permit = asked.permit
    source, variant = reading.spec.source, reading.variant
    runs = timing.run_if(MEASURE.name in chosen.asked)
    task = Task(source, variant, permit.copies, permit.paths, made, asked.where, permit.modules, chosen.asked, runs)
    swept = _swept(task, run, _here_only(run.engine))
    _write(task, swept, chosen, run.outputs, shown.limit)


def _here_only(engine: str) -> bool:
    """Whether only this process can count, since it has run ops of the user's own. Raises Usage where another is to."""
    from archspec.cli.application import Usage
    from archspec.cli.own_ops import files_run

    if files_run() and engine != "processes":
        raise Usage("--ops runs files in this process, and no engine has what they declare")
    return bool(files_run())


def _require_meaning(run: Run) -> None:
    """Raises Usage where a file has a suffix of no kind, or --resume has nothing to go on with."""
    from archspec.cli.application import Usage

    for path in run.outputs:
        if path.suffix.lower() not in (*sweep_suffixes(), *plot_suffixes()):
            kinds = f"tables {', '.join(sweep_suffixes())} and plots {', '.join(plot_suffixes())}"
            raise Usage(f"{path} has no suffix that says what to write; there are {kinds}")
    if run.resume and not run.outputs:
        raise Usage("--resume goes on with a file: name it with -o")


def _swept(task: "Task", run: Run, alone: bool) -> "Swept":
    """Counts what is to be counted. Raises SpecError where a condition has no value, or nothing is a network."""
    from archspec.cli.application import Usage
    from archspec.cli.streams import say
    from archspec.search import engine, journal
    from archspec.search.sweep import sweep as counting
    from archspec.search.sweep import together
    from archspec.search.task import figures_at

    path = journal.beside(run.outputs[0]) if run.outputs else None
    few = task.grid.count < _FEW and run.jobs is None
    jobs = 1 if alone or (few and run.engine == "processes") else run.jobs or engine.cores()
    found: list[Stretch] = []
    try:
        done = journal.read(path, task) if path is not None and run.resume else ()
        found += done
        with (
            engine.engine(run.engine, jobs) as (executor, workers),
            _journal(path, task, done) as note,
            _bar(task) as bar,
        ):
            bar(sum(one.stop - one.start for one in done))
            for one in counting(task, executor, workers=workers, done=done):
                found.append(one)
                note(one)
                bar(one.stop - one.start)
    except (engine.NoEngine, journal.OtherSweep) as error:
        raise Usage(str(error)) from None
    except KeyboardInterrupt:
        swept = together(found)
        goes_on = f"; the same command with --resume goes on with {path}" if path is not None else ""
        say(f"stopped after {swept.counted:,} of {task.grid.count:,} variants{goes_on}")
        raise
    swept = together(found)
    if swept.faults and not swept.rows and not swept.unmet:
        figures_at(task, min(swept.faults))  # says what is wrong with the first
    if path is not None:
        path.unlink(missing_ok=True)
    return swept


@contextmanager
def _journal(path: Path | None, task: "Task", done: "tuple[Stretch, ...]") -> "Iterator[Callable[[Stretch], None]]":
    """What writes down a stretch, where there is a file to go on with."""
    from archspec.cli.application import Usage
    from archspec.search.journal import appending

    if path is None:
        yield lambda _stretch: None
        return
    try:
        with appending(path, task, done) as journal:
            yield journal.add
    except OSError as error:
        raise Usage(f"{path} cannot be written: {error.strerror or error}") from None


@contextmanager
def _bar(task: "Task") -> "Iterator[Callable[[int], None]]":
    """What moves the progress bar on, on a terminal."""
    import sys

    if not sys.stderr.isatty() or task.grid.count < _FEW:
        yield lambda _count: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), auto_refresh=False, transient=True) as progress:
        job = progress.add_task("", total=task.grid.count)

        def move(count: int) -> None:
            progress.update(job, advance=count, refresh=True)

        yield move


def _write(task: "Task", swept: "Swept", chosen: "Choice", outputs: tuple[Path, ...], limit: int) -> None:
    """Writes the files, and prints the table where there are none."""
    from archspec.cli.application import Usage
    from archspec.cli.console import write
    from archspec.pictures import scene_picture
    from archspec.search.output import FILES, Unwritten
    from archspec.search.plot import scene
    from archspec.search.report import plotted, printed

    table = chosen.table(task, swept.rows)
    read = [task.source.name]
    for path in outputs:
        suffix = path.suffix.lower()
        try:
            made = (
                FILES[suffix](table) if suffix in FILES else scene_picture(scene(plotted(task, table, chosen)), suffix)
            )
        except Unwritten as error:
            raise Usage(str(error)) from None
        write(path, made, read)
    _print(printed, task, swept, chosen, limit)


def _print(printed: "Callable[..., str]", task: "Task", swept: "Swept", chosen: "Choice", limit: int) -> None:
    import os
    import shutil
    import sys

    from archspec.cli.streams import give

    terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if terminal else None
    give(
        printed(task, swept, chosen, limit, width=width, color=terminal and not os.environ.get("NO_COLOR")),
        line_break=False,
    )

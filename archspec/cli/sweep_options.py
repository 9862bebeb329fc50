"""The options of `sweep`: which variants, how they are shown, and who counts them."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from archspec.cli.late import LateHelp, listed, plot_suffixes, sweep_suffixes
from archspec.cli.own_ops import ops_option
from archspec.cli.permits import permit_options
from archspec.values.dataclass import dataclass

if TYPE_CHECKING:
    from archspec.language.permit import Permit

F = TypeVar("F", bound=Callable[..., None])


@dataclass(frozen=True, slots=True)
class Asked:
    """Which variants are meant.

    Attributes:
        spec: as of every command.
        variant: names with commas between; None for the one asked for.
        settings: `width=32,48`, one for each --set.
        inputs: `224,256`, one for each --input.
        where: the condition, "" for none.
        permit: what the spec may do besides.
    """

    spec: str
    variant: str | None
    settings: tuple[str, ...]
    inputs: tuple[str, ...]
    where: str
    permit: "Permit"


@dataclass(frozen=True, slots=True)
class Shown:
    """How rows are shown: in which order, which are marked, and how many are printed."""

    sort: str
    front: str
    limit: int


@dataclass(frozen=True, slots=True)
class Run:
    """Where the rows go, and who counts them."""

    outputs: tuple[Path, ...]
    resume: bool
    jobs: int | None
    engine: str


def asked_options(command: F) -> Callable[..., None]:
    """Gives a command SPEC and what says which variants of it are meant, as `asked`."""

    @click.argument("spec", metavar="SPEC")
    @click.option("--variant", metavar="NAME,...", help="Variants that the spec declares; '*' for all.")
    @click.option("--set", "settings", multiple=True, metavar="NAME=VALUES", help="A param's values: 32,48,64, 1..4.")
    @click.option(
        "--input", "inputs", multiple=True, metavar="[NAME=]SIZES", help="An input's sizes: 224,256 or 3x224x224,..."
    )
    @click.option("--where", default="", metavar="CONDITION", help="Keep what meets it: 'params < 5M and macs < 600M'.")
    @ops_option
    @permit_options
    @wraps(command)
    def with_asked(
        *,
        spec: str,
        variant: str | None,
        settings: tuple[str, ...],
        inputs: tuple[str, ...],
        where: str,
        permit: "Permit",
        **rest: object,
    ) -> None:
        command(asked=Asked(spec, variant, settings, inputs, where, permit), **rest)

    return with_asked


def shown_options(command: F) -> Callable[..., None]:
    """Gives a command the options for how rows are shown, as `shown`."""

    @click.option("--sort", default="", metavar="EXPRESSION", help="Order by it, the least first: macs, -params.")
    @click.option(
        "--front",
        default="macs,-params",
        show_default=True,
        metavar="X,Y",
        help="Mark what none beats in both: -macs for many.",
    )
    @click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="Rows that are printed.")
    @wraps(command)
    def with_shown(*, sort: str, front: str, limit: int, **rest: object) -> None:
        command(shown=Shown(sort, front, limit), **rest)

    return with_shown


def run_options(command: F) -> Callable[..., None]:
    """Gives a command the options for where rows go and who counts, as `run`."""

    @click.option(
        "-o",
        "--output",
        "outputs",
        multiple=True,
        type=click.Path(path_type=Path),
        cls=LateHelp,
        named={"tables": lambda: listed(sweep_suffixes()), "plots": lambda: listed(plot_suffixes())},
        help="The file to write; may be given again. {tables} hold every measure; {plots} are a plot with its front.",
    )
    @click.option("--resume", is_flag=True, help="Go on where a sweep to the same -o was stopped.")
    @click.option("-j", "--jobs", type=click.IntRange(min=1), help="Processes; one for each core without it.")
    @click.option(
        "--engine",
        default="processes",
        metavar="NAME",
        help="Who counts: processes, dask://HOST:PORT, ray://HOST:PORT.",
    )
    @wraps(command)
    def with_run(*, outputs: tuple[Path, ...], resume: bool, jobs: int | None, engine: str, **rest: object) -> None:
        command(run=Run(outputs, resume, jobs, engine), **rest)

    return with_run

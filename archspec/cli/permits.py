"""--allow-path, --allow-copies and --allow-modules: what a spec may do besides, for every command that loads one."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

import click

from archspec.language.permit import COPIES, Permit
from archspec.values.run import Runner

F = TypeVar("F", bound=Callable[..., object])


def permit_options(command: F) -> Callable[..., None]:
    """Gives a command the options, as one `permit`."""

    @click.option(
        "--allow-path",
        "paths",
        multiple=True,
        metavar="PATH",
        type=click.Path(exists=True),
        help="A file, or a folder, that `use` may reach besides the folder of the spec and the gallery.",
    )
    @click.option(
        "--allow-copies",
        "copies",
        metavar="N",
        type=click.IntRange(min=0),
        help=f"Let blocks and repeats add N members to those that are written; {COPIES} without it.",
    )
    @click.option(
        "--allow-modules",
        "modules",
        is_flag=True,
        help="Import and run what {op: module} names, where the spec leaves out its shapes, and what net.pt holds.",
    )
    @wraps(command)
    def with_permit(*, paths: tuple[str, ...], copies: int | None, modules: bool, **rest: object) -> None:
        run = _runner() if modules else None
        command(permit=Permit(COPIES if copies is None else copies, paths, run), **rest)

    return with_permit


def _runner() -> Runner:
    """What runs modules; it loads torch, which nobody waits for without the option."""
    from archspec.runtime.foreign import run_modules

    return run_modules

"""--allow-path and --allow-copies: what a spec may do besides, for every command that loads one."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

import click

from archspec.language.permit import COPIES, Permit

F = TypeVar("F", bound=Callable[..., object])


def permit_options(command: F) -> Callable[..., None]:
    """Gives a command both options, as one `permit`."""

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
    @wraps(command)
    def with_permit(*, paths: tuple[str, ...], copies: int | None, **rest: object) -> None:
        command(permit=Permit(COPIES if copies is None else copies, paths), **rest)

    return with_permit

"""`--ops FILE`: ops that a Python file declares.

A spec alone runs no code; this option is how a user says that a file may.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

C = TypeVar("C", bound=Callable[..., object])
_FILES = "archspec.cli.own_ops"


def ops_option(command: C) -> C:
    """Gives a command the option --ops."""
    option = click.option(
        "--ops",
        multiple=True,
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        callback=_declare,
        expose_value=False,
        help="A Python file that declares ops with @op; it is run.",
    )
    return option(command)


def files_run() -> tuple[str, ...]:
    """The files that the command at work was given by --ops."""
    context = click.get_current_context(silent=True)
    return tuple(context.meta.get(_FILES, ())) if context is not None else ()


def _declare(context: click.Context, _option: click.Parameter, paths: tuple[Path, ...]) -> None:
    context.meta[_FILES] = tuple(map(str, paths))
    for number, path in enumerate(paths):
        _run(path, f"archspec_own_ops_{number}")


def _run(path: Path, name: str) -> None:
    """Runs `path` as the module `name`."""
    import sys
    from importlib.util import module_from_spec, spec_from_file_location

    from archspec.cli.application import Usage
    from archspec.ops.guard import OwnFault, described, placed, trace

    found = spec_from_file_location(name, path)
    if found is None or found.loader is None:
        raise Usage(f"{path} is not a Python file")
    module = module_from_spec(found)
    sys.modules[name] = module  # where pydantic looks for the names in annotations
    try:
        found.loader.exec_module(module)
    except Exception as error:
        file = found.origin or str(path)
        lines = [line for name, line in trace(error) if name == file]
        help = f"mend {path}, which --ops runs; docs/how-to/add-an-op.md has an op that works"
        raise OwnFault(f"{path} raised {described(error)}", placed(file, lines[-1] if lines else 1), help) from error

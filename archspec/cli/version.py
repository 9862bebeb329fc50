"""`archspec --version`."""

import click

from archspec.cli.streams import give


def show_version(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    """Prints the version and stops, where it is `wanted`."""
    if wanted:
        from archspec import __version__

        give(f"archspec {__version__}")
        context.exit()

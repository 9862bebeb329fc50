"""`archspec --version`."""

import click


def show_version(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    """Prints the version and stops, where it is `wanted`."""
    if wanted:
        from archspec import __version__

        click.echo(f"archspec {__version__}")
        context.exit()

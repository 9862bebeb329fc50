"""`archspec compile`: PyTorch source."""

from pathlib import Path

import click

from archspec.cli.options import Request, spec_options


@click.command("compile")
@spec_options
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="The .py file to write; standard output without it."
)
def compile_(request: Request, output: Path | None) -> None:
    """Write the network as PyTorch source.

    The source imports torch alone and reads as if a person had written it: one class per block, the spec's names as
    attributes.
    """
    from archspec.cli.console import write_or_print
    from archspec.code.pytorch import emit

    network = request.network()
    write_or_print(output, emit(network), network.files)

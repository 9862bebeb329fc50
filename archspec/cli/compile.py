"""`archspec compile`: PyTorch source."""

from pathlib import Path

import click

from archspec.cli.options import Request, spec_options


@click.command("compile")
@spec_options
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="The .py file to write; standard output without it."
)
@click.option("--family", is_flag=True, help="One file for all variants, with a function for each.")
def compile_(request: Request, output: Path | None, family: bool) -> None:
    """Write the network as PyTorch source.

    The source imports torch alone and reads as if a person had written it: one class per block, the spec's names as
    attributes. With --family, what the variants set are arguments of the class.
    """
    from archspec.cli.console import write_or_print
    from archspec.code.pytorch import emit

    if family:
        from archspec.code.family import emit_family

        made = request.family()
        write_or_print(output, emit_family(made.network, made.variants), made.network.files)
        return
    network = request.network()
    write_or_print(output, emit(network), network.files)

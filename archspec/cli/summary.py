"""`archspec summary`: counts per block."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from archspec.cli.late import (
    LateChoice,
    convention_names,
    table_names,
)
from archspec.cli.options import Request, columns_option, spec_options

if TYPE_CHECKING:
    from archspec.graph.network import Network


@click.command()
@spec_options
@click.option("--depth", type=click.IntRange(min=1), help="Rows down to this level.")
@click.option(
    "--format",
    "form",
    type=LateChoice(table_names),
    default="text",
    show_default=True,
    help="json is a stable interface.",
)
@click.option(
    "--convention",
    type=LateChoice(convention_names),
    default="macs",
    show_default=True,
    help="Count as this tool does.",
)
@click.option("--symbolic", is_flag=True, help="Shapes and MACs as formulas in the sizes of the inputs.")
@columns_option(help="Measures to show besides params and MACs: {measures}.")
@click.option("--training", is_flag=True, help="Say the MACs of a step of training too: forwards and backwards.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file to write; standard output without it.")
def summary(
    request: Request,
    depth: int | None,
    form: str,
    convention: str,
    symbolic: bool,
    columns: tuple[str, ...],
    training: bool,
    output: Path | None,
) -> None:
    """Count parameters and multiply-adds per block.

    Without --depth, text and markdown open as many levels as fit on a page; json and csv open all. The formulas of
    --symbolic hold for the class of sizes that they name, that of the declared ones: H = 32k.
    """
    import sys

    from archspec.cli.application import Usage
    from archspec.cli.console import write_or_print
    from archspec.tables.tables import summary_table

    network = request.network()
    if symbolic and training:
        raise Usage("--symbolic prints MACs of inference: leave out --training")
    if symbolic:
        write_or_print(output, _symbolic(network, depth, form, convention), network.files)
        return
    on_terminal = output is None and sys.stdout.isatty()
    try:
        content = summary_table(
            network,
            form,
            depth=depth,
            convention=convention,
            columns=columns,
            terminal=on_terminal,
            training=training,
        )
    except ValueError as error:
        raise Usage(str(error)) from None
    write_or_print(output, content, network.files)


def _symbolic(network: "Network", depth: int | None, form: str, convention: str) -> str:
    """The table of formulas. Raises Usage for what has none."""
    from archspec.cli.application import Usage
    from archspec.tables.symbolic import symbolic_table

    if form != "text" or convention != "macs":
        raise Usage("--symbolic prints MACs as text: leave out --format and --convention")
    return symbolic_table(network, depth=depth)

"""`archspec summary`: counts per block."""

from pathlib import Path

import click

from archspec.cli.options import Request, spec_options


@click.command()
@spec_options
@click.option("--depth", type=click.IntRange(min=1), help="Rows down to this level.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv", "markdown"]),
    default="text",
    show_default=True,
    help="json is a stable interface.",
)
@click.option(
    "--convention",
    type=click.Choice(["macs", "fvcore", "torch", "torchvision"]),
    default="macs",
    show_default=True,
    help="Count as this tool does.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file to write; standard output without it.")
def summary(request: Request, depth: int | None, form: str, convention: str, output: Path | None) -> None:
    """Count parameters and multiply-adds per block.

    Without --depth, text and markdown open as many levels as fit on a page; json and csv open all.
    """
    import sys

    from archspec.cli.console import write_or_print
    from archspec.graph.report import fitting_depth, report
    from archspec.tables.tables import table

    network = request.network()
    if depth is None and form in ("text", "markdown"):
        depth = fitting_depth(network.graph)
    on_terminal = output is None and sys.stdout.isatty()
    content = table(report(network, depth=depth, convention=convention), form, terminal=on_terminal)
    write_or_print(output, content)

"""`archspec receptive-field`: what each value is computed from."""

from pathlib import Path

import click

from archspec.cli.options import Request, spec_options


@click.command("receptive-field")
@spec_options
@click.option("--all", "every", is_flag=True, help="A row for every op, not only for those that change something.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="json is a stable interface.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file to write; standard output without it.")
def receptive_field(request: Request, every: bool, form: str, output: Path | None) -> None:
    """Say which part of the input each value is computed from.

    The field is the number of elements along each side of the input, by all ways together; narrowest is that of the
    narrowest way, such as the shortcuts of a ResNet. The stride is how far neighbouring values are apart on the input,
    the centre where the first of them has its middle. What joins ways half a stride or more beside each other is
    listed below the table.
    """
    from archspec.cli.console import write_or_print
    from archspec.tables import receptive

    network = request.network()
    write = receptive.json if form == "json" else receptive.text
    write_or_print(output, write(network, every=every), network.files)

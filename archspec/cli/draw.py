"""`archspec draw`: a block diagram."""

from pathlib import Path

import click

from archspec.cli.options import Request, spec_options


@click.command()
@spec_options
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="The picture to write; its suffix chooses the format: .svg, .png, .pdf, .dot, .mmd. NAME.svg without it.",
)
@click.option("--depth", type=click.IntRange(min=1), help="Open blocks down to this level; as many as fit without it.")
@click.option("--expand", multiple=True, metavar="PATH", help="Open this block, whatever its level: layer1/0.")
def draw(request: Request, output: Path | None, depth: int | None, expand: tuple[str, ...]) -> None:
    """Draw the network as a block diagram."""
    from archspec.cli.application import Usage
    from archspec.cli.console import write
    from archspec.formats import UnknownFormat, render
    from archspec.views.diagram import diagram
    from archspec.views.fold import DrawError

    network = request.network()
    path = output or Path(f"{_stem(request.spec, network.name, network.variant)}.svg")
    try:
        picture = render(diagram(network, depth=depth, expand=expand), path.suffix)
    except (DrawError, UnknownFormat) as error:
        raise Usage(str(error)) from None
    write(path, picture)
    click.echo(f"wrote {path}", err=True)


def _stem(spec: str, name: str, variant: str) -> str:
    """What a picture is called by itself: `resnet:resnet50 -> resnet50`, `nets/small.yaml:wide -> small-wide`."""
    stem = name if spec == "-" else Path(spec.removesuffix(f":{variant}")).stem
    if not variant:
        return stem
    return variant if variant.startswith(stem) else f"{stem}-{variant}"

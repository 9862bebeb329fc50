"""`archspec draw`: a figure, a graph or a page to explore."""

from pathlib import Path

import click

from archspec.cli.late import LateHelp, heats, listed, picture_suffixes
from archspec.cli.options import Request, spec_options
from archspec.cli.page_options import PageOptions, page_options


@click.command()
@spec_options
@page_options
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    cls=LateHelp,
    named={"formats": lambda: ", ".join(picture_suffixes())},
    help="The picture to write; its suffix chooses the format: {formats}. NAME.svg without it.",
)
@click.option("--depth", type=click.IntRange(min=1), help="Open blocks down to this level; as many as fit without it.")
@click.option("--expand", multiple=True, metavar="PATH", help="Open this block, whatever its level: layer1/0.")
@click.option(
    "--style",
    default="auto",
    metavar="NAME",
    help="figure: block by block; volumes: feature maps as solids; graph: op by op; auto: a figure.",
)
@click.option("--theme", default="light", metavar="NAME|FILE", help="light, dark, print, or a theme file of your own.")
@click.option(
    "--heat",
    default="",
    metavar="NAME",
    cls=LateHelp,
    named={"measures": lambda: listed(heats(), "or")},
    help="Colour by {measures}.",
)
def draw(
    request: Request,
    output: Path | None,
    depth: int | None,
    expand: tuple[str, ...],
    style: str,
    theme: str,
    heat: str,
    page: PageOptions,
) -> None:
    """Draw the network: a figure for a paper, or with .html a page to explore."""
    from typing import cast

    from archspec.cli.application import Usage
    from archspec.cli.console import write
    from archspec.figure.diagram import Style
    from archspec.figure.look.theme_file import find_theme
    from archspec.figure.what.fold import DrawError
    from archspec.figure.what.omit import PARTS
    from archspec.figure.wishes import Wishes
    from archspec.figure.write.format import UnknownFormat
    from archspec.pictures import picture

    network = request.network()
    path = output or Path(f"{_stem(request.spec, network.name, network.variant)}.svg")
    try:
        without = frozenset(part for part in PARTS if part in page.without)
        wishes = Wishes(depth, expand, cast(Style, style), heat, find_theme(theme), page.width, page.venue, without)
        drawn = picture(network, path.suffix, wishes)
    except (DrawError, UnknownFormat) as error:
        raise Usage(str(error)) from None
    write(path, drawn, (*network.files, theme))


def _stem(spec: str, name: str, variant: str) -> str:
    """What a picture is called by itself: `resnet:resnet50 -> resnet50`, `nets/small.yaml:wide -> small-wide`."""
    stem = name if spec == "-" else Path(spec.removesuffix(f":{variant}")).stem
    if not variant:
        return stem
    return variant if variant.startswith(stem) else f"{stem}-{variant}"

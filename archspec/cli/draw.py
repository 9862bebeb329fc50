"""`archspec draw`: a figure, a graph or a page to explore; of several networks, or blocks of them, one picture."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from archspec.cli.late import LateHelp, heats, listed, picture_suffixes
from archspec.cli.options import Request, specs_options
from archspec.cli.page_options import PageOptions, page_options

if TYPE_CHECKING:
    from archspec.figure.wishes import Wishes
    from archspec.graph.network import Network


@click.command()
@specs_options
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
    requests: tuple[Request, ...],
    output: Path | None,
    depth: int | None,
    expand: tuple[str, ...],
    style: str,
    theme: str,
    heat: str,
    page: PageOptions,
) -> None:
    """Draw the network: a figure for a paper, or with .html a page to explore.

    Several draw side by side, each under its title, and a block is named behind its network, by its path or by its
    name: `resnet:resnet50/bottleneck convnext:convnext_tiny/block`.
    """
    from archspec.cli.application import Usage
    from archspec.cli.console import write
    from archspec.figure.what.fold import DrawError
    from archspec.figure.write.format import UnknownFormat

    networks = [request.network() for request in requests]
    path = output or Path(f"{'-'.join(map(_stem, requests, networks))}.svg")
    try:
        wishes = _wishes(depth, expand, style, heat, theme, page)
        drawn = _drawn(requests, networks, path.suffix, wishes)
    except (DrawError, UnknownFormat) as error:
        raise Usage(str(error)) from None
    write(path, drawn, (*(file for network in networks for file in network.files), theme))


def _wishes(
    depth: int | None, expand: tuple[str, ...], style: str, heat: str, theme: str, page: PageOptions
) -> "Wishes":
    """What is asked of the picture. Raises DrawError where the theme is unknown."""
    from typing import cast

    from archspec.figure.diagram import Style
    from archspec.figure.look.theme_file import find_theme
    from archspec.figure.what.omit import PARTS
    from archspec.figure.wishes import Orientation, Wishes

    without = frozenset(part for part in PARTS if part in page.without)
    return Wishes(
        depth,
        expand,
        cast(Style, style),
        heat,
        find_theme(theme),
        page.width,
        page.venue,
        without,
        cast(Orientation, page.orientation),
    )


def _drawn(requests: "tuple[Request, ...]", networks: "list[Network]", suffix: str, wishes: "Wishes") -> bytes:
    """The picture of one network, or of several and of blocks. Raises DrawError and UnknownFormat."""
    from archspec.figure.what.several import shown
    from archspec.pictures import picture, several_picture

    if len(requests) == 1 and not requests[0].block:
        return picture(networks[0], suffix, wishes)
    parts = [shown(network, request.block) for request, network in zip(requests, networks, strict=True)]
    return several_picture(parts, suffix, wishes)


def _stem(request: Request, network: "Network") -> str:
    """What a picture is called by itself: `resnet:resnet50 -> resnet50`, `nets/small.yaml:wide -> small-wide`."""
    variant = network.variant
    stem = network.name if request.spec == "-" else Path(request.spec.removesuffix(f":{variant}")).stem
    named = stem if not variant else variant if variant.startswith(stem) else f"{stem}-{variant}"
    return "-".join(filter(None, (named, request.block.replace("/", "."))))

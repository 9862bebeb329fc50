"""`archspec draw`: a figure, a graph or a page to explore."""

from pathlib import Path
from re import fullmatch

import click

from archspec.cli.late import LateHelp, heats, listed, picture_suffixes
from archspec.cli.options import Request, spec_options

_POINTS = {"": 1.0, "pt": 1.0, "in": 72.0, "cm": 72 / 2.54, "mm": 72 / 25.4, "px": 0.75}  # in a unit of width
_NARROWEST, _WIDEST = 60.0, 14400.0  # points; a PDF page can be no wider than 200 inches


def _width(_ctx: click.Context, _option: click.Parameter, given: str | None) -> float:
    """A width in points: `504pt`, `8.5cm`, `245`."""
    if given is None:
        return 0.0
    parts = fullmatch(r"(\d+(?:\.\d+)?)\s*([a-z]*)", given.strip().lower())
    if parts is None or parts[2] not in _POINTS:
        raise click.BadParameter(
            f"{given!r} is not a width; write 504pt (a double column), 245pt, 8.5cm, 88mm or 3.4in"
        )
    points = float(parts[1]) * _POINTS[parts[2]]
    if not _NARROWEST <= points <= _WIDEST:
        raise click.BadParameter(f"{given!r} is {points:g} pt; a page is {_NARROWEST:g} to {_WIDEST:g} pt wide")
    return points


@click.command()
@spec_options
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
@click.option("--width", callback=_width, metavar="LENGTH", help="Of the page: 504pt (a double column), 245pt, 8.5cm.")
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
    width: float,
    theme: str,
    heat: str,
) -> None:
    """Draw the network: a figure for a paper, or with .html a page to explore."""
    from typing import cast

    from archspec.cli.application import Usage
    from archspec.cli.console import write
    from archspec.figure.diagram import Style
    from archspec.figure.look.theme_file import find_theme
    from archspec.figure.what.fold import DrawError
    from archspec.figure.wishes import Wishes
    from archspec.figure.write.format import UnknownFormat
    from archspec.pictures import picture

    network = request.network()
    path = output or Path(f"{_stem(request.spec, network.name, network.variant)}.svg")
    try:
        wishes = Wishes(depth, expand, cast(Style, style), heat, find_theme(theme), width)
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

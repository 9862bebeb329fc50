"""Options of a picture's page: how large it is, and which parts are not drawn."""

from collections.abc import Callable
from functools import wraps
from re import fullmatch
from typing import TypeVar

import click

from archspec.cli.late import LateHelp, venues
from archspec.cli.options import Request
from archspec.values.dataclass import dataclass

F = TypeVar("F", bound=Callable[..., None])

_POINTS = {"": 1.0, "pt": 1.0, "in": 72.0, "cm": 72 / 2.54, "mm": 72 / 25.4, "px": 0.75}  # in a unit of width
_ORIENTATION = click.option(
    "--orientation",
    default="horizontal",
    metavar="NAME",
    help="horizontal: as text runs; vertical: from top to bottom, as transformers and deep plain nets are drawn.",
)
_NARROWEST, _WIDEST = 60.0, 14400.0  # points; a PDF page can be no wider than 200 inches


@dataclass(frozen=True, slots=True)
class PageOptions:
    """What was asked of the page.

    Attributes:
        width: in points, 0 where it was not given.
        venue: the name of what the picture is for, "" for none.
        without: parts that are not drawn.
        orientation: which way the flow runs.
    """

    width: float
    venue: str
    without: frozenset[str]
    orientation: str


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


def page_options(command: F) -> Callable[..., None]:
    """Gives a command the options of a page, as one `page`."""

    @click.option(
        "--width", callback=_width, metavar="LENGTH", help="Of the page: 504pt (a double column), 245pt, 8.5cm."
    )
    @click.option(
        "--for",
        "venue",
        default="",
        metavar="VENUE",
        cls=LateHelp,
        named={"venues": lambda: ", ".join(venues())},
        help="Fit its page, in width and height: {venues}.",
    )
    @_ORIENTATION
    @click.option("--no-counts", is_flag=True, help="Without params and MACs at boxes.")
    @click.option("--no-strip", is_flag=True, help="Without the strip of costs.")
    @click.option("--no-legend", is_flag=True, help="Without the legend.")
    @click.option("--no-title", is_flag=True, help="Without the title line, for what has a caption.")
    @wraps(command)
    def with_page(
        requests: tuple[Request, ...],
        /,
        *,
        width: float,
        venue: str,
        orientation: str,
        no_counts: bool,
        no_strip: bool,
        no_legend: bool,
        no_title: bool,
        **rest: object,
    ) -> None:
        asked = {"counts": no_counts, "strip": no_strip, "legend": no_legend, "title": no_title}
        without = frozenset(part for part, omitted in asked.items() if omitted)
        command(requests, page=PageOptions(width, venue, without, orientation), **rest)

    return with_page

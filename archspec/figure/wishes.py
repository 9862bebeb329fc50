"""Wishes: what a user may ask of a picture, whether it is a figure, the figure of a difference or a page.

A format says which of them mean nothing to it; no wish is silently ignored.
"""

from collections.abc import Callable, Iterable
from typing import Literal, TypeAlias

from archspec.figure.diagram import Style
from archspec.figure.look.theme import LIGHT, Theme
from archspec.figure.what.omit import Part
from archspec.values.dataclass import dataclass

Orientation: TypeAlias = Literal["horizontal", "vertical"]
ORIENTATIONS: tuple[Orientation, ...] = ("horizontal", "vertical")


@dataclass(frozen=True, slots=True)
class Wishes:
    """All that is asked of one picture.

    Attributes:
        depth: levels of blocks to open; None for as many as fit.
        expand: paths of blocks to open besides.
        style: "auto", "figure", "graph" or "volumes".
        heat: what to colour by: "params", "macs", "activations"; "" for what boxes do.
        theme: the colours, or their name.
        width: of the page in points, 0 for a double column that may be exceeded.
        venue: the name of what the picture is for, which sets its width, its greatest height and its type; "" for none.
        without: parts that are not drawn.
        orientation: "horizontal", as text runs, or "vertical", from top to bottom.
    """

    depth: int | None = None
    expand: tuple[str, ...] = ()
    style: Style = "auto"
    heat: str = ""
    theme: str | Theme = LIGHT.name
    width: float = 0.0
    venue: str = ""
    without: frozenset[Part] = frozenset()
    orientation: Orientation = "horizontal"

    def first(self, wishes: "Iterable[Wish]") -> "Wish | None":
        """The first of `wishes` that is asked for, or None."""
        return next((wish for wish in wishes if wish.asked(self)), None)


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that can be asked for.

    Attributes:
        option: how it is asked for, `--width`.
        asked: whether it is.
    """

    option: str
    asked: Callable[[Wishes], bool]


DEPTH = Wish("--depth", lambda wishes: wishes.depth is not None)
EXPAND = Wish("--expand", lambda wishes: bool(wishes.expand))
STYLE = Wish("--style", lambda wishes: wishes.style != "auto")
VOLUMES = Wish("--style volumes", lambda wishes: wishes.style == "volumes")
HEAT = Wish("--heat", lambda wishes: bool(wishes.heat))
WIDTH = Wish("--width", lambda wishes: bool(wishes.width))
VENUE = Wish("--for", lambda wishes: bool(wishes.venue))
COUNTS = Wish("--no-counts", lambda wishes: "counts" in wishes.without)
STRIP = Wish("--no-strip", lambda wishes: "strip" in wishes.without)
LEGEND = Wish("--no-legend", lambda wishes: "legend" in wishes.without)
TITLE = Wish("--no-title", lambda wishes: "title" in wishes.without)
ORIENTATION = Wish("--orientation vertical", lambda wishes: wishes.orientation == "vertical")
OF_PAGES = (WIDTH, VENUE, COUNTS, STRIP, LEGEND, TITLE, ORIENTATION)  # what means nothing where there is no page

"""Fit: the picture of a network that fits its page.

A figure opens as many blocks as fit, first in few rows: what does not fit is closed from the inside out; what is closed
as far as it can be is cut into more rows. An encoder-decoder that is too wide for a row per resolution is drawn in
rows as text runs. Where the panels of what is in its blocks are too wide for the page, they are left out.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import product

from archspec.figure.diagram import Style
from archspec.figure.look.theme import LIGHT, Theme
from archspec.figure.place.drawing import COLUMN, page_width, place, too_narrow
from archspec.figure.what.depict import Diagram, Page, diagram
from archspec.figure.what.fold import BUDGET, DrawError, fold
from archspec.graph.network import Network

_BUDGETS = (BUDGET, 24, 16, 12, 8, 4, 1)
_TALL = 1.0  # height of the main panel over the width of the page, up to which blocks stay open
_ALWAYS = 260.0  # points that the main panel may be high on any page
_SOLIDS = 400.0  # the same for solids, which are higher and need no panels of what is in them


def fitted(
    network: Network,
    *,
    depth: int | None = None,
    expand: Sequence[str] = (),
    theme: str | Theme = LIGHT.name,
    style: Style = "figure",
    heat: str = "",
    width: float = 0.0,
) -> Diagram:
    """The picture of `network` for a page `width` points wide, 0 for a double column that may be exceeded.

    Args:
        network: what to draw.
        depth: levels of blocks to open; None for as many as fit.
        expand: paths of blocks to open besides.
        theme: the colours, or their name.
        style: as in `diagram`.
        heat: as in `diagram`.
        width: of the page, in points.

    Raises:
        DrawError: an option is unknown, or the page is too narrow even for the picture with everything closed.
    """
    asked = depth is not None or bool(expand) or style == "graph"
    make = partial(diagram, network, depth=depth, expand=expand, theme=theme, style=style, heat=heat)
    budgets = _BUDGETS[:1] if asked else tuple(_different(network))
    tried: list[Diagram] = []
    for by_level in (True, False):
        for budget, lanes, terse in product(budgets, (2, 1) if by_level else (1,), (False, True)):
            if terse and "card" not in {box.form for box in tried[-1].panels[0].boxes}:
                continue
            tried.append(_within(make, Page(width, budget, by_level, terse, lanes)))
            if _fits(tried[-1], asked=asked):
                return tried[-1]
        if tried[-1].panels[0].arrangement == "rows":
            break
    widths = [(page_width(made, place(made)), made) for made in tried]
    page = width or COLUMN
    rows = [made for needed, made in widths if needed <= page + 0.5]
    if rows:
        return rows[-1]
    narrowest, made = min(widths, key=lambda pair: pair[0])
    if width and narrowest > width + 0.5:
        raise DrawError(too_narrow(made, place(made)))
    return made


def _within(make: Callable[..., Diagram], page: Page) -> Diagram:
    """What `make` makes for `page`, without the panels of blocks that are wider."""
    made = make(page=page)
    room = (page.width or COLUMN) + 0.5
    wide = frozenset(at for at, panel in enumerate(place(made)[1:]) if page_width(made, [panel]) > room)
    return make(page=replace(page, left_out=wide)) if wide else made


def _different(network: Network) -> Iterator[int]:
    """The budgets that open different blocks, the largest first."""
    before: frozenset[str] = frozenset()
    for budget in _BUDGETS:
        opened = fold(network.graph, budget=budget).opened
        if opened != before:
            yield budget
        before = opened


def _fits(made: Diagram, *, asked: bool) -> bool:
    page = made.width or COLUMN
    panels = place(made)
    if page_width(made, panels) > page + 0.5:
        return False
    if made.style == "volumes":
        return asked or panels[0].height <= max(_TALL * page, _SOLIDS)
    return asked or made.panels[0].arrangement == "levels" or panels[0].height <= max(_TALL * page, _ALWAYS)

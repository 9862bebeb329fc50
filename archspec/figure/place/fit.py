"""Fit: the picture of a network that fits its page.

A figure opens as many blocks as fit, first in few rows: what does not fit is closed from the inside out; what is closed
as far as it can be is cut into more rows. An encoder-decoder that is too wide for a row per resolution loses words;
what still is too wide is drawn in rows as text runs; where these are too high, its words are turned, and the lines
between its rows run back to the left; or it has a column for each resolution. Where the panels of what is in its blocks
are too wide for the page, they are left out.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import product
from math import inf

from archspec.figure.diagram import COLUMN_HEIGHT, Box, Style
from archspec.figure.look.theme import LIGHT, Theme
from archspec.figure.place.cut import cut, torn
from archspec.figure.place.drawing import COLUMN, draw, page_width, place, too_narrow
from archspec.figure.place.narrowed import narrowed
from archspec.figure.place.untangled import untangled
from archspec.figure.what.depict import Diagram, Page, Sketches, diagram, openings, unframed
from archspec.figure.what.fold import BUDGET, NoRoom, fold
from archspec.figure.what.known_idioms import idioms
from archspec.figure.what.omit import Part
from archspec.graph.network import Network
from archspec.values.dataclass import dataclass

_BUDGETS = (BUDGET, 24, 16, 12, 8, 4, 1)
_TALL = 1.0  # height of the main panel over the width of the page, up to which blocks stay open
_CLEARER = 1.25  # times as high as one of text the same may be
_UPRIGHT = 1.5  # the same of a grid that runs downwards
_ALWAYS = 504.0  # points that the main panel may be high on any page
_FLATTER = 0.5  # of that where boxes are low, since their height says nothing: as many rows, not more
_MOST, _HIGHER = 0.55, 1.2  # share of the MACs in closed blocks, and how much higher a figure may be that opens them
_FOR_ROOM: tuple[Part, ...] = ("panels", "counts", "strip")  # what goes first where a page is too low
_WIDE = 1.25  # double columns: its form says more than the size of its type
_HIGH = 2.0  # times as high as its page is wide
_SOLIDS = 400.0  # the same for solids, which are higher and need no panels of what is in them


@dataclass(frozen=True, slots=True)
class Limits:
    """What a page asks for besides its width.

    Attributes:
        height: the greatest, in points; 0 for any.
        without: parts that are not drawn.
        upright: the flow runs from top to bottom.
    """

    height: float = 0.0
    without: frozenset[Part] = frozenset()
    upright: bool = False


NO_LIMITS = Limits()


def fitted(
    network: Network,
    *,
    depth: int | None = None,
    expand: Sequence[str] = (),
    theme: str | Theme = LIGHT.name,
    style: Style = "figure",
    heat: str = "",
    width: float = 0.0,
    limits: Limits = NO_LIMITS,
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
        limits: how high the picture may be, and what is not drawn. What is too high loses, one after the other, its
            panels of blocks, the last first, its counts and its strip of costs; then blocks close.

    Raises:
        DrawError: an option is unknown.
        NoRoom: the page is too narrow or too low even for the picture with everything closed.
    """
    asked = depth is not None or bool(expand) or style == "graph"
    sketches: Sketches = {}
    made = partial(diagram, network, depth=depth, expand=expand, theme=theme, style=style, heat=heat, sketches=sketches)
    make = cache(lambda page: made(page=page))
    budgets = _BUDGETS[:1] if asked else tuple(_different(network))
    page = Page(width, without=limits.without, upright=limits.upright)
    best = partial(_best, make, budgets=budgets, asked=asked, unframe=partial(unframed, network, heat=heat))
    most = best(page)
    if not limits.height or draw(most).height <= limits.height:
        return most
    lowest = _lowest(make, best, _without(page, _FOR_ROOM), budgets, limits.height)
    fewer = [replace(page, details=number) for number in range(len(most.panels) - 2, 0, -1)]
    if draw(replace(most, panels=most.panels[:1])).height > limits.height:
        fewer = []  # it is the network itself that is too high
    without = (_without(page, _FOR_ROOM[:number]) for number in range(1, len(_FOR_ROOM)))
    lower = (best(each) for each in (*fewer, *without))
    return next((found for found in lower if draw(found).height <= limits.height), lowest)


def _best(
    make: Callable[..., Diagram],
    page: Page,
    *,
    budgets: Sequence[int],
    asked: bool,
    unframe: Callable[[Diagram, frozenset[str]], Diagram],
) -> Diagram:
    """The picture for a page, of any height."""
    widest = _lower if page.upright else _widest
    made = cut(widest(make, page, budgets, asked=asked))
    frames = torn(made)
    return untangled(unframe(made, frames) if frames else made)


def _lower(make: Callable[..., Diagram], page: Page, budgets: Sequence[int], *, asked: bool) -> Diagram:
    """The picture that runs from top to bottom: with a column for each resolution, unless it is much higher so."""
    found = _widest(make, page, budgets, asked=asked)
    if not found.panels[0].downwards:
        return found
    try:
        columns = _widest(make, replace(page, by_level=False), budgets, asked=asked)
    except NoRoom:
        return found
    return found if draw(found).height <= _CLEARER * draw(columns).height else columns


def _without(page: Page, parts: Sequence[Part]) -> Page:
    """`page` without `parts`, for want of room."""
    room = tuple(part for part in parts if part not in page.without)
    return replace(page, without=page.without | set(room), for_room=room)


def _lowest(
    make: Callable[..., Diagram],
    best: Callable[[Page], Diagram],
    page: Page,
    budgets: Sequence[int],
    height: float,
) -> Diagram:
    """The best picture that is no higher than `height`. Raises NoRoom where none is."""
    found = best(page)
    lowest = draw(found).height
    if lowest <= height:
        return found
    for found in _tries(make, page, budgets):
        if page_width(place(found)) <= (page.width or COLUMN) + 0.5:
            lowest = min(lowest, draw(found).height)
            if lowest <= height:
                return found
    raise NoRoom(
        f"{height:.0f} pt is too low: with all blocks closed the figure is {lowest:.0f} pt high; "
        "take a wider page, or leave out the legend and the title with --no-legend --no-title"
    )


def _widest(make: Callable[..., Diagram], page: Page, budgets: Sequence[int], *, asked: bool) -> Diagram:
    """The picture that opens most of those that fit the width. Raises NoRoom where none does."""
    tried: list[Diagram] = []
    for made in _tries(make, page, budgets):
        tried.append(made)
        if _fits(made, asked=asked):
            leveled, moved = made.panels[0].arrangement == "levels", made.panels[0].folded or made.panels[0].downwards
            if leveled and not moved:
                return made
            return next(filter(_a_little_wide, tried), made if moved else _opened(made, tried))
    if (wide := next(filter(_a_little_wide, tried), None)) is not None:
        return wide  # rows of text are higher than the page is wide, too
    widths = [(page_width(place(made)), made) for made in tried]
    rows = [made for needed, made in widths if needed <= (page.width or COLUMN) + 0.5]
    if rows:
        return rows[-1]
    narrowest, made = min(widths, key=lambda pair: pair[0])
    if page.width and narrowest > page.width + 0.5:
        raise NoRoom(too_narrow(made, place(made)))
    return made


def _opened(made: Diagram, tried: Sequence[Diagram]) -> Diagram:
    """`made`; where closed blocks hide what the network is about, the next of `tried` that opens them, if it fits."""
    if not _hides(made):
        return made
    high = _HIGHER * max(_TALL * (made.width or COLUMN), _ALWAYS)
    fitting = (one for one in reversed(tried) if page_width(place(one)) <= (one.width or COLUMN) + 0.5)
    return next((one for one in fitting if not _hides(one) and place(one)[0].height <= high), made)


def _hides(made: Diagram) -> bool:
    """Whether most of the work is in closed blocks of one kind that are drawn nowhere in detail."""
    main, *details = made.panels
    shown = {id for panel in details for box in panel.boxes for id in box.nodes}
    work: dict[str, int] = {}
    for box in main.boxes:
        if box.kind == "block" and box.repeat == 1 and not shown.issuperset(box.nodes):
            kind = box.what or box.id
            work[kind] = work.get(kind, 0) + box.macs
    return max(work.values(), default=0) > _MOST * sum(box.macs for box in main.boxes)


def _a_little_wide(made: Diagram) -> bool:
    """Whether a picture with a row for each resolution is wider than a double column, where that was not asked for."""
    return not made.width and made.panels[0].arrangement == "levels" and page_width(place(made)) <= _WIDE * COLUMN


def _tries(make: Callable[..., Diagram], page: Page, budgets: Sequence[int]) -> Iterator[Diagram]:
    """Pictures for a page, the best first: with a row for each resolution, as text runs, then with narrower such rows.

    What stands upright has all in one column where it can, and goes on in others where it cannot.
    """
    if page.upright:
        yield from _downwards(make, page, budgets)
        for column, budget in product((inf, COLUMN_HEIGHT), budgets):
            yield _within(make, replace(page, by_level=False, budget=budget, column=column))
        slim = replace(page, by_level=False, budget=budgets[-1], column=COLUMN_HEIGHT, terse=True)
        yield _within(make, slim)
        if "counts" not in page.without:
            yield _within(make, _uncounted(slim))
        return
    leveled = moved = False
    for made in _leveled(make, page, budgets):
        leveled |= made.panels[0].arrangement == "levels"
        moved |= any(box.moved for box in made.panels[0].boxes)
        yield made
    if leveled and not moved:  # else a row for each resolution is asked for
        yield from (_within(make, replace(page, by_level=False, budget=budget)) for budget in budgets)
    if leveled:
        yield from _leveled(make, replace(page, turned=True), budgets)
        yield from _leveled(make, replace(page, folded=True), budgets)
    if leveled and not moved:
        yield from _downwards(make, page, budgets)


def _downwards(make: Callable[..., Diagram], page: Page, budgets: Sequence[int]) -> Iterator[Diagram]:
    """Pictures with a column for each resolution, each that opens other blocks: ever narrower, then lower."""
    before: tuple[Box, ...] = ()
    for budget, lanes in product(budgets, (2, 1)):
        wide = replace(page, budget=budget, lanes=lanes, downwards=True)
        first = _within(make, wide)
        if not first.panels[0].downwards or first.panels[0].boxes == before:
            continue
        before = first.panels[0].boxes
        terse = replace(wide, terse=True)
        yield from (first, _within(make, terse), _within(make, _uncounted(terse)))


def _leveled(make: Callable[..., Diagram], page: Page, budgets: Sequence[int]) -> Iterator[Diagram]:
    """Pictures with a row for each resolution, where there are several; of each that opens other blocks, ever narrower.

    Where even the narrowest is too wide those between are left out.
    """
    before: tuple[Box, ...] = ()
    for budget, lanes in product(budgets, (2, 1)):
        wide = replace(page, budget=budget, lanes=lanes)
        terse = replace(wide, terse=True)
        least = _uncounted(replace(terse, turned=page.turned or page.folded))
        first = _within(make, least if least.turned else wide)
        if first.panels[0].boxes == before:
            continue
        before = first.panels[0].boxes
        if not least.turned or _is_narrow(first):
            yield _within(make, wide) if least.turned else first
        if first.panels[0].arrangement != "levels":
            continue
        narrowest = first if least.turned else _within(make, least)
        if _is_narrow(narrowest):
            yield _within(make, terse)
            if terse != _uncounted(terse) != least:
                yield _within(make, _uncounted(terse))
        yield narrowest


def _is_narrow(made: Diagram) -> bool:
    """Whether a picture fits the width that it is made for."""
    return not made.width or page_width(place(made)) <= made.width + 0.5


def _uncounted(page: Page) -> Page:
    """`page` without counts, for want of room; as it is where nobody asked for them."""
    if "counts" in page.without:
        return page
    return replace(page, without=page.without | {"counts"}, for_room=(*page.for_room, "counts"))


def _within(make: Callable[..., Diagram], page: Page) -> Diagram:
    """What `make` makes for `page`, without the panels of blocks that are wider in any form.

    Nor with a second drawing of a block that is drawn, for uses with other parts, where it would take most of a column.
    """
    made = narrowed(make(page))
    room = (page.width or COLUMN) + 0.5
    titles = [panel.title for panel in made.panels[1:]]
    left_out = frozenset(
        at
        for at, panel in enumerate(place(made)[1:])
        if page_width([panel]) > room or (panel.height > _HIGH * room and panel.panel.title in titles[:at])
    )
    return narrowed(make(replace(page, left_out=left_out))) if left_out else made


def _different(network: Network) -> Iterator[int]:
    """The budgets that open different blocks, the largest first."""
    found = idioms(network)
    openings_of = [openings(network, Page(by_level=by_level)) for by_level in (True, False)]
    before: list[frozenset[str]] = []
    for budget in _BUDGETS:
        opened = [fold(network.graph, budget=budget, scales=each, idioms=found).opened for each in openings_of]
        if opened != before:
            yield budget
        before = opened


def _fits(made: Diagram, *, asked: bool) -> bool:
    page = made.width or COLUMN
    panels = place(made)
    if page_width(panels) > page + 0.5:
        return False
    if made.panels[0].downwards:
        return panels[0].height <= max(COLUMN_HEIGHT, _UPRIGHT * page)
    if made.panels[0].arrangement == "columns":
        return panels[0].height <= COLUMN_HEIGHT + 0.5
    if made.style == "volumes":
        return asked or panels[0].height <= max(_TALL * page, _SOLIDS)
    most = max(_TALL * page, _ALWAYS) * (_FLATTER if all(box.flat for box in made.panels[0].boxes) else 1.0)
    return asked or made.panels[0].arrangement == "levels" or panels[0].height <= most

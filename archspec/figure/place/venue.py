"""Venues: how large a figure may be where it is to appear, and how large its type.

Widths and heights are those of the text block, or of a column, that the venue's own style files set, in points of 72 to
an inch. What is seen from farther away than a page is laid out smaller and drawn larger.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from math import inf
from typing import TypeVar

from archspec.figure.diagram import Diagram
from archspec.figure.look.theme import Paint
from archspec.figure.place.drawing import draw
from archspec.figure.place.fit import Limits, fitted
from archspec.figure.scene import Circle, Curve, Polygon, Rectangle, Scene, Shape, Text
from archspec.figure.what.depict import known
from archspec.figure.what.fold import DrawError, NoRoom
from archspec.figure.what.omit import Part
from archspec.figure.what.several import FITTING, Opening, Shown, several
from archspec.figure.wishes import ORIENTATIONS, Wishes
from archspec.graph.network import Network
from archspec.values.dataclass import dataclass

_Made = TypeVar("_Made")

_INCH = 72.0
_BUDGETS = (FITTING.budget, 8, 4, 1)  # boxes of each of several networks, the most that are tried first
_FOR_ROOM: tuple[Part, ...] = ("counts",)
_SMALLER = (0.95, 0.9, 0.85, 0.8, 0.7, 0.6)  # sizes of the type, of which the largest at which it fits is taken


@dataclass(frozen=True, slots=True)
class Venue:
    """What a figure must fit.

    Attributes:
        name: as it is asked for.
        width: of the figure, in points.
        height: the greatest that it may have.
        scale: by which type, strokes and all else are larger than in a paper.
    """

    name: str
    width: float
    height: float
    scale: float = 1.0


VENUES = {
    venue.name: venue
    for venue in (
        Venue("cvpr", 6.875 * _INCH, 8.875 * _INCH),
        Venue("cvpr-column", 3.25 * _INCH, 8.875 * _INCH),
        Venue("neurips", 5.5 * _INCH, 9.0 * _INCH),
        Venue("icml", 6.75 * _INCH, 9.0 * _INCH),
        Venue("icml-column", 3.25 * _INCH, 9.0 * _INCH),
        Venue("iclr", 5.5 * _INCH, 9.0 * _INCH),
        Venue("acl", 16.0 / 2.54 * _INCH, 24.7 / 2.54 * _INCH),
        Venue("acl-column", 7.7 / 2.54 * _INCH, 24.7 / 2.54 * _INCH),
        Venue("ieee", 7.16 * _INCH, 9.4 * _INCH),
        Venue("ieee-column", 3.5 * _INCH, 9.4 * _INCH),
        Venue("lncs", 12.2 / 2.54 * _INCH, 19.3 / 2.54 * _INCH),
        Venue("slide", 13.333 * _INCH, 7.5 * _INCH, 1.6),
        Venue("poster", 24.0 * _INCH, 30.0 * _INCH, 2.6),
        Venue("readme", 9.2 * _INCH, 12.0 * _INCH, 1.25),
    )
}


def venue(name: str) -> Venue:
    """The venue of this name. Raises DrawError, which lists those there are, where there is none."""
    known(name, list(VENUES), "venue")
    return VENUES[name]


def fitted_for(network: Network, wishes: Wishes) -> Scene:
    """The picture of `network` as it was wished for, on the page of its venue.

    Raises:
        DrawError: there is no such venue, an option is unknown, or the page is too small.
    """
    if not wishes.venue:
        return draw(_fitted(network, wishes, wishes.width, 0.0))
    at = venue(wishes.venue)

    def at_size(smaller: float) -> tuple[Diagram, float]:
        scale = at.scale * smaller
        return _fitted(network, wishes, wishes.width / smaller or at.width / scale, at.height / scale), scale

    def leveled(smaller: float) -> tuple[Diagram, float]:
        made = at_size(smaller)
        if not _is_leveled(made[0]):
            raise NoRoom("too low for a row for each resolution")
        return made

    try:
        found, scale = at_size(1.0)
    except NoRoom as refused:
        smaller = largest(at_size, _SMALLER)
        if smaller is None:
            raise refused from None
        found, scale = smaller
    as_in_a_paper = [size for size in _SMALLER if at.scale * size >= 1.0]
    if as_in_a_paper and not _is_leveled(found) and _is_leveled(_fitted(network, wishes, found.width, 0.0)):
        found, scale = largest(leveled, as_in_a_paper) or (found, scale)
    return enlarged(draw(found), scale)


def _is_leveled(made: Diagram) -> bool:
    """Whether a picture has a row for each resolution, which is worth more than type larger than that of a paper."""
    return made.panels[0].arrangement == "levels"


def largest(at_size: Callable[[float], _Made], sizes: Sequence[float]) -> _Made | None:
    """What is made at the largest of `sizes` that it fits, which are ever smaller; None where it fits none.

    What fits at one size fits at all that are smaller, so that a few are tried.
    """
    found: _Made | None = None
    first, last = 0, len(sizes)
    while first < last:
        middle = (first + last) // 2
        try:
            found, last = at_size(sizes[middle]), middle
        except NoRoom:
            first = middle + 1
    return found


def _fitted(network: Network, wishes: Wishes, width: float, height: float) -> Diagram:
    """The picture of `network` on a page of this size, 0 for any."""
    return fitted(
        network,
        depth=wishes.depth,
        expand=wishes.expand,
        theme=wishes.theme,
        style=wishes.style,
        heat=wishes.heat,
        width=width,
        limits=Limits(height, wishes.without, is_upright(wishes)),
    )


def several_for(parts: Sequence[Shown], wishes: Wishes) -> Scene:
    """The picture of `parts` side by side as it was wished for, on the page of its venue.

    What is too high loses its counts; then blocks close.

    Raises:
        DrawError: there is no such venue, the page is too small, or no part has a path that is to open.
    """
    at = venue(wishes.venue) if wishes.venue else None
    width = wishes.width or (at.width / at.scale if at else 0.0)
    height = at.height / at.scale if at else inf
    asked, upright = Opening(wishes.depth, wishes.expand), is_upright(wishes)
    lowest = inf
    for budget, room in product(_BUDGETS, ((), _FOR_ROOM)):
        left = tuple(part for part in room if part not in wishes.without)
        made = draw(
            several(
                parts,
                theme=wishes.theme,
                width=width,
                omitted=wishes.without | set(left),
                for_room=left,
                opening=replace(asked, budget=budget),
                upright=upright,
            )
        )
        lowest = min(lowest, made.height)
        if lowest <= height:
            return enlarged(made, at.scale if at else 1.0)
    raise DrawError(f"{height:.0f} pt is too low: the figure is {lowest:.0f} pt high; draw fewer in one picture")


def is_upright(wishes: Wishes) -> bool:
    """Whether the flow is to run from top to bottom. Raises DrawError where that is not known, or not possible."""
    known(wishes.orientation, ORIENTATIONS, "orientation")
    if wishes.orientation == "vertical" and wishes.style == "volumes":
        raise DrawError("--orientation vertical has no meaning for --style volumes, whose solids stand side by side")
    return wishes.orientation == "vertical"


def enlarged(scene: Scene, scale: float) -> Scene:
    """`scene` with all of it larger: places, type and strokes."""
    if scale == 1.0:
        return scene
    marks = tuple(replace(mark, shapes=tuple(_larger(shape, scale) for shape in mark.shapes)) for mark in scene.marks)
    return replace(scene, width=scene.width * scale, height=scene.height * scale, marks=marks)


def _larger(shape: Shape, by: float) -> Shape:
    match shape:
        case Text():
            return replace(shape, x=shape.x * by, y=shape.y * by, size=shape.size * by)
        case Rectangle(x, y, width, height, radius, paint):
            return Rectangle(x * by, y * by, width * by, height * by, radius * by, _heavier(paint, by))
        case Circle(x, y, radius, paint):
            return Circle(x * by, y * by, radius * by, _heavier(paint, by))
        case Polygon(points, paint) | Curve(points, paint):
            moved = tuple((x * by, y * by) for x, y in points)
            return replace(shape, points=moved, paint=_heavier(paint, by))


def _heavier(paint: Paint, by: float) -> Paint:
    return replace(paint, width=paint.width * by)

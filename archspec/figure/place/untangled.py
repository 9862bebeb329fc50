"""Untangled: blocks in detail that do not fit one row of the page run from top to bottom, where that is clearer.

[a]->[b]--.            [a]
.--------'     or      |    the line round b leads back to the next row, once for each value: as a column
'->[c]->              [b]   it is straight
"""

from dataclasses import replace
from itertools import pairwise

from archspec.figure.diagram import Diagram, Panel
from archspec.figure.place.drawing import COLUMN, draw, page_width, place
from archspec.figure.place.placed import PlacedPanel
from archspec.figure.what.forms import in_columns

_SEVERAL = 2  # values that run back to the left: one does so where any row ends
_HIGHER = 1.12  # times as high as it was the picture may be


def untangled(made: Diagram) -> Diagram:
    """`made`; where several lines of a block in detail run back to another row, those of several rows stand upright.

    They do where there is room for that.
    """
    if made.panels[0].arrangement == "columns":
        return made
    shown = place(made)
    back = [len(_back(panel)) if index else 0 for index, panel in enumerate(shown)]
    if max(back) < _SEVERAL:
        return made
    panels = tuple(_upright(made, panel) if lines else panel for panel, lines in zip(made.panels, back, strict=True))
    other = replace(made, panels=panels)
    return other if draw(other).height <= _HIGHER * draw(made).height else made


def _upright(made: Diagram, panel: Panel) -> Panel:
    """`panel` upright, its boxes slim where they have to be; as it is where even that is too wide for the page."""
    for terse in (False, True):
        upright = in_columns(panel, terse=terse)
        if page_width(place(replace(made, panels=(upright,)))) <= (made.width or COLUMN) + 0.5:
            return upright
    return panel


def _back(shown: PlacedPanel) -> set[str]:
    """The values that have a line with a piece that runs to the left."""
    found: set[str] = set()
    for route in shown.routes:
        corners = [route.points[0], *route.points[3::3]]
        if any(x1 < x0 - 1.0 for (x0, _), (x1, _) in pairwise(corners)):
            found.add(route.edge.source)
    return found

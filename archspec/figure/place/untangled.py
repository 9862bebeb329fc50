"""Untangled: blocks in detail that do not fit one row of the page, in a form that is clearer.

Where they need fewer rows with their words turned, these are. Where several lines run back, they run from top to
bottom.

[a]->[b]--.            [a]
.--------'     or      |    the line round b leads back to the next row, once for each value: as a column
'->[c]->              [b]   it is straight
"""

from dataclasses import replace

from archspec.figure.diagram import Diagram, Panel
from archspec.figure.place.cut import running_back
from archspec.figure.place.drawing import COLUMN, draw, page_width, place
from archspec.figure.what.forms import in_columns, with_turned_words

_SEVERAL = 2  # values that run back to the left: one does so where any row ends
_LOWER = 0.75  # of its height that a block has to have for turned words at most
_HIGHER = 1.12  # times as high as it was the picture may be


def untangled(made: Diagram) -> Diagram:
    """`made`; blocks in detail that stand in several rows have turned words, or stand upright, where there is room."""
    if made.panels[0].arrangement == "columns":
        return made
    flat = replace(made, panels=(made.panels[0], *(_in_fewer_rows(made, panel) for panel in made.panels[1:])))
    stands = _standing(made)
    if flat == made:
        return stands
    return min((stands, _standing(flat)), key=lambda one: draw(one).height)


def _standing(made: Diagram) -> Diagram:
    """`made`; where several lines of a block in detail run back, those of several rows stand upright.

    Where the picture would be much higher so, only those with several such lines do, or what is lower of them.
    """
    shown = place(made)
    back = [len(running_back(panel)) if index else 0 for index, panel in enumerate(shown)]
    if max(back) < _SEVERAL:
        return made
    upright = [_upright(made, panel) if lines else panel for panel, lines in zip(made.panels, back, strict=True)]
    tangled = [lines >= _SEVERAL for lines in back]
    stand = place(replace(made, panels=tuple(upright)))
    lower = [many and after.height < before.height for many, after, before in zip(tangled, stand, shown, strict=True)]
    high = draw(made).height
    for chosen, most in (([lines > 0 for lines in back], _HIGHER * high), (tangled, high), (lower, high)):
        panels = tuple(two[turned] for two, turned in zip(zip(made.panels, upright, strict=True), chosen, strict=True))
        if draw(other := replace(made, panels=panels)).height <= most:
            return other
    return made


def _in_fewer_rows(made: Diagram, panel: Panel) -> Panel:
    """`panel`; where it is cut into rows and is much lower with its words turned, so."""
    if panel.arrangement != "rows":
        return panel
    [shown] = place(replace(made, panels=(panel,)))
    if not running_back(shown):
        return panel
    other = with_turned_words(panel)
    [turned] = place(replace(made, panels=(other,)))
    return other if turned.height <= _LOWER * shown.height else panel


def _upright(made: Diagram, panel: Panel) -> Panel:
    """`panel` upright, its boxes slim, then cards, where they have to be; as it is where even that is too wide."""
    for terse, carded in ((False, False), (True, False), (True, True)):
        upright = in_columns(panel, terse=terse, carded=carded)
        if page_width(place(replace(made, panels=(upright,)))) <= (made.width or COLUMN) + 0.5:
            return upright
    return panel

"""Narrowed: blocks in detail that are wider than the page, in a form that fits it.

Lines of a row for each resolution may run back to the left; then its words are turned; then it runs as text, and what
still is too wide stands upright.
"""

from collections.abc import Iterator
from dataclasses import replace

from archspec.figure.diagram import Diagram, Panel
from archspec.figure.place.drawing import COLUMN, page_width, place
from archspec.figure.what.forms import in_columns, with_turned_words


def narrowed(made: Diagram) -> Diagram:
    """`made`; each block in detail that is too wide takes the first form that fits, and stays as it is without one."""
    if made.panels[0].arrangement == "columns":
        return made
    room = (made.width or COLUMN) + 0.5
    widths = [page_width([panel]) for panel in place(made)]
    panels = [
        _fitting(made, panel, room) if index and width > room else panel
        for index, (panel, width) in enumerate(zip(made.panels, widths, strict=True))
    ]
    return replace(made, panels=tuple(panels))


def _fitting(made: Diagram, panel: Panel, room: float) -> Panel:
    """The first form of `panel` that is no wider than `room`."""
    forms = _forms(panel)
    return next((one for one in forms if page_width(place(replace(made, panels=(one,)))) <= room), panel)


def _forms(panel: Panel) -> Iterator[Panel]:
    """Other forms of a block in detail, ever narrower."""
    if panel.arrangement == "levels":
        yield replace(panel, folded=True)
        yield replace(with_turned_words(panel), folded=True)
        yield replace(panel, arrangement="rows")
    for terse in (False, True):
        yield in_columns(panel, terse=terse)

"""Bounds: what is too large to lay out as one picture.

The time of a layout grows with the boxes, with the frames around them, which are tried in several widths, and with the
boxes that lines pass, for each line keeps clear of all others that pass the same:

    a --> b --> c --> d        reach 3: each line passes on to the next box
    a --------------> d        reach 3: one line passes two boxes on its way to the third

The largest networks of the gallery drawn op by op have 1,314 boxes and a reach of 11,045.
"""

from archspec.figure.diagram import Panel
from archspec.figure.what.fold import DrawError

MAX_BOXES = 2_000
MAX_FRAMES = 800
MAX_REACH = 15_000


def require_bounded(panel: Panel) -> None:
    """Raises DrawError where a panel is too large; the message says what to ask for instead."""
    for found, most, what in (
        (len(panel.boxes), MAX_BOXES, "boxes"),
        (len(panel.groups), MAX_FRAMES, "open blocks"),
        (_reach(panel), MAX_REACH, "boxes for lines to pass"),
    ):
        if found > most:
            raise DrawError(
                f"a picture has at most {most:,} {what}, and this one has {found:,}; open less with --depth or "
                "--expand, put members into blocks, or write .dot, whose reader lays it out"
            )


def _reach(panel: Panel) -> int:
    """How far lines reach, counted in boxes in the order of the flow."""
    place = {box.id: index for index, box in enumerate(panel.boxes)}
    return sum(abs(place[edge.head] - place[edge.tail]) for edge in panel.edges)

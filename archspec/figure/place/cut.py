"""Cut: a frame over several rows is drawn row by row, where that makes the picture lower by a row."""

from dataclasses import replace
from itertools import pairwise

from archspec.figure.diagram import Diagram, Panel
from archspec.figure.place.drawing import COLUMN, page_width, place
from archspec.figure.place.placed import PlacedPanel

_LEAST, _SHARE = 24.0, 0.08  # points that a picture becomes lower at least, and their share of it


def cut(made: Diagram) -> Diagram:
    """`made`; frames round what stands in several rows are in parts. As many layouts as there are such frames."""
    panels = tuple(_cut(made, panel, shown) for panel, shown in zip(made.panels, place(made), strict=True))
    return replace(made, panels=panels) if panels != made.panels else made


def _cut(made: Diagram, panel: Panel, shown: PlacedPanel) -> Panel:
    if panel.arrangement != "rows":
        return panel
    for group in panel.groups:
        if group.parent or group.repeat > 1 or not _is_cut(shown):
            continue
        other = replace(panel, cut_frames=panel.cut_frames | {group.id})
        [parts] = place(replace(made, panels=(other,)))
        lower = shown.height - parts.height
        if lower >= max(_LEAST, _SHARE * shown.height) and page_width([parts]) <= (made.width or COLUMN) + 0.5:
            panel, shown = (other, parts) if _is_clear(parts) else (panel, shown)
    return panel


def _is_cut(shown: PlacedPanel) -> bool:
    """Whether a panel stands in several rows: a line runs back to the left."""
    corners = ([route.points[0], *route.points[3::3]] for route in shown.routes)
    return any(x1 < x0 - 1.0 for each in corners for (x0, _), (x1, _) in pairwise(each))


def _is_clear(shown: PlacedPanel) -> bool:
    """Whether no box stands in the part of a frame that is not its own."""
    return not any(
        frame.group.id not in box.box.groups
        and abs(box.x - frame.x - frame.width / 2) < (box.size.width + frame.width) / 2
        and abs(box.y - frame.y - frame.height / 2) < (box.size.height + frame.height) / 2
        for frame in shown.frames
        for box in shown.boxes
    )

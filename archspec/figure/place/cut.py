"""Cut: a frame over several rows is drawn row by row, where that makes the picture lower by a row, or clearer.

One in many parts is not drawn: `features` four times round its blocks, which carry its name, tells nothing.
"""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

from archspec.figure.diagram import Diagram, Panel
from archspec.figure.place.drawing import COLUMN, page_width, place
from archspec.figure.place.placed import PlacedPanel

_TORN = 3  # parts
_LEAST, _SHARE = 24.0, 0.08  # points that make a panel lower, and their share of its height


def cut(made: Diagram) -> Diagram:
    """`made`; frames round what stands in several rows are in parts. As many layouts as there are such frames."""
    panels = tuple(_cut(made, panel, shown) for panel, shown in zip(made.panels, place(made), strict=True))
    return replace(made, panels=panels) if panels != made.panels else made


def torn(made: Diagram) -> frozenset[str]:
    """The frames of the first panel in so many parts that they hold nothing together, but for those asked for."""
    [main] = place(replace(made, panels=made.panels[:1]))
    parts = Counter(frame.group.id for frame in main.frames if not frame.group.asked)
    return frozenset(id for id in main.panel.cut_frames if parts[id] >= _TORN)


def _cut(made: Diagram, panel: Panel, shown: PlacedPanel) -> Panel:
    if panel.arrangement != "rows":
        return panel
    for group in panel.groups:
        if group.parent or group.repeat > 1 or not running_back(shown):
            continue
        other = replace(panel, cut_frames=panel.cut_frames | {group.id})
        [parts] = place(replace(made, panels=(other,)))
        if page_width([parts]) <= (made.width or COLUMN) + 0.5 and _is_better(parts, shown) and _is_clear(parts):
            panel, shown = other, parts
    return panel


def _is_better(parts: PlacedPanel, shown: PlacedPanel) -> bool:
    """Whether a panel with a frame in parts is lower by a row than with all of it, or not much higher and clearer.

    It is clearer where ways side by side keep beside each other: fewer values run from row to row.
    """
    lower = shown.height - parts.height
    return lower >= max(_LEAST, _SHARE * shown.height) or (
        -lower <= _SHARE * shown.height and len(running_back(parts)) < len(running_back(shown))
    )


def running_back(shown: PlacedPanel) -> set[str]:
    """The values that have a line with a piece that runs to the left: from row to row, of a panel in rows."""
    found: set[str] = set()
    for route in shown.routes:
        corners = [route.points[0], *route.points[3::3]]
        if any(x1 < x0 - 1.0 for (x0, _), (x1, _) in pairwise(corners)):
            found.add(route.edge.source)
    return found


def _is_clear(shown: PlacedPanel) -> bool:
    """Whether no box stands in the part of a frame that is not its own."""
    return not any(
        frame.group.id not in box.box.groups
        and abs(box.x - frame.x - frame.width / 2) < (box.size.width + frame.width) / 2
        and abs(box.y - frame.y - frame.height / 2) < (box.size.height + frame.height) / 2
        for frame in shown.frames
        for box in shown.boxes
    )

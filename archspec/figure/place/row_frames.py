"""Row frames: the frame round an open block that is cut into rows, drawn in parts, one for each row that it stands in.

    .- stages ----------.         Its members stand in the rows of what is round it, so that rows are full; as one
--->| [a]-->[b]-->[c] --|--.      frame it would take a row of its own size, beside all that leads to it.
    '-------------------'  |
.--------------------------'
|   .-------------.
'-->| [d]-->[e] --|-->[f]
    '-------------'
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from archspec.figure.diagram import Group, Panel
from archspec.figure.look.theme import Fonts
from archspec.figure.look.typeface import width
from archspec.figure.place.nest import around
from archspec.figure.place.placed import Frame
from archspec.figure.place.sheet import Item, Sheet
from archspec.figure.what.some_frames import only

PAD = 4.0  # between a frame, whole or in parts, and what is in it
HEADING = 4.0  # above what is in it, besides its title


def whole_frames(panel: Panel) -> tuple[Group, ...]:
    """The frames of a panel that are drawn as one; what is in another is beside it."""
    return only(panel.groups, {group.id for group in panel.groups} - panel.cut_frames)


def members(panel: Panel, groups: Sequence[Group]) -> dict[str, list[str]]:
    """Frame in parts -> the items of the panel that are in it: boxes, and those of `groups` that no other holds."""
    found: dict[str, list[str]] = {}
    homes = around(panel, groups) if panel.cut_frames else {}
    for box in panel.boxes if panel.cut_frames else ():
        item = homes[box.id][-2] if len(homes[box.id]) > 1 else box.id
        for group in panel.cut_frames.intersection(box.groups):
            if item not in found.setdefault(group, []):
                found[group].append(item)
    return found


def with_frame(item: Item, fonts: Fonts) -> Item:
    """`item` with the room that a part of a frame needs round it."""
    wide, head = max(item.label, item.width) + 2 * PAD, fonts.detail + HEADING
    return replace(item, above=item.above + head, below=item.below + PAD, label=wide, margins=(head, PAD))


def row_frames(
    panel: Panel, held: Mapping[str, Sequence[str]], sheet: Sheet, items: Mapping[str, Item], fonts: Fonts
) -> Iterator[Frame]:
    """The parts of the frames, with the title where it fits: on the first always. `items` have room for them."""
    groups = {group.id: group for group in panel.groups}
    for name, inside in held.items():
        rows: dict[int, list[str]] = {}
        for item in inside:
            rows.setdefault(sheet.spots[item].row, []).append(item)
        for number, row in enumerate(sorted(rows)):
            part = _part(groups[name], rows[row], sheet, items)
            said = not number or width(part.group.title, fonts.detail) + 2 * PAD <= part.width
            yield part if said else replace(part, group=replace(part.group, title=""))


def _part(group: Group, inside: Sequence[str], sheet: Sheet, items: Mapping[str, Item]) -> Frame:
    spots = {name: sheet.spots[name] for name in inside}
    middles = {name: spot.x + items[name].width / 2 for name, spot in spots.items()}
    half = {name: max(items[name].label, items[name].width) / 2 for name in inside}
    left, right = min(middles[name] - half[name] for name in inside), max(middles[name] + half[name] for name in inside)
    top = min(spot.axis - max(spot.above, items[name].above) for name, spot in spots.items())
    bottom = max(spot.axis + max(spot.below, items[name].below) for name, spot in spots.items())
    return Frame(group, left, top, right - left, bottom - top)

"""Frames round what stands for several equal blocks in a row, over all of their resolutions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from archspec.figure.diagram import Panel
from archspec.figure.look.theme import Fonts
from archspec.figure.look.typeface import width
from archspec.figure.place.placed import Frame, PlacedBox
from archspec.figure.place.sheet import Item

PAD = 4.0  # between a frame and what is in it
HEADING = 5.0  # above what is in it, besides its title


def framed_items(panel: Panel, items: Mapping[str, Item], levels: Mapping[str, int], fonts: Fonts) -> dict[str, Item]:
    """The items in frames, with the room that these need round them: above for the title, downwards before them."""
    lead = fonts.detail + HEADING
    over, beside = (PAD, lead) if panel.downwards else (lead, PAD)
    found: dict[str, Item] = {}
    titles = {group.id: group.title for group in panel.groups}
    for name, members in in_frames(panel).items():
        written = width(titles[name], fonts.detail) + 2 * PAD if panel.downwards else 0.0
        top, bottom = min(levels[one] for one in members), max(levels[one] for one in members)
        for one in members:
            item = items[one]
            above = over if levels[one] == top else 0.0
            below = PAD if levels[one] == bottom else 0.0
            label = max(item.label, item.width) + 2 * beside
            over_all = max(item.above + above, written if levels[one] == top else 0.0)
            found[one] = replace(item, above=over_all, below=item.below + below, label=label)
    return found


def run_frames(
    panel: Panel, boxes: Sequence[PlacedBox], items: Mapping[str, Item], labels: Mapping[str, float], fonts: Fonts
) -> Iterator[Frame]:
    """The frames. `items` have the room that the boxes need in them, `labels` how wide their words are."""
    lead = fonts.detail + HEADING - PAD if panel.downwards else 0.0
    places = {placed.box.id: placed for placed in boxes}
    groups = {group.id: group for group in panel.groups}
    for name, members in in_frames(panel).items():
        half = {one: max(places[one].size.width, labels[one]) / 2 + PAD for one in members}
        left = min(places[one].x - half[one] for one in members) - lead
        ends = (places[one].x - places[one].size.width / 2 + items[one].width + PAD for one in members)
        right = max(*ends, *(places[one].x + half[one] for one in members))
        top = min(places[one].y - items[one].above for one in members)
        bottom = max(places[one].y + items[one].below for one in members)
        yield Frame(groups[name], left, top, right - left, bottom - top)


def in_frames(panel: Panel) -> dict[str, list[str]]:
    """Frame -> ids of the boxes in it."""
    runs = {group.id for group in panel.groups}
    found: dict[str, list[str]] = {}
    for box in panel.boxes:
        for group in box.groups:
            if group in runs:
                found.setdefault(group, []).append(box.id)
    return found

"""Groups: what the author of a spec puts in a frame, by the key `group` of `figure`, as items of the page."""

from collections.abc import Iterable

from archspec.figure.what.asked_frames import asked_frames
from archspec.graph.graph import Graph
from archspec.page.entries import Entry

Groups = tuple[tuple[str, tuple[str, ...]], ...]


def groups(graph: Graph, entries: Iterable[Entry]) -> Groups:
    """The title of each frame that is asked for, and the items in it, in the order of the flow."""
    asked = asked_frames(graph)
    items = {entry.path: entry.item for entry in entries if entry.path in asked.of}
    found: dict[str, dict[str, None]] = {frame: {} for frame in asked.titles}
    for path, item in items.items():
        found[asked.of[path]][item] = None
    return tuple((asked.titles[frame], tuple(inside)) for frame, inside in found.items() if inside)

"""Groups: what the author of a spec puts in a frame, by the key `group` of `figure`, as items of the page."""

from collections.abc import Callable, Iterable

from archspec.figure.what.asked_frames import asked_frames
from archspec.graph.graph import Graph
from archspec.page.entries import Entry

Groups = tuple[tuple[str, tuple[str, ...]], ...]


def groups(graph: Graph, entries: Iterable[Entry], named: Callable[[str], str] = str) -> Groups:
    """The title of each frame that is asked for, and the items in it, in the order of the flow.

    Args:
        graph: of the network.
        entries: all paths of the page.
        named: what the page calls a path of this network.
    """
    asked = asked_frames(graph)
    frames = {named(id): frame for id, frame in asked.of.items()}
    found: dict[str, dict[str, None]] = {frame: {} for frame in asked.titles}
    for entry in entries:
        if entry.path in frames:
            found[frames[entry.path]][entry.item] = None
    return tuple((asked.titles[frame], tuple(inside)) for frame, inside in found.items() if inside)

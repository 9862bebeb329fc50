"""Links: which edges are ordinary flow, which are residual and which are skips.

In a join, the input that comes the longest way is the flow. Beside it

    residual   an input of an addition from which the flow was computed, together with the one op that may stand on it
    skip       an input of a concatenation, of an up-sampling or of a block with several, that lies on the way of the
               other or far before

What a gate or an attention reads is flow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archspec.figure.diagram import EdgeKind

FAR = 4  # boxes that the other way is longer by


@dataclass(frozen=True, slots=True)
class Link:
    """An edge between boxes.

    `label` names the input that it feeds, where that is not the first. `port` names the output of a closed block that
    it comes from, where others are read too; "" for the default one.
    """

    tail: str
    head: str
    label: str = ""
    port: str = ""


def depths(order: Sequence[str], sources: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The longest way from the inputs to each box; `order` is topological. Linear."""
    found: dict[str, int] = {}
    for name in order:
        found[name] = 1 + max((found[source] for source in sources.get(name, ())), default=-1)
    return found


@dataclass(frozen=True, slots=True)
class Heads:
    """Boxes by what they do with what they read.

    Attributes:
        add: those that add.
        take_in: concatenations, up-samplings and closed blocks.
        held: what looks up or is learned, which is no way past anything.
    """

    add: frozenset[str]
    take_in: frozenset[str]
    held: frozenset[str]


def kinds(order: Sequence[str], links: Sequence[Link], heads: Heads) -> dict[Link, EdgeKind]:
    """The kind of every link."""
    into: dict[str, list[Link]] = {}
    out: dict[str, list[Link]] = {}
    for link in links:
        into.setdefault(link.head, []).append(link)
        out.setdefault(link.tail, []).append(link)
    depth = depths(order, {name: [link.tail for link in incoming] for name, incoming in into.items()})
    main = {name: max(incoming, key=lambda link: depth[link.tail]).tail for name, incoming in into.items()}

    found: dict[Link, EdgeKind] = dict.fromkeys(links, "flow")
    for name, incoming in into.items():
        for link in incoming:
            gap = depth[main[name]] - depth[link.tail]
            if gap <= 0 or link.tail in heads.held:
                continue
            if name in heads.add:
                passes_by = (link.tail, *(one.tail for one in into.get(link.tail, ()) if _only(link.tail, into, out)))
                if any(_on_way(tail, main[name], main, depth) for tail in passes_by):
                    found[link] = "residual"
            elif name in heads.take_in and (gap >= FAR or _on_way(link.tail, main[name], main, depth)):
                found[link] = "skip"
            before = into.get(link.tail, [])
            if found[link] != "flow" and _only(link.tail, into, out) and len(out[before[0].tail]) > 1:
                found[before[0]] = found[link]
    return found


def _only(name: str, into: Mapping[str, Sequence[Link]], out: Mapping[str, Sequence[Link]]) -> bool:
    """Whether a box stands on one line: it has one link into it and one out of it."""
    return len(into.get(name, ())) == len(out.get(name, ())) == 1


def _on_way(name: str, end: str, main: Mapping[str, str], depth: Mapping[str, int]) -> bool:
    """Whether the longest way to `end` passes `name`."""
    while depth[end] > depth[name]:
        end = main[end]
    return end == name

"""Asked frames: members that the author of a spec puts in one frame, by the key `group` of `figure`.

    a: {op: conv2d, ..., figure: {group: Encoder}}
    b: {op: conv2d, ..., figure: {group: Encoder}}      a and b have a frame, Encoder, and c has none
    c: {op: linear, ...}

What is written one behind the other, in one graph and with one group, stands in one frame.
"""

from collections.abc import Iterator, Mapping
from dataclasses import field

from archspec.figure.what.wanted import wanted
from archspec.graph.graph import Graph
from archspec.graph.once import once
from archspec.graph.walk import ancestors, children, within
from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class AskedFrames:
    """Frames by their ids.

    Attributes:
        titles: frame -> what is written on it.
        parents: frame -> the scope that its members stand in.
        of: node or scope that says so -> its frame.
    """

    titles: Mapping[str, str] = field(default_factory=dict)
    parents: Mapping[str, str] = field(default_factory=dict)
    of: Mapping[str, str] = field(default_factory=dict)

    def around(self, graph: Graph, id: str, scope: str) -> Iterator[str]:
        """The frames and the scopes around `id`, a node or a scope that stands in `scope`; the innermost first."""
        if id in self.of:
            yield self.of[id]
        for outer in ancestors(graph, scope):
            yield outer
            if outer in self.of:
                yield self.of[outer]

    def innermost(self, graph: Graph, id: str, scope: str) -> str:
        """The nearest frame around `id`, a node or a scope that stands in `scope`; "" for none."""
        return next((one for one in self.around(graph, id, scope) if one in self.titles), "") if self.titles else ""


def asked_frames(graph: Graph, root: str = "") -> AskedFrames:
    """The frames that are asked for below the scope `root`."""
    every = _every(graph)
    parents = {id: scope for id, scope in every.parents.items() if scope == root or within(scope, root)}
    titles = {id: every.titles[id] for id in parents}
    return AskedFrames(titles, parents, {id: frame for id, frame in every.of.items() if frame in parents})


@once
def _every(graph: Graph) -> AskedFrames:
    """The frames that are asked for anywhere. Linear in nodes and scopes."""
    titles: dict[str, str] = {}
    parents: dict[str, str] = {}
    of: dict[str, str] = {}
    for scope in graph.scopes.values():
        before = ""
        for member in children(graph, scope):
            title = wanted(member).group
            if title and title == before:
                of[member.id] = next(reversed(titles))
            elif title:
                id = of[member.id] = f"group@{member.id}"
                titles[id], parents[id] = title, scope.id
            before = title
    return AskedFrames(titles, parents, of)

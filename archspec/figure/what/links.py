"""Links: which edges are ordinary flow, which are residual and which are skips.

In a join, the input that comes the longest way is the flow. Beside it

    residual   an input of an addition from which the flow was computed, together with the one op that may stand on it
    skip       an input of a concatenation, of an up-sampling or of a block with several, that lies on the way of the
               other or far before

What a gate or an attention reads is flow.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from archspec.figure.diagram import EdgeKind
from archspec.figure.what.idioms import SELF, Idioms
from archspec.figure.what.runs import Runs
from archspec.graph.graph import Graph, Node, Ref, Scope

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


def links_between(
    graph: Graph, owners: Mapping[str, str], ports: Mapping[Ref, str], runs: Runs, idioms: Idioms
) -> Iterator[Link]:
    """Every pair of boxes once for each output of the first. From block to block of a run there is no line.

    An input that an op names besides its first gives the link its name; in a closed block, as the block calls it, and
    of an idiom, what the input is to it.
    """
    found: dict[tuple[str, str, str], Link] = {}
    fed: dict[tuple[str, str, str], set[str]] = {}
    for name, owner in owners.items():
        node = graph.nodes[name]
        for index, ref in enumerate(() if name in runs.same else node.inputs):
            source = owners.get(ref.node)
            if source is None or source == owner or only_sized(node, index, idioms):
                continue
            named = index > 0 and not node.op.variadic and len(node.op.input_names) > index
            label = node.op.input_names[index] if named else ""
            label = "" if node.op.commutes else label
            if label and owner in graph.scopes:
                label = _input_name(graph.scopes[owner], ref)
            key = source, owner, ports.get(runs.first_ref(ref), "")
            if name in idioms.of:
                fed.setdefault(key, set()).update(idioms.of[name].slots.get((name, index), ()))
            known = found.get(key)
            if known is None or (known.label and not label):
                found[key] = Link(source, owner, label, key[2])
    for key, names in fed.items():
        found[key] = Link(*key[:2], "" if names.issuperset(SELF) else ", ".join(sorted(names)), key[2])
    return iter(found.values())


def _input_name(scope: Scope, ref: Ref) -> str:
    """What a block calls a value that it reads besides its first; "" where it says nothing."""
    inputs = zip(scope.definition.inputs[1:], scope.inputs[1:], strict=True)
    return next((name for name, given in inputs if given == ref), "")


def only_sized(node: Node, index: int, idioms: Idioms) -> bool:
    """Whether an input has no line: it is read for its size, beside another or by a part of an idiom."""
    return node.op.reads_size(index) and (index > 0 or node.id in idioms.of)


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

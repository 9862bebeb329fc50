"""A figure held against its graph: what each mark stands for, in which order, and what each line carries.

Run it to read the two side by side: `python -m tests.agreement.flow unet`.

    inside     both ends of an edge of the graph are in one mark, or it is read for sizes only
    line       a way along drawn lines, past marks that stand for no op, from the mark of one end to that of the other
    round      both ends are in a frame that stands for several blocks, and the first block is drawn
    size       what is printed under a mark are the sizes of a value that leaves it, before what is not shown
"""

import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from archspec.figure.diagram import Box, Edge, Panel
from archspec.figure.what.depict import diagram
from archspec.graph.graph import Node, Ref
from archspec.graph.network import Network
from archspec.pipeline import load_network

_POWERS = {"\N{SUPERSCRIPT TWO}": 2, "\N{SUPERSCRIPT THREE}": 3}


def faults(net: Network, drawn: Panel) -> list[str]:
    """What the network's panel says that its graph does not, and the other way round, in words."""
    ways = _Ways(net, drawn)
    return [*ways.missing(), *ways.invented(), *ways.backward(), *_wrong_sizes(net, drawn), *_wrong_words(net, drawn)]


class _Ways:
    """The lines of a panel, and which marks its nodes stand in: boxes, or lines that stand for pools."""

    def __init__(self, net: Network, drawn: Panel) -> None:
        self.net, self.drawn = net, drawn
        self.box = {id: box.id for box in drawn.boxes for id in box.nodes}
        self.on_lines: dict[str, list[Edge]] = defaultdict(list)
        for edge in drawn.edges:
            for id in edge.nodes:
                self.on_lines[id].append(edge)
        several = {group.id for group in drawn.groups if group.repeat > 1}
        self.rounds = {box.id: several.intersection(box.groups) for box in drawn.boxes}
        self.place = {box.id: index for index, box in enumerate(drawn.boxes)}
        self.next: dict[str, set[str]] = defaultdict(set)
        for edge in drawn.edges:
            self.next[edge.tail].add(edge.head)
        self.bare = {box.id for box in drawn.boxes if not box.nodes and box.kind != "output"}

    def starts(self, id: str) -> set[str]:
        """The boxes at which a value of a node starts to be drawn: of one on lines, where those start."""
        return {self.box[id]} if id in self.box else {edge.tail for edge in self.on_lines[id]}

    def ends(self, id: str) -> set[str]:
        """The boxes in which what a node reads ends."""
        return {self.box[id]} if id in self.box else {edge.head for edge in self.on_lines[id]}

    def reached(self, start: str) -> set[str]:
        """The boxes to which a line leads from one, past those that stand for nothing."""
        found: set[str] = set()
        pending = list(self.next[start])
        while pending:
            name = pending.pop()
            if name not in found:
                found.add(name)
                pending += self.next[name] if name in self.bare else ()
        return found

    def again(self, start: str) -> set[str]:
        """The boxes that stand with one in a frame which stands for several blocks."""
        return {name for name, rounds in self.rounds.items() if rounds & self.rounds[start]}

    def read(self) -> Iterator[tuple[Ref, Node]]:
        """What flows in the graph: values and their readers, but for what is read for its sizes."""
        for node in self.net.graph.nodes.values():
            for index, ref in enumerate(node.inputs):
                if not node.op.reads_size(index):
                    yield ref, node

    def missing(self) -> Iterator[str]:
        """Edges of the graph that are no line and in no mark."""
        for ref, node in self.read():
            tails, heads = self.starts(ref.node), self.ends(node.id)
            if not tails or not heads:
                yield f"{ref.node if not tails else node.id} is drawn nowhere"
            elif not any(heads & ({tail} | self.reached(tail) | self.again(tail)) for tail in tails):
                yield f"{ref.node} -> {node.id} is no line from {sorted(tails)} to {sorted(heads)}"
        for output in self.net.graph.outputs:
            ends = {box.id for box in self.drawn.boxes if box.id == f"output@{output.name}"}
            if ends and not any(self.reached(tail) & ends for tail in self.starts(output.ref.node)):
                yield f"{output.ref.node} has no line to the output {output.name}"

    def invented(self) -> Iterator[str]:
        """Lines between marks of which the second reads nothing of the first."""
        flows = {
            (tail, head)
            for node in self.net.graph.nodes.values()
            for ref in node.inputs
            for tail in self.starts(ref.node)
            for head in self.ends(node.id)
        }
        for output in self.net.graph.outputs:
            flows |= {(tail, f"output@{output.name}") for tail in self.starts(output.ref.node)}
        for box in self.drawn.boxes:
            for head in self.reached(box.id) - self.bare if box.id not in self.bare else ():
                if (box.id, head) not in flows:
                    yield f"a line from {box.id} to {head} carries nothing"

    def backward(self) -> Iterator[str]:
        """Lines against the order of the marks, and nodes of a mark that do not stand in their order."""
        for edge in self.drawn.edges:
            if self.place[edge.tail] >= self.place[edge.head]:
                yield f"a line from {edge.tail} back to {edge.head}"
        order = {id: index for index, id in enumerate(self.net.graph.nodes)}
        for box in self.drawn.boxes:
            for one, other in pairwise(box.nodes) if box.kind != "block" else ():
                if order[one] > order[other]:
                    yield f"{one} stands before {other} in {box.id}"


def _wrong_sizes(net: Network, drawn: Panel) -> Iterator[str]:
    for box in drawn.boxes:
        printed = sizes(box.shape)
        given = _given(net, box) if box.shape and box.nodes else []
        if given and sorted(printed) not in map(sorted, given):
            yield f"{box.id} says {box.shape} of {given}"
    for output in net.graph.outputs:
        for box in drawn.boxes:
            dims = net.shape(output.ref).dims
            if box.id == f"output@{output.name}" and sorted(sizes(box.shape)) != sorted(dims):
                yield f"output {output.name} says {box.shape} of {dims}"


def _given(net: Network, box: Box) -> list[tuple[int, ...]]:
    """The sizes of the values of a mark that are read beside it, or given, and before what is not shown of it."""
    nodes, inside = net.graph.nodes, set(box.nodes)
    given = {output.ref for output in net.graph.outputs if output.ref.node in inside}
    for id in box.nodes:
        outside = [reader for reader in net.graph.readers[id] if reader not in inside]
        given |= {ref for reader in outside for ref in nodes[reader].inputs if ref.node == id}
    given = given or {Ref(id) for id in box.nodes}
    pending = list(given)
    while pending:
        node = nodes[pending.pop().node]
        if node.op.unseen and node.inputs and node.inputs[0] not in given:
            given.add(node.inputs[0])
            pending.append(node.inputs[0])
    return [net.shape(ref).dims for ref in sorted(given, key=str)]


def sizes(printed: str) -> tuple[int, ...]:
    """`64×56²` -> (64, 56, 56)."""
    found: list[int] = []
    for digits, power in re.findall(r"(\d+)([²³]?)", printed):
        found += [int(digits)] * _POWERS.get(power, 1)
    return tuple(found)


def _wrong_words(net: Network, drawn: Panel) -> Iterator[str]:
    """Boxes that say `+ BN + ReLU` of what runs in another order."""
    for box in drawn.boxes:
        said = [one.name for each in box.beside if each.sign == "+ " for one in each.joined]
        runs = [net.graph.nodes[id].op.caption.title for id in box.nodes]
        at = 0
        for name in said:
            rest = [title.lower() for title in runs[at:]]
            if name.lower() in rest:
                at += rest.index(name.lower()) + 1
            elif name.lower() in (title.lower() for title in runs):
                yield f"{box.id} says {said} of {runs}"


def told(net: Network, drawn: Panel) -> Iterator[str]:
    """The panel mark by mark: its words, the ops of the graph in it in their order, and what it reads by which line."""
    into, _ = drawn.ends()
    for box in drawn.boxes:
        yield " ".join((f"[{box.id}]", box.title, *box.details, box.counts, box.shape))
        for id in box.nodes:
            node = net.graph.nodes[id]
            reads = ", ".join(f"{ref.node}{'.' + str(ref.port) if ref.port else ''}" for ref in node.inputs)
            yield f"    {id}: {node.op.name}({reads}) -> {net.shapes[id][0].dims}"
        for edge in into.get(box.id, ()):
            on = f" past {', '.join(edge.nodes)}" if edge.nodes else ""
            yield f"    <- {edge.source} {edge.label or edge.kind}{on}"


def main(spec: str) -> None:
    """Prints a network's figure against its graph, and their faults."""
    net = load_network(spec)
    drawn = diagram(net).panels[0]
    for line in (*told(net, drawn), *faults(net, drawn)):
        print(line)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])

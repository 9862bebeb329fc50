"""Backward: how much is live while a network is trained for a step, as a curve over forward and backward.

Going back, each node reads the gradients of its outputs and what was kept of it, makes gradients of what it reads and
of its parameters, and lets go of the rest. A gradient that meets another one is added to it. Views, sums and joins hand
their gradient on as it is: no memory is taken.
"""

from collections.abc import Iterator
from math import prod

from archspec.graph.graph import Node, Ref
from archspec.graph.memory import calls
from archspec.graph.sums import let_go, partial_sums
from archspec.memory.tape import Piece, Sizes, Tape
from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Moment:
    """What is live while one node runs.

    Attributes:
        node: id of it.
        backward: it runs backward.
        kept: bytes that are kept for gradients, this node's included.
        flowing: bytes of values or gradients between nodes that nobody keeps.
        gradients: bytes of the gradients of parameters that were made.
    """

    node: str
    backward: bool
    kept: int
    flowing: int
    gradients: int

    @property
    def bytes(self) -> int:
        """All of it."""
        return self.kept + self.flowing + self.gradients


def curve(tape: Tape, sizes: Sizes) -> Iterator[Moment]:
    """A moment for every node forward, then for every node that has a gradient backward. Linear in nodes and edges."""
    yield from _forward(tape, sizes)
    yield from _Backward(tape, sizes).moments()


def _forward(tape: Tape, sizes: Sizes) -> Iterator[Moment]:
    """A value is live from the node that makes it to its last reader, and to the end where it is kept."""
    last = _last_reads(tape)
    kept: set[Piece] = set()
    live: dict[Piece, int] = {}
    ending: dict[str, list[Piece]] = {}
    kept_bytes = flowing = 0
    partial = partial_sums(tape.network, tape.turns, {node.id: place for place, node in enumerate(tape.nodes)})
    held: dict[int, int] = {}
    for place, node in enumerate(tape.nodes):
        for one in partial.get(place, ()):
            flowing += sizes.tensor(one.shape, low=Ref(node.id) in tape.low)
            held[one.last] = held.get(one.last, 0) + sizes.tensor(one.shape, low=Ref(node.id) in tape.low)
        own = {piece for port in node.op.ports if (piece := tape.owner[Ref(node.id, port)]) is not None}
        for piece in own - live.keys() - kept:
            if piece.node == node.id and (piece in last or piece.port == ""):
                live[piece] = sizes.of(piece)
                flowing += live[piece]
                ending.setdefault(last.get(piece, node.id), []).append(piece)
        for piece in tape.kept[node.id].pieces:
            if piece not in kept and not piece.again:
                kept.add(piece)
                kept_bytes += sizes.of(piece)
                flowing -= live.pop(piece, 0)
        xs, ys = tape.network.input_shapes(node), tape.network.shapes[node.id]
        made = () if node.id in tape.turns else node.op.scratch_forward(xs, ys)
        yield Moment(node.id, False, kept_bytes, flowing + sum(map(sizes.tensor, made)), 0)
        for piece in ending.pop(node.id, ()):
            flowing -= live.pop(piece, 0)
        flowing -= held.pop(place, 0)


def _last_reads(tape: Tape) -> dict[Piece, str]:
    """The node to the end of which a value is held: by who reads it, a call that it is an argument of, or a name."""
    graph, last = tape.network.graph, dict[Piece, int]()
    position = {node.id: place for place, node in enumerate(tape.nodes)}

    def hold(ref: Ref, place: int) -> None:
        if (piece := tape.owner[ref]) is not None:
            last[piece] = max(last.get(piece, 0), place)

    early = {(id, ref): place for id, ref, place in let_go(tape.network, tape.turns, position)}
    for node in tape.nodes:
        for ref in node.inputs:
            hold(ref, early.get((node.id, ref), position[node.id]))
    for refs, place in calls(graph, position, tape.opened):
        for ref in refs:
            hold(ref, place)
    for ref, id in tape.lingering.items():
        hold(ref, position[id])
    for output in graph.outputs:
        hold(output.ref, len(tape.nodes) - 1)
    return {piece: tape.nodes[place].id for piece, place in last.items()}


class _Backward:
    """The way back. A gradient is one of a value, or handed on: then it is that of another value."""

    def __init__(self, tape: Tape, sizes: Sizes) -> None:
        self.tape, self.sizes = tape, sizes
        self.uses: dict[Piece, int] = {}
        for kept in tape.kept.values():
            for piece in kept.pieces:
                self.uses[piece] = self.uses.get(piece, 0) + 1
        self.kept = sum(sizes.of(piece) for piece in self.uses if not piece.again)
        self.waiting: dict[str, set[Piece]] = {}  # scope that is computed again -> what that will make
        for id, scope in tape.again.items():
            self.waiting.setdefault(scope, set()).update(piece for piece in tape.kept[id].pieces if piece.again)
        self.flowing = self.high = self.made = 0
        self.parameters: set[tuple[str, str]] = set()  # those that have a gradient
        self.memory: dict[Ref, int] = {}  # gradient of a value -> which piece of memory it is
        self.met: list[tuple[Ref, int]] = []  # those that a node has made and that are to meet others
        self.holders: dict[int, int] = {}  # piece of memory -> how many gradients are it
        self.bytes: dict[int, int] = {}

    def moments(self) -> Iterator[Moment]:
        graph = self.tape.network.graph
        for output in graph.outputs:
            self._start(output.ref)
        for node in reversed(self.tape.nodes):
            kept = self.tape.kept[node.id]
            self.kept += sum(map(self.sizes.of, self.waiting.pop(self.tape.again.get(node.id, ""), ())))
            given = [ref for port in node.op.ports if (ref := Ref(node.id, port)) in self.memory]
            running = self._run(node, given) if kept.grows and given else None
            for ref in given:
                self._let_go(self.memory.pop(ref))
            self._forget(kept.pieces)
            if running is not None:
                yield max(running, self._meet(node), key=lambda moment: moment.bytes)

    def _run(self, node: Node, given: list[Ref]) -> Moment:
        """While a node runs backward."""
        wants = self.tape.kept[node.id].wants
        self.high = self.flowing
        self._parameters(node)
        self._inputs(node, wants, given)
        self._before_sums(node, wants)
        network = self.tape.network
        made = node.op.scratch_backward(network.input_shapes(node), network.shapes[node.id])
        self.high = max(self.high, self.flowing + sum(map(self.sizes.tensor, made)))
        return Moment(node.id, True, self.kept, self.high, self.made)

    def _meet(self, node: Node) -> Moment:
        """While its gradients are added to those that were there: it has let go of what it kept by then."""
        self.high = self.flowing
        for ref, made in self.met:
            if ref in self.memory:
                self._add(ref, made, self.sizes.tensor(self.tape.network.shape(ref), low=ref in self.tape.low))
            else:
                self.memory[ref] = made
        self.met.clear()
        return Moment(node.id, True, self.kept, self.high, self.made)

    def _start(self, ref: Ref) -> None:
        """The gradient of a sum is one number for all elements; that of two sums one for each."""
        if not self.tape.network.shape(ref).differentiable:
            return
        made = self._new(4)
        if ref in self.memory:
            self._add(ref, made, self.sizes.tensor(self.tape.network.shape(ref), low=ref in self.tape.low))
        else:
            self.memory[ref] = made

    def _parameters(self, node: Node) -> None:
        """Gradients of parameters stay. One that is used a second time has two, and their sum, for a moment."""
        ties = {name: (owner.node, owner.name) for name, owner in node.ties}
        second = 0
        for name, shape in node.op.parameters(self.tape.network.input_shapes(node)).items():
            size = self.sizes.parameter_bytes * prod(shape)
            key = ties.get(name, (node.share or node.id, name))
            if key in self.parameters:
                second += 2 * size
            else:
                self.parameters.add(key)
                self.made += size
        self.high += second

    def _before_sums(self, node: Node, wants: tuple[bool, ...]) -> None:
        """What is read by many elements, or is one number for a channel, has a gradient for each before their sum."""
        op, network = node.op, self.tape.network
        xs, y = network.input_shapes(node), network.shapes[node.id][0]
        smaller = any(wanted and x.numel < y.numel for wanted, x in zip(wants, xs, strict=True))
        if op.pointwise and not op.hands_on_gradient and (smaller or op.parameters(xs)):
            self.high = max(self.high, self.flowing + self.sizes.tensor(y, low=Ref(node.id) in self.tape.low))

    def _inputs(self, node: Node, wants: tuple[bool, ...], given: list[Ref]) -> None:
        op, network = node.op, self.tape.network
        over_view = node.id in self.tape.over_views
        xs = network.input_shapes(node)
        for index, (ref, wanted, x) in enumerate(zip(node.inputs, wants, xs, strict=True)):
            if not wanted:
                continue
            if (
                op.hands_on(xs, index)
                and not over_view
                and len(op.ports) == 1
                and x.numel <= network.shape(given[0]).numel
            ):
                made = self.memory[given[0]]
                self.holders[made] += 1
            else:
                made = self._new(self.sizes.tensor(x, low=ref in self.tape.low))
            self.met.append((ref, made))
        if over_view and not op.hands_on_gradient:  # a copy of the gradient, and of the part of it that is written over
            y = self.sizes.tensor(network.shapes[node.id][0], low=Ref(node.id) in self.tape.low)
            self.high = max(self.high, self.flowing + 2 * y)

    def _add(self, ref: Ref, made: int, size: int) -> None:
        """Two gradients of one value are there together with their sum, which then stands for both."""
        old = self.memory[ref]
        self.memory[ref] = self._new(size)
        self._let_go(old)
        self._let_go(made)

    def _new(self, size: int) -> int:
        number = len(self.bytes)
        self.bytes[number], self.holders[number] = size, 1
        self.flowing += size
        self.high = max(self.high, self.flowing)
        return number

    def _let_go(self, number: int) -> None:
        self.holders[number] -= 1
        if not self.holders[number]:
            self.flowing -= self.bytes[number]

    def _forget(self, pieces: tuple[Piece, ...]) -> None:
        for piece in pieces:
            self.uses[piece] -= 1
            if not self.uses[piece]:
                self.kept -= self.sizes.of(piece)

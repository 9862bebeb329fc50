"""Tape: what autograd keeps of a forward pass in training, node by node, as torch does on a CPU.

    conv1   keeps its input, the image         which is not counted: whoever trains holds it
    bn1     keeps what conv1 gives, mean and deviation
    relu    writes over what bn1 gives, and keeps it
    conv2   keeps the same piece of memory

A piece of memory is counted once, whoever keeps it. Views are a piece of what they view.

In training, dropout multiplies by numbers of its own. What a node keeps is let go when its gradient is made.
"""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from copy import copy
from dataclasses import replace

from archspec.code.build import running
from archspec.graph.graph import Graph, Node, Ref
from archspec.graph.network import Network
from archspec.graph.strides import copied
from archspec.graph.walk import inside
from archspec.ops.saved import NOTHING, Saved
from archspec.values.dataclass import dataclass
from archspec.values.shape import Shape


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of memory: an output that owns it, or what an op made for itself.

    Attributes:
        node: id of the node that made it.
        port: of the output; `made 0` and so on of what nobody else has.
        shape: of the tensor.
        low: of bfloat16, to which autocast brought it.
        again: made on the way back only, where a scope is computed again.
    """

    node: str
    port: str
    shape: Shape
    low: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept for the gradients of one node.

    Attributes:
        node: id of it.
        pieces: those that are neither inputs of the network nor parameters.
        wants: for each input, whether it gets a gradient.
        grows: whether the node itself has a part in the gradients.
    """

    node: str
    pieces: tuple[Piece, ...]
    wants: tuple[bool, ...]
    grows: bool


class Tape:
    """What is kept of every node of a network in training, nodes in their order. Linear in nodes and edges.

    Attributes:
        kept: id of a node -> what is kept for it.
        owner: output -> the piece of memory that it is; of what a parameter or an input of the network is, None.
        inplace: ids of the nodes that write over their first input.
        lingering: output -> id of the last node that runs while names of the source hold it, read or not.
        opened: ids of the scopes that are lists, whose parts the source calls one by one.
        turns: sums whose terms the source makes in between.
        over_views: ids of the nodes that write over what is a view of another tensor.
        low: outputs in bfloat16, to which autocast brought them.
        again: id of a node that is computed again -> the scope with which it is.
        nodes: in the order in which they run.
    """

    def __init__(self, network: Network, *, autocast: bool = False) -> None:
        self.network, self.autocast = network, autocast
        self.kept: dict[str, Kept] = {}
        self.over_views: set[str] = set()
        self._views: set[Ref] = set()
        self.owner: dict[Ref, Piece | None] = {}
        self.low: set[Ref] = set()
        self._wanting: set[Ref] = set()
        runs = running(network)
        self._activations, self.inplace = runs.activations, runs.activations | runs.sums
        self.lingering, self.opened, self.turns = runs.lingering, runs.opened, runs.turns
        self.nodes = tuple(_as_it_runs(network.graph))
        for node in self.nodes:
            self._follow(node)
        self.again: Mapping[str, str] = {}

    def recomputing(self, scopes: AbstractSet[str]) -> "Tape":
        """The same where these scopes are computed again on the way back. Linear in nodes."""
        made = copy(self)
        made.kept, made.again = dict(self.kept), {}
        for scope in scopes:
            made._recompute(scope)
        return made

    def _recompute(self, scope: str) -> None:
        """Inside of a scope that is computed again, what its nodes make for each other is not kept; its inputs are."""
        graph = self.network.graph
        nodes = [found.id for found in inside(graph, graph.scopes[scope]) if isinstance(found, Node)]
        within_it = set(nodes)
        for id in nodes:
            kept = self.kept[id]
            pieces = (replace(p, again=True) if p.node in within_it else p for p in kept.pieces)
            self.kept[id] = replace(kept, pieces=tuple(pieces))
        self.again = {**self.again, **dict.fromkeys(nodes, scope)}
        given = (self.owner[ref] for ref in graph.scopes[scope].inputs)
        first = self.kept[nodes[0]]
        held = dict.fromkeys((*first.pieces, *(piece for piece in given if piece is not None)))
        self.kept[nodes[0]] = replace(first, pieces=tuple(held))

    def _follow(self, node: Node) -> None:
        op, xs, ys = node.op, self.network.input_shapes(node), self.network.shapes[node.id]
        wants = tuple(ref in self._wanting and not op.reads_size(i) for i, ref in enumerate(node.inputs))
        trained = bool(op.parameters(xs)) and node.id not in self.network.graph.inputs
        grows = (any(wants) or trained) and not op.stops_gradient
        writes = node.id in self._activations
        saved = op.saves(xs, ys, wants, inplace=writes) if grows else NOTHING
        shares = node.id in self.inplace or (copied(self.network).shares(self.network, node) and not saved.made)
        self._follow_views(node, saved)
        low = self.autocast and self._is_low(node)
        for port, y in zip(op.ports, ys, strict=True):
            ref = Ref(node.id, port)
            if low and y.dtype == "float":
                self.low.add(ref)
            self.owner[ref] = self._owner(node, ref, y, shares=shares)
            if grows and y.dtype == "float":
                self._wanting.add(ref)
        self.kept[node.id] = Kept(node.id, tuple(dict.fromkeys(self._pieces(node, saved))), wants, grows)

    def _follow_views(self, node: Node, saved: Saved) -> None:
        """Autograd takes what is written over a view as a change of a part of what it views."""
        over_view = node.id in self.inplace and node.inputs[0] in self._views
        if over_view:
            self.over_views.add(node.id)
        if over_view or node.op.view or saved.view:
            self._views.update(Ref(node.id, port) for port in node.op.ports)

    def _owner(self, node: Node, ref: Ref, y: Shape, *, shares: bool) -> Piece | None:
        if node.id in self.network.graph.inputs or node.op.holds:
            return None
        if shares and node.inputs:
            return self.owner[node.inputs[0]]
        return Piece(node.id, ref.port, y, ref in self.low)

    def _is_low(self, node: Node) -> bool:
        """What autocast runs in bfloat16 gives that; all else gives the widest of what it reads."""
        reads = [ref for ref in node.inputs if self.network.shape(ref).dtype == "float"]
        return node.op.low_precision or (bool(reads) and all(ref in self.low for ref in reads))

    def _pieces(self, node: Node, saved: Saved) -> Iterable[Piece]:
        copies = copied(self.network).inputs.get(node.id, {})
        kept = (node.inputs[i] for i in saved.inputs if i not in copies)
        refs = (*kept, *(Ref(node.id, node.op.ports[i]) for i in saved.outputs))
        casts = self.autocast and node.op.low_precision
        for ref in refs:
            if casts and ref.node != node.id and ref not in self.low and self.network.shape(ref).dtype == "float":
                yield Piece(ref.node, f"{ref.port} in bfloat16", self.network.shape(ref), low=True)
            elif (piece := self.owner[ref]) is not None:
                yield piece
        of_copies = {node.inputs[i]: self.network.shape(node.inputs[i]) for i in saved.copies}
        of_copies |= {node.inputs[i]: copies[i] for i in saved.inputs if i in copies}
        for ref, shape in of_copies.items():
            yield Piece(node.id, f"copy of {ref.node} {ref.port}", shape, casts)
        yield from (Piece(node.id, f"made {n}", shape, casts) for n, shape in enumerate(saved.made))
        if casts and self.network.costs[node.id].params:
            yield Piece(node.id, "parameters in bfloat16", Shape((self.network.costs[node.id].params,), 0), low=True)


BYTES: Mapping[str, int] = {"float32": 4, "bfloat16": 2, "float16": 2, "float64": 8}
LOW = 2  # bytes of a number in bfloat16


def _as_it_runs(graph: Graph) -> Iterator[Node]:
    """Nodes in their order, those of training only as soon as what they read is there: the source has them so."""
    waiting: list[Node] = [node for node in graph.nodes.values() if node.train_only]
    done: set[str] = set()
    for node in graph.nodes.values():
        if node.train_only:
            continue
        done.add(node.id)
        yield node
        while waiting and all(ref.node in done for ref in waiting[0].inputs):
            done.add(waiting[0].id)
            yield waiting.pop(0)
    yield from waiting


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many bytes things take.

    Attributes:
        batch: samples.
        float_bytes: of a fraction that is computed: 4 in float32, 2 in bfloat16.
        parameter_bytes: of one of a parameter.
    """

    batch: int = 1
    float_bytes: int = 4
    parameter_bytes: int = 4

    @classmethod
    def of_plan(cls, batch: int, dtype: str) -> "Sizes":
        """Where parameters and values are of one type."""
        return cls(batch, BYTES[dtype], BYTES[dtype])

    def of(self, piece: Piece) -> int:
        """Bytes of a piece of memory."""
        return self.tensor(piece.shape, low=piece.low)

    def tensor(self, shape: Shape, *, low: bool = False) -> int:
        """Bytes of a tensor."""
        rows = self.batch * shape.numel if shape.batch else shape.numel
        kinds = {"float": LOW if low else self.float_bytes, "int": 8, "bool": 1, "complex": 2 * self.float_bytes}
        return rows * kinds[shape.dtype]

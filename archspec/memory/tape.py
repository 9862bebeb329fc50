"""Tape: what autograd keeps of a forward pass in training, node by node, as torch does on a CPU.

    conv1   keeps its input, the image         which is not counted: whoever trains holds it
    bn1     keeps what conv1 gives, mean and deviation
    relu    writes over what bn1 gives, and keeps it
    conv2   keeps the same piece of memory

A piece of memory is counted once, whoever keeps it. Views are a piece of what they view.

In training, dropout multiplies by numbers of its own. What a node keeps is let go when its gradient is made.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from archspec.code.inplace import Aliasing
from archspec.graph.graph import Node, Ref
from archspec.graph.network import Network
from archspec.ops.saved import NOTHING, Saved
from archspec.values.shape import Shape


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of memory: an output that owns it, or what an op made for itself.

    Attributes:
        node: id of the node that made it.
        port: of the output; `made 0` and so on of what nobody else has.
        shape: of the tensor.
    """

    node: str
    port: str
    shape: Shape


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
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self.aliasing = Aliasing(network)
        self.kept: dict[str, Kept] = {}
        self.owner: dict[Ref, Piece | None] = {}
        self.inplace: set[str] = set()
        self._wanting: set[Ref] = set()
        for node in network.graph.nodes.values():
            self._follow(node)

    def _follow(self, node: Node) -> None:
        op, xs, ys = node.op, self.network.input_shapes(node), self.network.shapes[node.id]
        wants = tuple(ref in self._wanting for ref in node.inputs)
        trained = bool(op.parameters(xs)) and node.id not in self.network.graph.inputs
        grows = (any(wants) or trained) and not op.stops_gradient
        writes = op.inplace and bool(node.inputs) and self.aliasing.overwritable(node, 0)
        sums = op.accumulates and len(node.inputs) > 1 and self._sums_in_place(node, xs, ys)
        saved = op.saves(xs, ys, wants, inplace=writes) if grows else NOTHING
        if writes or sums:
            self.inplace.add(node.id)
        shares = writes or sums or (op.aliases_input and not saved.made)
        for port, y in zip(op.ports, ys, strict=True):
            ref = Ref(node.id, port)
            self.owner[ref] = self._owner(node, ref, y, shares=shares)
            if grows and y.dtype == "float":
                self._wanting.add(ref)
        self.kept[node.id] = Kept(node.id, tuple(dict.fromkeys(self._pieces(node, saved))), wants, grows)

    def _sums_in_place(self, node: Node, xs: Sequence[Shape], ys: Sequence[Shape]) -> bool:
        return xs[0] == ys[0] and self.aliasing.overwritable(node, 0)

    def _owner(self, node: Node, ref: Ref, y: Shape, *, shares: bool) -> Piece | None:
        if node.id in self.network.graph.inputs or node.op.holds:
            return None
        if shares and node.inputs:
            return self.owner[node.inputs[0]]
        return Piece(node.id, ref.port, y)

    def _pieces(self, node: Node, saved: Saved) -> Iterable[Piece]:
        refs = (*(node.inputs[i] for i in saved.inputs), *(Ref(node.id, node.op.ports[i]) for i in saved.outputs))
        yield from (piece for ref in refs if (piece := self.owner[ref]) is not None)
        yield from (Piece(node.id, f"made {number}", shape) for number, shape in enumerate(saved.made))


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

    def of(self, shape: Shape) -> int:
        """Bytes of a tensor."""
        rows = self.batch * shape.numel if shape.batch else shape.numel
        return rows * {"float": self.float_bytes, "int": 8, "bool": 1}[shape.dtype]


def held_tensors(network: Network) -> Mapping[str, tuple[int, int]]:
    """Id of a node -> elements of its own parameters and buffers; shared and tied ones where they are held."""
    return {id: (cost.params, cost.buffers) for id, cost in network.costs.items() if cost.params or cost.buffers}

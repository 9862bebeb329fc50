"""Strides of a network: which values lie in memory in another order than their dimensions say, and what that copies."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from archspec.graph.graph import Node, Ref
from archspec.graph.network import Network
from archspec.graph.once import once
from archspec.ops.strides import SAMPLES, Read, Strides, contiguous, sizes
from archspec.values.dataclass import dataclass
from archspec.values.shape import Shape


@dataclass(frozen=True, slots=True, eq=False)
class Copied:
    """What torch copies since it lies in another order.

    Attributes:
        outputs: ids of ops whose output would be a view of their input, and is a copy of it.
        inputs: id of an op -> numbers of the inputs that it reads as copies in training -> what each copy holds.
        at_inference: the same where nothing gets a gradient.
    """

    outputs: AbstractSet[str]
    inputs: Mapping[str, Mapping[int, Shape]]
    at_inference: Mapping[str, Mapping[int, Shape]]

    def shares(self, network: Network, node: Node) -> bool:
        """Whether the output of a node is memory of its input."""
        return node.id not in self.outputs and node.op.shares(network.input_shapes(node))


@once
def copied(network: Network) -> Copied:
    """What is copied in a network. Linear in nodes and edges."""
    strides: dict[Ref, Strides] = {}
    outputs: set[str] = set()
    inputs: dict[bool, dict[str, Mapping[int, Shape]]] = {True: {}, False: {}}
    for node in network.graph.nodes.values():
        xs, ys = network.input_shapes(node), network.shapes[node.id]
        given = tuple(strides[ref] for ref in node.inputs)
        made = node.op.strides(xs, ys, given)
        if None in made and node.op.shares(xs):
            outputs.add(node.id)
        for port, y, found in zip(node.op.ports, ys, made, strict=True):
            strides[Ref(node.id, port)] = contiguous(sizes(y)) if found is None else found
        for training, copies in inputs.items():
            said = node.op.read_as(xs, ys, training=training)
            read = {
                index: _held(how, x, ys[0])
                for index, (x, step, how) in enumerate(zip(xs, given, said, strict=False))
                if how is not None and how.copies(x, step)
            }
            if read:
                copies[node.id] = read
    return Copied(outputs, inputs[True], inputs[False])


def _held(how: Read, x: Shape, y: Shape) -> Shape:
    """What a copy holds, without its form. What has no batch has one where it is broadcast to that of the others."""
    rows = x.batch or (y.batch if how.elements > x.numel else 0)
    return Shape((how.elements // (SAMPLES * rows),), rows, x.dtype) if rows else Shape((how.elements,), 0, x.dtype)

"""Sequences: which values of two dimensions are (N, C, W), as a one-dimensional convolution has them.

A shape of two dimensions does not say whether its channels are first, as those of a signal are, or last, as those of
tokens. The ops that make and read it do.
"""

from archspec.graph.graph import Node
from archspec.graph.network import Network
from archspec.graph.once import once
from archspec.ops.fields import Spatial
from archspec.ops.op import Role

_KEEPING = frozenset({Role.NORM, Role.ACTIVATION, Role.UPSAMPLE, Role.MERGE, Role.DROPOUT})  # give what they read


@once
def sequences(network: Network) -> frozenset[str]:
    """Ids of the nodes whose first output is (N, C, W). Linear in nodes."""
    nodes = network.graph.nodes
    found: set[str] = set()
    for node in nodes.values():
        if _flat(network, node) and (_slides(node) or (_keeps(node) and node.inputs[0].node in found)):
            found.add(node.id)
    for node in reversed(list(nodes.values())):
        readers = [nodes[id] for id in network.graph.readers[node.id]] if _flat(network, node) else []
        passes = node.op.role is Role.INPUT or _keeps(node)
        if any(_slides(reader) or (passes and _keeps(reader) and reader.id in found) for reader in readers):
            found.add(node.id)
    return frozenset(found)


def _flat(network: Network, node: Node) -> bool:
    shape = network.shapes[node.id][0]
    return len(shape.dims) == 2 and bool(shape.batch)


def _slides(node: Node) -> bool:
    """Whether an op moves along a sequence, which has its channels first."""
    return isinstance(node.op, Spatial) and node.op.rank == 1


def _keeps(node: Node) -> bool:
    return node.op.role in _KEEPING and bool(node.inputs)

"""In place: which ops may write over what they read.

Nothing else may read the value, under any name: views, dropout in eval and left-out members hand on their input's
memory. And autograd must not need the value: a ReLU's backward uses its output, a convolution's or a norm's does not.
What a block is given stays as it is, or to run the block once more, as a checkpoint does, would give something else.
A repeat whose length is an argument may have no parts and then gives what it reads, so all that must hold of that too.
Nothing is known of an op that the network's constructor is given, so neither it nor what reads it works in place.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from archspec.graph.graph import Node, Ref, Scope
from archspec.graph.network import Network
from archspec.graph.walk import resolve, within
from archspec.values.source import Operand, Operation


class Aliasing:
    """Answers for one network; counts the readers of every output once, linear in edges.

    Args:
        network: it.
        repeats: the uses of repeats that may have no parts.
        free: ids of the nodes that may be another op.
    """

    def __init__(self, network: Network, repeats: Iterable[Scope], free: AbstractSet[str]) -> None:
        self.graph, self.free = network.graph, free
        self.without_parts: dict[Ref, list[Ref | None]] = {}  # read where a repeat gives; None: a class's input
        for repeat in repeats:
            outer = self.graph.scopes[repeat.parent].definition.inputs
            given = dict.fromkeys(resolve(self.graph, repeat.id, local) for local in repeat.outputs.values())
            for ref, read, local in zip(given, repeat.inputs, repeat.reads, strict=False):
                self.without_parts.setdefault(ref, []).append(None if local.member in outer else read)
        self.readers: dict[Ref, int] = {}
        for node in network.graph.nodes.values():
            for ref in node.inputs:
                self.readers[ref] = self.readers.get(ref, 0) + 1
        for output in network.graph.outputs:
            self.readers[output.ref] = self.readers.get(output.ref, 0) + 1

    def overwritable(self, node: Node, position: int) -> bool:
        """Whether `node` may write over its input number `position`."""
        if node.id in self.free:
            return False
        pending: list[Ref | None] = [node.inputs[position]]
        while pending:
            ref = pending.pop()
            if ref is None or self.readers[ref] != 1 or ref.node in self.graph.inputs:
                return False
            pending += self.without_parts.get(ref, ())
            maker = self.graph.nodes[ref.node]
            if maker.op.keeps(ref.port) or maker.op.holds or maker.id in self.free:
                return False
            if maker.op.aliases_input:
                pending.append(maker.inputs[0])
            elif not within(maker.id, node.scope):
                return False
        return True


def is_sum(use: Node, network: Network) -> bool:
    """Whether an op of two inputs is written `a + b`, with nothing done to either."""
    a, b = Operand(0), Operand(1)
    return use.op.expression((a, b), {}, network.input_shapes(use)) == Operation("+", a, b)

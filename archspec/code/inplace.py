"""In place: which ops may write over what they read.

Nothing else may read the value, under any name: views, dropout in eval and left-out members hand on their input's
memory. And autograd must not need the value: a ReLU's backward uses its output, a convolution's or a norm's does not.
What a block is given stays as it is, or to run the block once more, as a checkpoint does, would give something else.
"""

from archspec.graph.graph import Node, Ref
from archspec.graph.network import Network
from archspec.graph.walk import within


class Aliasing:
    """Answers for one network; counts the readers of every output once, linear in edges."""

    def __init__(self, network: Network) -> None:
        self.graph = network.graph
        self.readers: dict[Ref, int] = {}
        for node in network.graph.nodes.values():
            for ref in node.inputs:
                self.readers[ref] = self.readers.get(ref, 0) + 1
        for output in network.graph.outputs:
            self.readers[output.ref] = self.readers.get(output.ref, 0) + 1

    def overwritable(self, node: Node, position: int) -> bool:
        """Whether `node` may write over its input number `position`."""
        ref = node.inputs[position]
        while True:
            if self.readers[ref] != 1 or ref.node in self.graph.inputs:
                return False
            maker = self.graph.nodes[ref.node]
            if maker.op.keeps(ref.port) or maker.op.holds:
                return False
            if not maker.op.aliases_input:
                return within(maker.id, node.scope)
            ref = maker.inputs[0]

r"""Flow: what rules ask about how values run through a network, beside what `graph/walk.py` answers.

conv -> norm -> relu -> +      sole_reader(conv) is norm: nothing else reads it, and no output gives it
\________________/        that of the last op before a fork is None
"""

from collections.abc import Iterator, Mapping
from functools import cached_property

from archspec.graph.graph import Node, Ref
from archspec.graph.network import Network
from archspec.graph.walk import container, last_name
from archspec.ops.op import Role
from archspec.values.dataclass import dataclass
from archspec.values.expression import Value
from archspec.values.shape import Shape

WEIGHTED = frozenset({Role.CONV, Role.LINEAR})
# What changes each number by itself, or not at all, so that channels stay what they are.
ELEMENTWISE = frozenset({Role.ACTIVATION, Role.NORM, Role.DROPOUT})


@dataclass(frozen=True)  # no slots: what is looked up over and over is kept
class Flow:
    """A network as rules see it.

    Attributes:
        network: it.
    """

    network: Network

    @property
    def nodes(self) -> Mapping[str, Node]:
        """Its ops, what reads after what is read."""
        return self.network.graph.nodes

    @cached_property
    def outputs(self) -> frozenset[str]:
        """Ids of the ops that give its outputs, those of training included."""
        return frozenset(output.ref.node for output in self.network.graph.outputs)

    @cached_property
    def shared(self) -> frozenset[str]:
        """Ids of the ops whose parameters others use again, and of those others."""
        pairs = [(node.id, node.share) for node in self.nodes.values() if node.share]
        tied = [(node.id, tensor.node) for node in self.nodes.values() for _, tensor in node.ties]
        return frozenset(id for pair in (*pairs, *tied) for id in pair)

    @cached_property
    def ports(self) -> frozenset[Ref]:
        """The outputs of ops that something reads, or that the network gives."""
        read = (ref for node in self.nodes.values() for ref in node.inputs)
        return frozenset((*read, *(output.ref for output in self.network.graph.outputs)))

    def readers(self, node: Node) -> tuple[Node, ...]:
        """What reads `node`, each once."""
        return tuple(self.nodes[id] for id in self.network.graph.readers[node.id])

    def sole_reader(self, node: Node) -> Node | None:
        """The one op that reads `node` where no other does; None at a fork, and of what the network gives."""
        readers = self.network.graph.readers[node.id]
        return self.nodes[readers[0]] if len(readers) == 1 and node.id not in self.outputs else None

    def giver(self, node: Node) -> Node | None:
        """The op that gives the first input of `node`; None of what reads nothing."""
        return self.nodes[node.inputs[0].node] if node.inputs else None

    def onward(self, node: Node) -> Iterator[Node]:
        """What reads `node`, what reads that, and so on, as far as there is one reader of one input each."""
        here = self.sole_reader(node)
        while here is not None:
            yield here
            here = self.sole_reader(here) if len(here.inputs) == 1 else None

    def back(self, node: Node) -> Iterator[Node]:
        """`node` and what gives its first input, and so on, as far as there is one reader of one input each."""
        here: Node | None = node
        while here is not None:
            yield here
            giver = self.giver(here) if len(here.inputs) == 1 else None
            here = giver if giver is not None and self.sole_reader(giver) is here else None

    def shapes(self, node: Node) -> tuple[Shape, ...]:
        """The shapes of what `node` reads."""
        return self.network.input_shapes(node)

    def result(self, node: Node) -> Shape:
        """The shape of the first output of `node`."""
        return self.network.shapes[node.id][0]

    def held(self, node: Node) -> Mapping[str, tuple[int, ...]]:
        """Its parameters by name, with their shapes."""
        return node.op.parameters(self.shapes(node))

    def weight(self, node: Node) -> tuple[int, ...] | None:
        """The shape of the weight of a convolution or a linear layer, (out, in / groups, *kernel); None of all else.

        That of a transposed convolution is (in, out / groups, *kernel).
        """
        if node.op.role not in WEIGHTED:
            return None
        held = self.held(node)
        return held.get("weight", held.get("parametrizations.weight.original1"))

    def params(self, node: Node) -> int:
        """Its parameters; none where another op has them."""
        return self.network.costs[node.id].params

    def macs(self, node: Node) -> int:
        """Its multiply-adds per sample."""
        return self.network.costs[node.id].macs

    @cached_property
    def all_macs(self) -> int:
        """Multiply-adds per sample of the whole."""
        return sum(cost.macs for cost in self.network.costs.values())

    @cached_property
    def all_params(self) -> int:
        """Parameters of the whole, what only training has included."""
        return sum(cost.params for cost in self.network.costs.values())


def called(node: Node) -> str:
    """What a message calls an op: its name or, in a list, that of the list with its number: `conv_block.1`."""
    if not node.name.isdigit():
        return node.name
    around = last_name(container(node.id))
    return f"{around}.{node.name}" if around else node.name


def numbers(value: Value, rank: int) -> tuple[int, ...]:
    """A field that holds a number for each dimension, or one for all of them; `()` where it holds none."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return ()
    if isinstance(value, int):
        return (value,) * rank
    return tuple(one for one in value if isinstance(one, int)) if isinstance(value, tuple) else ()


def field(flow: Flow, node: Node, name: str) -> tuple[int, ...]:
    """The numbers of a field of `node`, one for each spatial dimension of what it reads; `()` where it has none."""
    shapes = flow.shapes(node)
    return numbers(node.op.acting.get(name), len(shapes[0].spatial)) if shapes else ()


def transposed(node: Node) -> bool:
    """Whether it is a convolution that enlarges: it writes each element over a window of the output."""
    return node.op.role is Role.CONV and node.op.drawn_as is Role.UPSAMPLE

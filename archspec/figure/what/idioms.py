"""Idioms: ops that a picture draws as one box, since together they are one thing that has a name.

    attention   scores = q @ k.T, scaled, biased, masked; softmax; weights @ v; its projections
    MLP         linear, activation, linear, as the body of a residual edge

They are found by what their ops do and by what reads what, never by how somebody called them.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field

from archspec.graph.graph import Graph, Node, Ref
from archspec.graph.network import Network
from archspec.graph.once import once
from archspec.graph.walk import ancestors, said_to_share
from archspec.ops.label import Label
from archspec.ops.op import Role
from archspec.values.dataclass import dataclass

Slot = tuple[str, int]  # a node, and which of its inputs
SELF = ("q", "k", "v")  # what attention makes of one value that attends to itself


@dataclass(frozen=True, slots=True)
class Idiom:
    """Ops that are drawn as one box.

    Attributes:
        nodes: their ids, in order; the last gives what the box gives, and nothing else reads the others.
        entry: the one that reads what the box reads first.
        home: the innermost scope that they all stand in.
        named: the node whose fields the label tells.
        label: what the box says.
        beside: what it says besides, with a plus: `GELU`, `bias`, `mask`.
        role: what it is drawn as.
        slots: what an input from outside is to it: `q`, `mask`.
        note: what the picture says once of all such boxes; "" for nothing.
    """

    nodes: tuple[str, ...]
    entry: str
    home: str
    named: str
    label: Label
    beside: tuple[str, ...]
    role: Role
    slots: Mapping[Slot, tuple[str, ...]] = field(default_factory=dict)
    note: str = ""

    @property
    def end(self) -> str:
        """The last node, at whose place the box stands: all that it reads comes before."""
        return self.nodes[-1]


@dataclass(frozen=True, slots=True)
class Idioms:
    """Node id -> the idiom that it belongs to."""

    of: Mapping[str, Idiom] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Idiom]:
        """Each once, in the order in which they begin."""
        return iter({idiom.nodes[0]: idiom for idiom in self.of.values()}.values())

    def drawn(self, nodes: Sequence[str]) -> Idiom | None:
        """The idiom that the box of an op with these nodes stands for; None where it stands for none."""
        idiom = self.of.get(nodes[0]) if nodes else None
        return idiom if idiom is not None and set(idiom.nodes) <= set(nodes) else None

    def without(self, homes: Collection[str]) -> "Idioms":
        """Those that stand in none of the scopes `homes`."""
        return Idioms({id: idiom for id, idiom in self.of.items() if idiom.home not in homes}) if homes else self


NO_IDIOMS = Idioms()


def gathered(found: Iterable[Idiom]) -> Idioms:
    """`found` by their nodes; of two that want the same node, the first has it."""
    of: dict[str, Idiom] = {}
    for idiom in found:
        if of.keys().isdisjoint(idiom.nodes):
            of |= dict.fromkeys(idiom.nodes, idiom)
    return Idioms(of)


def home_of(graph: Graph, ids: Iterable[str]) -> str:
    """The innermost scope that all of some nodes stand in."""
    first, *others = dict.fromkeys(graph.nodes[id].scope for id in ids)
    shared = list(ancestors(graph, first))
    for scope in others:
        around = set(ancestors(graph, scope))
        shared = [each for each in shared if each in around]
    return shared[0] if shared else ""


def given(graph: Graph) -> frozenset[str]:
    """Ids of the nodes whose values the network gives."""
    return frozenset(output.ref.node for output in graph.outputs)


@once
def held_values(network: Network) -> frozenset[str]:
    """Ids of the nodes that depend on nothing the network is given, or on its sizes only. Linear in nodes."""
    return held_beside(network, ())


def held_beside(network: Network, data: Collection[Ref]) -> frozenset[str]:
    """The same where the values `data` are given too: what a block reads may be learned in one use only."""
    found: set[str] = set()
    for node in network.graph.nodes.values():
        read = (ref for index, ref in enumerate(node.inputs) if not node.op.reads_size(index))
        if node.op.role is not Role.INPUT and all(ref.node in found and ref not in data for ref in read):
            found.add(node.id)
    return frozenset(found)


@once
def learned_values(network: Network) -> frozenset[str]:
    """Ids of the nodes that depend on something learned, sizes apart. Linear in nodes."""
    found: set[str] = set()
    for node in network.graph.nodes.values():
        read = (ref.node for index, ref in enumerate(node.inputs) if not node.op.reads_size(index))
        if any(id in found for id in read) or node.op.parameters(network.input_shapes(node)):
            found.add(node.id)
    return frozenset(found)


def owns(network: Network, node: Node) -> bool:
    """Whether a node has learned parameters that it shares with no other."""
    return bool(node.op.parameters(network.input_shapes(node))) and not said_to_share(network.graph, node)


def without_unseen_end(graph: Graph, ids: list[str]) -> list[str]:
    """`ids` up to the last that a picture shows: what is unseen behind joins it as it joins any box."""
    shown = [at for at, id in enumerate(ids) if not graph.nodes[id].op.unseen]
    return ids[: shown[-1] + 1] if shown else ids


def only_reader(graph: Graph, id: str, ends: Collection[str]) -> Node | None:
    """The one node that reads a node which the network does not give itself; None where it has others."""
    readers = graph.readers[id]
    return graph.nodes[readers[0]] if len(readers) == 1 and id not in ends else None

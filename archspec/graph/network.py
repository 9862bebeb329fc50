"""Network: a checked graph with the facts computed beside it. What every view reads."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property

from archspec.diagnostics.diagnostic import Diagnostic
from archspec.graph.graph import Graph, Node, Ref
from archspec.measures.measure import Counted
from archspec.values.cost import Cost
from archspec.values.expression import Value
from archspec.values.shape import Shape


@dataclass(frozen=True)  # no slots: what is looked up over and over is kept once it was asked for
class Network:
    """A network that passed every check.

    Attributes:
        name: the spec's name; the emitted class.
        variant: the chosen variant, "" for the params' defaults.
        doc: the spec's doc line.
        params: values of the spec's params.
        graph: what was asked for.
        shapes: node id -> output shapes, one per port of its op.
        costs: node id -> Cost; parameters used a second time (`share`) cost no params there.
        warnings: what is worth mending but does not stop anything.
        files: paths of the specs that it was read from.
    """

    name: str
    variant: str
    doc: str
    params: Mapping[str, Value]
    graph: Graph
    shapes: Mapping[str, tuple[Shape, ...]]
    costs: Mapping[str, Cost]
    warnings: tuple[Diagnostic, ...] = ()
    files: tuple[str, ...] = ()

    @cached_property
    def counted(self) -> Mapping[str, Counted]:
        """Id -> op as measures see it, in the order of the flow. Linear in nodes and edges."""
        return {id: self._counted(node) for id, node in self.graph.nodes.items()}

    @cached_property
    def followed(self) -> dict[tuple[str, tuple[Hashable, ...]], Mapping[str, int]]:
        """Measure, and how it is taken -> id of a node -> what it has by those before it; filled as it is asked for."""
        return {}

    @cached_property
    def found(self) -> dict[Callable[..., object], object]:
        """Function -> what it has worked out of it once and for all; filled by `once`."""
        return {}

    def _counted(self, node: Node) -> Counted:
        ports = tuple(map(self.place, node.inputs))
        reads = tuple(ref.node for ref in node.inputs)
        takes = self.input_shapes(node)
        return Counted(node.id, node.op, reads, self.costs[node.id], self.shapes[node.id], ports, takes)

    def shape(self, ref: Ref) -> Shape:
        """The shape of one output of a node."""
        return self.shapes[ref.node][self.place(ref)]

    def place(self, ref: Ref) -> int:
        """The number of one output among those of its node; in constant time, though a node may have thousands."""
        if ref.port == "":
            return 0
        places = self._places.get(ref.node)
        if places is None:
            ports = self.graph.nodes[ref.node].op.ports
            places = self._places[ref.node] = {port: place for place, port in enumerate(ports)}
        return places[ref.port]

    @cached_property
    def _places(self) -> dict[str, dict[str, int]]:
        """Node -> output -> its number, of those that were asked for."""
        return {}

    def input_shapes(self, node: Node) -> tuple[Shape, ...]:
        """The shapes of what `node` reads."""
        return tuple(self.shape(ref) for ref in node.inputs)

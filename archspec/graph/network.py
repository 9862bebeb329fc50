"""Network: a checked graph with the facts computed beside it. What every view reads."""

from collections.abc import Mapping
from dataclasses import dataclass

from archspec.diagnostics.diagnostic import Diagnostic
from archspec.graph.graph import Graph, Node, Ref
from archspec.values.cost import Cost
from archspec.values.expression import Value
from archspec.values.shape import Shape


@dataclass(frozen=True, slots=True)
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

    def shape(self, ref: Ref) -> Shape:
        """The shape of one output of a node."""
        node = self.graph.nodes[ref.node]
        return self.shapes[ref.node][node.op.ports.index(ref.port)]

    def input_shapes(self, node: Node) -> tuple[Shape, ...]:
        """The shapes of what `node` reads."""
        return tuple(self.shape(ref) for ref in node.inputs)

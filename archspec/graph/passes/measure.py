"""Measure: a graph with shapes -> the Cost of every node."""

from collections.abc import Mapping
from dataclasses import replace
from math import prod

from archspec.graph.counting import counted_again, counted_elsewhere
from archspec.graph.freezing import frozen
from archspec.graph.graph import Graph, Ref
from archspec.values.cost import Cost
from archspec.values.shape import Shape


def measure(graph: Graph, shapes: Mapping[str, tuple[Shape, ...]]) -> dict[str, Cost]:
    """Node id -> Cost, each distinct op on each distinct shape counted once.

    What uses another node's parameters again (`share`) holds no parameters and no buffers of its own, unless it is the
    first that inference runs. A tensor that is another's (`ties`) is counted there, by the same rule. Of what is
    frozen, no parameter is trainable.
    """
    known: dict[tuple[int, tuple[Shape, ...]], Cost] = {}
    costs: dict[str, Cost] = {}
    still, again, elsewhere = frozen(graph), counted_again(graph), counted_elsewhere(graph)
    for name, node in graph.nodes.items():
        xs = tuple(_shape(graph, shapes, ref) for ref in node.inputs)
        key = (id(node.op), xs) if node.inputs else None
        cost = known.get(key) if key is not None else None
        if cost is None:
            cost = node.op.cost(xs, shapes[name])
            if key is not None:
                known[key] = cost
        if name in again:
            cost = replace(cost, params=0, buffers=0)
        elif name in elsewhere:
            held = node.op.parameters(xs)
            cost = replace(cost, params=cost.params - sum(prod(held[tensor]) for tensor in elsewhere[name]))
        costs[name] = cost if name in still else replace(cost, trainable=cost.params)
    return costs


def _shape(graph: Graph, shapes: Mapping[str, tuple[Shape, ...]], ref: Ref) -> Shape:
    found = shapes[ref.node]
    return found[graph.nodes[ref.node].op.ports.index(ref.port)] if ref.port else found[0]

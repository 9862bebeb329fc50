"""Scopes: nodes in the modules that they come from. Each module runs as one, after all that it reads was made.

What is exported of a module need not hang together: a ReLU that is called in two places has one scope. Such a scope is
no module, and its nodes stand in the one around it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

import networkx as nx

from archspec.importer.onnx.read import Node
from archspec.importer.onnx.weights import LAYERS
from archspec.values.dataclass import dataclass

Step: TypeAlias = "Node | Scope"


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """A module.

    Attributes:
        name: in the one around it; "" for the network.
        steps: in the order in which they run.
    """

    name: str
    steps: tuple[Step, ...]

    @property
    def nodes(self) -> Iterator[Node]:
        """All that is in it."""
        for step in self.steps:
            if isinstance(step, Scope):
                yield from step.nodes
            else:
                yield step


def scope(nodes: Sequence[Node], reads: Mapping[str, frozenset[str]]) -> Scope:
    """The network. `reads` has the values that each node, by its first output, needs before it runs."""
    return _scope("", [(node.path, node) for node in _held(nodes)], reads)


def _held(nodes: Sequence[Node]) -> Iterator[Node]:
    """The nodes, each with the path of what holds it: a module that only runs one operator is that operator."""
    paths = Counter(node.path for node in nodes)
    kinds: dict[tuple[str, ...], set[str]] = {}
    for node in nodes:
        kinds.setdefault(node.path, set()).add(node.op)
    inner = {path[:depth] for path in paths for depth in range(len(path))}
    for node in nodes:
        alone = node.path and node.path not in inner and len(kinds[node.path]) == 1
        named = replace(node, path=node.path[:-1], label=node.path[-1]) if node.path else node
        if alone and node.weighted:
            yield named if paths[node.path] == 1 else node
        elif alone and named.label.isdigit():  # in a list all are modules
            yield replace(named, weighted=True) if node.op in LAYERS and paths[node.path] == 1 else node
        else:
            yield named if alone else node


Placed: TypeAlias = "tuple[tuple[str, ...], Node]"


def _scope(name: str, placed: Sequence[Placed], reads: Mapping[str, frozenset[str]]) -> Scope:
    """The scope of nodes with what is left of their paths."""
    while True:
        keys = [path[0] if path else node.outputs[0] for path, node in placed]
        graph = _needs(placed, keys, reads)
        knots = {key for knot in nx.strongly_connected_components(graph) if len(knot) > 1 for key in knot}
        if not knots:
            break
        placed = [(path[1:] if path and path[0] in knots else path, node) for path, node in placed]
    first = {key: place for place, key in reversed(list(enumerate(keys)))}
    inside: dict[str, list[Placed]] = {}
    for key, (path, node) in zip(keys, placed, strict=True):
        inside.setdefault(key, []).append((path, node))
    steps: list[Step] = []
    for key in nx.lexicographical_topological_sort(graph, key=first.__getitem__):
        held = inside[key]
        if held[0][0]:
            steps.append(_scope(key, [(path[1:], node) for path, node in held], reads))
        else:
            steps += [node for _, node in held]
    return Scope(name, tuple(_counted(steps)))


def _counted(steps: Sequence[Step]) -> Iterator[Step]:
    """The steps; a list that lost what inference does not need, such as a dropout, is counted anew."""
    named = [step.name if isinstance(step, Scope) else step.label for step in steps]
    if not all(name.isdigit() for name in named) or any(not isinstance(s, Scope) and not s.weighted for s in steps):
        yield from steps
        return
    for number, step in enumerate(steps):
        yield replace(step, name=str(number)) if isinstance(step, Scope) else replace(step, label=str(number))


def _needs(placed: Sequence[Placed], keys: Sequence[str], reads: Mapping[str, frozenset[str]]) -> "nx.DiGraph[str]":
    """What runs before what."""
    makers = {output: key for (_, node), key in zip(placed, keys, strict=True) for output in node.outputs}
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(dict.fromkeys(keys))
    for (_, node), key in zip(placed, keys, strict=True):
        for value in reads[node.outputs[0]]:
            if makers.get(value, key) != key:
                graph.add_edge(makers[value], key)
    return graph

"""Where each part of a network stands in the emitted module: ids of nodes and scopes to attribute paths.

    layer1/0/conv1               ->  layer1.0.conv1
    features/stage2/conv1        ->  features.5        `features` is flat: one running number over its nodes
    rounds/0/convs               ->  convs.0           `rounds` is a repeat with `lists`, which is no module
    head2/conv, head2 shares head1  ->  head1.conv

Train-only parts have paths too. An op without state may be written as an expression: then no module stands at its path.
"""

from collections.abc import Iterator

from archspec.graph.graph import Graph, Node
from archspec.graph.network import Network
from archspec.graph.rounds import graph_in_lists
from archspec.graph.walk import inside


def attribute_paths(graph: Graph) -> dict[str, str]:
    """Attribute path of every node and scope; rounds over lists and scopes inside a flat one have none."""
    made = graph_in_lists(graph)
    paths = _paths(made.graph)
    return {id: paths[there] for id, there in made.called.items() if there in paths}


def _paths(graph: Graph) -> dict[str, str]:
    paths = {"": ""}
    numbered: set[str] = set()
    for id, scope in graph.scopes.items():
        around = graph.scopes[scope.parent]
        if id and (around.definition.flat or around.id in numbered):
            numbered.add(id)
            continue
        if id:
            paths[id] = paths[scope.share] if scope.share else _dotted(paths[scope.parent], scope.name)
        if scope.definition.flat:
            nodes = (member.id for member in inside(graph, scope) if isinstance(member, Node))
            for number, node_id in enumerate(nodes):
                paths[node_id] = _dotted(paths[id], str(number))
    for id, node in graph.nodes.items():
        if node.share:
            paths[id] = paths[node.share]
        elif id not in paths:
            paths[id] = _dotted(paths[node.scope], node.name)
    return paths


def state_shapes(network: Network) -> dict[str, tuple[int, ...]]:
    """What the state_dict of the emitted module holds: key -> shape."""
    paths = attribute_paths(network.graph)
    found: dict[str, tuple[int, ...]] = {}
    for node in network.graph.nodes.values():
        xs = network.input_shapes(node)
        held = {**node.op.parameters(xs), **node.op.buffers(xs)}
        found |= {_key(paths[node.id], name): shape for name, shape in held.items()}
    return found


def tied_keys(network: Network) -> frozenset[str]:
    """The keys of the state_dict under which a tensor stands that is another's."""
    paths, nodes = attribute_paths(network.graph), network.graph.nodes.values()
    return frozenset(_key(paths[node.id], name) for node in nodes for name, _ in node.ties)


def prefixes(path: str) -> Iterator[str]:
    """The path itself, the paths around it, and the root: `a.b`, `a`, ``."""
    while path:
        yield path
        path = path.rpartition(".")[0]
    yield ""


def _key(path: str, name: str) -> str:
    """The key of a tensor of the node at `path`; of a node that is a tensor itself, the path."""
    return f"{path}.{name}" if name else path


def _dotted(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name

"""Freezing: which parameters do not learn, whoever says it.

    stem: {op: conv2d, ..., freeze: true}            this one
    body: {block: resnet, freeze: $(stage < 2)}      all that stands inside of one use
    blocks: {mlp: {freeze: true, graph: ...}}        all that stands inside of every use

What uses the parameters of another member again has those as that member has them.
"""

from archspec.graph.graph import Graph, Node
from archspec.graph.walk import home


def frozen(graph: Graph) -> frozenset[str]:
    """Ids of the nodes whose parameters do not learn. Linear in nodes and scopes."""
    told = said_frozen(graph)
    return frozenset(id for id, node in graph.nodes.items() if (node.share or id) in told) if told else told


def said_frozen(graph: Graph) -> frozenset[str]:
    """Ids of the nodes that are frozen by what is said of them or around them, whosever parameters they use."""
    scopes: set[str] = set()
    for id, scope in graph.scopes.items():
        if scope.frozen or scope.frozen_inside or (id and home(scope) in scopes):
            scopes.add(id)
    return frozenset(id for id, node in graph.nodes.items() if node.frozen or home(node) in scopes)


def owners(node: Node) -> tuple[tuple[str, str], ...]:
    """Of a node that uses parameters of others: what each is called, "" for all of them, and the id of its owner."""
    if node.share:
        return (("", node.share),)
    return tuple((name, tensor.node) for name, tensor in node.ties)

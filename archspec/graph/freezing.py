"""Freezing: which parameters do not learn, whoever says it.

    stem: {op: conv2d, ..., freeze: true}            this one
    body: {block: resnet, freeze: $(stage < 2)}      all that stands inside of one use
    blocks: {mlp: {freeze: true, graph: ...}}        all that stands inside of every use

What uses the parameters of another member again has those as that member has them.
"""

from collections.abc import Mapping

from archspec.graph.graph import Graph, Node, Tensor
from archspec.graph.once import once
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


@once
def counted_at(graph: Graph) -> Mapping[str, str]:
    """Id of a node whose parameters others use -> the node that they are counted at. Linear in nodes.

    It is the node itself; where it runs only in training, the first use that inference runs, which needs them too.
    """
    found: dict[str, str] = {}
    for id, node in graph.nodes.items():
        if node.share and (not node.train_only or node.share not in found):
            at = found.get(node.share, node.share)
            found[node.share] = id if graph.nodes[at].train_only and not node.train_only else at
    return found


@once
def counted_elsewhere(graph: Graph) -> Mapping[str, tuple[str, ...]]:
    """Id of a node that parameters are counted at -> those tensors of it that are counted at another, being tied.

    It is the owner's, or the first that inference runs where the owner runs only in training. Linear in nodes.
    """
    at = counted_at(graph)
    taken: set[Tensor] = set()
    found: dict[str, tuple[str, ...]] = {}
    for id, node in graph.nodes.items():
        place = at.get(id, id)
        for name, tensor in node.ties if not node.share else ():
            owner = at.get(tensor.node, tensor.node)
            takes = graph.nodes[owner].train_only and not graph.nodes[place].train_only and tensor not in taken
            there, gone = (owner, tensor.name) if takes else (place, name)
            found[there] = (*found.get(there, ()), gone)
            taken.update((tensor,) if takes else ())
    return found


def owners(node: Node) -> tuple[tuple[str, str], ...]:
    """Of a node that uses parameters of others: what each is called, "" for all of them, and the id of its owner."""
    if node.share:
        return (("", node.share),)
    return tuple((name, tensor.node) for name, tensor in node.ties)

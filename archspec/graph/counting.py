"""Counting: at which node parameters are counted that several nodes use.

aux: {op: linear, out_features: 5}, main: {share: aux}                      at aux; at main, where training alone
head: {op: linear, ..., share: {weight: wte.weight}}                        runs aux, since inference needs them too
"""

from collections.abc import Mapping

from archspec.graph.graph import Graph, Tensor
from archspec.graph.once import once


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


def counted_again(graph: Graph) -> frozenset[str]:
    """Ids of the nodes whose parameters are all counted at another node."""
    at = counted_at(graph)
    return frozenset(id for id, node in graph.nodes.items() if at.get(node.share or id, node.share or id) != id)


@once
def lent(graph: Graph) -> Mapping[Tensor, Tensor]:
    """Tensor of a node that only training runs -> the first that is tied to it and that inference has: it counts there.

    Linear in nodes.
    """
    at = counted_at(graph)
    found: dict[Tensor, Tensor] = {}
    for id, node in graph.nodes.items():
        place = at.get(id, id)
        for name, tensor in node.ties if not (node.share or graph.nodes[place].train_only) else ():
            if graph.nodes[at.get(tensor.node, tensor.node)].train_only:
                found.setdefault(tensor, Tensor(place, name))
    return found


@once
def counted_elsewhere(graph: Graph) -> Mapping[str, tuple[str, ...]]:
    """Id of a node that parameters are counted at -> those tensors of it that are counted at another, being tied.

    Linear in nodes.
    """
    at, borrowed = counted_at(graph), lent(graph)
    tied = [
        (Tensor(at.get(id, id), name), tensor)
        for id, node in graph.nodes.items()
        for name, tensor in (node.ties if not node.share else ())
    ]
    gone = [mine for mine, owner in tied if borrowed.get(owner) != mine]
    gone += [Tensor(at.get(owner.node, owner.node), owner.name) for owner in borrowed]
    found: dict[str, tuple[str, ...]] = {}
    for tensor in gone:
        found[tensor.node] = (*found.get(tensor.node, ()), tensor.name)
    return found

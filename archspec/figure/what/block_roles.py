"""Block roles: what most of the work in a block is, by which its closed boxes are coloured, in all of its uses alike.

The attention of one stage may be most of it and the MLP of the next: they are boxes of one block, and of one colour.
"""

from collections.abc import Mapping

from archspec.figure.what.drafts import main_role
from archspec.figure.what.known_idioms import idioms
from archspec.graph.graph import Definition, Node
from archspec.graph.network import Network
from archspec.graph.walk import ancestors
from archspec.ops.op import Role


def block_roles(network: Network) -> Mapping[Definition, Role]:
    """Block -> the role of most of its work. Linear in nodes, times how deep scopes nest."""
    graph = network.graph
    held: dict[Definition, list[Node]] = {}
    around = {
        id: tuple(dict.fromkeys(graph.scopes[each].definition for each in ancestors(graph, id))) for id in graph.scopes
    }
    for node in graph.nodes.values():
        for definition in around[node.scope]:
            held.setdefault(definition, []).append(node)
    return {definition: main_role(network, nodes, idioms(network)) for definition, nodes in held.items()}

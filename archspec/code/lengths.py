"""Lengths: whether the parts of a repeat are equal, so that a loop can make any number of them."""

from collections.abc import Sequence

from archspec.graph.graph import Node, Scope
from archspec.graph.network import Network
from archspec.graph.walk import children, inside
from archspec.language.expression.symbolic import names


def grows(network: Network, scope: Scope) -> bool:
    """Whether the parts of a repeat after the first are not all equal: a dense layer takes more channels each time."""
    parts = tuple(children(network.graph, scope))[1:]
    return len({(_settings(part), _modules(network, part)) for part in parts}) > 1


def said_apart(scopes: Sequence[Scope]) -> bool:
    """Whether what says the length of a repeat differs between its uses: `depths.0` of two lists of depths."""
    first, *others = scopes
    read = names(first.site.repeat) & first.args.keys() if first.site.repeat is not None else ()
    return any(scope.args[name] != first.args[name] for name in read for scope in others)


def _settings(part: Node | Scope) -> object:
    """What the author gives a part, `i` included."""
    if isinstance(part, Node):
        return part.op
    return tuple(sorted((name, repr(value)) for name, value in part.args.items()))


def _modules(network: Network, part: Node | Scope) -> object:
    """What the modules of a part are given."""
    nodes = [part] if isinstance(part, Node) else inside(network.graph, part)
    slots = (node.op.slots(network.input_shapes(node)) for node in nodes if isinstance(node, Node))
    return tuple(tuple(sorted(given.items())) for given in slots)

"""Backward: the multiply-adds of a backward pass, by the graph.

A product has two operands, and a gradient of each costs as many multiply-adds as the product itself: that of the weight
or second operand, and that of the input. Nobody needs the gradient of what no parameter stands before: the first
convolution costs as much backwards as forwards, each later one twice as much.

    image -> conv1 -> relu -> conv2      conv1: of its weight          conv2: of its weight and of its input

torch counts the same with FlopCounterMode over `loss.backward()`, but for two things. Of a grouped convolution it
counts the gradient of the weight as if there were one group, its fault; and a recurrence needs no gradient of its first
hidden state, for which it counts a step less.
"""

from collections.abc import Mapping

from archspec.graph.graph import Ref
from archspec.graph.network import Network


def backward_macs(network: Network) -> Mapping[str, int]:
    """Node id -> multiply-adds per sample of its gradients in a training step. Linear in nodes and edges."""
    needing: set[Ref] = set()
    found: dict[str, int] = {}
    for id, node in network.graph.nodes.items():
        xs, op = network.input_shapes(node), node.op
        needs = tuple(ref in needing for ref in node.inputs)
        learned = bool(op.parameters(xs))
        found[id] = network.costs[id].macs * (1 + any(needs) if learned else sum(needs[:2]))
        if (learned or any(needs)) and not op.stops_gradient:
            shapes = zip(op.ports, network.shapes[id], strict=True)
            needing.update(Ref(id, port) for port, shape in shapes if shape.differentiable)
    return found


def training_macs(network: Network) -> tuple[int, int]:
    """Multiply-adds per sample of a training step: forwards, what only training runs included, and backwards."""
    return sum(cost.macs for cost in network.costs.values()), sum(backward_macs(network).values())

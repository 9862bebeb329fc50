"""Perceptrons: linear, activation, linear, as the body of a residual edge of a transformer.

    x -- norm -- linear -- GELU -- linear -- (+)        x -- norm --+-- linear -- SiLU --(x)-- linear -- (+)
    '-------------------------------------'             |           '-- linear ----------'           |
                                                        '--------------------------------------------'

The classifier behind a convolutional network, which is no body of anything, keeps its layers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from archspec.figure.what.idioms import Idiom, given, held_values, home_of, only_reader, owns, without_unseen_end
from archspec.graph.graph import Node, Ref
from archspec.graph.network import Network
from archspec.ops.label import Label
from archspec.ops.op import Role
from archspec.values.dataclass import dataclass

_NOTE = "An MLP is linear, activation, linear"
_GATED = "; a gated one multiplies that with a second linear layer"


@dataclass(frozen=True, slots=True)
class _Layers:
    """The nodes of a perceptron, from the last to the first; the first linear layer, its activation, what it reads.

    Where the activation multiplies a value with its sigmoid, `scale` is what the value is multiplied with before.
    """

    nodes: tuple[Node, ...]
    first: Node
    activation: Node
    reads: Ref
    gated: bool
    scale: Node | None = None


def perceptrons(network: Network) -> Iterator[Idiom]:
    """All perceptrons that are the body of a residual edge. Linear in nodes."""
    held, ends = held_values(network), given(network.graph)
    order = {id: place for place, id in enumerate(network.graph.nodes)}
    for node in network.graph.nodes.values():
        if node.op.joins != "sum" or len(node.inputs) < 2:
            continue
        summed = set(node.inputs)
        for ref in node.inputs:
            made = _layers(network, *_body(network, ref, node, held, ends), ends)
            if made is not None and _returns(network, made.reads, ref, summed):
                yield _idiom(network, made, order)


def _body(network: Network, ref: Ref, reader: Node, held: frozenset[str], ends: frozenset[str]) -> tuple[Ref, Node]:
    """What a body gives before it is normed or scaled, and the node that reads this."""
    while True:
        node = _through(network, ref, reader, [], ends)
        data = [one for one in node.inputs if one.node not in held] if node is not None else []
        scaled = node is not None and (node.op.scales() or node.op.joins == "product") and len(data) == 1
        if node is None or not data or not (scaled or node.op.role is Role.NORM):
            return ref, reader
        ref, reader = data[0], node


def _returns(network: Network, reads: Ref, body: Ref, summed: set[Ref]) -> bool:
    """Whether what a body reads is another of the values that are summed, or the norm of one."""
    node = network.graph.nodes[reads.node]
    normed = node.inputs[:1] if node.op.role is Role.NORM else ()
    return any(one in summed and one != body for one in (reads, *normed))


def _layers(network: Network, ref: Ref, reader: Node, ends: frozenset[str]) -> _Layers | None:
    """The perceptron that gives a value which only `reader` reads, and where the value is what it gives at last."""
    taken: list[Node] = []
    last = _linear(network, ref, reader, taken, ends)
    if last is None:
        return None
    joint = _through(network, last.inputs[0], last, taken, ends)
    if joint is None:
        return None
    if joint.op.joins == "product" and len(joint.inputs) == 2:
        return _self_gated(network, joint, taken, ends) or _gated(network, joint, taken, ends)
    if joint.op.role is not Role.ACTIVATION or len(joint.inputs) != 1:
        return None
    taken.append(joint)
    first = _linear(network, joint.inputs[0], joint, taken, ends)
    return None if first is None else _Layers(tuple(taken), first, joint, first.inputs[0], False)


def _gated(network: Network, joint: Node, taken: list[Node], ends: frozenset[str]) -> _Layers | None:
    """The perceptron whose hidden values are multiplied by a second linear layer."""
    taken.append(joint)
    activation, layers = None, list[Node]()
    for ref in joint.inputs:
        node, reader = network.graph.nodes[ref.node], joint
        if node.op.role is Role.ACTIVATION and only_reader(network.graph, node.id, ends) is joint:
            activation, reader = node, node
            taken.append(node)
        read = ref if reader is joint else node.inputs[0]
        layer = _linear(network, read, reader, taken, ends)
        if layer is not None:
            layers.append(layer)
    if activation is None or len(layers) != 2 or layers[0].inputs != layers[1].inputs:
        return None
    return _Layers(tuple(taken), layers[0], activation, layers[0].inputs[0], True)


def _self_gated(network: Network, joint: Node, taken: Sequence[Node], ends: frozenset[str]) -> _Layers | None:
    """The perceptron whose activation is `x * sigmoid(1.702 * x)` in single ops, or without the number."""
    graph = network.graph
    for value, gate in (joint.inputs, joint.inputs[::-1]):
        activation, first = graph.nodes[gate.node], graph.nodes[value.node]
        scale = graph.nodes[activation.inputs[0].node] if activation.inputs else activation
        inner = [activation, scale] if scale.op.scales() and scale.op.joins == "product" else [activation]
        alone = all(only_reader(graph, one.id, ends) is by for one, by in zip(inner, (joint, activation), strict=False))
        again = inner[-1].inputs[:1] == (value,) and {*graph.readers[first.id]} == {joint.id, inner[-1].id}
        linear = first.op.role is Role.LINEAR and len(first.inputs) == 1 and owns(network, first)
        if activation.op.role is Role.ACTIVATION and alone and again and linear and first.id not in ends:
            nodes = (*taken, joint, *inner, first)
            return _Layers(nodes, first, activation, first.inputs[0], False, scale if len(inner) > 1 else None)
    return None


def _through(network: Network, ref: Ref, reader: Node, taken: list[Node], ends: frozenset[str]) -> Node | None:
    """The node that gives a value, past dropouts, which are taken; None where others than `reader` read it too."""
    node = network.graph.nodes[ref.node]
    while only_reader(network.graph, node.id, ends) is reader:
        if node.op.role is not Role.DROPOUT or not node.op.unseen:
            return node
        taken.append(node)
        node, reader = network.graph.nodes[node.inputs[0].node], node
    return None


def _linear(network: Network, ref: Ref, reader: Node, taken: list[Node], ends: frozenset[str]) -> Node | None:
    """The linear layer that gives a value, past dropouts; both are taken."""
    node = _through(network, ref, reader, taken, ends)
    if node is None or node.op.role is not Role.LINEAR or len(node.inputs) != 1 or not owns(network, node):
        return None
    taken.append(node)
    return node


def _idiom(network: Network, made: _Layers, order: Mapping[str, int]) -> Idiom:
    ids = {node.id for node in made.nodes}
    nodes = without_unseen_end(network.graph, sorted(ids, key=order.__getitem__))
    parts = tuple(replace(part, noun="hidden", unit="hidden") for part in made.first.op.caption.parts)
    return Idiom(
        nodes=tuple(nodes),
        entry=made.first.id,
        home=home_of(network.graph, nodes),
        named=made.first.id,
        label=Label("gated MLP" if made.gated else "MLP", parts),
        beside=(_activation(made),),
        role=Role.LINEAR,
        note=_NOTE + (_GATED if made.gated else "") + ".",
    )


def _activation(made: _Layers) -> str:
    """What the activation is called: `GELU`; `x·sigmoid(1.702x)` where it is written in single ops."""
    said = made.activation.op.caption
    name = said.short or said.heading
    products = sum(node.op.joins == "product" and len(node.inputs) == 2 for node in made.nodes)
    if made.gated or not products:
        return name
    factor = getattr(made.scale.op, "other", 1) if made.scale is not None else 1
    return f"x\N{MIDDLE DOT}{name}({'' if factor == 1 else f'{factor:g}'}x)"

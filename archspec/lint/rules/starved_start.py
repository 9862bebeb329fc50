"""Layers whose starting weights let the signal fade."""

from collections.abc import Iterator
from math import prod

from archspec.graph.graph import Node
from archspec.graph.starts import start
from archspec.lint.flow import Flow, called, transposed
from archspec.lint.rule import Finding, Rule
from archspec.ops.op import Role

LEAST = 1e-4  # of the variance at the end of a chain, a hundredth of the spread, before activations take their share
TORCH = 1 / 3  # kaiming_uniform with a = sqrt(5), which PyTorch's layers start with: 1 / (3 fan_in) is the variance
# What gives its output a spread that does not hang on that of its input.
_RENEWS = frozenset({Role.INPUT, Role.NORM, Role.EMBEDDING, Role.RECURRENT, Role.ATTENTION})


def _find(flow: Flow) -> Iterator[Finding]:
    left: dict[str, tuple[float, int]] = {}  # op -> what is left of the variance, and layers since it was whole
    for node in flow.nodes.values():
        whole = (1.0, 0)
        left[node.id] = max((left[ref.node] for ref in node.inputs), default=whole)
        gain = _gain(flow, node)
        if node.op.role in _RENEWS:
            left[node.id] = whole
        elif gain is not None:
            left[node.id] = left[node.id][0] * gain, left[node.id][1] + 1
        if left[node.id][0] < LEAST <= (left[node.inputs[0].node][0] if node.inputs else 0):
            fade = round(left[node.id][0] ** -0.5)
            message = f"over {left[node.id][1]} layers up to {called(node)}, the signal starts {fade:,} times smaller"
            help = "init: {conv2d: {weight: {kaiming_normal: {nonlinearity: relu}}}}, or a norm behind each layer"
            yield Finding(node.id, message, help)
            return  # of the other ways through the network, one message says enough


def _gain(flow: Flow, node: Node) -> float | None:
    """What a layer makes of the variance at its start, at most 1; None of what is no layer."""
    weight = flow.weight(node)
    if weight is None or len(weight) < 2 or transposed(node) or node.op.acting.get("parametrization") is not None:
        return None
    said = start(flow.network.graph.scopes, node, "weight")
    if said is None:
        return TORCH
    variance = said.value.variance(weight)
    return min(1.0, variance * prod(weight[1:])) if variance else 1.0


RULE = Rule(
    name="starved-start",
    summary="weights of a deep plain network start so small that no signal arrives",
    reason="""
    PyTorch's layers start with a variance of 1 / (3 fan_in): each leaves a third of the variance, and a ReLU half of
    that. After ten layers with neither a norm nor a shortcut the signal, and with it the gradient, is smaller by
    powers of ten, and training stands still. An initialisation that keeps the variance, or a norm, mends it.
    Activations come on top of what the rule counts.
    """,
    source="He et al., Delving deep into rectifiers (2015), section 2.2: VGG of 30 layers does not start without it",
    bad="""
    archspec: 1
    inputs: {image: [16, 32, 32]}
    blocks:
      layer:
        graph:
          conv: {op: conv2d, out_channels: 16, kernel_size: 3, padding: 1}
          act: relu
    graph:
      layers: {block: layer, repeat: 12}
    """,
    good="""
    archspec: 1
    inputs: {image: [16, 32, 32]}
    init: {conv2d: {weight: {kaiming_normal: {nonlinearity: relu}}}}
    blocks:
      layer:
        graph:
          conv: {op: conv2d, out_channels: 16, kernel_size: 3, padding: 1}
          act: relu
    graph:
      layers: {block: layer, repeat: 12}
    """,
    find=_find,
    of_starts=True,
)

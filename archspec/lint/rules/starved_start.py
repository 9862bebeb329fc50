"""Layers whose starting weights let the signal fade."""

from collections.abc import Iterator, Mapping
from math import prod

from archspec.graph.graph import Node
from archspec.graph.starts import start
from archspec.lint.flow import Flow, called, transposed
from archspec.lint.rule import Finding, Rule
from archspec.ops.op import Role
from archspec.values.dataclass import dataclass

LEAST = 1e-4  # of the variance at the end of a chain, a hundredth of the spread, before activations take their share
TORCH = 1 / 3  # kaiming_uniform with a = sqrt(5), which PyTorch's layers start with: 1 / (3 fan_in) is the variance
# What gives its output a spread that does not hang on that of its input.
_RENEWS = frozenset({Role.INPUT, Role.NORM, Role.EMBEDDING, Role.RECURRENT, Role.ATTENTION})


@dataclass(frozen=True, slots=True)
class _Left:
    """What is left of the variance, how many layers ago it was whole, and which ops these are."""

    variance: float
    layers: int
    ops: Mapping[str, None]


_WHOLE = _Left(1.0, 0, {})


def _find(flow: Flow) -> Iterator[Finding]:
    left: dict[str, _Left] = {}
    for node in flow.nodes.values():
        before = max((left[ref.node] for ref in node.inputs), default=_WHOLE, key=lambda one: one.variance)
        gain = _gain(flow, node)
        if node.op.role in _RENEWS:
            left[node.id] = _WHOLE
        elif gain is None:
            left[node.id] = before
        else:
            left[node.id] = _Left(before.variance * gain, before.layers + 1, {**before.ops, node.op.name: None})
        now = left[node.id]
        if now.variance < LEAST <= (left[node.inputs[0].node].variance if node.inputs else 0):
            fade = round(now.variance**-0.5)
            message = f"over {now.layers} layers up to {called(node)}, the signal starts {fade:,} times smaller"
            starts = ", ".join(f"{op}: {{weight: {{kaiming_normal: {{nonlinearity: relu}}}}}}" for op in now.ops)
            yield Finding(node.id, message, f"init: {{{starts}}}, or a norm behind each layer")
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

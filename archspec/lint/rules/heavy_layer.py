"""A linear layer over a flattened map that has most of a network's parameters."""

from collections.abc import Iterator

from archspec.graph.graph import Node
from archspec.lint.flow import Flow, called
from archspec.lint.rule import Finding, Rule
from archspec.ops.op import Role

SHARE = 0.5  # of all parameters
LEAST = 100_000  # parameters below which nobody minds


def _find(flow: Flow) -> Iterator[Finding]:
    for node in flow.nodes.values():
        params = flow.params(node)
        if node.op.role is not Role.LINEAR or params < LEAST or params < SHARE * flow.all_params:
            continue
        flattened = _flattened(flow, node)
        if flattened is None:
            continue
        shape = flow.shapes(flattened)[0]
        places = shape.numel // shape.channels
        biases = sum(flow.held(node).get("bias", ()))
        less = (params - biases) // places + biases
        share = params / flow.all_params
        message = f"{called(node)} has {params:,} parameters, {share:.0%} of all"
        help = (
            f"pool the {shape} before it to one number a channel (adaptive_avg_pool2d, output_size: 1): "
            f"{less:,} parameters"
        )
        yield Finding(node.id, message, help, ((flattened.id, f"flattens {shape}"),))


def _flattened(flow: Flow, node: Node) -> Node | None:
    """The op behind which channels and places are one dimension, read by `node` through what works on each element."""
    here = flow.giver(node)
    while here is not None and here.op.role in (Role.DROPOUT, Role.ACTIVATION, Role.NORM):
        here = flow.giver(here)
    if here is None or here.op.role is not Role.RESHAPE or len(flow.result(here).dims) != 1:
        return None
    shape = flow.shapes(here)[0]
    return here if len(shape.dims) == 3 and shape.spatial != (1, 1) else None


RULE = Rule(
    name="heavy-layer",
    summary="one layer that reads a flattened map has most of the parameters",
    reason="""
    A linear layer over a flattened map has a weight for every place of every channel. It makes the network large,
    ties it to one input size, and is where it overfits first. The mean of each channel before it, global average
    pooling, leaves one weight a channel.
    """,
    source="Lin, Chen & Yan, Network in network (2014), section 3.2",
    bad="""
    archspec: 1
    inputs: {image: [64, 14, 14]}
    graph:
      conv: {op: conv2d, out_channels: 64, kernel_size: 3, padding: 1}
      act: relu
      flat: flatten
      head: {op: linear, out_features: 16}
    """,
    good="""
    archspec: 1
    inputs: {image: [64, 14, 14]}
    graph:
      conv: {op: conv2d, out_channels: 64, kernel_size: 3, padding: 1}
      act: relu
      pool: {op: adaptive_avg_pool2d, output_size: 1}
      flat: flatten
      head: {op: linear, out_features: 16}
    """,
    find=_find,
)

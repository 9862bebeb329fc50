"""A large dense kernel over many channels, where fewer channels in between cost a fraction."""

from collections.abc import Iterator
from math import prod

from archspec.graph.graph import Node
from archspec.lint.flow import Flow, called, field, transposed
from archspec.lint.rule import Finding, Rule
from archspec.ops.op import Role

KERNEL = 5  # the least size, in two dimensions, that is called large
CHANNELS = 64  # the fewest channels on both sides: a stem reads three
REDUCTION = 4  # channels in, over channels in between


def _find(flow: Flow) -> Iterator[Finding]:
    for node in flow.nodes.values():
        weight = flow.weight(node)
        if weight is None or node.op.role is not Role.CONV or transposed(node) or node.op.acting.get("groups") != 1:
            continue
        out, channels, *kernel = weight
        if len(kernel) < 2 or min(kernel) < KERNEL or min(out, channels) < CHANNELS or not _slides(flow, node):
            continue
        middle = channels // REDUCTION
        less = channels * middle + middle * out * prod(kernel)
        saved = 1 - less / (channels * out * prod(kernel))
        size = "x".join(map(str, kernel))
        message = f"{called(node)} is {size} over {channels} channels: {flow.params(node):,} parameters"
        help = (
            f"a 1x1 convolution to {middle} channels before it leaves {less:,}, {saved:.0%} less; so do two 3x3 "
            f"in a row: {18 * channels * out:,}"
            if max(kernel) == KERNEL and channels == out
            else f"a 1x1 convolution to {middle} channels before it leaves {less:,}, {saved:.0%} less"
        )
        yield Finding(node.id, message, help)


def _slides(flow: Flow, node: Node) -> bool:
    """Whether its windows overlap. Those of patches, and one over all of a map, are linear layers."""
    kernel, stride = (field(flow, node, name) for name in ("kernel_size", "stride"))
    overlap = all(size > step for size, step in zip(kernel, stride, strict=True))
    return bool(flow.params(node)) and overlap and prod(flow.result(node).spatial) > 1


RULE = Rule(
    name="large-kernel",
    summary="a kernel of 5x5 or more reads many channels at once",
    reason="""
    The cost of a convolution is its kernel times the channels on both sides. A 1x1 convolution to a fourth of the
    channels before it cuts a 5x5 to about a fourth, and keeps its field of view; two 3x3 convolutions have the field
    of view of one 5x5 for 72 % of its cost, and a non-linearity more.
    """,
    source="Szegedy et al., Going deeper with convolutions (2015), section 4; Rethinking the Inception "
    "architecture (2016), 3.1",
    bad="""
    archspec: 1
    inputs: {image: [64, 32, 32]}
    graph:
      conv: {op: conv2d, out_channels: 128, kernel_size: 5, padding: 2}
    """,
    good="""
    archspec: 1
    inputs: {image: [64, 32, 32]}
    graph:
      reduce: {op: conv2d, out_channels: 16, kernel_size: 1}
      act: relu
      conv: {op: conv2d, out_channels: 128, kernel_size: 5, padding: 2}
    """,
    find=_find,
)

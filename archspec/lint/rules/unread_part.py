"""A part of a split that nothing reads."""

from collections.abc import Iterator

from archspec.graph.graph import Ref
from archspec.lint.flow import Flow, called
from archspec.lint.rule import Finding, Rule


def _find(flow: Flow) -> Iterator[Finding]:
    for node in flow.nodes.values():
        shapes = flow.network.shapes[node.id]
        if not node.op.numbered or sum(y.numel for y in shapes) != sum(x.numel for x in flow.shapes(node)):
            continue
        unread = [i for i, port in enumerate(node.op.ports) if Ref(node.id, port) not in flow.ports]
        if unread:
            share = sum(shapes[i].numel for i in unread) / sum(y.numel for y in shapes)
            which = ", ".join(f"{called(node)}.{i}" for i in unread)
            message = f"nothing reads {which}, {share:.0%} of what {called(node)} divides"
            yield Finding(node.id, message, f"read {which}, or compute less before {called(node)}")


RULE = Rule(
    name="unread-part",
    summary="a part of what a split divides goes nowhere",
    reason="""
    The channels of a part that nothing reads are dead: they are computed, and weights are learned for them without a
    gradient. Either something was meant to read them, or the op before the split is wider than it needs to be.
    """,
    source="arithmetic: an output depends on none of it, so the gradient of its weights is 0",
    bad="""
    archspec: 1
    inputs: {image: [16, 32, 32]}
    graph:
      conv: {op: conv2d, out_channels: 32, kernel_size: 3}
      halves: {op: chunk, chunks: 2}
      left: {op: relu, from: halves.0}
    """,
    good="""
    archspec: 1
    inputs: {image: [16, 32, 32]}
    graph:
      conv: {op: conv2d, out_channels: 32, kernel_size: 3}
      halves: {op: chunk, chunks: 2}
      left: {op: relu, from: halves.0}
      gated: {op: mul, from: [left, halves.1]}
    """,
    find=_find,
)

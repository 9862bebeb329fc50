"""Branches that meet, one normalised and one not."""

from collections.abc import Iterator

from archspec.graph.graph import Node
from archspec.lint.flow import WEIGHTED, Flow, called
from archspec.lint.rule import Finding, Rule
from archspec.ops.op import Role


def _find(flow: Flow) -> Iterator[Finding]:
    for join in flow.nodes.values():
        if join.op.joins not in ("sum", "concat") or len(join.inputs) < 2:
            continue
        ends = [_last_layer(flow, flow.nodes[ref.node]) for ref in join.inputs]
        layers = [end for end in ends if end is not None]
        normed = [layer for layer, norm in layers if norm]
        for layer, norm in layers if normed else ():
            if not norm:
                message = (
                    f"{called(layer)} meets {called(normed[0])} at {called(join)} without a norm, which that one has"
                )
                help = f"put a norm behind {called(layer)}, or take away that of {called(normed[0])}"
                yield Finding(
                    layer.id, message, help, ((normed[0].id, "has a norm behind it"), (join.id, "joins them"))
                )


def _last_layer(flow: Flow, node: Node) -> tuple[Node, bool] | None:
    """The last convolution on a way that nothing else reads, and whether a norm stands behind it; None for none."""
    norm = False
    if flow.network.graph.readers[node.id][1:] or node.id in flow.outputs:
        return None
    for here in flow.back(node):
        norm = norm or here.op.role is Role.NORM
        if here.op.role in WEIGHTED:
            return here, norm
        if len(here.inputs) != 1:
            return None
    return None


RULE = Rule(
    name="branch-without-norm",
    summary="of branches that meet, one is normalised and another is not",
    reason="""
    A norm gives a branch the same spread whatever its weights. Where it meets a branch without one, the two have
    spreads that nothing keeps alike: the larger drowns the other, at the start and whenever the learning rate is
    high.
    """,
    source="He et al., Deep residual learning (2016), section 3.4: a norm behind each convolution, those "
    "of shortcuts included",
    bad="""
    archspec: 1
    inputs: {image: [16, 32, 32]}
    graph:
      conv: {op: conv2d, out_channels: 32, kernel_size: 3, padding: 1, bias: false}
      norm: batch_norm2d
      shortcut: {op: conv2d, from: image, out_channels: 32, kernel_size: 1}
      sum: {op: add, from: [norm, shortcut]}
    """,
    good="""
    archspec: 1
    inputs: {image: [16, 32, 32]}
    graph:
      conv: {op: conv2d, out_channels: 32, kernel_size: 3, padding: 1, bias: false}
      norm: batch_norm2d
      shortcut: {op: conv2d, from: image, out_channels: 32, kernel_size: 1, bias: false}
      shortcut_norm: batch_norm2d
      sum: {op: add, from: [norm, shortcut_norm]}
    """,
    find=_find,
)

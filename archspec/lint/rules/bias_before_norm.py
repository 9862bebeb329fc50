"""A bias that the norm behind it takes away."""

from collections.abc import Iterator

from archspec.graph.graph import Node
from archspec.lint.flow import WEIGHTED, Flow, called
from archspec.lint.rule import Finding, Rule
from archspec.ops.op import Role


def _find(flow: Flow) -> Iterator[Finding]:
    for node in flow.nodes.values():
        norm = flow.sole_reader(node)
        if norm is not None and norm.op.centres and _adds_to_channels(flow, node):
            count = flow.held(node)["bias"][0]
            message = f"{called(node)} adds a bias of {count:,} parameters, which {called(norm)} takes away again"
            yield Finding(node.id, message, "bias: false", ((norm.id, "takes the mean of each channel away"),))


def _adds_to_channels(flow: Flow, node: Node) -> bool:
    """Whether it adds a number of its own to each channel, and no other op uses that number."""
    if node.op.role not in WEIGHTED or node.id in flow.shared or "bias" not in flow.held(node):
        return False
    return node.op.role is Role.CONV or len(flow.result(node).dims) == 1


RULE = Rule(
    name="bias-before-norm",
    summary="a bias stands before a norm that takes it away",
    reason="""
    A batch norm subtracts the mean of each channel, and with it whatever number was added to the whole channel. The
    bias then has no effect and no gradient; the norm's own shift does what it would have done. It costs parameters
    and a little time.
    """,
    source="Ioffe & Szegedy, Batch normalization (2015), section 3.2; NeuraLint's rule UselessBias",
    bad="""
    archspec: 1
    inputs: {image: [16, 32, 32]}
    graph:
      conv: {op: conv2d, out_channels: 16, kernel_size: 3}
      norm: batch_norm2d
      act: relu
    """,
    good="""
    archspec: 1
    inputs: {image: [16, 32, 32]}
    graph:
      conv: {op: conv2d, out_channels: 16, kernel_size: 3, bias: false}
      norm: batch_norm2d
      act: relu
    """,
    find=_find,
)

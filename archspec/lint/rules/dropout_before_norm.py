"""Dropout before a norm that keeps statistics."""

from collections.abc import Iterator

from archspec.lint.flow import WEIGHTED, Flow, called
from archspec.lint.rule import Finding, Rule
from archspec.ops.op import Role

_BETWEEN = WEIGHTED | {Role.ACTIVATION, Role.POOL, Role.RESHAPE}


def _find(flow: Flow) -> Iterator[Finding]:
    for node in flow.nodes.values():
        rate = node.op.acting.get("p")
        if node.op.role is not Role.DROPOUT or not isinstance(rate, float) or not 0 < rate < 1:
            continue
        layers = 0
        for there in flow.onward(node):
            layers += there.op.role in WEIGHTED
            if there.op.role is Role.NORM and there.op.buffers(flow.shapes(there)):
                message = (
                    f"{called(there)} keeps statistics of what {called(node)} drops {rate:.0%} of in training only"
                )
                help = f"move {called(node)} behind the last norm that keeps statistics, or set p: 0"
                yield Finding(node.id, message, help, ((there.id, "averages its variance in training"),))
            if there.op.role not in _BETWEEN or layers > 1:
                break


RULE = Rule(
    name="dropout-before-norm",
    summary="dropout stands before a norm that keeps statistics of it",
    reason="""
    In training, dropout changes the variance of what passes; in inference it does not. A batch norm behind it divides
    by the variance that it has seen in training, which is another one in inference: everything behind is scaled
    wrongly. A convolution between them does not mend it. Behind the last batch norm, dropout does no such harm.
    """,
    source="Li et al., Understanding the disharmony between dropout and batch normalization by variance shift (2019)",
    bad="""
    archspec: 1
    inputs: {image: [16, 32, 32]}
    graph:
      drop: {op: dropout, p: 0.5}
      conv: {op: conv2d, out_channels: 16, kernel_size: 3, bias: false}
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
      drop: {op: dropout, p: 0.5}
    """,
    find=_find,
)

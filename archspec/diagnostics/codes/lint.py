"""Codes of `lint`: what is wrong with what an author tells it. Its rules stand in archspec/lint."""

from archspec.diagnostics.codes.code import declare

declare(
    "unknown-rule",
    "there is no such rule",
    """
    `ignore` names rules of `archspec lint`, which `archspec explain` lists. The nearest one is offered.
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 3, lint: {ignore: [bias-before-batchnorm]}}
      norm: batch_norm2d
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 3, lint: {ignore: [bias-before-norm]}}
      norm: batch_norm2d
    """,
)
declare(
    "unused-silence",
    "a rule is silenced where it has nothing to say",
    """
    What a silence was for may be mended. Left in the spec, it hides the next finding that nobody has looked at.
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 3, bias: false, lint: {ignore: [bias-before-norm]}}
      norm: batch_norm2d
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 3, bias: false}
      norm: batch_norm2d
    """,
)

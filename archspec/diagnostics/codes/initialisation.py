"""Codes of `init`: what tensors start with."""

from archspec.diagnostics.codes.code import declare

declare(
    "unknown-initialiser",
    "there is no such initialiser",
    """
    Initialisers are those of `torch.nn.init`, by their names there without the underscore behind. The nearest one is
    offered.
    """,
    """
    init: {conv2d: {weight: he_normal}}
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 3}
    """,
    """
    init: {conv2d: {weight: kaiming_normal}}
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 3}
    """,
)
declare(
    "unknown-tensor",
    "an op has no such parameter",
    """
    `init` names the parameters of an op as the state_dict does: `weight` and `bias`, of attention `in_proj_weight`.
    Those of a recurrent layer go by their kind, `weight_hh`, which stands for all layers and directions.
    """,
    """
    init: {conv2d: {kernel: kaiming_normal}}
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 3}
    """,
    """
    init: {conv2d: {weight: kaiming_normal}}
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 3}
    """,
)
declare(
    "shared-init",
    "`init` stands at a second use of parameters",
    """
    Parameters that several members share start once: as the first of them says, which owns them.
    """,
    """
    graph:
      a: {op: linear, out_features: 8}
      b: {op: linear, out_features: 8, share: a, init: {bias: zeros}}
    """,
    """
    graph:
      a: {op: linear, out_features: 8, init: {bias: zeros}}
      b: {op: linear, out_features: 8, share: a}
    """,
)
declare(
    "unused-init",
    "a warning: a rule of `init` reaches nothing",
    """
    Nothing inside the spec, or the block, is the op that the rule is for. Remove the rule, or write it where the op is.
    """,
    """
    init: {linear: {bias: zeros}}
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 3}
    """,
    """
    init: {conv2d: {bias: zeros}}
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 3}
    """,
)

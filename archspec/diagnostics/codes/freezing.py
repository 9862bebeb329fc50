"""Codes of `freeze`: which parameters do not learn."""

from archspec.diagnostics.codes.code import declare

declare(
    "frozen-share",
    "a parameter is frozen in one place and learns in another",
    """
    Members that share a parameter have one tensor, which learns or does not. Where only one of them is frozen, it is
    not clear which is meant: freeze both, or neither. A whole member that is used again by `share` is frozen where the
    first one is, and need not say so.
    """,
    """
    inputs: {tokens: {shape: [16], dtype: int}}
    graph:
      embed: {op: embedding, num_embeddings: 100, embedding_dim: 8, freeze: true}
      head: {op: linear, out_features: 100, bias: false, share: {weight: embed.weight}}
    """,
    """
    inputs: {tokens: {shape: [16], dtype: int}}
    graph:
      embed: {op: embedding, num_embeddings: 100, embedding_dim: 8, freeze: true}
      head: {op: linear, out_features: 100, bias: false, share: {weight: embed.weight}, freeze: true}
    """,
)
declare(
    "nothing-to-freeze",
    "what is frozen has no parameters",
    """
    `freeze` keeps parameters as they start. An activation, a pooling or a block of these has none. A batch norm without
    `affine` has buffers only, which `freeze` leaves alone: they follow the mode, and `eval()` stops them.
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 3}
      act: {op: relu, freeze: true}
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 3, freeze: true}
      act: relu
    """,
)

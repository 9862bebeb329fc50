"""Codes of the expressions behind `$`."""

from archspec.diagnostics.codes.code import declare

declare(
    "expression-syntax",
    "an expression cannot be read",
    """
    Behind `$` stands a name, or in parentheses an expression: numbers, texts, lists, names, + - * / // % **,
    comparisons, `and`, `or`, `not`, `a if c else b`, `min`, `max`, `len`, and items as `depths.0` or
    `depths[i]`. `$$` is a dollar sign.
    """,
    """
    params: {width: 8}
    graph:
      conv: {op: conv2d, out_channels: $(width *), kernel_size: 3}
    """,
    """
    params: {width: 8}
    graph:
      conv: {op: conv2d, out_channels: $(width * 2), kernel_size: 3}
    """,
)
declare(
    "hidden-name",
    "a let reads a name that means something else where the let is read",
    """
    A let means what it says where it stands. Inside a block with a param or an input of a name that the let reads,
    that name means the block's own, and the let's value cannot be said. Inside a graph in place it can, but for a
    repeat that hands its outputs on by that name.
    """,
    """
    params: {width: 8}
    let: {double: $(2 * width)}
    blocks:
      unit:
        params: {width: int}
        graph: {conv: {op: conv2d, out_channels: $(double + width), kernel_size: 3}}
    graph:
      unit: {block: unit, width: 4}
    """,
    """
    params: {width: 8}
    let: {double: $(2 * width)}
    blocks:
      unit:
        params: {more: int}
        graph: {conv: {op: conv2d, out_channels: $(double + more), kernel_size: 3}}
    graph:
      unit: {block: unit, more: 4}
    """,
)
declare(
    "expression-type",
    "an expression works on values that do not go together",
    """
    Operands are of a kind that the operator takes: no arithmetic on texts, no order between a number and a
    list.
    """,
    """
    params: {block: basic}
    graph:
      conv: {op: conv2d, out_channels: $(block * 2), kernel_size: 3}
    """,
    """
    params: {width: 8}
    graph:
      conv: {op: conv2d, out_channels: $(width * 2), kernel_size: 3}
    """,
)
declare(
    "expression-value",
    "an expression has no value",
    """
    The operands have the right kinds and there is no result: a division by zero, an item behind the end of a
    list.
    """,
    """
    params: {width: 8}
    graph:
      conv: {op: conv2d, out_channels: $(width // 0), kernel_size: 3}
    """,
    """
    params: {width: 8}
    graph:
      conv: {op: conv2d, out_channels: $(width // 2), kernel_size: 3}
    """,
)
declare(
    "expression-limit",
    "an expression or its value is too large",
    """
    Expressions have up to 2000 characters and 50 levels; integers lie within 64 bits, and exponents are
    bounded, so that evaluating takes no time to speak of.
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: $(10 ** 100), kernel_size: 3}
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: $(10 ** 2), kernel_size: 3}
    """,
)
declare(
    "unknown-name",
    "an expression uses a name that means nothing there",
    """
    An expression sees the params of its block and of the spec around it, the inputs of its block
    (`x.channels`), and `i` inside a `repeat`. It does not see the params of the block that uses its block.
    """,
    """
    params: {width: 8}
    graph:
      conv: {op: conv2d, out_channels: $widht, kernel_size: 3}
    """,
    """
    params: {width: 8}
    graph:
      conv: {op: conv2d, out_channels: $width, kernel_size: 3}
    """,
)

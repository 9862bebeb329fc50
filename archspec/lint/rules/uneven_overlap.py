"""A transposed convolution that writes to some elements more often than to others."""

from collections.abc import Iterator

from archspec.lint.flow import Flow, called, field, transposed
from archspec.lint.rule import Finding, Rule


def _find(flow: Flow) -> Iterator[Finding]:
    for node in flow.nodes.values():
        if not transposed(node) or flow.weight(node) is None:  # of a kernel that is given, only a run knows the values
            continue
        sizes = (field(flow, node, name) for name in ("kernel_size", "stride", "dilation"))
        for kernel, stride, dilation in zip(*sizes, strict=True):
            least, most = writes(kernel, stride, dilation)
            if least == most:
                continue
            better = max(kernel // stride, 1) * stride + (stride if kernel > stride else 0)
            told = "none" if not least else f"{least:,}"
            message = (
                f"{called(node)} has a kernel of {kernel} and a stride of {stride}: some rows get {most} products, "
                f"others {told}"
            )
            help = (
                f"a kernel that the stride divides, such as kernel_size: {better}, or an upsampling and a convolution"
            )
            yield Finding(node.id, message, help)
            break


def writes(kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """How often an element of the output is written to, far from the borders: the fewest and the most times.

    A kernel of 3 with a stride of 2 writes once to every other element and twice to those between.
    """
    counts = [0] * stride
    for place in range(kernel):
        counts[place * dilation % stride] += 1
    return min(counts), max(counts)


RULE = Rule(
    name="uneven-overlap",
    summary="the stride of a transposed convolution does not divide its kernel",
    reason="""
    A transposed convolution writes each element of its input over a window of the output. Where the stride does not
    divide the kernel, the windows overlap unevenly: some rows and columns get more products than others. The network
    can learn weights that even this out, and seldom does; its pictures show a checkerboard.
    """,
    source="Odena, Dumoulin & Olah, Deconvolution and checkerboard artifacts (Distill, 2016)",
    bad="""
    archspec: 1
    inputs: {code: [16, 8, 8]}
    graph:
      up: {op: conv_transpose2d, out_channels: 8, kernel_size: 3, stride: 2, padding: 1, output_padding: 1}
    """,
    good="""
    archspec: 1
    inputs: {code: [16, 8, 8]}
    graph:
      up: {op: conv_transpose2d, out_channels: 8, kernel_size: 4, stride: 2, padding: 1}
    """,
    find=_find,
)

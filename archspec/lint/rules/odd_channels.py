"""Channels that tensor cores pad."""

from collections.abc import Iterator

from archspec.graph.graph import Node
from archspec.lint.flow import Flow, called
from archspec.lint.rule import Finding, Rule
from archspec.ops.op import Role

MULTIPLE = 8  # elements of two bytes in the 16 bytes that tensor cores read at a time
SHARE = 0.02  # of all multiply-adds, below which a layer is not worth a word
LEAST = 1_000_000  # multiply-adds per sample, likewise


def _find(flow: Flow) -> Iterator[Finding]:
    least = max(LEAST, SHARE * flow.all_macs)
    for node in flow.nodes.values():
        weight = flow.weight(node)
        if weight is None or node.op.acting.get("groups", 1) != 1 or flow.macs(node) < least:
            continue
        out, channels = weight[:2]
        odd = [size for size in (channels, out) if size % MULTIPLE]
        few = min(channels, out) < MULTIPLE  # colours, or classes: as many as they are
        if not odd or few or (channels % MULTIPLE == 0 and _ends(flow, node)):
            continue
        up = tuple(-(-size // MULTIPLE) * MULTIPLE for size in (channels, out))
        more = up[0] * up[1] / (channels * out) - 1
        message = f"{called(node)} has {channels} channels in and {out} out, which are no multiples of {MULTIPLE}"
        help = f"{up[0]} and {up[1]} compute {more:.0%} more, and in half precision take no longer"
        yield Finding(node.id, message, help)


def _ends(flow: Flow, node: Node) -> bool:
    """Whether its channels are those of an output, which are as many as there are classes."""
    end = node
    for there in flow.onward(node):
        if there.op.role not in (Role.ACTIVATION, Role.UPSAMPLE, Role.RESHAPE, Role.DROPOUT):
            return False
        end = there
    return end.id in flow.outputs


RULE = Rule(
    name="odd-channels",
    summary=f"channels of a heavy layer are no multiple of {MULTIPLE}",
    reason=f"""
    Tensor cores read 16 bytes at a time: {MULTIPLE} channels in half precision. Channels that are no multiple of
    {MULTIPLE} are padded, or computed by slower kernels. The rule looks at layers with {SHARE:.0%} of the
    multiply-adds or more; the channels of an image and the classes at the end are as many as they are.
    """,
    source="NVIDIA, Deep learning performance guide: Convolutional layers, section 2.1, and Linear layers, section 3",
    bad="""
    archspec: 1
    inputs: {map: [60, 32, 32]}
    graph:
      conv: {op: conv2d, out_channels: 64, kernel_size: 3}
    """,
    good="""
    archspec: 1
    inputs: {map: [64, 32, 32]}
    graph:
      conv: {op: conv2d, out_channels: 64, kernel_size: 3}
    """,
    find=_find,
    default=False,
)

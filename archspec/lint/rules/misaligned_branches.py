"""Branches of an image that meet half a stride or more beside each other."""

from collections.abc import Iterator
from fractions import Fraction

from archspec.lint.flow import Flow, called
from archspec.lint.rule import Finding, Rule
from archspec.receptive.alignment import Misalignment, misaligned


def _find(flow: Flow) -> Iterator[Finding]:
    met: dict[str, list[Misalignment]] = {}
    for one in misaligned(tuple(flow.network.counted.values())):
        if one.in_step:  # else a map was stretched over an odd size, of which another rule speaks
            met.setdefault(one.id, []).append(one)
    for id, found in met.items():
        # Along one dimension only it is meant: a causal convolution looks back, and its shortcut does not.
        if len({one.axis for one in found}) > 1:
            yield _finding(flow, id, max(found, key=lambda one: one.by))


def _finding(flow: Flow, id: str, worst: Misalignment) -> Finding:
    node = flow.nodes[id]
    behind = max(worst.middles, key=lambda index: worst.middles[index])
    before = min(worst.middles, key=lambda index: worst.middles[index])
    pixels = _told(worst.by)
    strides = _told(worst.by / worst.stride, "stride")
    message = f"{called(node)} joins maps that lie {pixels} of the input beside each other, {strides}"
    help = (
        "downsample with an even kernel, such as kernel_size: 4 and padding: 1, or a pooling by 2: its middle lies "
        "between the pixels, where upsampling puts it back"
    )
    said = f"its middle lies {pixels} after that of"
    giver, other = (flow.nodes[node.inputs[index].node] for index in (behind, before))
    labels = ((giver.id, f"{said} {called(other)}"),) if giver is not other else ()
    return Finding(id, message, help, labels)


def _told(amount: Fraction, unit: str = "pixel") -> str:
    """`8 pixels`, `1.5 strides`, `1 pixel`."""
    number = round(float(amount), 2)
    return f"{number:g} {unit}" if number == 1 else f"{number:g} {unit}s"


RULE = Rule(
    name="misaligned-branches",
    summary="maps are joined whose values lie half a stride or more beside each other",
    reason="""
    A convolution of stride 2 with a kernel of 3 has its middle on every other pixel, the first included. Upsampling
    puts each value in the middle of the pixels that it stands for, half a pixel further on. What is joined with the map
    from before then belongs to the place beside it, and borders blur. Convolutions behind the join can learn to move
    it back, at the cost of what else they could do.
    """,
    source="Huang et al., FaPN: feature-aligned pyramid network (2021), which moves the upsampled maps of an FPN to "
    "where they belong and gains 1.2 to 2.6 points of AP or mIoU",
    bad="""
    archspec: 1
    inputs: {image: [8, 32, 32]}
    graph:
      down: {op: conv2d, out_channels: 8, kernel_size: 3, stride: 2, padding: 1}
      up: {op: upsample, scale_factor: 2}
      sum: {op: add, from: [up, image]}
    """,
    good="""
    archspec: 1
    inputs: {image: [8, 32, 32]}
    graph:
      down: {op: conv2d, out_channels: 8, kernel_size: 4, stride: 2, padding: 1}
      up: {op: upsample, scale_factor: 2}
      sum: {op: add, from: [up, image]}
    """,
    find=_find,
)

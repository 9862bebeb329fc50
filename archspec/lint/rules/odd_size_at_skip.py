"""An upsampling to a size that is no multiple, so that what it joins lies elsewhere."""

from collections.abc import Iterator

from archspec.lint.flow import Flow, called
from archspec.lint.rule import Finding, Rule
from archspec.ops.op import Role


def _find(flow: Flow) -> Iterator[Finding]:
    for node in flow.nodes.values():
        if Role.UPSAMPLE not in (node.op.role, node.op.drawn_as):
            continue
        small, large = flow.shapes(node)[0].spatial, flow.result(node).spatial
        if len(small) != len(large) or not any(map(_uneven, small, large)):
            continue
        join = next((one for one in flow.onward(node) if one.op.joins), None)
        if join is not None and len(join.inputs) > 1:
            sizes = " x ".join(map(str, small)), " x ".join(map(str, large))
            message = f"{called(node)} makes {sizes[1]} of {sizes[0]}, to meet a skip of an odd size at {called(join)}"
            help = "give the network inputs whose sizes the whole stride of the encoder divides, or pad them to that"
            yield Finding(node.id, message, help, ((join.id, "joins them"),))


def _uneven(small: int, large: int) -> bool:
    """Whether an odd size was halved, rounded, and is to be reached again."""
    return small > 1 and large > small and large % 2 == 1 and large % small != 0


RULE = Rule(
    name="odd-size-at-skip",
    summary="what was downsampled from an odd size is upsampled to it again, to meet a skip",
    reason="""
    Halving an odd size rounds, so the way back is no whole factor: the upsampled map is stretched over the skip, and
    its elements lie up to half a pixel beside those that they are joined with. Sizes that the whole stride divides
    keep both in step.
    """,
    source="Ronneberger, Fischer & Brox, U-Net (2015), section 2: the tile size is chosen so that all "
    "poolings see even sizes",
    bad="""
    archspec: 1
    inputs: {image: [8, 25, 25]}
    graph:
      skip: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
      act: relu
      pool: {op: max_pool2d, kernel_size: 2}
      down: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
      up: {op: upsample, from: {x: down, like: act}, mode: bilinear}
      out: {op: concat, from: [up, act]}
    """,
    good="""
    archspec: 1
    inputs: {image: [8, 24, 24]}
    graph:
      skip: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
      act: relu
      pool: {op: max_pool2d, kernel_size: 2}
      down: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
      up: {op: upsample, from: {x: down, like: act}, mode: bilinear}
      out: {op: concat, from: [up, act]}
    """,
    find=_find,
)

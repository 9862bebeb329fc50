"""A stride behind a dilated convolution."""

from collections.abc import Iterator

from archspec.graph.graph import Node
from archspec.lint.flow import Flow, called, field
from archspec.lint.rule import Finding, Rule
from archspec.ops.op import Role

_WINDOWS = frozenset({Role.CONV, Role.POOL})


def _find(flow: Flow) -> Iterator[Finding]:
    dilated: dict[str, Node] = {}  # op -> the last dilated convolution before it, at the same resolution
    told: set[str] = set()
    for node in flow.nodes.values():
        before = next((dilated[ref.node] for ref in node.inputs if ref.node in dilated), None)
        if _dilates(flow, node):
            dilated[node.id] = node
        elif before is not None and _shrinks(flow, node):
            if before.id not in told:
                told.add(before.id)
                message = f"{called(node)} strides over what {called(before)} dilates to keep its resolution"
                help = f"stride first, and {called(before)} sees as far without a dilation, at a fourth of the cost"
                yield Finding(node.id, message, help, ((before.id, "is dilated"),))
        elif before is not None and _same_places(flow, node):
            dilated[node.id] = before


def _dilates(flow: Flow, node: Node) -> bool:
    return node.op.role is Role.CONV and max(field(flow, node, "dilation"), default=1) > 1


def _shrinks(flow: Flow, node: Node) -> bool:
    strides = max(field(flow, node, "stride"), default=1)
    return node.op.role in _WINDOWS and strides > 1 and flow.result(node).numel > 0 and _smaller(flow, node)


def _smaller(flow: Flow, node: Node) -> bool:
    return flow.result(node).spatial < flow.shapes(node)[0].spatial


def _same_places(flow: Flow, node: Node) -> bool:
    """Whether a map stays a map of the same size."""
    return bool(flow.result(node).spatial) and flow.result(node).spatial == flow.shapes(node)[0].spatial


RULE = Rule(
    name="stride-after-dilation",
    summary="a stride follows a dilated convolution",
    reason="""
    A dilation widens the field of view and keeps the resolution, at the price of computing everywhere. A stride
    behind it throws that resolution away: the stride first, with no dilation, sees as far and computes a fourth.
    """,
    source="Yu, Koltun & Funkhouser, Dilated residual networks (2017), section 2: dilations stand in place "
    "of later strides",
    bad="""
    archspec: 1
    inputs: {image: [16, 32, 32]}
    graph:
      wide: {op: conv2d, out_channels: 16, kernel_size: 3, padding: 2, dilation: 2}
      act: relu
      down: {op: conv2d, out_channels: 32, kernel_size: 3, padding: 1, stride: 2}
    """,
    good="""
    archspec: 1
    inputs: {image: [16, 32, 32]}
    graph:
      down: {op: conv2d, out_channels: 32, kernel_size: 3, padding: 1, stride: 2}
      act: relu
      wide: {op: conv2d, out_channels: 16, kernel_size: 3, padding: 2, dilation: 2}
    """,
    find=_find,
)

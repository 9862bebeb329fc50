"""Joined: which join, in a closed block, an input of the block meets.

    x -- conv --.                    skip -- crop --.
                (+)   residual                       concat   skip
    shortcut ---'                    x -- up -------'

The way to it has one projection at most; an attention, a sum of other dimensions, a second projection and what looks
something up end it.
"""

from collections.abc import Iterable

from archspec.figure.diagram import EdgeKind
from archspec.graph.graph import Node, Ref
from archspec.graph.network import Network
from archspec.ops.op import Role

_KINDS: dict[str, EdgeKind] = {"sum": "residual", "concat": "skip"}


def kind_inside(network: Network, inside: Iterable[Node], ref: Ref) -> EdgeKind:
    """What a block makes of a value that it reads: residual, a skip, or flow. Linear in `inside`, the nodes in order.

    Args:
        network: where the block stands.
        inside: all nodes of the block.
        ref: the value.
    """
    reached: dict[str, int] = {}  # node that hands on the value -> projections on the way
    met: set[EdgeKind] = set()
    for node in inside:
        ways = [_way(reached, ref, one) for at, one in enumerate(node.inputs) if not node.op.reads_size(at)]
        known = [way for way in ways if way is not None]
        if not known or node.op.role is Role.EMBEDDING:
            continue
        others = len(known) < len(ways)
        kind = _KINDS.get(node.op.joins)
        if kind is not None and others:
            met |= {kind} if kind == "skip" or _as_large(network, node, ref) else set()
            continue
        way = min(known) + (node.op.role in (Role.CONV, Role.LINEAR))
        if way <= 1 and (not others or node.op.joins == "product"):
            reached[node.id] = way
    return "skip" if "skip" in met else "residual" if "residual" in met else "flow"


def _way(reached: dict[str, int], start: Ref, ref: Ref) -> int | None:
    """The projections on the way from `start` to what a node reads; None where that is another value."""
    return 0 if ref == start else reached.get(ref.node)


def _as_large(network: Network, joint: Node, ref: Ref) -> bool:
    """Whether a value has as many dimensions as the sum that it is a part of: one that is spread over it has fewer."""
    return len(network.shape(ref).dims) == len(network.shapes[joint.id][0].dims)

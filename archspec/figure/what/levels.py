"""Levels: how often the resolution was halved on the way to each node. Level 0 is that of the finest input."""

from collections.abc import Collection, Mapping, Sequence
from math import log2

from archspec.figure.what.captions import side
from archspec.figure.what.drafts import role_of, strided
from archspec.figure.what.idioms import held_values
from archspec.graph.graph import Node, Ref
from archspec.graph.network import Network
from archspec.graph.once import once
from archspec.graph.sequences import sequences
from archspec.ops.op import Role
from archspec.values.shape import Shape


@once
def levels(network: Network) -> Mapping[str, int]:
    """Node id -> level of its output. Linear in nodes.

    Only what is there to change the resolution counts: strides and pools down, up-sampling up. A convolution that trims
    its borders, padding and cropping leave the level as it is. Of several maps that are given, each has the level of
    its size beside the finest. What depends on no data has the level of what reads it; what nobody reads, that of what
    comes behind it.
    """
    found: dict[str, int] = {}
    flats, held = sequences(network), held_values(network)
    given = {
        node.id: side(network.shapes[node.id][0], sequence=node.id in flats)
        for node in network.graph.nodes.values()
        if node.op.role is Role.INPUT and _is_map(network.shapes[node.id][0], sequence=node.id in flats)
    }
    finest = max(given.values(), default=1)
    for node in network.graph.nodes.values():
        start = round(log2(finest / given[node.id])) if given.get(node.id) else 0
        before = min((found[ref.node] for ref in _leading(network, node, held)), default=start)
        found[node.id] = before + _change(network, node, flats)
    beside = min(found.values(), default=0)
    for name in reversed(list(network.graph.nodes)):
        if name not in held:
            beside = found[name]
        elif network.graph.readers[name]:
            found[name] = found[network.graph.readers[name][0]]
        else:
            found[name] = beside
    return found


def _is_map(shape: Shape, *, sequence: bool) -> bool:
    """Whether a value has a resolution, as tokens and features have none."""
    return sequence or len(shape.dims) > 2


def _leading(network: Network, node: Node, held: Collection[str]) -> Sequence[Ref]:
    """The inputs whose resolution a node goes on from: of a join, those that are not spread over the others.

    What depends on no data, a table of places or queries that are learned, has that of what it meets.
    """
    data = [ref for at, ref in enumerate(node.inputs) if ref.node not in held and not node.op.reads_size(at)]
    given = data or node.inputs
    if not node.op.variadic:
        return given[:1]
    sides = [_side(network.shape(ref)) for ref in given]
    return [ref for ref, side in zip(given, sides, strict=True) if 2 * side > max(sides)] or given


def _change(network: Network, node: Node, flats: Collection[str]) -> int:
    """By how many levels a node goes down; `flats` give (N, C, W)."""
    role = role_of(node)
    if role not in (Role.CONV, Role.POOL, Role.UPSAMPLE) or not node.inputs:
        return 0
    x, y = network.shape(node.inputs[0]), network.shapes[node.id][0]
    if len(x.dims) < 2 or len(y.dims) != len(x.dims) or not y.batch:
        return 0  # a vector; a stack of values that become one; a weight
    flat = node.inputs[0].node in flats
    before, after = side(x, sequence=flat), side(y, sequence=flat)
    if role is Role.CONV and not strided(node):
        return 0
    change = round(log2(before / after))
    return min(change, 0) if role is Role.UPSAMPLE else max(change, 0)


def _side(shape: Shape) -> int:
    return max(shape.spatial, default=0)

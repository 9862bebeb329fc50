"""Attention cores: from queries, keys and values to what attention gives of them, in one op or in many.

           q --.
                (@) scores -- scale -- + bias -- mask -- softmax -- dropout --(@)--
           k --'                                                              |
           v -----------------------------------------------------------------'

The softmax runs over the dimension of the keys, which the second product sums over: routing by agreement, a router of
experts and a choice of kernels do not.
"""

from collections.abc import Collection, Iterator, Mapping
from math import prod

from archspec.figure.what.idioms import SELF, Slot, only_reader
from archspec.graph.graph import Node, Ref
from archspec.graph.network import Network
from archspec.ops.op import Role
from archspec.values.dataclass import dataclass

QUERY, KEY, VALUE = SELF
ADDED = BIAS, SCALE, MASK = ("bias", "scale", "mask")
FUSED = {"query": QUERY, "key": KEY, "value": VALUE}  # what the inputs of an op of attention are to it

_LONGEST = 12  # ops between the two products


@dataclass(frozen=True, slots=True)
class Core:
    """What is between queries, keys and values and their output.

    Attributes:
        nodes: their ids; the last gives the output.
        weights: the node that makes the weights.
        slots: what an input from outside is to it: `q`, `k`, `v`; "" for what scores are scaled, biased or masked by.
        heads: the sizes of the dimensions that heads may be.
        width: features of a query of one head.
        title: what the box is called.
    """

    nodes: tuple[str, ...]
    weights: str
    slots: Mapping[Slot, tuple[str, ...]]
    heads: tuple[int, ...]
    width: int
    title: str


def fused(network: Network, node: Node) -> Core | None:
    """The core that is one op without projections of its own."""
    names = node.op.input_names
    if node.op.role is not Role.ATTENTION or node.op.stateful or not set(FUSED) <= set(names):
        return None
    slots = {(node.id, index): (FUSED.get(names[index], MASK),) for index in range(len(node.inputs))}
    query = network.input_shapes(node)[names.index("query")]
    return Core((node.id,), node.id, slots, query.dims[:-2], query.dims[-1], node.op.caption.title)


def spelled(network: Network, softmax: Node, ends: Collection[str]) -> Core | None:
    """The core that is written in single ops round a softmax; None where that is none of attention."""
    xs = network.input_shapes(softmax)
    along = softmax.op.weighs(xs)
    if along is None:
        return None
    from_end = len(xs[0].dims) - along
    before = _scores(network, softmax, ends, from_end)
    behind = _weighted(network, softmax, ends, from_end)
    if before is None or behind is None:
        return None
    scores, weighted = before[-1], behind[-1]
    query, key, output = _by_letters(network, scores, from_end)
    shape = network.input_shapes(scores)[query.index]
    sizes = dict(zip(query.letters, shape.dims, strict=True))
    value = next(index for index, ref in enumerate(weighted.inputs) if ref.node != behind[-2].id)
    slots: dict[Slot, tuple[str, ...]] = {
        (scores.id, query.index): (QUERY,),
        (scores.id, key.index): (KEY,),
        (weighted.id, value): (VALUE,),
    }
    nodes = (*(node.id for node in reversed(before)), *(node.id for node in behind))
    slots = dict.fromkeys(_from_outside(network, nodes), ("",)) | slots
    return Core(
        nodes,
        softmax.id,
        slots,
        heads=tuple(sizes[letter] for letter in output if letter in query.letters and letter in key.letters),
        width=prod(sizes[letter] for letter in query.letters if letter in key.letters and letter not in output),
        title="attention",
    )


@dataclass(frozen=True, slots=True)
class _Factor:
    """An input of a product: its number, and the letters of its dimensions."""

    index: int
    letters: tuple[object, ...]


def _by_letters(network: Network, scores: Node, from_end: int) -> tuple[_Factor, _Factor, tuple[object, ...]]:
    """Queries and keys of the product that gives scores, and its letters. Keys have the dimension of the softmax."""
    *factors, output = scores.op.letters(network.input_shapes(scores))
    key = next(index for index, letters in enumerate(factors) if output[-from_end] in letters)
    return _Factor(1 - key, factors[1 - key]), _Factor(key, factors[key]), output


def _from_outside(network: Network, nodes: Collection[str]) -> Iterator[Slot]:
    """The inputs of some nodes that none of these gives."""
    for id in nodes:
        for index, ref in enumerate(network.graph.nodes[id].inputs):
            if ref.node not in nodes:
                yield id, index


def _scores(network: Network, softmax: Node, ends: Collection[str], from_end: int) -> list[Node] | None:
    """The ops from what the softmax reads back to the product of queries and keys, which is the last."""
    graph = network.graph
    ways = [[softmax]]
    while ways:
        way = ways.pop()
        for ref in reversed(_led_by(way[-1]) if way[1:] else way[-1].inputs):
            node = graph.nodes[ref.node]
            if only_reader(graph, node.id, ends) is not way[-1] or node.train_only != softmax.train_only:
                continue
            longer = [*way, node]
            if _is_product(network, node, from_end):
                return longer[1:]
            if len(way) < _LONGEST and _keeps_scores(network, node):
                ways.append(longer)
    return None


def _led_by(node: Node) -> tuple[Ref, ...]:
    """The inputs that may be scores: of what selects, those that it selects."""
    if not node.op.selector:
        return node.inputs
    chosen = node.op.input_names.index(node.op.selector)
    return tuple(ref for index, ref in enumerate(node.inputs) if index != chosen)


def _keeps_scores(network: Network, node: Node) -> bool:
    """Whether an op scales, shifts or masks what it reads, and leaves its dimensions as they are."""
    joined = node.op.joins in ("sum", "product") and len(node.inputs) > 1
    same = network.shapes[node.id][0].dims == network.shape(node.inputs[0]).dims if node.inputs else False
    return joined or bool(node.op.selector) or ((node.op.scales() or node.op.unseen) and same)


def _is_product(network: Network, node: Node, from_end: int) -> bool:
    """Whether an op sums products of two values, of which one has that dimension of what it gives and one does not."""
    letters = node.op.letters(network.input_shapes(node))
    if not letters or len(letters[-1]) < from_end:
        return False
    return (letters[-1][-from_end] in letters[0]) != (letters[-1][-from_end] in letters[1])


def _weighted(network: Network, softmax: Node, ends: Collection[str], from_end: int) -> list[Node] | None:
    """The ops from the softmax on to the product with the values, which sums over that dimension of the weights."""
    way = [softmax]
    while (node := only_reader(network.graph, way[-1].id, ends)) is not None and len(way) < _LONGEST:
        letters = node.op.letters(network.input_shapes(node))
        way.append(node)
        if letters:
            read = [index for index, ref in enumerate(node.inputs) if ref.node == way[-2].id]
            summed = len(read) == 1 and letters[read[0]][-from_end] not in letters[-1]
            return way if summed else None
        same = network.shapes[node.id][0].dims == network.shapes[softmax.id][0].dims
        if not (node.op.unseen and same):
            return None
    return None

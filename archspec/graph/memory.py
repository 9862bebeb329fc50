"""Memory: how many bytes a forward pass needs at least, by its graph, in eval mode; no parameters, and not the inputs.

The bound follows the graph in writing order, train-only parts left out. While a node runs, live are its inputs, its
outputs and every value that a later node or a final output still needs. Hence

- a value costs its bytes from the node that makes it to its last reader, final outputs to the end;
- an output port that nobody reads costs nothing, but while its op runs where torch makes it all the same (the indices
  of a pooling);
- views (flatten, crop, dropout and identity in eval) share their input's memory and keep all of it alive;
- what `holds` a parameter or a buffer makes nothing: those are there anyway;
- no op is taken to work in place, so emitted code can lie below the bound; `timeline` can be told which ops do;
- an op needs its inputs and outputs and nothing besides, but for its `scratch`, where torch makes more for it.

`calls_hold` adds what no module code avoids: `nn.Module.__call__` holds its arguments until it returns, so the inputs
of a block are live until its last node has run, needed or not. In a bottleneck with a projection, the block's input
lingers beside the three tensors of the last normalisation: ResNet-50 needs 9.19 MiB by its graph, 9.95 by its calls.
A list whose parts the source calls one by one is `opened`: nothing calls it as a whole.
"""

from collections.abc import Collection, Iterator, Mapping

from archspec.graph.graph import Graph, Ref
from archspec.graph.network import Network
from archspec.graph.rounds import is_round
from archspec.graph.strides import copied
from archspec.graph.sums import Turns, let_go, partial_sums
from archspec.graph.walk import ancestors
from archspec.values.dataclass import dataclass
from archspec.values.shape import Shape

ITEMSIZE = {"float": 4, "int": 8, "bool": 1, "complex": 8}
NOTHING: Mapping[Ref, str] = {}
NO_TURNS: Turns = {}


@dataclass(frozen=True, slots=True)
class Peak:
    """The moment of most memory.

    Attributes:
        bytes: what was live.
        at: the node's id in a bound; the innermost module's path and the op when measured.
        live: what it was made of: who made it, and its bytes; in order of making.
    """

    bytes: int
    at: str
    live: tuple[tuple[str, int], ...]


def liveness_bound(network: Network, *, batch: int = 1, calls_hold: bool = False) -> Peak:
    """The least that the graph needs in its writing order, as the top of this file defines it. Linear in the nodes."""
    best = Peak(0, "", ())
    last_read = needed_until(network, calls_hold=calls_hold)
    for moment in _sweep(network, in_order(network.graph), last_read, batch, (), NO_TURNS):
        if moment.bytes > best.bytes:
            best = Peak(moment.bytes, moment.id, moment.made_of())
    return best


def timeline(
    network: Network,
    overwriting: Collection[str] = (),
    *,
    batch: int = 1,
    lingering: Mapping[Ref, str] = NOTHING,
    opened: Collection[str] = (),
    turns: Turns = NO_TURNS,
) -> dict[str, int]:
    """Id of a node -> bytes of a batch that are live while it runs, what calls hold included. Linear in the nodes.

    Args:
        network: it.
        overwriting: ids of nodes that write over their first input, `out += x`: their output is its memory.
        batch: samples; what is computed of parameters only is there once.
        lingering: output that owns memory -> id of a node to the end of which it is held.
        opened: ids of scopes whose parts are called one by one.
        turns: sums whose terms are made in between.
    """
    last_read = needed_until(network, overwriting=overwriting, lingering=lingering, opened=opened, turns=turns)
    order = in_order(network.graph)
    return {one.id: one.bytes for one in _sweep(network, order, last_read, batch, overwriting, turns)}


@dataclass(frozen=True, slots=True)
class _Moment:
    """While one node runs: all bytes that are live, of which `inside` are the op's own."""

    id: str
    bytes: int
    live: Mapping[Ref, int]
    inside: int

    def made_of(self) -> tuple[tuple[str, int], ...]:
        own = [(f"inside {self.id}", self.inside)] if self.inside else []
        return (*((_name(ref), size) for ref, size in self.live.items()), *own)


def needed_until(
    network: Network,
    *,
    calls_hold: bool = True,
    overwriting: Collection[str] = (),
    lingering: Mapping[Ref, str] = NOTHING,
    opened: Collection[str] = (),
    turns: Turns = NO_TURNS,
) -> dict[Ref, int]:
    """Output that owns memory -> place of the last node that it is live for, among those that `timeline` has."""
    graph = network.graph
    order = in_order(graph)
    position = {id: number for number, id in enumerate(order)}
    owner = owners(network, overwriting)
    last_read: dict[Ref, int] = {}
    early = {(id, ref): place for id, ref, place in let_go(network, turns, position)}
    for id in order:
        for ref in graph.nodes[id].inputs:
            last_read[owner[ref]] = max(last_read.get(owner[ref], 0), early.get((id, ref), position[id]))
    if calls_hold:
        for reads, end in calls(graph, position, opened):
            for ref in reads:
                last_read[owner[ref]] = max(last_read.get(owner[ref], 0), end)
    for ref, id in lingering.items():
        last_read[ref] = max(last_read.get(ref, 0), position[id])
    return last_read | {owner[output.ref]: len(order) for output in graph.outputs if not output.train_only}


def in_order(graph: Graph) -> list[str]:
    """Ids of the nodes of inference, in the order in which they run."""
    return [id for id, node in graph.nodes.items() if not node.train_only]


def owners(network: Network, overwriting: Collection[str] = ()) -> dict[Ref, Ref]:
    """Output -> the output whose memory it shares, itself where it owns its own.

    Args:
        network: it.
        overwriting: ids of nodes that write over their first input.
    """
    owner: dict[Ref, Ref] = {}
    copies = copied(network)
    for id, node in network.graph.nodes.items():
        shares = id in overwriting or copies.shares(network, node)
        for port in node.op.ports:
            ref = Ref(id, port)
            owner[ref] = owner[node.inputs[0]] if shares and node.inputs else ref
    return owner


def calls(graph: Graph, position: Mapping[str, int], opened: Collection[str] = ()) -> list[tuple[tuple[Ref, ...], int]]:
    """What each block use reads, and the position of the last node inside it.

    Inside a flat scope nothing is called, nor are those that are `opened`, and rounds over lists are no modules.
    """
    called: dict[str, bool] = {"": True}
    for id, scope in graph.scopes.items():
        called[id] = called[scope.parent] and not graph.scopes[scope.parent].definition.flat
    ends: dict[str, int] = {}
    for id, number in position.items():
        for scope_id in ancestors(graph, graph.nodes[id].scope):
            if ends.get(scope_id, -1) >= number:
                break
            ends[scope_id] = number
    used = ((graph.scopes[id], end) for id, end in ends.items() if called[id] and id not in opened)
    return [(scope.inputs, end) for scope, end in used if not (scope.definition.rounds or is_round(graph, scope))]


def _sweep(
    network: Network,
    order: list[str],
    last_read: Mapping[Ref, int],
    batch: int,
    overwriting: Collection[str],
    turns: Turns,
) -> Iterator[_Moment]:
    """Walks the nodes in order, bringing values to life and letting them go."""
    ending: dict[int, list[Ref]] = {}
    live: dict[Ref, int] = {}
    total, copies = 0, copied(network)
    partial, held = partial_sums(network, turns, {id: at for at, id in enumerate(order)}), dict[int, int]()
    for number, id in enumerate(order):
        for one in partial.get(number, ()):
            size = (batch if one.shape.batch else 1) * size_in_bytes(one.shape)
            total += size
            held[one.last] = held.get(one.last, 0) + size
        node, op, unread = network.graph.nodes[id], network.graph.nodes[id].op, 0
        xs = network.input_shapes(node)
        shares = id in overwriting or copies.shares(network, node)
        makes = not (shares or op.holds or id in network.graph.inputs)
        for port, shape in zip(op.ports, network.shapes[id], strict=True):
            ref = Ref(id, port)
            owns = ref in last_read or port == ""
            if owns and makes:
                live[ref] = (batch if shape.batch else 1) * size_in_bytes(shape)
                total += live[ref]
                ending.setdefault(last_read.get(ref, number), []).append(ref)
            elif port in op.made_unread and not owns:
                unread += batch * size_in_bytes(shape)
        scratch = () if id in turns else op.scratch(xs, network.shapes[id])
        made = (*scratch, *copies.at_inference.get(id, {}).values())
        inside = sum((batch if shape.batch else 1) * size_in_bytes(shape) for shape in made) + unread
        yield _Moment(id, total + inside, live, inside)
        for ref in ending.pop(number, ()):
            total -= live.pop(ref)
        total -= held.pop(number, 0)


def size_in_bytes(shape: Shape) -> int:
    """What one value takes, per sample."""
    return shape.numel * ITEMSIZE[shape.dtype]


def _name(ref: Ref) -> str:
    return f"{ref.node}.{ref.port}" if ref.port else ref.node

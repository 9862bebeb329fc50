"""Need: what a network needs of memory, at inference and in training, in all and by block.

Not modelled are workspaces inside of kernels, such as those of cuDNN, what an allocator rounds up, keeps or loses to
fragments, the context of a GPU, and a loss beyond the results. On a GPU dropout keeps a mask of truth values, where on
a CPU it keeps numbers, which are counted here. Attention is the fused kernel where torch would take it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, replace
from math import prod

from archspec.graph.counting import counted_elsewhere
from archspec.graph.memory import timeline
from archspec.graph.network import Network
from archspec.graph.walk import ancestors
from archspec.memory.backward import Moment, curve
from archspec.memory.optimizers import OPTIMIZERS
from archspec.memory.tape import BYTES, Piece, Sizes, Tape
from archspec.values.dataclass import dataclass

_MOST = 1 << 24  # samples: of a network without values, any number fits


@dataclass(frozen=True, slots=True)
class Plan:
    """How a network is run.

    Attributes:
        batch: samples.
        optimizer: a key of OPTIMIZERS.
        dtype: of parameters and values.
        autocast: values of convolutions and products are bfloat16, parameters stay as they are.
        recomputed: ids of scopes whose values are computed again on the way back.
    """

    batch: int = 1
    optimizer: str = "sgd"
    dtype: str = "float32"
    autocast: bool = False
    recomputed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes.

    Attributes:
        plan: how the network is run.
        inputs: of a batch of inputs.
        parameters: learned ones.
        buffers: of the network.
        gradients: of parameters.
        state: of the optimiser.
        activations: at inference, the most that is live at once of values, inputs left out.
        inference_at: the node that runs then.
        kept: what autograd keeps between forward and backward.
        training: the most that is live at once in a step besides parameters, buffers, state and inputs.
        moments: the curve of a step of training.
        by_node: what is kept for each node first, by its id.
    """

    plan: Plan
    inputs: int
    parameters: int
    buffers: int
    gradients: int
    state: int
    activations: int
    inference_at: str
    kept: int
    training: int
    moments: tuple[Moment, ...] = field(repr=False)
    by_node: Mapping[str, int] = field(repr=False)

    @property
    def at_inference(self) -> int:
        """All that inference needs."""
        return self.inputs + self.parameters + self.buffers + self.activations

    @property
    def in_training(self) -> int:
        """All that a step of training needs; gradients are live in the step of the optimiser too."""
        return self.inputs + self.parameters + self.buffers + self.state + max(self.training, self.gradients)

    @property
    def peak(self) -> Moment:
        """The moment of most memory in training."""
        return max(self.moments, key=lambda moment: moment.bytes)


def need(network: Network, plan: Plan, tape: Tape | None = None) -> Need:
    """What `network` needs. Linear in nodes and edges.

    Args:
        network: it.
        plan: how it is run.
        tape: of the network, where that is at hand already.

    Raises:
        KeyError: there is no such optimiser or dtype.
    """
    width = BYTES[plan.dtype]
    sizes = Sizes.of_plan(plan.batch, plan.dtype)
    tape = (tape or Tape(network, autocast=plan.autocast)).recomputing(plan.recomputed)
    moments = tuple(curve(tape, sizes))
    activations, inference_at = inference_peak(tape, plan)
    by_node = dict(kept_by_node(tape, sizes))
    tensors = list(_tensors(network))
    return Need(
        plan=plan,
        inputs=sum(sizes.tensor(network.shapes[id][0]) for id in network.graph.inputs),
        parameters=sum(tensors) * width,
        buffers=_buffers(network, sizes),
        gradients=sum(tensors) * width,
        state=sum(OPTIMIZERS[plan.optimizer].state(elements, width) for elements in tensors),
        activations=activations,
        inference_at=inference_at,
        kept=sum(by_node.values()),
        training=max((moment.bytes for moment in moments), default=0),
        moments=moments,
        by_node=by_node,
    )


def training_peak(tape: Tape, plan: Plan) -> int:
    """The most that is live at once in a step besides parameters, buffers, state and inputs."""
    return max((moment.bytes for moment in curve(tape, Sizes.of_plan(plan.batch, plan.dtype))), default=0)


def inference_peak(tape: Tape, plan: Plan) -> tuple[int, str]:
    """The most that is live at inference, in the type of the values, and the node that runs then."""
    live = live_at_inference(tape, plan.batch)
    if not live:
        return 0, ""
    at = max(live, key=lambda id: live[id])
    width = 2 if plan.autocast else BYTES[plan.dtype]
    return live[at] * width // 4, at


def live_at_inference(tape: Tape, batch: int = 1) -> dict[str, int]:
    """Id of a node -> bytes of a batch in float32 that are live while it runs. Linear in nodes and edges."""
    held = tape.lingering
    return timeline(tape.network, tape.inplace, batch=batch, lingering=held, opened=tape.opened, turns=tape.turns)


def _tensors(network: Network) -> Iterator[int]:
    """Elements of every parameter, once."""
    for id, node in network.graph.nodes.items():
        if network.costs[id].params:
            tied = counted_elsewhere(network.graph).get(id, ())
            held = node.op.parameters(network.input_shapes(node))
            own = [prod(shape) for name, shape in held.items() if name not in tied]
            yield from own or [network.costs[id].params]


def _buffers(network: Network, sizes: Sizes) -> int:
    """Bytes of all buffers, those that are no part of the state_dict too."""
    found = sum(cost.buffers for id, cost in network.costs.items() if not network.graph.nodes[id].op.holds)
    own = (node for node in network.graph.nodes.values() if node.op.holds == "buffer" and not node.share)
    return sizes.parameter_bytes * found + sum(sizes.tensor(network.shapes[node.id][0]) for node in own)


def kept_by_node(tape: Tape, sizes: Sizes) -> Iterator[tuple[str, int]]:
    """Id of a node -> bytes that it makes and that are kept for it or a later one."""
    seen: dict[Piece, None] = {}
    for kept in tape.kept.values():
        seen.update(dict.fromkeys(piece for piece in kept.pieces if not piece.again))
    made: dict[str, int] = {}
    for piece in seen:
        made[piece.node] = made.get(piece.node, 0) + sizes.of(piece)
    yield from made.items()


def by_scope(network: Network, amounts: Mapping[str, int], together: Callable[[int, int], int]) -> dict[str, int]:
    """Path of each scope and node -> what its nodes have, added or the largest. Linear in nodes times their depth."""
    found: dict[str, int] = {}
    for id, amount in amounts.items():
        found[id] = together(found.get(id, 0), amount)
        for scope in (*ancestors(network.graph, network.graph.nodes[id].scope), ""):
            found[scope] = together(found.get(scope, 0), amount)
    return found


def largest_batch(network: Network, plan: Plan, room: int, needed: Callable[[Need], int]) -> int:
    """The most samples with which `needed` is at most `room` bytes; 0 where not even one fits.

    Found by halving: what is needed grows with the batch, in a line that is not straight where the peak moves.
    """
    tape = Tape(network, autocast=plan.autocast)

    def of(batch: int) -> int:
        return needed(need(network, replace(plan, batch=batch), tape))

    if of(1) > room:
        return 0
    low, high = 1, 2
    while of(high) <= room and high < _MOST:
        low, high = high, 2 * high
    while low + 1 < high:
        middle = (low + high) // 2
        low, high = (middle, high) if of(middle) <= room else (low, middle)
    return low

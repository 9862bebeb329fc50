"""Roofline: how long each op takes at least, by what it computes and by what it moves.

    time = max(FLOPs / peak, bytes / bandwidth) + overhead

Ops run one after the other, as eager torch runs them, and nothing is fused: each reads its inputs and its parameters
from memory and writes its outputs. A view moves nothing. FLOPs are two for a multiply-add, at the peak of the type
asked for, and one for each element that anything else computes, at that of float32. An op is compute-bound where its
FLOPs take longer than its bytes: where its **arithmetic intensity**, FLOPs a byte, lies above the device's own.

In training an op runs forwards and backwards: the gradients cost the multiply-adds of `graph/backward.py` and move
what the pass forwards moves twice over, and the step of an optimiser reads and writes each parameter and its gradient.

Source: Williams, Waterman, Patterson, Roofline: an insightful visual performance model (2009).
"""

from collections.abc import Iterable, Mapping

from archspec.graph.backward import backward_macs
from archspec.graph.network import Network
from archspec.speed.device import ITEMSIZE, Device
from archspec.values.cost import Cost
from archspec.values.dataclass import dataclass
from archspec.values.shape import Shape

_OTHERS = {"int": 8, "bool": 1, "complex": 8}
_STEP = 3  # a parameter and its gradient are read, and the parameter is written


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done, and how long that takes; of an op, or of several in a row.

    Attributes:
        flops: floating-point operations.
        bytes: moved between memory and the device.
        seconds: of all ops, one after the other.
        memory_seconds: of those that are memory-bound.
    """

    flops: float = 0.0
    bytes: float = 0.0
    seconds: float = 0.0
    memory_seconds: float = 0.0

    def __add__(self, other: "Work") -> "Work":
        return Work(
            self.flops + other.flops,
            self.bytes + other.bytes,
            self.seconds + other.seconds,
            self.memory_seconds + other.memory_seconds,
        )

    @property
    def intensity(self) -> float:
        """FLOPs a byte; 0 where nothing is moved."""
        return self.flops / self.bytes if self.bytes else 0.0

    @property
    def bound(self) -> str:
        """What most of the time goes into: "memory" or "compute"; "" where it takes none."""
        if not self.seconds:
            return ""
        return "memory" if self.memory_seconds * 2 >= self.seconds else "compute"


@dataclass(frozen=True, slots=True)
class Run:
    """How a network runs.

    Attributes:
        device: where.
        batch: samples at a time.
        dtype: of its parameters and values, a type that the device has.
        training: forwards, backwards and the optimiser's step, not forwards only.
    """

    device: Device
    batch: int = 1
    dtype: str = "float32"
    training: bool = False


def work(network: Network, run: Run) -> Mapping[str, Work]:
    """Node id -> what its op does. Linear in nodes and edges; what only training runs is left out at inference."""
    gradients = backward_macs(network) if run.training else {}
    return {
        id: _of_op(network, id, run, gradients.get(id, 0))
        for id, node in network.graph.nodes.items()
        if run.training or not node.train_only
    }


def total(works: Iterable[Work]) -> Work:
    """All of them in a row."""
    whole = Work()
    for one in works:
        whole = whole + one
    return whole


def _of_op(network: Network, id: str, run: Run, gradients: int) -> Work:
    node, cost = network.graph.nodes[id], network.costs[id]
    if id in network.graph.inputs or node.op.view or (node.op.aliases_input and not run.training):
        return Work()
    held = ITEMSIZE[run.dtype]
    values = sum(_bytes(shape, held, run.batch) for shape in (*network.input_shapes(node), *network.shapes[id]))
    parameters = held * _parameters(network, id)
    moved = values + parameters
    products, others = 2 * run.batch * cost.macs, run.batch * _elements(cost)
    if run.training:
        moved = 3 * moved + _STEP * parameters
        products += 2 * run.batch * gradients
        others *= 3
    computing = products / run.device.flops[run.dtype] + others / _plain(run.device)
    moving = moved / run.device.bandwidth
    passes = 2 if run.training else 1
    seconds = max(computing, moving) + passes * run.device.overhead
    return Work(products + others, moved, seconds, seconds if moving >= computing else 0.0)


def _parameters(network: Network, id: str) -> int:
    """Elements of the parameters that an op reads, shared ones too."""
    node = network.graph.nodes[id]
    shapes = node.op.parameters(network.input_shapes(node)).values()
    total = 0
    for shape in shapes:
        count = 1
        for size in shape:
            count *= size
        total += count
    return total


def _elements(cost: Cost) -> int:
    return cost.norm + cost.activation + cost.pool + cost.resample + cost.elementwise


def _plain(device: Device) -> float:
    """FLOP/s of what is no product."""
    return device.flops.get("float32", max(device.flops.values()))


def _bytes(shape: Shape, held: int, batch: int) -> int:
    """What a value takes for all samples; one without a batch is there once."""
    return shape.numel * _OTHERS.get(shape.dtype, held) * (batch if shape.batch else 1)

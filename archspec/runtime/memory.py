"""Peak activation memory of a forward pass: measured on a live module, and the bound that its graph sets.

Both count, in bytes and in eval mode, what the pass itself brings to life: no parameters, and not the network's inputs.

The bound follows the graph in writing order, train-only parts left out. While a node runs, live are its inputs, its
outputs and every value that a later node or a final output still needs. Hence

- a value costs its bytes from the node that makes it to its last reader, final outputs to the end;
- an output port that nobody reads (the indices of a pooling) costs nothing;
- views (flatten, crop, dropout and identity in eval) share their input's memory and keep all of it alive;
- no op is taken to work in place, so emitted code can lie below the bound;
- an op needs its inputs and outputs and nothing besides, but for its `workspace`, where torch composes it of others.

`calls_hold` adds what no module code avoids: `nn.Module.__call__` holds its arguments until it returns, so the inputs
of a block are live until its last node has run, needed or not. In a bottleneck with a projection, the block's input
lingers beside the three tensors of the last normalisation: ResNet-50 needs 9.19 MiB by its graph, 9.95 by its calls.
"""

import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.module_tracker import ModuleTracker

from archspec.graph.graph import Graph, Ref
from archspec.graph.network import Network
from archspec.runtime.attributes import attribute_paths

ITEMSIZE = {"float": 4, "int": 8}


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
    graph = network.graph
    order = [id for id, node in graph.nodes.items() if not node.train_only]
    position = {id: number for number, id in enumerate(order)}
    owner = _owners(graph)
    last_read: dict[Ref, int] = {}
    for id in order:
        for ref in graph.nodes[id].inputs:
            last_read[owner[ref]] = position[id]
    if calls_hold:
        for reads, end in _calls(graph, position):
            for ref in reads:
                last_read[owner[ref]] = max(last_read.get(owner[ref], 0), end)
    last_read |= {owner[output.ref]: len(order) for output in graph.outputs if not output.train_only}
    return _sweep(network, order, last_read, batch)


def measured_peak(module: nn.Module, inputs: tuple[Tensor, ...]) -> Peak:
    """The most that was live in a forward pass without gradients; on the meta device without computing anything."""
    held = [tensor.untyped_storage() for tensor in [*module.parameters(), *module.buffers(), *inputs]]
    with torch.no_grad(), ModuleTracker() as tracker, _LiveStorages(held, lambda: _innermost(tracker)) as storages:
        module.eval()(*inputs)
    return Peak(storages.peak, storages.at, storages.live_at_peak)


def _owners(graph: Graph) -> dict[Ref, Ref]:
    """Output -> the output whose memory it shares, itself where it owns its own."""
    owner: dict[Ref, Ref] = {}
    for id, node in graph.nodes.items():
        for port in node.op.ports:
            ref = Ref(id, port)
            owner[ref] = owner[node.inputs[0]] if node.op.aliases_input and node.inputs else ref
    return owner


def _calls(graph: Graph, position: Mapping[str, int]) -> list[tuple[tuple[Ref, ...], int]]:
    """What each block use reads, and the position of the last node inside it. Inside a flat scope nothing is called."""
    called = attribute_paths(graph)
    ends: dict[str, int] = {}
    for id, number in position.items():
        scope = graph.nodes[id].scope
        while scope and ends.get(scope, -1) < number:
            ends[scope] = number
            scope = graph.scopes[scope].parent
    return [(graph.scopes[id].inputs, end) for id, end in ends.items() if id in called]


def _sweep(network: Network, order: list[str], last_read: Mapping[Ref, int], batch: int) -> Peak:
    """Walks the nodes in order, bringing values to life and letting them go."""
    ending: dict[int, list[Ref]] = {}
    live: dict[Ref, int] = {}
    total = 0
    peak = Peak(0, "", ())
    for number, id in enumerate(order):
        op = network.graph.nodes[id].op
        for port, shape in zip(op.ports, network.shapes[id], strict=True):
            ref = Ref(id, port)
            owns = ref in last_read or port == ""
            if owns and not op.aliases_input and id not in network.graph.inputs:
                live[ref] = batch * shape.numel * ITEMSIZE[shape.dtype]
                total += live[ref]
                ending.setdefault(last_read.get(ref, number), []).append(ref)
        extra = op.workspace * live.get(Ref(id), 0)
        if total + extra > peak.bytes:
            made_of = [
                *((_name(ref), size) for ref, size in live.items()),
                *([(f"inside {id}", extra)] if extra else []),
            ]
            peak = Peak(total + extra, id, tuple(made_of))
        for ref in ending.pop(number, ()):
            total -= live.pop(ref)
    return peak


def _name(ref: Ref) -> str:
    return f"{ref.node}.{ref.port}" if ref.port else ref.node


def _innermost(tracker: ModuleTracker) -> str:
    """Path of the module that runs now, without the class's name."""
    return max(tracker.parents - {"Global"}, key=len, default="").partition(".")[2]


class _LiveStorages(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Follows every storage that an op makes until it is freed. `held` ones are known beforehand and never counted."""

    def __init__(self, held: list[torch.UntypedStorage], where: Callable[[], str]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.held = {id(storage): storage for storage in held}
        self.live: dict[int, tuple[str, int]] = {}
        self.watchers: dict[int, weakref.ref[torch.UntypedStorage]] = {}
        self.where = where
        self.total = 0
        self.peak = 0
        self.at = ""
        self.live_at_peak: tuple[tuple[str, int], ...] = ()

    def __torch_dispatch__(
        self,
        func: torch._ops.OpOverload,
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> object:
        out = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(out):
            if isinstance(tensor, Tensor):
                self._watch(tensor.untyped_storage(), str(func))
        if self.total > self.peak:
            self.peak = self.total
            self.at = f"{self.where()} {func}"
            self.live_at_peak = tuple(self.live.values())
        return out

    def _watch(self, storage: torch.UntypedStorage, made_by: str) -> None:
        key = id(storage)
        size = storage.nbytes()
        if key in self.held or key in self.live or not size:
            return
        self.live[key] = (f"{self.where()} {made_by}", size)
        self.total += size
        self.watchers[key] = weakref.ref(storage, lambda _: self._forget(key))

    def _forget(self, key: int) -> None:
        self.total -= self.live.pop(key)[1]
        del self.watchers[key]

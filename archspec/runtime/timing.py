"""Timing: how long the blocks of a live module take, and what the machine that runs them reaches.

Each block is timed between the entry and the exit of its module, in the median of several passes. On a GPU every
entry and exit waits for what was started before, so times of blocks add up to more than a pass without them takes.
"""

from collections.abc import Callable, Mapping, Sequence
from statistics import median
from time import perf_counter

import torch
from torch import Tensor, nn

from archspec.graph.network import Network
from archspec.runtime.attributes import attribute_paths
from archspec.runtime.counters import named_outputs, random_inputs
from archspec.runtime.outcome import first_line
from archspec.speed.device import Device
from archspec.values.dataclass import dataclass

LARGE = 1024  # of the square matrices that are multiplied: they stay in no cache, and take some milliseconds
MEGABYTES = 64  # that are copied: more than caches hold
SMALL = 2000  # ops on one number, whose time is what starting one takes
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Measured:
    """Times in seconds.

    Attributes:
        whole: of a pass, without anything inside it timed.
        blocks: id of a node or scope -> of its module in a pass, all of its calls together.
    """

    whole: float
    blocks: Mapping[str, float]


class NoPlace(ValueError):
    """torch does not run there; the message says why."""


def require_place(place: str) -> None:
    """Raises NoPlace where torch has no such device: cpu, cuda."""
    try:
        torch.empty(1, device=place)
    except (RuntimeError, AssertionError) as error:
        raise NoPlace(f"torch does not run on {place} here: {first_line(error)}") from None


def measure(
    network: Network,
    module: nn.Module,
    ids: Sequence[str],
    *,
    place: str,
    dtype: str,
    batch: int = 1,
    training: bool = False,
) -> Measured:
    """The times of a pass, and of its blocks and ops.

    Args:
        network: what is measured.
        module: it, built.
        ids: of nodes and scopes; those that are no modules of their own are left out.
        place: where it runs: cpu, cuda.
        dtype: of parameters and inputs.
        batch: samples at a time.
        training: forwards and backwards; then only the whole pass is timed.
    """
    kind = getattr(torch, dtype)
    module = module.to(place, kind).train(training)
    inputs = random_inputs(network, batch=batch, device=place, dtype=kind)
    there, paths = {path for path, _ in module.named_modules()}, attribute_paths(network.graph)
    timed = {id: paths[id] for id in ids if paths.get(id) in there}
    step, device = _training_step if training else _inference, torch.device(place)
    step(module, inputs)  # the first pass allocates
    whole = median(_timed(lambda: step(module, inputs), device) for _ in range(ROUNDS))
    if training:
        return Measured(whole, {})
    passes = [_blocks(module, inputs, list(timed.values())) for _ in range(ROUNDS)]
    called = {id: path for id, path in timed.items() if path in passes[0]}
    return Measured(whole, {id: median(taken[path] for taken in passes) for id, path in called.items()})


def this_machine(device: str, dtypes: Sequence[str]) -> Device:
    """What this machine reaches: in a product of matrices, in a copy, and in starting an op."""
    reached = {name: _products(device, getattr(torch, name)) for name in dtypes}
    overhead = _starting(device)
    name = torch.cuda.get_device_name(device) if torch.device(device).type == "cuda" else "the CPU of this machine"
    threads = f", {torch.get_num_threads()} threads" if torch.device(device).type == "cpu" else ""
    return Device("this", f"{name}{threads}", "measured here by archspec bench", _copying(device), reached, overhead)


def _blocks(module: nn.Module, inputs: tuple[Tensor, ...], paths: Sequence[str]) -> dict[str, float]:
    """The time of each module at `paths` in one pass."""
    device, taken = inputs[0].device, dict[str, float]()
    started: list[float] = []
    hooks = []
    for path in paths:

        def enter(_module: nn.Module, _args: object) -> None:
            _wait(device)
            started.append(perf_counter())

        def leave(_module: nn.Module, _args: object, _output: object, path: str = path) -> None:
            _wait(device)
            taken[path] = taken.get(path, 0.0) + perf_counter() - started.pop()

        inner = module.get_submodule(path)
        hooks += [inner.register_forward_pre_hook(enter), inner.register_forward_hook(leave)]
    try:
        _inference(module, inputs)
    finally:
        for hook in hooks:
            hook.remove()
    return taken


def _inference(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
    with torch.no_grad():
        module(*inputs)


def _training_step(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
    outputs = named_outputs(module(*inputs)).values()
    torch.stack([one.float().mean() for one in outputs if one.requires_grad]).sum().backward()  # type: ignore[no-untyped-call]
    module.zero_grad(set_to_none=True)


def _timed(run: Callable[[], object], device: torch.device) -> float:
    _wait(device)
    start = perf_counter()
    run()
    _wait(device)
    return perf_counter() - start


def _wait(device: torch.device) -> None:
    """Until what was started is done."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _best(run: Callable[[], object], device: str) -> float:
    run()
    return min(_timed(run, torch.device(device)) for _ in range(ROUNDS))


def _products(device: str, dtype: torch.dtype) -> float:
    """FLOP/s of a product of matrices."""
    one = torch.ones(LARGE, LARGE, device=device, dtype=dtype)
    return 2 * LARGE**3 / _best(lambda: one @ one, device)


def _copying(device: str) -> float:
    """Bytes/s that are read and written together."""
    one = torch.ones(MEGABYTES * 2**18, device=device)
    other = torch.empty_like(one)
    return 2 * 4 * one.numel() / _best(lambda: other.copy_(one), device)


def _starting(device: str) -> float:
    """Seconds that an op on one number takes."""
    one = torch.ones(1, device=device)

    def run() -> None:
        for _ in range(SMALL):
            torch.relu(one)

    return _best(run, device) / SMALL

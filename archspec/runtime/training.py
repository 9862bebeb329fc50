"""Memory of a training step, measured on a live module: forward, backward and the optimiser's step.

A dispatch mode follows every storage from the op that makes it until it is freed, as `runtime/memory.py` does in a
forward pass. `on_fake_cpu` makes tensors that take the ways of a CPU and compute nothing, so that the largest networks
take seconds. Not seen is what does not go through the dispatcher: workspaces inside of kernels, and what an allocator
rounds up or keeps.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._pytree import tree_leaves

from archspec.runtime.compare import parts
from archspec.runtime.memory import LiveStorages
from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class MeasuredStep:
    """Bytes of one step of training.

    Attributes:
        parameters: of those that are trained and those that are not, and of buffers.
        gradients: of parameters, after the backward pass.
        state: that the optimiser keeps from step to step.
        saved: what is live between forward and backward besides parameters and inputs, results included.
        peak: the most besides parameters, inputs and state, gradients of parameters included.
        at: the op that ran then.
        live: what was live then: who made it, and its bytes.
    """

    parameters: int
    gradients: int
    state: int
    saved: int
    peak: int
    at: str
    live: tuple[tuple[str, int], ...]


def measured_step(
    module: nn.Module, inputs: tuple[Tensor, ...], optimizer: str = "sgd", *, autocast: torch.dtype | None = None
) -> MeasuredStep:
    """One step of `module` in training; the loss is the sum of its results.

    Args:
        module: it; its parameters get gradients.
        inputs: of its forward.
        optimizer: "sgd", "momentum", "adam" or "adamw".
        autocast: the type to which the forward is cast.
    """
    module.train().requires_grad_(True)
    held = [tensor.untyped_storage() for tensor in [*module.parameters(), *module.buffers(), *inputs]]
    device = next((tensor.device.type for tensor in (*module.parameters(), *inputs)), "cpu")
    with LiveStorages(held, str) as storages:
        with torch.autocast("cpu" if device == "meta" else device, autocast, enabled=autocast is not None):
            loss = _loss(module(*inputs))
        saved = storages.total
        if loss.requires_grad:
            loss.backward()  # type: ignore[no-untyped-call]
        del loss
        peak, at, live = storages.peak, storages.at, storages.live_at_peak
        before = storages.total
        stepping = _optimizer(optimizer, module.parameters())
        stepping.step()
        state = storages.total - before
    gradients = [p.grad for p in module.parameters() if p.grad is not None]
    parameters = _bytes([*module.parameters(), *module.buffers()])
    return MeasuredStep(parameters, _bytes(gradients), state, saved, peak, at, live)


@contextmanager
def on_fake_cpu(module: nn.Module) -> Iterator[None]:
    """Gives a module of the meta device, for good, tensors that take the ways of a CPU and compute nothing."""
    made: dict[int, Tensor] = {}
    with FakeTensorMode():
        for part in module.modules():
            for name, held in (*part._parameters.items(), *part._buffers.items()):
                if held is not None:
                    if id(held) not in made:
                        empty = torch.empty(held.shape, dtype=held.dtype)
                        made[id(held)] = nn.Parameter(empty) if isinstance(held, nn.Parameter) else empty
                    setattr(part, name, made[id(held)])
        yield


def _loss(results: object) -> Tensor:
    """A sum over all results that are numbers; the results themselves are let go."""
    given = [parts(one) for one in tree_leaves(results) if isinstance(one, Tensor)]
    tensors = [one for one in given if one.is_floating_point()]
    return torch.stack([one.sum() for one in tensors if one.requires_grad]).sum()


def _optimizer(name: str, parameters: Iterable[nn.Parameter]) -> Any:
    match name:
        case "momentum":
            return torch.optim.SGD(parameters, momentum=0.9, foreach=False)
        case "adam":
            return torch.optim.Adam(parameters, foreach=False)
        case "adamw":
            return torch.optim.AdamW(parameters, foreach=False)
    return torch.optim.SGD(parameters, foreach=False)


def _bytes(tensors: Iterable[Tensor]) -> int:
    storages = {id(storage): storage for storage in (tensor.untyped_storage() for tensor in tensors)}
    return sum(storage.nbytes() for storage in storages.values())

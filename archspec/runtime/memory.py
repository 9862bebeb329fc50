"""Peak activation memory of a forward pass, measured on a live module. `graph/memory.py` has the bound of a graph.

Counted, in bytes and in eval mode, is what the pass itself brings to life: no parameters, and not the
network's inputs.
"""

import weakref
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.module_tracker import ModuleTracker

from archspec.graph.memory import Peak


def measured_peak(module: nn.Module, inputs: tuple[Tensor, ...]) -> Peak:
    """The most that was live in a forward pass without gradients; on the meta device without computing anything."""
    held = [tensor.untyped_storage() for tensor in [*module.parameters(), *module.buffers(), *inputs]]
    with torch.no_grad(), ModuleTracker() as tracker, LiveStorages(held, lambda: _innermost(tracker)) as storages:
        module.eval()(*inputs)
    return Peak(storages.peak, storages.at, storages.live_at_peak)


def _innermost(tracker: ModuleTracker) -> str:
    """Path of the module that runs now, without the class's name."""
    return max(tracker.parents - {"Global"}, key=len, default="").partition(".")[2]


class LiveStorages(TorchDispatchMode):  # type: ignore[no-untyped-call]
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

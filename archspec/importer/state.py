"""State: a module runs and is as before afterwards."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import torch
from torch import nn


class Kept:
    """What a module holds, copied once for all of its runs; another that holds the same needs no copy of its own."""

    def __init__(self, module: nn.Module, same: "Kept | None" = None) -> None:
        self.module = module
        self.held = module.state_dict(keep_vars=True)
        self.saved: dict[str, torch.Tensor] = {}
        if same is not None:
            self.saved = same.saved
        else:
            tensors = {key: one for key, one in self.held.items() if isinstance(one, torch.Tensor)}
            self.saved = {key: one.detach().clone() for key, one in tensors.items()}

    @contextmanager
    def running(self, *, training: bool) -> Iterator[None]:
        """The module in one mode; what its state_dict holds, and the attributes of each module inside, are restored.

        So a table that a module makes in its first run and keeps is made in each run, for the sizes of that run.
        """
        noted = [_Noted(inner) for inner in self.module.modules()]
        try:
            self.module.train(training)
            yield
        finally:
            with torch.no_grad():
                for key, tensor in self.saved.items():
                    if not torch.equal(self.held[key], tensor):  # to read both costs less than to write one
                        self.held[key].copy_(tensor)
            for one in noted:
                one.restore()


class _Noted:
    """The attributes of one module, its mode among them, and which tensors its buffers are."""

    def __init__(self, module: nn.Module) -> None:
        self.module, self.kind = module, type(module)
        self.attributes, self.buffers = dict(vars(module)), dict(module._buffers)

    def restore(self) -> None:
        """Gives a module what it had; one that became another by its first run, as lazy layers do, stays what it is."""
        if type(self.module) is self.kind:
            vars(self.module).clear()
            vars(self.module).update(self.attributes)
            self.module._buffers.clear()
            self.module._buffers.update(self.buffers)
        self.module.training = self.attributes["training"]


def unchanged(module: nn.Module, *, training: bool) -> AbstractContextManager[None]:
    """The module in one mode for one run; afterwards it is as before."""
    return Kept(module).running(training=training)

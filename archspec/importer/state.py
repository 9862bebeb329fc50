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
        """The module in one mode; what its state_dict holds, and the mode of each module inside, are restored."""
        modes = {inner: inner.training for inner in self.module.modules()}
        try:
            self.module.train(training)
            yield
        finally:
            with torch.no_grad():
                for key, tensor in self.saved.items():
                    if not torch.equal(self.held[key], tensor):  # to read both costs less than to write one
                        self.held[key].copy_(tensor)
            for inner, mode in modes.items():
                inner.training = mode


def unchanged(module: nn.Module, *, training: bool) -> AbstractContextManager[None]:
    """The module in one mode for one run; afterwards it is as before."""
    return Kept(module).running(training=training)

"""State: a module runs and is as before afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


@contextmanager
def unchanged(module: nn.Module, *, training: bool) -> Iterator[None]:
    """The module in one mode; what its state_dict holds, and the mode of each module inside, are restored."""
    modes = {inner: inner.training for inner in module.modules()}
    held = module.state_dict(keep_vars=True)
    saved = {key: one.detach().clone() for key, one in held.items() if isinstance(one, torch.Tensor)}
    try:
        module.train(training)
        yield
    finally:
        with torch.no_grad():
            for key, tensor in saved.items():
                held[key].copy_(tensor)
        for inner, mode in modes.items():
            inner.training = mode

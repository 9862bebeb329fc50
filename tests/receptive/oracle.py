"""The receptive field by torch: where the gradient of one value is not zero, all weights being positive.

Every value is then positive too, so that nothing cancels and no ReLU is at rest. A max pooling is made a mean, since
its gradient goes to the largest element only.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from archspec.design import Design
from archspec.runtime.attributes import attribute_paths


def support(design: Design, path: str, size: tuple[int, ...], *, dim: int) -> tuple[int, int, int]:
    """What the middle value of a module's output reads: its index along `dim`, the first and the last element.

    Args:
        design: of one input.
        path: of the module.
        size: of the input, without the batch.
        dim: of its output, and of the input, the batch being 0.
    """
    module = positive(design.build())
    x = torch.ones(1, *size, dtype=torch.float64, requires_grad=True)
    y = _output_of(module, attribute_paths(design.network.graph)[path], x)
    middle = y.shape[dim] // 2
    y.select(dim, middle).sum().backward()  # type: ignore[no-untyped-call]
    assert x.grad is not None
    read = x.grad.abs().movedim(dim, 0).reshape(x.shape[dim], -1).sum(1).nonzero().flatten()
    return middle, int(read[0]), int(read[-1])


class _Reached(Exception):
    """The forward need not go on."""

    def __init__(self, value: Tensor) -> None:
        super().__init__()
        self.value = value


def _output_of(module: nn.Module, path: str, x: Tensor) -> Tensor:
    def stop(_: nn.Module, __: object, y: Tensor) -> None:
        raise _Reached(y)

    module.get_submodule(path).register_forward_hook(stop)
    with _mean_pools():
        try:
            module(x)
        except _Reached as reached:
            return reached.value
    raise AssertionError(f"{path} did not run")


def positive(module: nn.Module) -> nn.Module:
    """The module in inference, with weights that give positive values of about 1."""
    module = module.double().eval().requires_grad_(False)
    for part in module.modules():
        for name, parameter in part.named_parameters(recurse=False):
            norm = isinstance(part, _BatchNorm)
            parameter.fill_(0.0 if name == "bias" else 1.0 if norm else 1 / max(parameter[0].numel(), 1))
        if isinstance(part, _BatchNorm):
            part.reset_running_stats()
    return module


@contextmanager
def _mean_pools() -> Iterator[None]:
    def mean(
        x: Tensor,
        kernel: int,
        stride: int | None = None,
        padding: int = 0,
        dilation: int = 1,
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Tensor:
        assert (dilation, return_indices) == (1, False)
        return F.avg_pool2d(x, kernel, stride, padding, ceil_mode)

    with patch.object(F, "max_pool2d", mean):
        yield

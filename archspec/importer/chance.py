"""Chance: runs in training in which nothing is dropped, for modules whose random numbers come in another order.

A value whose batch torch has second is one with its batch first here. What is dropped is drawn in the order of memory,
so that one seed drops other elements; what is computed besides must still be equal.
"""

import inspect
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

DRAWN = (0.99999, 0.0)  # by hand nothing is dropped by `floor(keep + rand)` of the first, by `rand < keep` of the other
DROPPING = frozenset({F.dropout, F.dropout1d, F.dropout2d, F.dropout3d})
ALPHA = frozenset({F.alpha_dropout, F.feature_alpha_dropout})
ATTENDING = frozenset({F.scaled_dot_product_attention, F.multi_head_attention_forward})


class LeftOut(TorchFunctionMode):
    """A mode in which nothing is dropped, by hand neither where a number drawn between 0 and 1 is this one."""

    def __init__(self, drawn: float) -> None:
        super().__init__()
        self.drawn = drawn

    def __torch_function__(
        self, func: Callable[..., Any], types: object, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:  # torch's own signature
        kwargs = kwargs or {}
        if func in DROPPING:
            return _kept(*args, **kwargs)
        if func in ALPHA:
            return kwargs["input"] if "input" in kwargs else args[0]
        if func is F.multi_head_attention_forward:
            bound = inspect.signature(func).bind(*args, **kwargs)
            bound.arguments["dropout_p"] = 0.0
            args, kwargs = bound.args, bound.kwargs
        elif func is torch.Tensor.bernoulli_:  # of paths that are dropped: every one is kept
            return args[0].fill_(1.0)
        elif func in (torch.rand, torch.rand_like):
            return func(*args, **kwargs).fill_(self.drawn)
        elif func is F.scaled_dot_product_attention:
            args, kwargs = args[:4], {**kwargs, "dropout_p": 0.0}
        return func(*args, **kwargs)


def _kept(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """What dropout gives where it drops nothing: all of it scaled up."""
    if not training or p in (0.0, 1.0):
        return input
    return input.div_(1 - p) if inplace else input / (1 - p)

"""Chance: runs in training in which nothing is dropped, for modules whose random numbers come in another order.

A value whose batch torch has second is one with its batch first here. What is dropped is drawn in the order of memory,
so that one seed drops other elements; what is computed besides must still be equal.
"""

import inspect
from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

ALMOST_ONE = 0.99999
DROPPING = frozenset({F.dropout, F.dropout1d, F.dropout2d, F.dropout3d, F.alpha_dropout, F.feature_alpha_dropout})
ATTENDING = frozenset({F.scaled_dot_product_attention, F.multi_head_attention_forward})


class LeftOut(TorchFunctionMode):
    """A mode in which nothing is dropped."""

    def __torch_function__(
        self, func: Callable[..., Any], types: object, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:  # torch's own signature
        kwargs = kwargs or {}
        if func in DROPPING:
            return kwargs["input"] if "input" in kwargs else args[0]
        if func is F.multi_head_attention_forward:
            bound = inspect.signature(func).bind(*args, **kwargs)
            bound.arguments["dropout_p"] = 0.0
            args, kwargs = bound.args, bound.kwargs
        elif func is torch.Tensor.bernoulli_:  # of paths that are dropped: every one is kept
            return args[0].fill_(1.0)
        elif func is torch.rand:  # the same where they are drawn by hand: floor(keep + rand)
            return func(*args, **kwargs).fill_(ALMOST_ONE)
        elif func is F.scaled_dot_product_attention:
            args, kwargs = args[:4], {**kwargs, "dropout_p": 0.0}
        return func(*args, **kwargs)

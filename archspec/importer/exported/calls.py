"""Operators of aten as people call them: `aten.conv2d.default(x, w)` is `torch.conv2d(x, w)`.

Arguments of both stand in one order, but for a few.
"""

import sys
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from archspec.importer.refused import ImportFault

Function = Callable[..., Any]
NOTHING = {"_assert_tensor_metadata", "_assert_scalar", "_assert_async"}  # checks of the exporter's own
SHAPED = {"view", "reshape", "_unsafe_view"}  # their sizes hold the number of samples


def name_of(target: object) -> str:
    """`aten.add.Tensor -> add`, and functions of Python by their own name."""
    if isinstance(target, torch._ops.OpOverload):
        return str(target._schema.name).partition("::")[2]
    return getattr(target, "__name__", str(target))


def function_of(target: object) -> Function:
    """What does the same as a target of a graph. Raises ImportFault where nothing that people call does."""
    if not isinstance(target, torch._ops.OpOverload):
        return target  # type: ignore[return-value]
    name = name_of(target)
    if name in OTHERWISE:
        return OTHERWISE[name]
    if name.endswith("_") and hasattr(Tensor, name):
        return getattr(Tensor, name)  # type: ignore[no-any-return]
    name = name.removesuffix("_")
    for home in (torch, functional, Tensor):
        found = getattr(home, name, None)
        if found is not None:
            return found  # type: ignore[no-any-return]
    raise ImportFault(f"{target}, which nothing that people call does")


def _slice(x: Tensor, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1) -> Tensor:
    last = None if end is None or end >= sys.maxsize else end
    first = start or None
    if first is None and last is None and step == 1:
        return x
    return x[(slice(None),) * (dim % x.dim()) + (slice(first, last, None if step == 1 else step),)]


def _select(x: Tensor, dim: int, index: int) -> Tensor:
    return x[(slice(None),) * (dim % x.dim()) + (index,)]


def _index(x: Tensor, indices: list[Tensor | None]) -> Tensor:
    return x[tuple(slice(None) if one is None else one for one in indices)]


def _batch_norm(x: Tensor, weight: Tensor, bias: Tensor, mean: Tensor, var: Tensor, *rest: Any) -> Tensor:
    training, momentum, eps = rest[:3]
    return functional.batch_norm(x, mean, var, weight, bias, training, momentum, eps)


def _layer_norm(x: Tensor, shape: list[int], *rest: Any) -> Tensor:
    return functional.layer_norm(x, shape, *rest[:3])


def _group_norm(x: Tensor, groups: int, *rest: Any) -> Tensor:
    return functional.group_norm(x, groups, *rest[:3])


def _embedding(weight: Tensor, index: Tensor, padding: int = -1, *_: object) -> Tensor:
    return functional.embedding(index, weight, None if padding < 0 else padding)


def _softmax(x: Tensor, dim: int, dtype: torch.dtype | None = None) -> Tensor:
    return functional.softmax(x, dim, dtype=dtype)


def _enlarge(mode: str) -> Function:
    def enlarge(x: Tensor, size: Any, *rest: Any) -> Tensor:
        align, factors = (rest[0], rest[1] if len(rest) > 1 else None) if mode != "nearest" else (None, *rest[:1])
        chosen: dict[str, Any] = {"size": tuple(size)} if size is not None else {"scale_factor": tuple(factors)}
        return functional.interpolate(x, mode=mode, align_corners=align, **chosen)

    return enlarge


OTHERWISE: dict[str, Function] = {
    "slice": _slice,
    "select": _select,
    "index": _index,
    "batch_norm": _batch_norm,
    "layer_norm": _layer_norm,
    "group_norm": _group_norm,
    "embedding": _embedding,
    "softmax": _softmax,
    "sym_size": lambda x, dim: x.shape[dim],
    "_unsafe_view": Tensor.reshape,
    "alias": lambda x: x,
    "lift_fresh_copy": lambda x: x,
    "detach_": lambda x: x.detach(),
    "upsample_nearest1d": _enlarge("nearest"),
    "upsample_nearest2d": _enlarge("nearest"),
    "upsample_nearest3d": _enlarge("nearest"),
    "upsample_linear1d": _enlarge("linear"),
    "upsample_bilinear2d": _enlarge("bilinear"),
    "upsample_bicubic2d": _enlarge("bicubic"),
    "upsample_trilinear3d": _enlarge("trilinear"),
}

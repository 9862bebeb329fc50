"""Counted: the places of a value, `torch.arange(x.shape[1])`, which an op counts whatever the size is."""

from collections.abc import Collection

import torch

from archspec.importer.layout import Layout
from archspec.importer.recording import Call
from archspec.importer.tree import Member
from archspec.importer.values import Values


def counted(number: int, values: Values, near: Collection[int]) -> list[Member]:
    """The members that count the places which a constant is, (L,), (1, L) or that for each sample; empty of others.

    Args:
        number: of the constant.
        values: all values.
        near: values at hand, of which one was asked for its size before.
    """
    known, layout = values.known(number), values.layout(number)
    row = known.tensor[:1] if layout.batched and layout.plain else known.tensor
    count = row.shape[-1] if row.dim() else 0
    if known.tensor.dtype != torch.int64 or count < 2 or row.numel() != count or row.dim() > 2:
        return []
    if not bool((known.tensor == torch.arange(count)).all()):
        return []
    call = _made(number, values)
    asked = [] if call is None else [one for one in reversed(call.sized) if one in near and values.layout(one).plain]
    found = next(((one, dim) for one in asked if (dim := _dim(one, count, values))), None)
    if found is None:
        return []
    x, dim = found
    flat = number if row.dim() == 1 else values.fresh(Layout(((count,),)), "int")
    members = [Member("positions", (x,), (flat,), fields={} if dim == 1 else {"dim": dim})]
    if row.dim() == 2:
        one = values.fresh(Layout(((1,), (count,))), "int") if layout.batched else number
        members.append(Member("unsqueeze", (flat,), (one,), fields={"dim": 0}))
        if layout.batched:
            values.expanded[number] = one
            members.append(Member("expand", (one, x), (number,)))
    return members


def _made(number: int, values: Values) -> Call | None:
    """The `arange` that a value is, in whatever dimensions."""
    call = values.makers.get(number)
    while call is not None and call.function != "arange":
        call = values.makers.get(call.reads[0]) if call.reads else None
    return call


def _dim(number: int, count: int, values: Values) -> int:
    """The dimension of a value that has so many places; 0 where none has."""
    return next((dim for dim, size in enumerate(values.known(number).shape) if dim and size == count), 0)

"""Counted: the places of a value, `torch.arange(x.shape[1])`, which an op counts whatever the size is.

What is filled with one number for each place, `torch.zeros(1, x.shape[1])`, follows from them; and what is computed.
What is filled like another value, `torch.zeros_like(x)`, follows from that value.
"""

from collections.abc import Collection

import torch

from archspec.importer.constants import short
from archspec.importer.layout import Layout
from archspec.importer.recording import Call
from archspec.importer.refused import Refused
from archspec.importer.tree import Member, Plain
from archspec.importer.values import Values, dtype_of

LIKE = frozenset({"zeros_like", "ones_like", "full_like"})
FILLING = frozenset({"zeros", "ones", "full", "new_zeros", "new_ones", "new_full"})


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
    uniform = bool((known.tensor == row.flatten()[0]).all())
    if not uniform and not bool((known.tensor == torch.arange(count)).all()):
        return []
    call = _filled(number, values) if uniform else _made(number, count, values)
    asked = [] if call is None else [one for one in reversed(call.sized) if one in near and values.layout(one).plain]
    found = next(((one, dim) for one in asked if (dim := _dim(one, count, values))), None)
    if found is None:
        return []
    x, dim = found
    flat = number if row.dim() == 1 else values.fresh(Layout(((count,),)), "int")
    places = values.fresh(Layout(((count,),)), "int") if uniform else flat
    members = [Member("positions", (x,), (places,), fields={} if dim == 1 else {"dim": dim})]
    if uniform:
        value = int(row.flatten()[0])
        members.append(Member("full_like" if value else "zeros_like", (places,), (flat,), fields=_value(value)))
    if row.dim() == 2:
        one = values.fresh(Layout(((1,), (count,))), "int") if layout.batched else number
        members.append(Member("unsqueeze", (flat,), (one,), fields={"dim": 0}))
        if layout.batched:
            values.expanded[number] = one
            members.append(Member("expand", (one, x), (number,)))
    return members


def alike(number: int, values: Values, near: Collection[int]) -> list[Member]:
    """The members that fill a value of the size of another, `torch.zeros_like(x)`; empty of other constants.

    Args:
        number: of the constant.
        values: all values.
        near: values at hand, of which one says the size.
    """
    call, known = values.makers.get(number), values.known(number)
    if call is None or call.function not in LIKE or not known.tensor.numel():
        return []
    x, value = values.found(call.reads[0]), known.tensor.flatten()[0].item()
    if x not in near or values.layout(x) != values.layout(number) or not bool((known.tensor == value).all()):
        return []
    kind = dtype_of(known.tensor)
    op = {0.0: "zeros_like", 1.0: "ones_like"}.get(value, "full_like")
    fields = {"fill_value": short(value) if kind == "float" else int(value)} if op == "full_like" else {}
    if kind == values.dtype(x):
        return [Member(op, (x,), (number,), fields=fields)]
    if kind != "float" or fields:
        return []
    filled = values.fresh(values.layout(x), values.dtype(x))
    return [Member(op, (x,), (filled,)), Member("mul", (filled,), (number,), fields={"other": 1.0})]


def follows(number: int, values: Values, near: Collection[int], given: Collection[int]) -> bool:
    """Whether a constant is computed from places that an op counts: another size makes another one of it.

    Args:
        number: of it.
        values: all values.
        near: values at hand.
        given: what the module around is given, of which a constant may follow from places further out.
    """
    seen, waiting = set[int](), [number]
    while waiting:
        one = waiting.pop()
        call = values.makers.get(one)
        if call is None or one in seen or values.known(one).origin != "constant":
            continue
        if (one != number and _is_counted(one, values, near)) or _is_cut(call, values, near):
            return True
        if one != number and one in given and follows(one, values, range(len(values.run.known)), ()):
            return True
        seen.add(one)
        waiting += call.reads
    return False


def _is_counted(number: int, values: Values, near: Collection[int]) -> bool:
    try:
        return bool(counted(number, values, near))
    except Refused:
        return False


def _is_cut(call: Call, values: Values, near: Collection[int]) -> bool:
    """Whether a call is as much of a table as a value is long: `self.pe[:, : x.shape[1]]`, which no call made."""
    if call.function != "__getitem__" or call.reads[0] in values.makers:
        return False
    asked = (values.layout(one).dims for one in call.sized if one in near)
    return any(_is_stretch(call, size, values) for sizes in asked for size in sizes)


def _value(value: int) -> dict[str, Plain]:
    return {"fill_value": value} if value else {}


def _filled(number: int, values: Values) -> Call | None:
    """The call that fills a value with one number."""
    call = values.makers.get(number)
    return call if call is not None and call.function in FILLING else None


def _made(number: int, count: int, values: Values) -> Call | None:
    """The `arange` that a value is, in whatever dimensions; or so many first places of a table of them."""
    call = values.makers.get(number)
    while call is not None and call.function != "arange" and not _is_stretch(call, count, values):
        call = values.makers.get(call.reads[0]) if call.reads else None
    return call


def _is_stretch(call: Call, count: int, values: Values) -> bool:
    """Whether a call is `table[:, :count]` of a table that a module holds."""
    if call.function != "__getitem__" or call.reads[0] in values.makers:
        return False
    index = call.args[1]
    parts = index if isinstance(index, tuple) else (index,)
    return any(isinstance(part, slice) and part.stop == count and not part.start for part in parts)


def _dim(number: int, count: int, values: Values) -> int:
    """The dimension of a value that has so many places; 0 where none has."""
    return next((dim for dim, size in enumerate(values.known(number).shape) if dim and size == count), 0)

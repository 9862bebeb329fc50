"""Tensors as members: what a module holds, and constants that a run made."""

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn

from archspec.importer.layout import BATCH, Layout
from archspec.importer.recording import Known
from archspec.importer.refused import SEEN, Refused
from archspec.importer.tables import table, window_mask
from archspec.importer.tree import Member, Plain
from archspec.importer.values import Values, dtype_of, trimmed
from archspec.ops.packed import packed

MOST = 512  # numbers that a spec states one by one
LARGEST = torch.finfo(torch.float32).max
PACKED = 1_000_000  # numbers that it holds packed in a text
LETTERS = 500_000  # of such a text


def held_tensor(module: nn.Module, at: str, name: str, number: int, values: Values) -> Member:
    """The member that a parameter or a buffer of the module at this path is."""
    tensor: Tensor = getattr(module, name)
    path = f"{at}.{name}" if at else name
    if tensor.is_complex():
        raise Refused(f"holds complex numbers in {name}: a spec holds them as pairs of fractions, (..., 2)", at)
    if isinstance(tensor, nn.Parameter):
        op, fields = "parameter", _start(tensor)
    else:
        kept = path in values.run.keys
        op, fields = numbers(tensor, persistent=kept)
    return Member(op, (), (number,), name, trimmed(op, fields), path=path)


def constant(number: int, known: Known, values: Values, near: Iterable[int]) -> list[Member]:
    """The members that make a tensor which nothing can change.

    Args:
        number: of the tensor.
        known: what is known of it.
        values: all values.
        near: values at hand, of which one has the batch that the tensor has where it is the same for all samples.

    Raises:
        Refused: it has too many numbers.
    """
    layout = values.layout(number)
    if not layout.batched:
        return _triangle(number, known, values) or by_numbers(number, known.tensor, values)
    one = _of_one_sample(known.tensor, layout)
    like = next((value for value in near if value != number and values.layout(value).batched), values.run.inputs[0])
    alone = values.fresh(Layout(((1,), *((size,) for size in layout.dims))), dtype_of(one))
    made = by_numbers(alone, one, values)
    if layout.plain:
        values.expanded[number] = alone
    return [*made, Member("expand", (alone, like), (number,))]


def by_numbers(number: int, tensor: Tensor, values: Values) -> list[Member]:
    """The members that make a tensor of its numbers; complex ones of a table of their two parts."""
    if not tensor.is_complex():
        op, fields = numbers(tensor, persistent=False)
        return [Member(op, (), (number,), "", trimmed(op, fields))]
    parts = torch.view_as_real(tensor.resolve_conj()).contiguous()
    pairs = values.fresh(Layout(tuple((size,) for size in parts.shape)), "float")
    joined: dict[str, Plain] = {"target": "torch:view_as_complex", "shapes": (tuple(tensor.shape),)}
    made = Member("function", (pairs,), (number,), fields={**joined, "dtypes": ("complex",)})
    return [*by_numbers(pairs, parts, values), made]


def _triangle(number: int, known: Known, values: Values) -> list[Member]:
    """The members that make one number on one side of a diagonal, as masks of what comes later are; empty of others."""
    tensor = known.tensor
    square = tensor.dim() > 1 and tensor.shape[-1] == tensor.shape[-2] and tensor.shape[-1] > 1
    if not square or table(tensor) is not None or not (tensor.dtype == torch.bool or tensor.is_floating_point()):
        return []
    dense = tensor.float()
    value = float(dense[dense != 0][0]) if bool((dense != 0).any()) else 0.0
    whole = torch.full_like(dense, value)
    sides = ((op, diagonal) for op in ("triu", "tril") for diagonal in (1, 0, -1))
    cut = {"triu": torch.triu, "tril": torch.tril}
    found = next(((op, at) for op, at in sides if torch.equal(dense, cut[op](whole, at))), None)
    if found is None or bool((dense == value).all()):
        return []
    layout, (op, diagonal) = values.layout(number), found
    full = values.fresh(layout, "float")
    fields: dict[str, Plain] = {"size": tuple(tensor.shape), "fill_value": short(value)}
    made = [Member("full", (), (full,), fields=trimmed("full", {**fields, "persistent": False}))]
    if tensor.dtype != torch.bool:
        return [*made, Member(op, (full,), (number,), fields=trimmed(op, {"diagonal": diagonal}))]
    side = values.fresh(layout, "float")
    made.append(Member(op, (full,), (side,), fields=trimmed(op, {"diagonal": diagonal})))
    return [*made, Member("ne", (side,), (number,), fields={"other": 0})]


def _of_one_sample(tensor: Tensor, layout: Layout) -> Tensor:
    """What a tensor is for each sample, (1, ...). Raises Refused where samples differ."""
    at = layout.batch_at()
    if layout.merged and layout.groups[0][0] == BATCH:
        tensor = tensor.reshape(-1, *layout.dims)
    elif layout.groups[at] != (BATCH,):
        raise Refused("a constant of which the batch is a factor of a size")
    first = tensor.select(at, 0)
    if not bool((tensor == first.unsqueeze(at)).all()):
        raise Refused("gives what was computed outside of torch, and is another for each sample", cure=SEEN)
    return first.unsqueeze(0)


def mask_of_windows(number: int, known: Known, likes: Iterable[int], values: Values) -> list[Member]:
    """The members that make a mask of shifted windows, for one of the images that are at hand; empty where none do."""
    sizes = [size for size in known.shape if size > 1]
    if len(sizes) != 3 or sizes[1] != sizes[2]:
        return []
    for like in likes:
        layout = values.layout(like)
        if not (layout.plain and layout.batched and len(layout.dims) == 3):
            continue
        fields = window_mask(known.tensor, values.shape(like))
        if fields is None:
            continue
        whole = Layout(tuple((size,) for size in (sizes[0], 1, *sizes[1:])))
        made = values.fresh(whole, "float")
        mask = Member("window_mask", (like,), (made,), fields=trimmed("window_mask", fields))
        return [mask, Member("reshape", (made,), (number,), fields={"shape": known.shape})]
    return []


def _start(tensor: Tensor) -> dict[str, Plain]:
    """What a parameter starts with, as its numbers show it."""
    fields: dict[str, Plain] = {"shape": tuple(tensor.shape)}
    if not tensor.numel():
        raise Refused("holds a tensor without elements")
    first = float(tensor.detach().flatten()[0])
    if bool((tensor == first).all()):
        named = {0.0: "zeros", 1.0: "ones"}.get(first)
        return {**fields, "init": named or short(first)}
    return {**fields, "init": "normal", "std": float(f"{float(tensor.detach().std()):.1g}")}


def short(value: float) -> float:
    """The shortest number that is the same in single precision: 1e-06 of 9.999999974752427e-07."""
    for digits in range(1, 10):
        rounded = float(f"{value:.{digits}g}")
        if abs(rounded) <= LARGEST and float(torch.tensor(rounded)) == value:
            return rounded
    return value


def numbers(tensor: Tensor, *, persistent: bool) -> tuple[str, dict[str, Plain]]:
    """The op that makes a tensor of these numbers."""
    kept: dict[str, Plain] = {"persistent": persistent}
    found = table(tensor.detach())
    if found is not None:
        return found[0], {**kept, **found[1]}
    kind = dtype_of(tensor)
    fields: dict[str, Plain] = {**kept, "shape": tuple(tensor.shape), "dtype": kind}
    flat = tensor.detach().flatten()
    if not flat.numel() or bool((flat == flat[0]).all()):
        first = flat[0].item() if flat.numel() else 0
        value: Plain = short(first) if isinstance(first, float) else int(first)
        named: Mapping[Plain, str] = {0: "zeros", 1: "ones"}
        return "buffer", {**fields, "init": named.get(value, value)}
    if flat.numel() > MOST:
        return _packed(flat, fields, persistent=persistent)
    items = tuple(short(n) if isinstance(n, float) else int(n) for n in flat.tolist())
    return "buffer", {**fields, "init": items}


def _packed(flat: Tensor, fields: dict[str, Plain], *, persistent: bool) -> tuple[str, dict[str, Plain]]:
    """The op for many numbers; what the state_dict brings may be left out. Raises Refused where they are too many."""
    if flat.is_floating_point():
        held = flat.to(torch.float32)
    else:
        held = torch.diff(flat.to(torch.int64), prepend=torch.zeros(1, dtype=torch.int64)).to(torch.int32)
    text = packed(bytes(held.contiguous().view(torch.uint8).tolist())) if flat.numel() <= PACKED else ""
    if text and len(text) <= LETTERS:
        return "packed_buffer", {**fields, "packed": text}
    if persistent:
        return "buffer", fields
    raise Refused(f"a table of {flat.numel()} numbers that no op makes")

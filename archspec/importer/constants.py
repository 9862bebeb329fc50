"""Tensors as members: what a module holds, and constants that a run made."""

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn

from archspec.importer.layout import Layout
from archspec.importer.recording import Known, Scope
from archspec.importer.refused import Refused
from archspec.importer.site import Values, dtype_of, trimmed
from archspec.importer.tree import Member, Plain

MOST = 1024  # numbers that a spec states one by one


def held_tensor(scope: Scope, name: str, number: int, values: Values) -> Member:
    """The member that a parameter or a buffer of a module is."""
    tensor: Tensor = getattr(scope.module, name)
    path = f"{scope.path}.{name}" if scope.path else name
    if isinstance(tensor, nn.Parameter):
        op, fields = "parameter", _start(tensor)
    else:
        kept = path in values.run.keys
        op, fields = _numbers(tensor, persistent=kept)
    return Member(op, (), (number,), name, trimmed(op, fields), path=path)


def constant(number: int, known: Known, layout: Layout) -> Member:
    """The member that a tensor is which nothing can change. Raises Refused for one of too many numbers."""
    if layout.batched:
        raise Refused("a constant of the size of the batch")
    op, fields = _numbers(known.tensor, persistent=False)
    return Member(op, (), (number,), "", trimmed(op, fields))


def _start(tensor: Tensor) -> dict[str, Plain]:
    """What a parameter starts with, as its numbers show it."""
    fields: dict[str, Plain] = {"shape": tuple(tensor.shape)}
    first = float(tensor.detach().flatten()[0])
    if bool((tensor == first).all()):
        named = {0.0: "zeros", 1.0: "ones"}.get(first)
        return {**fields, "init": named or _short(first)}
    return {**fields, "init": "normal", "std": float(f"{float(tensor.detach().std()):.1g}")}


def _short(value: float) -> float:
    """The shortest number that is the same in single precision: 1e-06 of 9.999999974752427e-07."""
    for digits in range(1, 10):
        rounded = float(f"{value:.{digits}g}")
        if float(torch.tensor(rounded)) == value:
            return rounded
    return value


def _numbers(tensor: Tensor, *, persistent: bool) -> tuple[str, dict[str, Plain]]:
    """The op that makes a tensor of these numbers."""
    kept: dict[str, Plain] = {"persistent": persistent}
    for op, settings in _made_otherwise(tensor):
        return op, {**kept, **settings}
    kind = dtype_of(tensor)
    fields: dict[str, Plain] = {**kept, "shape": tuple(tensor.shape), "dtype": kind}
    flat = tensor.detach().flatten()
    if not flat.numel() or bool((flat == flat[0]).all()):
        first = flat[0].item() if flat.numel() else 0
        value: Plain = _short(first) if isinstance(first, float) else int(first)
        named: Mapping[Plain, str] = {0: "zeros", 1: "ones"}
        return "buffer", {**fields, "init": named.get(value, value)}
    if flat.numel() > MOST:
        if persistent:
            return "buffer", fields
        raise Refused(f"a table of {flat.numel()} numbers that no op makes")
    numbers = tuple(_short(n) if isinstance(n, float) else int(n) for n in flat.tolist())
    return "buffer", {**fields, "init": numbers}


def _made_otherwise(tensor: Tensor) -> Iterator[tuple[str, dict[str, Plain]]]:
    """Ops that make such a table."""
    if tensor.dim() == 1 and tensor.numel() > 1 and not tensor.is_floating_point() and tensor.dtype != torch.bool:
        first, step = int(tensor[0]), int(tensor[1] - tensor[0])
        end = first + step * tensor.numel()
        if step > 0 and torch.equal(tensor, torch.arange(first, end, step, dtype=tensor.dtype)):
            yield "arange", {"start": first, "end": end, "step": step}
    if tensor.dim() == 2 and tensor.shape[0] == tensor.shape[1] > 1:
        size = tensor.shape[0]
        if torch.equal(tensor, torch.eye(size, dtype=tensor.dtype)) and tensor.is_floating_point():
            yield "eye", {"n": size}

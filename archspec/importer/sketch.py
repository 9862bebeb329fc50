"""Sketch: a tensor that has sizes and no numbers, so that a run is recorded without being computed.

What a spec is made of follows from sizes, and from the numbers of constants. So inputs are sketches, and what is made
of them are sketches too; parameters, buffers and what a run makes of nothing else are tensors as ever. A run that needs
a number of a sketch, or writes one into a tensor, raises `Unsketched`: it has to be computed.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import cache, lru_cache
from typing import Any, Self

import torch
from torch import Tensor, nn

from archspec.importer.nested import each, tensors
from archspec.values.dataclass import dataclass

# What is made after the sizes of another, and of none of its numbers: these are tensors.
LIKE = frozenset(
    {"zeros_like", "ones_like", "full_like", "empty_like", "new_zeros", "new_ones", "new_full", "new_empty"}
)
# What gives its input's sizes, and beside it statistics that nobody reads: torch finds these sizes slowly.
NORMS = frozenset({"native_batch_norm", "native_layer_norm", "native_group_norm"})

CPU, META = torch.device("cpu"), torch.device("meta")


class Unsketched(RuntimeError):
    """A run that has to be computed."""


class Sketch(Tensor):
    """A tensor without numbers.

    Attributes:
        meta: the tensor of torch's device `meta` that has its sizes, and shares memory as it would.
    """

    meta: Tensor
    __torch_function__ = torch._C._disabled_torch_function_impl  # type: ignore[assignment]  # as torch's manual has it

    @staticmethod
    def __new__(cls, meta: Tensor) -> Self:
        """A sketch on the CPU of these sizes."""
        lies = meta.stride(), meta.storage_offset()
        made: Self = Tensor._make_wrapper_subclass(cls, meta.shape, *lies, dtype=meta.dtype, device=CPU)
        made.meta = meta
        return made

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]  # as torch's manual has it
        cls, func: Any, types: object, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:  # torch's own signature
        kwargs = kwargs or {}
        name = func.overloadpacket.__name__
        if name in NORMS:
            beside = Sketch(torch.empty(0, device=META))
            return each(_sizes(torch.ops.aten.empty_like.default, (_size(args[0].meta),), ()), _drawn), beside, beside
        if name in LIKE:
            meta = args[0].meta
            like = torch.empty_strided(meta.shape, meta.stride(), dtype=meta.dtype)
            return func(like, *args[1:], **kwargs)
        if _is_pure(func):
            named = tuple((name, _frozen(one)) for name, one in sorted(kwargs.items()))
            return each(_sizes(func, _frozen(args), named), _drawn)
        return _on_meta(func, args, kwargs)


@dataclass(frozen=True, slots=True)
class _Size:
    """What a sketch has of a tensor."""

    shape: tuple[int, ...]
    stride: tuple[int, ...]
    dtype: torch.dtype


@dataclass(frozen=True, slots=True)
class _Plain:
    """An argument that is no tensor, with its type: 1, 1.0 and True are equal, and no one argument."""

    type: type
    value: object


@cache
def _is_pure(func: Any) -> bool:
    """Whether what an operator of torch gives is new, and nothing is written."""
    return all(one.alias_info is None for one in (*func._schema.arguments, *func._schema.returns))


@lru_cache(maxsize=1 << 14)
def _sizes(func: Any, args: Any, kwargs: Any) -> Any:
    """What a pure operator gives. Torch finds that in a millisecond, and a network asks the same again and again."""
    result = func(*_thawed(args), **{name: _thawed(one) for name, one in kwargs})
    return each(result, lambda one: _size(one) if isinstance(one, Tensor) else one)


def _size(tensor: Tensor) -> _Size:
    return _Size(tuple(tensor.shape), tensor.stride(), tensor.dtype)


def _frozen(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(map(_frozen, value))
    if isinstance(value, Tensor):
        return _size(value)
    return _Plain(type(value), META if isinstance(value, torch.device) else value)


def _thawed(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_thawed(one) for one in value]
    return _meta(value) if isinstance(value, _Size) else value.value


def _meta(size: _Size) -> Tensor:
    return torch.empty_strided(size.shape, size.stride, dtype=size.dtype, device=META)


def _drawn(value: object) -> object:
    return Sketch(_meta(value)) if isinstance(value, _Size) else value


def _on_meta(func: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """What an operator gives that views or writes. Raises Unsketched where a tensor is written."""
    for place, given in enumerate(args):
        if _is_written(func, place) and not isinstance(given, Sketch):
            raise Unsketched(f"{func} writes into a tensor")
    owners: dict[int, Sketch] = {}

    def bare(one: object) -> object:
        if isinstance(one, Sketch):
            owners[id(one.meta)] = one
            return one.meta
        if isinstance(one, torch.device):
            return META
        return one.to(META) if isinstance(one, Tensor) else one

    def sketched(one: object) -> object:
        if not isinstance(one, Tensor):
            return one
        owner = owners.get(id(one))
        if owner is not None and owner.shape != one.shape:
            raise Unsketched(f"{func} changes sizes in place")
        return Sketch(one) if owner is None else owner

    return each(func(*each(args, bare), **{name: each(one, bare) for name, one in kwargs.items()}), sketched)


def sketches(inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Sketches of these tensors."""
    return {name: Sketch(one.to(META)) for name, one in inputs.items()}


def run(module: nn.Module, real: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What a layer gives, called as `real` calls it; a recurrent one is copied to where tensors have no numbers.

    It begins with zeros, which are numbers, writes over what is computed of them, and turns the result in place.
    """
    recurrent = isinstance(module, nn.RNNBase | nn.RNNCellBase)
    if not recurrent or not any(isinstance(one, Sketch) for one in tensors((args, kwargs))):
        return real(module, *args, **kwargs)
    with torch.no_grad():
        result = real(deepcopy(module).to(META), *_bare(args), **_bare(kwargs))
    return each(result, lambda one: Sketch(one) if isinstance(one, Tensor) else one)


def _bare(value: Any) -> Any:
    """Arguments of a module with what each sketch has of a tensor."""
    return each(
        value, lambda one: one.meta if isinstance(one, Sketch) else one.to(META) if isinstance(one, Tensor) else one
    )


def memory(tensor: Tensor) -> tuple[int, int]:
    """Where the numbers of a tensor are: a view that begins where it does has the same."""
    meta = tensor.meta if isinstance(tensor, Sketch) else tensor
    return storage(meta), int(meta.storage_offset())


def storage(tensor: Tensor) -> int:
    """The whole memory of which a tensor is a part. To ask for its address would copy what is copied when written."""
    meta = tensor.meta if isinstance(tensor, Sketch) else tensor
    return int(meta.untyped_storage()._cdata)


def _is_written(func: Any, place: int) -> bool:
    arguments = func._schema.arguments
    written = arguments[place].alias_info if place < len(arguments) else None
    return written is not None and written.is_write

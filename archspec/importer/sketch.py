"""Sketch: a tensor that has sizes and no numbers, so that a run is recorded without being computed.

What a spec is made of follows from sizes, and from the numbers of constants. So inputs are sketches, and what is made
of them are sketches too; parameters, buffers and what a run makes of nothing else are tensors as ever. A run that needs
a number of a sketch, or writes one into a tensor, raises `Unsketched`: it has to be computed.
"""

from collections.abc import Callable, Mapping
from typing import Any, Self

import torch
from torch import Tensor

# What is made after the sizes of another, and of none of its numbers: these are tensors.
LIKE = frozenset(
    {"zeros_like", "ones_like", "full_like", "empty_like", "new_zeros", "new_ones", "new_full", "new_empty"}
)
# What gives its input's sizes, and beside it statistics that nobody reads: torch finds these sizes slowly.
NORMS = frozenset({"native_batch_norm", "native_layer_norm", "native_group_norm"})

CPU = torch.device("cpu")


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
            beside = Sketch(torch.empty(0, device="meta"))
            return Sketch(torch.empty_like(args[0].meta)), beside, beside
        if name in LIKE:
            meta = args[0].meta
            like = torch.empty_strided(meta.shape, meta.stride(), dtype=meta.dtype)
            return func(like, *args[1:], **kwargs)
        for place, given in enumerate(args):
            if _is_written(func, place) and not isinstance(given, Sketch):
                raise Unsketched(f"{func} writes into a tensor")
        owners: dict[int, Sketch] = {}

        def bare(one: object) -> object:
            if isinstance(one, Sketch):
                owners[id(one.meta)] = one
                return one.meta
            if isinstance(one, torch.device):
                return torch.device("meta")
            return one.to("meta") if isinstance(one, Tensor) else one

        result = func(*_each(args, bare), **{name: _each(one, bare) for name, one in kwargs.items()})

        def sketched(one: object) -> object:
            if not isinstance(one, Tensor):
                return one
            owner = owners.get(id(one))
            if owner is not None and owner.shape != one.shape:
                raise Unsketched(f"{func} changes sizes in place")
            return Sketch(one) if owner is None else owner

        return _each(result, sketched)


def sketches(inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Sketches of these tensors."""
    return {name: Sketch(one.to("meta")) for name, one in inputs.items()}


def memory(tensor: Tensor) -> tuple[int, int]:
    """Where the numbers of a tensor are: a view that begins where it does has the same."""
    if isinstance(tensor, Sketch):
        return storage(tensor), int(tensor.meta.storage_offset())
    return tensor.data_ptr(), 0


def storage(tensor: Tensor) -> int:
    """The whole memory of which a tensor is a part."""
    if isinstance(tensor, Sketch):
        return int(tensor.meta.untyped_storage()._cdata)
    return tensor.untyped_storage().data_ptr()


def _is_written(func: Any, place: int) -> bool:
    arguments = func._schema.arguments
    written = arguments[place].alias_info if place < len(arguments) else None
    return written is not None and written.is_write


def _each(value: Any, change: Callable[[object], object]) -> Any:
    """A value with each item changed, those of lists too."""
    if isinstance(value, list | tuple) and not isinstance(value, torch.Size):
        return type(value)(_each(item, change) for item in value)
    return change(value)

"""Live: a module object becomes the text of a spec."""

import inspect
from collections.abc import Mapping, Sequence
from typing import TypeGuard

import torch
from torch import Tensor, nn

from archspec.importer.forward import unwrapped
from archspec.importer.importing import import_module
from archspec.importer.made import Log
from archspec.importer.refused import ImportFault, Refused


def spec_of(module: nn.Module, inputs: object, *, force: bool = False) -> str:
    """The spec of a module.

    Args:
        module: it.
        inputs: as of `archspec.from_module`.
        force: takes what is not proven too.

    Raises:
        ImportFault: it does not run, cannot be said, or is not proven.
    """
    module = unwrapped(module)
    try:
        found = import_module(module, _named(module, inputs), Log())
    except Refused as refused:
        raise ImportFault(refused.whole(type(module).__name__, strict=False)) from refused
    if not (found.proof.holds or force):
        failing = "; ".join(claim.line() for claim in found.proof.claims if not claim.holds)
        raise ImportFault(f"{type(module).__name__} is not what its import says it is: {failing}")
    return found.text


def _named(module: nn.Module, inputs: object) -> dict[str, Tensor]:
    """One sample of each input, by name."""
    if isinstance(inputs, Mapping):
        return {str(name): _tensor(one) for name, one in inputs.items()}
    names = list(inspect.signature(module.forward).parameters)
    several = isinstance(inputs, tuple | list) and not _is_sizes(inputs)
    given = list(inputs) if several else [inputs]  # type: ignore[call-overload]  # a tuple or a list
    if len(given) > len(names):
        raise ImportFault(f"{type(module).__name__}.forward takes {len(names)} inputs, and {len(given)} are given")
    return {name: _tensor(one) for name, one in zip(names, given, strict=False)}


def _tensor(given: object) -> Tensor:
    if isinstance(given, Tensor):
        return given[:1]
    if _is_sizes(given):
        return torch.zeros((1, *given))
    raise ImportFault(
        "inputs are tensors, or their sizes after the batch such as (3, 224, 224): one, several in the order of"
        f" forward's arguments, or by their names; not {type(given).__name__}"
    )


def _is_sizes(given: object) -> TypeGuard[Sequence[int]]:
    return isinstance(given, tuple | list) and len(given) > 0 and all(isinstance(size, int) for size in given)

"""Live: a module object becomes the text of a spec."""

import inspect
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from archspec.importer.importing import import_module
from archspec.importer.made import Log
from archspec.importer.refused import ImportFault, Refused


def spec_of(module: nn.Module, inputs: object, *, force: bool = False) -> str:
    """The spec of a module.

    Args:
        module: it.
        inputs: a tensor, tensors by the names of forward's arguments, or the sizes of one after the batch.
        force: takes what is not proven too.

    Raises:
        ImportFault: it does not run, cannot be said, or is not proven.
    """
    try:
        found = import_module(module, _named(module, inputs), Log())
    except Refused as refused:
        raise ImportFault(f"{type(module).__name__} cannot be said in ops: {refused.line()}") from refused
    if not (found.proof.holds or force):
        failing = "; ".join(claim.line() for claim in found.proof.claims if not claim.holds)
        raise ImportFault(f"{type(module).__name__} is not what its import says it is: {failing}")
    return found.text


def _named(module: nn.Module, inputs: object) -> dict[str, Tensor]:
    """One sample of each input, by name."""
    first = next(iter(inspect.signature(module.forward).parameters), "x")
    if isinstance(inputs, Tensor):
        return {first: inputs[:1]}
    if isinstance(inputs, Mapping):
        return {str(name): _tensor(one) for name, one in inputs.items()}
    return {first: _tensor(inputs)}


def _tensor(given: object) -> Tensor:
    if isinstance(given, Tensor):
        return given[:1]
    if isinstance(given, tuple | list) and all(isinstance(size, int) for size in given):
        return torch.zeros((1, *given))
    raise ImportFault(f"an input is a tensor, or its sizes after the batch such as (3, 224, 224), not {given!r}")

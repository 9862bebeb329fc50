"""Again: does what a call of a function of torch did, or of a module that is an op, with other tensors."""

import sys
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from archspec.importer.recording import Call, Value


class Again(nn.Module):
    """A call as a module of the tensors that it read, in their order, each once."""

    def __init__(self, call: Call, name: str) -> None:
        """Takes the call, and the name by which torch or torch.nn.functional has its function, where it has no target.

        That of a module is not looked at.

        Raises:
            AttributeError: neither has it.
        """
        super().__init__()
        package, _, found = call.target.partition(":")
        places = (sys.modules[package],) if found else (torch, F)
        place = next((one for one in places if hasattr(one, found or name)), F)
        self.call = call
        self.function = getattr(place, found or name) if call.module is None else call.module

    def forward(self, *tensors: Tensor) -> object:
        """What the function gives of these."""
        given = dict(zip(dict.fromkeys(self.call.reads), tensors, strict=True))
        args = [_filled(one, given) for one in self.call.args]
        return self.function(*args, **{key: _filled(one, given) for key, one in self.call.kwargs.items()})


def _filled(argument: object, given: Mapping[int, Tensor]) -> object:
    """An argument with the tensors that its values stand for."""
    if isinstance(argument, tuple):
        return tuple(_filled(one, given) for one in argument)
    return given[argument.number] if isinstance(argument, Value) else argument

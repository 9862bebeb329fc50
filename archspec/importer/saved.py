"""Saved: a whole module that `torch.save(module, "net.pt")` wrote. Reading it runs what it says: it must be allowed."""

import pickle
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import nn

from archspec.importer.refused import ImportFault
from archspec.runtime.faults import blamed
from archspec.runtime.peer import with_torchvision


def whole_module(path: Path, *, trusted: bool) -> nn.Module:
    """The module in a file.

    Raises:
        ImportFault: there is no such file, it holds no module, or reading it may run code and nobody allowed that.
    """
    try:
        found = with_torchvision(lambda: torch.load(path, map_location="cpu", weights_only=not trusted))
    except FileNotFoundError:
        raise ImportFault(f"there is no file {path}") from None
    except pickle.UnpicklingError as error:
        if trusted:
            raise ImportFault(f"{path} is no file that torch saved: {error}") from None
        raise ImportFault(
            f"{path} holds more than tensors, and reading that runs what it says: --allow-modules reads it, where you "
            "trust whoever wrote it"
        ) from None
    except Exception as fault:
        raise ImportFault(blamed(f"{path} cannot be read", fault)) from fault
    if isinstance(found, torch.jit.ScriptModule):
        raise ImportFault(
            f"{path} is a script of torch.jit, whose classes are gone: export the module, or save it whole"
        )
    if isinstance(found, nn.Module):
        return found
    if isinstance(found, Mapping):
        raise ImportFault(
            f"{path} holds weights and no module: archspec compile SPEC --weights {path} takes them along"
        )
    raise ImportFault(f"{path} holds a {type(found).__name__}, no nn.Module")

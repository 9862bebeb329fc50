"""A file of weights -> its tensors by key. Nothing that is read runs code.

net.safetensors                        by the package safetensors
model.safetensors.index.json           the same in several files
net.pt, checkpoint.pth, anything else  by torch.load with weights_only: a state_dict, or one inside of a checkpoint
"""

import io
import json
import pickle
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import torch
from torch import Tensor

SAFETENSORS = ".safetensors"
INDEX = ".safetensors.index.json"


class WeightsError(ValueError):
    """Weights that cannot be read or do not fit; the message says which and why."""


def read_weights(path: Path, entry: str = "") -> dict[str, Tensor]:
    """The tensors of a file by key, in the file's order, on the CPU.

    Args:
        path: the file.
        entry: which of several state_dicts in a checkpoint; the only one without it.

    Raises:
        WeightsError: there is no such file, it holds no weights, or more than tensors.
    """
    try:
        if path.name.endswith(INDEX):
            return _sharded(path)
        if path.name.endswith(SAFETENSORS):
            return _safetensors(path)
        return state_in(str(path), torch.load(path, map_location="cpu", weights_only=True), entry)
    except FileNotFoundError as error:
        raise WeightsError(f"there is no file {error.filename or path}") from None
    except pickle.UnpicklingError:
        raise WeightsError(
            f"{path} holds more than tensors, and reading that may run code: load it where you trust it, and save the "
            "state_dict of the module"
        ) from None
    except (OSError, EOFError, RuntimeError, UnicodeDecodeError) as error:
        raise WeightsError(f"{path} is no file of weights: {_first_line(error)}") from None


def written(path: Path, weights: Mapping[str, Tensor]) -> bytes:
    """Weights as the bytes of a file of this name. Raises WeightsError where safetensors is not installed."""
    if path.name.endswith(SAFETENSORS):
        data: bytes = _packages(path)[1].save({key: one.contiguous().clone() for key, one in weights.items()})
        return data
    buffer = io.BytesIO()
    torch.save(dict(weights), buffer)
    return buffer.getvalue()


def _safetensors(path: Path) -> dict[str, Tensor]:
    packages = _packages(path)
    data = path.read_bytes()
    try:
        return dict(packages[1].load(data))
    except packages[0].SafetensorError as error:
        raise WeightsError(f"{path} is no file of weights: {_first_line(error)}") from None


def _packages(path: Path) -> tuple[ModuleType, ModuleType]:
    """The package safetensors, and what it has for torch."""
    try:
        import safetensors
        from safetensors import torch as for_torch
    except ModuleNotFoundError:
        raise WeightsError(f"{path} needs safetensors: pip install 'archspec[weights]'") from None
    return safetensors, for_torch


def _sharded(path: Path) -> dict[str, Tensor]:
    """Key -> tensor, of the files that an index names beside it."""
    try:
        files: Mapping[str, str] = json.loads(path.read_text(encoding="utf-8"))["weight_map"]
    except (ValueError, KeyError, TypeError):
        raise WeightsError(f"{path} is no index of weights: it has no weight_map") from None
    parts = {name: _safetensors(path.parent / name) for name in dict.fromkeys(files.values())}
    lost = next((key for key, name in files.items() if key not in parts[name]), None)
    if lost is not None:
        raise WeightsError(f"{path} says that {files[lost]} holds {lost}, and it does not")
    return {key: parts[name][key] for key, name in files.items()}


def state_in(path: str, loaded: object, entry: str = "") -> dict[str, Tensor]:
    """The state_dict in what torch read: itself, or the only mapping of tensors in it.

    Raises:
        WeightsError: there is none, or several and none is named.
    """
    if not isinstance(loaded, Mapping):
        raise WeightsError(f"{path} holds a {type(loaded).__name__}, no state_dict")
    inside = {str(key): one for key, one in loaded.items() if _is_state(one)}
    if entry:
        if entry not in inside:
            known = f"; there are {', '.join(inside)}" if inside else ""
            raise WeightsError(f"{path} has no state_dict {entry}{known}")
        return dict(inside[entry])
    if any(isinstance(one, Tensor) for one in loaded.values()):
        stray = next((key for key, one in loaded.items() if not isinstance(one, Tensor)), None)
        if stray is not None:
            raise WeightsError(f"{path} is no state_dict: {stray} is a {type(loaded[stray]).__name__}, no tensor")
        return dict(loaded)
    if len(inside) == 1:
        return dict(next(iter(inside.values())))
    if inside:
        names = ", ".join(inside)
        raise WeightsError(f"{path} has several state_dicts: name one of {names} as `entry:` in the file of --rename")
    raise WeightsError(f"{path} holds no tensors by name")


def _is_state(one: object) -> bool:
    return isinstance(one, Mapping) and bool(one) and all(isinstance(value, Tensor) for value in one.values())


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]

"""Nested: the tensors in what a function is given or gives: in lists, mappings and dataclasses."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import torch
from torch import Tensor

PLAIN = frozenset({int, float, bool, str, type(None), torch.Size, torch.dtype, torch.device})  # hold no tensors
LISTS = (list, tuple)


def tensors(value: object) -> Iterator[Tensor]:
    """The tensors in an argument or a result, in order."""
    if isinstance(value, Tensor):
        yield value
    elif type(value) not in PLAIN:
        for item in value if type(value) in LISTS else (item for _, item in _inside(value)):  # type: ignore[attr-defined]
            yield from tensors(item)


def named_tensors(value: object, name: str = "") -> Iterator[tuple[str, Tensor]]:
    """The same, each with the keys, fields or numbers that lead to it: `aux`, `hidden_states.0`."""
    if type(value) in PLAIN:
        return
    if isinstance(value, Tensor):
        yield name, value
    for key, item in _inside(value):
        yield from named_tensors(item, f"{name}.{key}" if name else key)


def each(value: Any, change: Callable[[object], object]) -> Any:
    """A value with each item changed, those of lists and dicts too; a list or dict of which none changes is itself."""
    if isinstance(value, list | tuple) and not isinstance(value, torch.Size):
        items = [each(item, change) for item in value]
        if all(one is other for one, other in zip(items, value, strict=True)):
            return value
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    if type(value) is dict:
        found = {name: each(item, change) for name, item in value.items()}
        return found if any(found[name] is not item for name, item in value.items()) else value
    return change(value)


def _inside(value: object) -> Sequence[tuple[str, object]]:
    if isinstance(value, Mapping):
        return [(str(key), item) for key, item in value.items()]
    if isinstance(value, list | tuple):
        names: Sequence[str] = getattr(value, "_fields", tuple(map(str, range(len(value)))))
        return list(zip(names, value, strict=True))
    if is_dataclass(value) and not isinstance(value, type):
        return [(one.name, getattr(value, one.name)) for one in fields(value)]
    return ()

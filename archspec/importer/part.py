"""Part: a module inside of another, imported by itself with what a run of the whole gives it.

    archspec import torchvision.models.detection:retinanet_resnet50_fpn --input 3x224x224 --part backbone

So what a whole does around it, such as choosing boxes by their scores, need not be said.
"""

import inspect
from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor, nn

from archspec.importer.faults import not_run
from archspec.importer.named import Named
from archspec.importer.refused import ImportFault
from archspec.importer.state import unchanged
from archspec.registry import nearest


class _Reached(Exception):
    """The run of the whole came to the part, and need not go on."""


def part_of(named: Named, path: str, inputs: Mapping[str, Tensor]) -> tuple[Named, dict[str, Tensor]]:
    """A module inside of another, and one sample of each of its inputs.

    Args:
        named: the whole.
        path: where the part stands in it: `backbone`, `encoder.layers.0`.
        inputs: one sample of each input of the whole.

    Raises:
        ImportFault: there is none, no run comes to it, or it is given something else than tensors of one sample.
    """
    module = _inside(named, path)
    again = named.again

    def made(others: Mapping[str, object]) -> Named:
        whole = again(others) if again is not None else named
        return replace(whole, module=_inside(whole, path))

    part = replace(named, module=module, otherwise=None, sizes={}, again=None if again is None else made)
    return part, _given(named, path, module, inputs)


def _inside(named: Named, path: str) -> nn.Module:
    places: dict[str, nn.Module] = dict(named.module.named_modules())
    if path in places and path:
        return places[path]
    owner = next((each for each in _owners(path) if each in places), "")
    near = nearest(path, places) or ", ".join(f"{owner}.{one}".lstrip(".") for one, _ in places[owner].named_children())
    raise ImportFault(f"{named.text} has no part {path}; there is {near}")


def _owners(path: str) -> list[str]:
    """`a.b`, `a` of `a.b.c`."""
    parts = path.split(".")
    return [".".join(parts[:end]) for end in range(len(parts) - 1, 0, -1)]


def _given(named: Named, path: str, module: nn.Module, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What the first run gives the part, by the names of its forward's arguments."""
    seen: list[Mapping[str, object]] = []

    def note(_: nn.Module, args: tuple[object, ...], kwargs: dict[str, object]) -> None:
        seen.append(inspect.signature(module.forward).bind(*args, **kwargs).arguments)
        raise _Reached

    handle = module.register_forward_pre_hook(note, with_kwargs=True)
    try:
        with unchanged(named.module, training=False), torch.no_grad():
            named.module(**inputs)
    except _Reached:
        pass
    except Exception as fault:
        raise ImportFault(not_run(named.module, inputs, fault)) from fault
    finally:
        handle.remove()
    if not seen:
        inside = [f"{path}.{name}" for name, _ in module.named_children()]
        such = f", such as {inside[0]}" if inside else ""
        raise ImportFault(f"no run of {named.text} comes to {path}: name a part that it calls{such}")
    given = {name: one for name, one in seen[0].items() if one is not None}
    for name, one in given.items():
        if not isinstance(one, Tensor):
            raise ImportFault(f"{path} is given {name}, a {type(one).__name__}: name a part that is given tensors only")
        if one.shape[:1] != (1,):
            sizes = "x".join(map(str, one.shape))
            raise ImportFault(f"{path} is given {name}, {sizes}, for one sample: name a part with the batch first")
    return {name: torch.zeros_like(one) for name, one in given.items() if isinstance(one, Tensor)}

"""Inputs: what a module is run with: sizes that the user gave, or that the module itself says it takes."""

import inspect
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from archspec.importer.forward import takes
from archspec.importer.named import Named, Size
from archspec.importer.refused import ImportFault
from archspec.values.shape import DType

KINDS: Mapping[DType, torch.dtype] = {"float": torch.float32, "int": torch.int64, "bool": torch.bool}
NAMED = "import a module whose forward does, `def forward(self, x)`"
HINT = "--input 3x224x224, or by name --input left=3x64x64; for token numbers --input 128:int"


def inputs_of(named: Named, given: Mapping[str, Size]) -> dict[str, Tensor]:
    """One sample of each input, by the names of forward's arguments, in their order.

    Raises:
        ImportFault: one is not given, or there is none of that name.
    """
    wanted = takes(named.module)
    sizes = dict(given)
    if "" in sizes:
        if not wanted:
            raise ImportFault(f"forward of {type(named.module).__name__} names no input: {NAMED}")
        sizes = {next(iter(wanted)): sizes[""]}
    sizes = {**named.sizes, **sizes}
    if not sizes:
        said = size_of(named)
        if said is None:
            raise ImportFault(f"{named.text} does not say what it takes: give {HINT}")
        sizes = {next(iter(wanted), "x"): said}
    for name in sizes:
        if name not in wanted:
            raise ImportFault(f"forward of {type(named.module).__name__} has no {name}; it takes {', '.join(wanted)}")
    missing = [name for name, needed in wanted.items() if needed and name not in sizes]
    if missing:
        more = " ".join(f"--input {name}=..." for name in missing)
        raise ImportFault(f"forward of {type(named.module).__name__} takes {' and '.join(missing)} too: give {more}")
    order = [name for name in wanted if name in sizes]
    return {name: torch.zeros((1, *sizes[name].dims), dtype=KINDS[sizes[name].dtype]) for name in order}


def batch_of(inputs: Mapping[str, Tensor], samples: int) -> dict[str, Tensor]:
    """So many samples of inputs of these sizes, the first of which is always the same."""
    generator = torch.Generator().manual_seed(0)
    made: dict[str, Tensor] = {}
    for name, one in inputs.items():
        size = (samples, *one.shape[1:])
        if one.is_floating_point():
            made[name] = torch.randn(size, generator=generator)
        else:
            made[name] = torch.randint(0, 2, size, generator=generator).to(one.dtype)
    return made


def size_of(named: Named) -> Size | None:
    """The size that a module says it takes: in timm's configuration, torchvision's weights or Lightning's example."""
    return next(_sizes(named), None)


def _sizes(named: Named) -> Iterator[Size]:
    module = named.module
    for attribute in ("default_cfg", "pretrained_cfg"):
        said = getattr(module, attribute, None)
        found = said.get("input_size") if isinstance(said, Mapping) else None
        if isinstance(found, tuple | list):
            yield Size(tuple(int(size) for size in found))
    example = getattr(module, "example_input_array", None)
    if isinstance(example, Tensor):
        yield Size(tuple(example.shape[1:]))
    factory = inspect.unwrap(named.factory) if inspect.isroutine(named.factory) else None
    weights = inspect.signature(factory).parameters.get("weights") if factory is not None else None
    for one in _weights_named(factory, weights):
        crop = getattr(getattr(one, "transforms", None), "keywords", {}).get("crop_size")
        if isinstance(crop, int):
            yield Size((3, crop, crop))


def _weights_named(factory: object, weights: inspect.Parameter | None) -> Iterator[object]:
    """The members of the enumerations of weights that stand beside a factory, under the name that it asks for."""
    if weights is None:
        return
    said = str(weights.annotation)
    for name, kind in getattr(factory, "__globals__", {}).items():
        if name in said and isinstance(kind, type) and hasattr(kind, "__members__"):
            for member in kind.__members__.values():
                yield member.value

"""Arguments: what the whole module was made with, and modules made with one argument otherwise.

ViT(dim=64, depth=6)        the module
ViT(dim=32, depth=6)        what differs from it follows from `dim`
ViT(dim=64, depth=3)        what differs from it follows from `depth`

Such a module is recorded and thrown away. Its large parameters have no numbers, as only their sizes are asked for.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass

import torch
from torch import Tensor, nn

from archspec.importer.made import Log
from archspec.importer.state import settled, undrawn
from archspec.values.dataclass import dataclass

# Words in the names of arguments that load something, say what is printed, or where tensors are.
UNTRIED = ("pretrain", "weight", "checkpoint", "download", "progress", "verbose", "device", "dtype", "inplace", "seed")
LARGE = 8  # numbers from which on half of it is likelier to fit than one more
MOST_MODULES = 4_000  # that are recorded, of all tries together


@dataclass(frozen=True, slots=True, eq=False)
class Making:
    """How a module is made again.

    Attributes:
        arguments: numbers and flags that it was made with, by name, in the order of the constructor.
        make: makes it with other values of some of them. Raises ImportFault.
    """

    arguments: "Mapping[str, int | float | bool]"
    make: Callable[[Mapping[str, object]], tuple[nn.Module, Log]]


@dataclass(frozen=True, slots=True, eq=False)
class Try:
    """A module made with one argument otherwise, and inputs that it takes.

    Attributes:
        name: of the argument.
        usual: its value in the module that is imported.
        value: its value here.
        module: it.
        log: what the modules in it were made with.
        inputs: one sample of each.
    """

    name: str
    usual: "int | float | bool"
    value: "int | float | bool"
    module: nn.Module
    log: Log
    inputs: Mapping[str, Tensor]


def tried_arguments(factory: object, given: Mapping[str, object], made: Mapping[str, object]) -> dict[str, int | float]:
    """The numbers and flags that a factory takes, with the values that the module was made with.

    Args:
        factory: a class, or a function that makes one and may hand further arguments on to it.
        given: what it was called with.
        made: what the constructor of the module was called with.
    """
    try:
        taken = inspect.signature(factory).parameters.values()  # type: ignore[arg-type]  # not callable: a TypeError
    except (TypeError, ValueError):
        return {}
    values: dict[str, object] = {
        one.name: given.get(one.name, one.default) for one in taken if one.kind is not one.VAR_KEYWORD
    }
    if any(one.kind is one.VAR_KEYWORD for one in taken):
        values |= {name: value for name, value in made.items() if name not in values}
    return _numbers(values)


def configured(made: Mapping[str, object]) -> dict[str, tuple[str, int | float]]:
    """The numbers and flags of the dataclasses that a module was made with: field -> the argument, and the value.

    Args:
        made: what the constructor of the module was called with.
    """
    found: dict[str, tuple[str, int | float]] = {}
    for argument, given in made.items():
        if is_dataclass(given) and not isinstance(given, type):
            own = {one.name: getattr(given, one.name) for one in fields(given) if one.init}
            found |= {name: (argument, value) for name, value in _numbers(own).items() if name not in found}
    return found


def tries(making: Making, module: nn.Module, inputs: Mapping[str, Tensor]) -> Iterator[tuple[str, Iterator[Try]]]:
    """For each argument on which something in the module depends, modules made with other values of it.

    Several, as a value may not fit: 13 channels in 4 heads. As many arguments as `MOST_MODULES` allows.
    """
    left = MOST_MODULES // (1 + sum(1 for _ in module.modules()))
    before = _looks(module)
    for name, value in making.arguments.items():
        if left < 1:
            return
        found = _tries(making, name, value, inputs)
        first = next((one for one in found if _looks(one.module) != before), None)
        if first is not None:
            left -= 1
            yield name, _chained(first, found)


def other_values(value: float) -> Iterator[float]:
    """Other values that may fit, the likeliest first; smaller ones cost less."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value // part for part in (2, 4) if value >= LARGE and value % part == 0)
        if value > 0:
            yield value + 1
            yield value * 2 if value > 1 else 4
        if 0 < value < LARGE and value % 2 == 0:
            yield value // 2
    elif value >= 1:
        yield value / 2 if value >= 2 else value * 2
    elif value >= 0:
        yield round(value + 0.1, 6) if value < 0.9 and not 0 < value < 0.01 else value / 2


def _chained(first: Try, rest: Iterator[Try]) -> Iterator[Try]:
    yield first
    yield from rest


def _tries(making: Making, name: str, value: float, inputs: Mapping[str, Tensor]) -> Iterator[Try]:
    for other in other_values(value):
        made = _made(making, name, other, inputs)
        if made is None:
            continue
        module, log = made
        yield Try(name, value, other, module, log, inputs)
        resized = {key: _resized(one, value, other) for key, one in inputs.items()}
        if any(resized[key].shape != one.shape for key, one in inputs.items()):
            yield Try(name, value, other, module, log, resized)


def _made(making: Making, name: str, value: float, inputs: Mapping[str, Tensor]) -> tuple[nn.Module, Log] | None:
    try:
        with undrawn():
            module, log = making.make({name: value})
            return settled(module, inputs), log
    except Exception:  # noqa: BLE001  the user's module raises what it will of a value that does not fit
        return None


def _resized(tensor: Tensor, value: float, other: float) -> Tensor:
    """An input whose sizes of this value are the other."""
    sizes = tensor.shape
    if isinstance(value, bool) or not isinstance(other, int):
        return tensor
    return torch.zeros((1, *(other if size == value else size for size in sizes[1:])), dtype=tensor.dtype)


def _numbers(values: Mapping[str, object]) -> dict[str, int | float]:
    return {name: one for name, one in values.items() if isinstance(one, int | float) and not _is_untried(name)}


def _is_untried(name: str) -> bool:
    return any(word in name for word in UNTRIED)


def _looks(module: nn.Module) -> list[object]:
    """What tells modules apart before they run: classes, sizes, and attributes that are plain."""
    found: list[object] = []
    for path, inner in module.named_modules():
        plain = {name: one for name, one in vars(inner).items() if isinstance(one, int | float | str | None)}
        held = (*inner._parameters.items(), *inner._buffers.items())
        tensors = [(name, tuple(one.shape)) for name, one in held if one is not None]
        found.append((path, type(inner), repr(plain), tensors))
    return found

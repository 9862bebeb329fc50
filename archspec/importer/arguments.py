"""Arguments: what the whole module was made with, and modules made with one argument otherwise.

ViT(dim=64, depth=6)        the module
ViT(dim=32, depth=6)        what differs from it follows from `dim`
ViT(dim=64, depth=3)        what differs from it follows from `depth`

Such a module is recorded and thrown away. Its large parameters have no numbers, as only their sizes are asked for.
"""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import TypeAlias, TypeGuard

import torch
from torch import Tensor, nn

from archspec.importer.made import Log, looks
from archspec.importer.state import settled, undrawn
from archspec.importer.texts import Choice, Unset, choice, unset
from archspec.values.dataclass import dataclass
from archspec.values.expression import Expr, Index, Literal, Name

Tried: TypeAlias = "int | float | bool | list[int | float] | tuple[int | float, ...]"

# Words in the names of arguments that load something, say what is printed, or where tensors are.
UNTRIED = ("pretrain", "weight", "checkpoint", "download", "progress", "verbose", "device", "dtype", "inplace", "seed")
LARGE = 8  # numbers from which on half of it is likelier to fit than one more
PARTS = ((2, LARGE), (4, 4 * LARGE))  # of a number, from which on each is tried
ROUNDS = (6, 9, 18)  # more of a depth that counts all layers, 6 n + 4 or 9 n + 2, of which few fit
LONGEST = 16  # numbers of a list that are tried one by one
MOST_MODULES = 4_000  # that are recorded, of all tries together


@dataclass(frozen=True, slots=True, eq=False)
class Making:
    """How a module is made again.

    Attributes:
        arguments: what it was made with that may be tried, by name, in the order of the constructor.
        make: makes it with other values of some of them, as the constructor takes them. Raises ImportFault.
    """

    arguments: "Mapping[str, Tried | Choice | Unset]"
    make: Callable[[Mapping[str, object]], tuple[nn.Module, Log]]

    def made(self, settings: Mapping[str, object]) -> tuple[nn.Module, Log]:
        """The module made with other values as a spec says them, with a log. Raises whatever its class raises."""
        given = dict(settings)
        for name, value in settings.items():
            one = self.arguments.get(name)
            if isinstance(one, Choice):
                given[name] = one.given[str(value)]
        return self.make(given)

    def said(self) -> "dict[str, object]":
        """The arguments as a spec says them: a text for what is one of several things, None for what is not given."""
        said: dict[str, object] = {}
        for name, one in self.arguments.items():
            said[name] = one.usual if isinstance(one, Choice) else None if isinstance(one, Unset) else one
        return said


@dataclass(frozen=True, slots=True)
class Argument:
    """A number, flag or text that a module was made with: an argument, or one of the numbers of a list that is one.

    Attributes:
        name: of the argument.
        usual: the value in the module that is imported.
        whole: the argument's, of which this is all or one number.
        at: which number of the list; None where it is all.
        length: how many numbers the list has, where the module takes no more or makes something of them; else 0.
        closed: it is a text, and a spec takes those only with which modules were made.
        numbers: that it may be where it is None.
    """

    name: str
    usual: "int | float | bool | str | None"
    whole: "Tried | str | None"
    at: int | None = None
    length: int = 0
    closed: bool = False
    numbers: "tuple[int | float, ...]" = ()

    @property
    def key(self) -> str:
        """A name for it that no other has."""
        return self.name if self.at is None else f"{self.name}.{self.at}"

    def others(self) -> "Iterator[int | float]":
        """Other numbers that it may be; none of a text."""
        yield from self.numbers
        if isinstance(self.usual, int | float):
            yield from other_values(self.usual)

    @property
    def expr(self) -> Expr:
        """How a spec says it: `depth`, `depths.0`."""
        return Name(self.name) if self.at is None else Index(Name(self.name), Literal(self.at))


@dataclass(frozen=True, slots=True, eq=False)
class Try:
    """A module made with one argument otherwise, and inputs that it takes.

    Attributes:
        argument: which.
        value: its value here.
        module: it.
        log: what the modules in it were made with.
        inputs: one sample of each.
    """

    argument: Argument
    value: "int | float | bool | str"
    module: nn.Module
    log: Log
    inputs: Mapping[str, Tensor]


def settings_of(values: "Iterable[tuple[Argument, float | str]]") -> dict[str, object]:
    """What a module is to be made with, by the names of arguments; the numbers of one list are put in it together."""
    made: dict[str, object] = {}
    for one, value in values:
        if one.at is None:
            made[one.name] = value
        elif isinstance(one.whole, list | tuple):
            found = list(made.get(one.name, one.whole))  # type: ignore[call-overload]  # a list, as the argument is
            found[one.at] = value
            made[one.name] = type(one.whole)(found)
    return made


def tried_arguments(
    factory: object, given: Mapping[str, object], made: Mapping[str, object], module: nn.Module
) -> "dict[str, Tried | Choice | Unset]":
    """What a factory takes that may be tried, with the values that the module was made with.

    Numbers, flags, lists of numbers, and texts and classes of which it is known what else they may be.

    Args:
        factory: a class, or a function that makes one and may hand further arguments on to it.
        given: what it was called with.
        made: what the constructor of the module was called with.
        module: it.
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
    return _tried(values, factory, module)


def configured(made: Mapping[str, object], module: nn.Module) -> "dict[str, tuple[str, Tried | Choice | Unset]]":
    """What may be tried of the dataclasses that a module was made with: field -> the argument, and the value.

    Args:
        made: what the constructor of the module was called with.
        module: it.
    """
    found: dict[str, tuple[str, Tried | Choice | Unset]] = {}
    for argument, given in made.items():
        if is_dataclass(given) and not isinstance(given, type):
            own = {one.name: getattr(given, one.name) for one in fields(given) if one.init}
            tried = _tried(own, type(given), module)
            found |= {name: (argument, value) for name, value in tried.items() if name not in found}
    return found


def tries(making: Making, module: nn.Module, inputs: Mapping[str, Tensor]) -> Iterator[list[Iterator[Try]]]:
    """For each argument on which something in the module depends, modules made with other values of it.

    Several, as a value may not fit: 13 channels in 4 heads. Of a list, for each number on which something depends, if
    the module takes another value of every one. As many arguments as `MOST_MODULES` allows.
    """
    left = MOST_MODULES // (1 + sum(1 for _ in module.modules()))
    before = looks(module)
    for name, value in making.arguments.items():
        if isinstance(value, Choice):
            chosen = [one for one in _choices(making, name, value, before, inputs) if left > 0]
            left -= len(chosen)
            yield from ([one] for one in chosen)
            continue
        each: list[Iterator[Try]] = []
        parts = _parts(name, value, _length(making, name, value, before, inputs))
        if len(parts) > left:
            continue
        for one in parts:
            found = _tries(making, one, inputs)
            made = next(found, None)
            if made is None and one.at is not None:
                each = []
                break
            while made is not None and looks(made.module) == before:
                made = next(found, None)
            if made is not None:
                each.append(_chained(made, found))
        if each:
            left -= len(each)
            yield each


def other_values(value: float) -> Iterator[float]:
    """Other values that may fit, the likeliest first; smaller ones cost less."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value // part for part, least in PARTS if value % part == 0 and value >= least)
        if value >= LARGE:
            yield from (value + more for more in ROUNDS)
        if value > 0:
            yield value + 1
            yield value * 2 if value > 1 else 4
        if 0 < value < LARGE and value % 2 == 0:
            yield from (value // 2, value + 2)
    elif value >= 1:
        yield value / 2 if value >= 2 else value * 2
    elif value >= 0:
        yield round(value + 0.1, 6) if value < 0.9 and not 0 < value < 0.01 else value / 2


def _chained(first: Try, rest: Iterator[Try]) -> Iterator[Try]:
    yield first
    yield from rest


def _choices(
    making: Making, name: str, choice: Choice, before: object, inputs: Mapping[str, Tensor]
) -> Iterator[Iterator[Try]]:
    """For each text with which something in the module is otherwise, the module; of classes, all for one."""
    argument = Argument(name, choice.usual, choice.usual, closed=choice.closed)
    found = (
        Try(argument, text, *made, inputs)
        for text in choice.others
        if (made := _made(making, {name: text}, inputs)) is not None and looks(made[0]) != before
    )
    if choice.closed:
        yield from (iter((one,)) for one in found)
    else:
        yield found


def _parts(name: str, value: "Tried | Unset", length: int) -> list[Argument]:
    """An argument, or each of the numbers that it is a list of."""
    if isinstance(value, Unset):
        return [Argument(name, None, None, numbers=value.others)]
    if isinstance(value, list | tuple):
        return [Argument(name, one, value, at, length) for at, one in enumerate(value)]
    return [Argument(name, value, value)]


def _length(making: Making, name: str, value: "Tried | Unset", before: object, inputs: Mapping[str, Tensor]) -> int:
    """How long a list has to be; 0 where one number more does nothing, and for what is no list."""
    if not isinstance(value, list | tuple):
        return 0
    more = next(other_values(value[-1]), value[-1])
    longer = _made(making, {name: type(value)([*value, more])}, inputs)
    return 0 if longer is not None and looks(longer[0]) == before else len(value)


def _tries(making: Making, argument: Argument, inputs: Mapping[str, Tensor]) -> Iterator[Try]:
    for other in argument.others():
        made = _made(making, settings_of([(argument, other)]), inputs)
        if made is None:
            continue
        module, log = made
        yield Try(argument, other, module, log, inputs)
        resized = {key: _resized(one, argument.usual, other) for key, one in inputs.items()}
        if any(resized[key].shape != one.shape for key, one in inputs.items()):
            yield Try(argument, other, module, log, resized)


def _made(making: Making, settings: Mapping[str, object], inputs: Mapping[str, Tensor]) -> tuple[nn.Module, Log] | None:
    try:
        with undrawn():
            module, log = making.made(settings)
            return settled(module, inputs), log
    except Exception:  # noqa: BLE001  the user's module raises what it will of a value that does not fit
        return None


def _resized(tensor: Tensor, value: object, other: float) -> Tensor:
    """An input whose sizes of this value are the other."""
    sizes = tensor.shape
    if isinstance(value, bool) or not isinstance(other, int):
        return tensor
    return torch.zeros((1, *(other if size == value else size for size in sizes[1:])), dtype=tensor.dtype)


def _tried(values: Mapping[str, object], factory: object, module: nn.Module) -> "dict[str, Tried | Choice | Unset]":
    found: dict[str, Tried | Choice | Unset] = {}
    for name, value in values.items():
        if _is_untried(name):
            continue
        if _may_be_tried(value):
            found[name] = value
        elif (one := choice(name, value, factory, module) if value is not None else unset(name, factory)) is not None:
            found[name] = one
    return found


def _may_be_tried(value: object) -> "TypeGuard[Tried]":
    """Whether a value is a number, a flag, or a list of a few of them."""
    if type(value) in (list, tuple) and isinstance(value, list | tuple):
        return 0 < len(value) <= LONGEST and all(isinstance(one, int | float) for one in value)
    return isinstance(value, int | float)


def _is_untried(name: str) -> bool:
    return any(word in name for word in UNTRIED)

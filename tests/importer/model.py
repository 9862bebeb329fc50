"""One of other people's models: how it is made with random weights, and what it is run with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import nn

from archspec.importer.forward import takes
from archspec.importer.named import Size
from archspec.importer.opaque import Maker, maker_of

Sizes = dict[str, Size]


@dataclass(frozen=True)
class Model:
    """One model: how it is made, and what it is run with."""

    name: str
    make: Callable[[], nn.Module]
    maker: Maker | None
    sizes: Callable[[nn.Module], Sizes]


def builder(
    make: Callable[..., nn.Module], arguments: Mapping[str, object]
) -> tuple[Callable[[], nn.Module], Maker | None]:
    """How a model is made, as a table and as a spec say it."""
    return lambda: make(**arguments), maker_of(make, arguments)


def sized(dims: tuple[int, ...]) -> Callable[[nn.Module], Sizes]:
    """Sizes of a model of one input."""
    return lambda module: {next(iter(takes(module))): Size(dims)}


def image(size: int) -> Callable[[nn.Module], Sizes]:
    """A square image of three colours."""
    return sized((3, size, size))

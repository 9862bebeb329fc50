"""Run: what running code of somebody's package tells, and who may be asked to do so."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from archspec.values.dataclass import dataclass
from archspec.values.expression import Value
from archspec.values.shape import Shape


@dataclass(frozen=True, slots=True)
class Ran:
    """What running a module of somebody's package told.

    Attributes:
        shapes: of each output, after the batch.
        params: learned parameters.
        macs: multiply-adds per sample, as far as torch counts them.
    """

    shapes: tuple[tuple[int, ...], ...]
    params: int
    macs: int


# Makes an object of `package.module:Class` with arguments by name, and runs it on inputs; raises ShapeFault.
Runner: TypeAlias = Callable[[str, Mapping[str, Value], tuple[Shape, ...]], Ran]

"""Rounding of each element, and remainders. Counts are elements written; fvcore counts none.

None of them has a gradient but `frac` and the remainders: it is 0 nearly everywhere.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from pydantic import Field

from archspec.ops.arithmetic import Operator
from archspec.ops.elementwise import Elementwise
from archspec.ops.op import TO_NUMBER, TO_REAL, ShapeFault, op
from archspec.ops.saved import NOTHING, Saved
from archspec.values.shape import Shape, Shapes
from archspec.values.source import Source, invoke

X: frozenset[str] = frozenset({"x"})


@op
class Floor(Elementwise):
    """The largest whole number that is not above x: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "floor"
    numeric: ClassVar[frozenset[str]] = X
    function: ClassVar[str] = "torch.floor"

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING


@op
class Ceil(Elementwise):
    """The smallest whole number that is not below x: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "ceil"
    numeric: ClassVar[frozenset[str]] = X
    function: ClassVar[str] = "torch.ceil"

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING


@op
class Trunc(Elementwise):
    """x without what follows the point: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "trunc"
    numeric: ClassVar[frozenset[str]] = X
    function: ClassVar[str] = "torch.trunc"

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING


@op
class Round(Elementwise):
    """The whole number nearest to x, an even one of two: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "round"
    numeric: ClassVar[frozenset[str]] = X
    function: ClassVar[str] = "torch.round"
    function_positional: ClassVar[int] = 0

    decimals: int = Field(default=0, description="digits after the point that stay; -1 rounds to tens")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        if self.decimals and xs[0].dtype != "float":
            message = f"round takes fractions where it has decimals, and its input holds integers: {xs[0]}"
            raise ShapeFault("wrong-type", message, help=TO_REAL, field="decimals")
        return (xs[0],)

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING


@op
class Frac(Elementwise):
    """What follows the point of x, with its sign: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "frac"
    real: ClassVar[frozenset[str]] = X
    function: ClassVar[str] = "torch.frac"

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING


@op
class Sign(Elementwise):
    """1 where x is positive, -1 where it is negative, 0 at 0: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "sign"
    function: ClassVar[str] = "torch.sign"

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING


class _Remainder(Operator):
    """What is left of a division, by another input or by a number."""

    function_positional: ClassVar[int] = 1

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        if not self.other and self.other is not None and not self.number_first:
            raise ShapeFault("bad-option", f"{self.name} by 0 is no number", field="other")
        y = super().infer(xs)[0]
        if y.dtype == "bool":
            message = f"{self.name} takes numbers, and its inputs hold truth values"
            raise ShapeFault("wrong-type", message, help=TO_NUMBER)
        return (y,)

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        number = slots.get("other")
        terms = args if number is None else (number, *args) if self.number_first else (*args, number)
        return invoke(self.function, *terms)

    def hands_on(self, xs: Shapes, index: int) -> bool:
        return index == 0

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING if len(xs) < 2 else Saved(inputs=(0, 1))


@op
class Fmod(_Remainder):
    """Remainder of a division, with the sign of x: (N, C, H, W), (N, C, H, W) -> (N, C, H, W)."""

    name: ClassVar[str] = "fmod"
    function: ClassVar[str] = "torch.fmod"
    workspace_backward: ClassVar[int] = 2

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        if self.number_first:
            cure = "remainder takes one; full_like makes a value of a number"
            raise ShapeFault("bad-option", "torch's fmod takes no number first", help=cure, field="number_first")
        return super().infer(xs)


@op
class Remainder(_Remainder):
    """Remainder of a division, with the sign of the divisor, as Python has it: (N, ...), (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "remainder"
    also_called: ClassVar[Mapping[str, str]] = {"mod": "", "floormod": ""}
    function: ClassVar[str] = "torch.remainder"
    workspace_backward: ClassVar[int] = 2

"""Functions of each element, as torch has them, shape unchanged. Counts are elements written; fvcore counts none."""

from dataclasses import replace
from typing import ClassVar

from pydantic import Field

from archspec.ops.label import Label, Part
from archspec.ops.op import Op, ShapeFault, op
from archspec.values.cost import Cost
from archspec.values.shape import Shape


class Elementwise(Op):
    """A function of each element by itself."""

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(elementwise=ys[0].numel)


class _Real(Elementwise):
    """A function whose values are fractions, whatever it is given."""

    saves_output: ClassVar[bool] = True

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        return (replace(xs[0], dtype="float"),)


@op
class Exp(_Real):
    """e to the power of x: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "exp"
    function: ClassVar[str] = "torch.exp"


@op
class Log(_Real):
    """Natural logarithm of x: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "log"
    function: ClassVar[str] = "torch.log"
    saves_output: ClassVar[bool] = False


@op
class Sqrt(_Real):
    """Square root of x: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "sqrt"
    function: ClassVar[str] = "torch.sqrt"


@op
class Rsqrt(_Real):
    """1 over the square root of x: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "rsqrt"
    function: ClassVar[str] = "torch.rsqrt"


@op
class Abs(Elementwise):
    """x without its sign: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "abs"
    function: ClassVar[str] = "torch.abs"


@op
class Square(Elementwise):
    """x * x: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "square"
    function: ClassVar[str] = "torch.square"


@op
class Pow(Elementwise):
    """x to the power of `exponent`: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "pow"
    function: ClassVar[str] = "torch.pow"

    exponent: int | float = Field(description="the power")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        whole = xs[0].dtype == "int" and isinstance(self.exponent, int)
        if whole and self.exponent < 0:
            cure = f"a power with a point makes fractions: exponent: {self.exponent:.1f}"
            raise ShapeFault(
                "wrong-type", f"pow takes integers to no negative power: {xs[0]}", help=cure, field="exponent"
            )
        return (replace(xs[0], dtype="int" if whole else "float"),)

    def label(self) -> Label:
        return Label("pow", (Part("exponent", f"{self.exponent:g}", "exponent"),))


@op
class Clamp(Elementwise):
    """x cut to the range from `min` to `max`: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "clamp"
    function: ClassVar[str] = "torch.clamp"
    function_positional: ClassVar[int] = 0

    min: float | None = Field(default=None, description="least value of the output; none sets no bound")
    max: float | None = Field(default=None, description="greatest value of the output; none sets no bound")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        if self.min is None and self.max is None:
            raise ShapeFault("missing-option", "clamp takes min, max or both; none is given")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ShapeFault("bad-option", f"min {self.min:g} is above max {self.max:g}", field="min")
        return (replace(xs[0], dtype="float"),)

"""Functions of each element, as torch has them, shape unchanged. Counts are elements written; fvcore counts none."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from pydantic import Field

from archspec.ops.broadcast import as_number
from archspec.ops.label import Label, Part
from archspec.ops.op import Op, ShapeFault, op
from archspec.ops.saved import NOTHING, Saved
from archspec.values.cost import Cost
from archspec.values.shape import Shape, Shapes
from archspec.values.source import Negative, Source


class Elementwise(Op):
    """A function of each element by itself."""

    pointwise: ClassVar[bool] = True

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(elementwise=ys[0].numel)


class ToReal(Elementwise):
    """A function whose values are fractions, whatever it is given but complex numbers."""

    saves_output: ClassVar[bool] = True

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        return (replace(xs[0], dtype="complex" if xs[0].dtype == "complex" else "float"),)


@op
class Exp(ToReal):
    """e to the power of x: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "exp"
    takes_complex: ClassVar[bool] = True
    function: ClassVar[str] = "torch.exp"


@op
class Log(ToReal):
    """Natural logarithm of x: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "log"
    function: ClassVar[str] = "torch.log"
    saves_output: ClassVar[bool] = False


@op
class Sqrt(ToReal):
    """Square root of x: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "sqrt"
    function: ClassVar[str] = "torch.sqrt"
    workspace_backward: ClassVar[int] = 1


@op
class Rsqrt(ToReal):
    """1 over the square root of x: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "rsqrt"
    function: ClassVar[str] = "torch.rsqrt"
    workspace_backward: ClassVar[int] = 2


@op
class Log2(ToReal):
    """Logarithm of x to the base 2: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "log2"
    function: ClassVar[str] = "torch.log2"
    saves_output: ClassVar[bool] = False
    workspace_backward: ClassVar[int] = 1


@op
class Log10(ToReal):
    """Logarithm of x to the base 10: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "log10"
    function: ClassVar[str] = "torch.log10"
    saves_output: ClassVar[bool] = False
    workspace_backward: ClassVar[int] = 1


@op
class Log1p(ToReal):
    """Natural logarithm of 1 + x, exact for a small x: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "log1p"
    function: ClassVar[str] = "torch.log1p"
    saves_output: ClassVar[bool] = False
    workspace_backward: ClassVar[int] = 1


@op
class Exp2(ToReal):
    """2 to the power of x: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "exp2"
    function: ClassVar[str] = "torch.exp2"
    workspace_backward: ClassVar[int] = 1


@op
class Expm1(ToReal):
    """e to the power of x, minus 1, exact for a small x: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "expm1"
    function: ClassVar[str] = "torch.expm1"
    workspace_backward: ClassVar[int] = 1


@op
class Erf(ToReal):
    """Error function, 2 / sqrt(pi) times the integral of exp(-t * t) from 0 to x: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "erf"
    function: ClassVar[str] = "torch.erf"
    saves_output: ClassVar[bool] = False
    workspace_backward: ClassVar[int] = 4


@op
class Erfc(ToReal):
    """1 - erf(x): (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "erfc"
    function: ClassVar[str] = "torch.erfc"
    saves_output: ClassVar[bool] = False
    workspace_backward: ClassVar[int] = 4


@op
class Logit(ToReal):
    """log(x / (1 - x)), the inverse of a sigmoid, of x between 0 and 1: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "logit"
    also_called: ClassVar[Mapping[str, str]] = {"inverse_sigmoid": "eps: 1e-5"}
    function: ClassVar[str] = "torch.logit"
    function_positional: ClassVar[int] = 0
    saves_output: ClassVar[bool] = False

    eps: float | None = Field(default=None, ge=0, le=0.5, description="x is held between eps and 1 - eps")


@op
class Sinc(ToReal):
    """sin(pi x) / (pi x), and 1 at 0: (N, ...) -> (N, ...).

    Source: Ravanelli & Bengio, Speaker recognition from raw waveform with SincNet (2018), equation 5.
    """

    name: ClassVar[str] = "sinc"
    function: ClassVar[str] = "torch.sinc"
    saves_output: ClassVar[bool] = False
    workspace_backward: ClassVar[int] = 7


@op
class Reciprocal(ToReal):
    """1 / x: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "reciprocal"
    also_called: ClassVar[Mapping[str, str]] = {"inverse": ""}
    function: ClassVar[str] = "torch.reciprocal"
    workspace_backward: ClassVar[int] = 2


@op
class Neg(Elementwise):
    """-x: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "neg"
    takes_complex: ClassVar[bool] = True
    also_called: ClassVar[Mapping[str, str]] = {"negative": ""}
    numeric: ClassVar[frozenset[str]] = frozenset({"x"})
    function: ClassVar[str] = "torch.neg"

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return Negative(args[0])

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING


@op
class Abs(Elementwise):
    """x without its sign: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "abs"
    numeric: ClassVar[frozenset[str]] = frozenset({"x"})
    takes_complex: ClassVar[bool] = True
    function: ClassVar[str] = "torch.abs"
    workspace_backward: ClassVar[int] = 1

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        (y,) = super().infer(xs)
        return (replace(y, dtype="float") if y.dtype == "complex" else y,)


@op
class Square(Elementwise):
    """x * x: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "square"
    function: ClassVar[str] = "torch.square"
    workspace_backward: ClassVar[int] = 2

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        return (as_number(xs[0]),)


@op
class Pow(Elementwise):
    """x to the power of `exponent`: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "pow"
    also_called: ClassVar[Mapping[str, str]] = {"power": ""}
    function: ClassVar[str] = "torch.pow"
    workspace_backward: ClassVar[int] = 2

    exponent: int | float = Field(description="the power")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        whole = xs[0].dtype != "float" and isinstance(self.exponent, int)
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
    also_called: ClassVar[Mapping[str, str]] = {"clip": ""}
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

    def scratch_backward(self, xs: Shapes, ys: Shapes) -> Shapes:
        return (replace(xs[0], dtype="bool"),) * sum(bound is not None for bound in (self.min, self.max))


@op
class NanToNum(Elementwise):
    """x with a number in place of what is none: (N, ...) -> (N, ...).

    Rows of a softmax of which everything is masked are no numbers, since 0 / 0 is none.
    """

    name: ClassVar[str] = "nan_to_num"
    function: ClassVar[str] = "torch.nan_to_num"
    function_positional: ClassVar[int] = 0

    nan: float = Field(default=0.0, description="in place of what is no number")
    posinf: float | None = Field(default=None, description="in place of infinity; none takes the largest number")
    neginf: float | None = Field(default=None, description="in place of -infinity; none takes the least number")

    def scratch_backward(self, xs: Shapes, ys: Shapes) -> Shapes:
        return (replace(xs[0], dtype="bool"),) * 3  # what is no number, and either infinity

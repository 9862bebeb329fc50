"""Activations: one non-linearity per element, shape unchanged; GLU halves a dimension. None is counted by fvcore.

`inplace` is no field: emitted code decides for itself where nothing else needs the value. `saves_output` follows the
formulas of autograd, in-place forms included: leaky_relu, elu, celu and selu keep their input, and in place their
output.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from archspec.ops.names import AXES
from archspec.ops.nonlinear import Activation
from archspec.ops.op import ShapeFault, op
from archspec.ops.reach import Along, Reach, Reading, one_of
from archspec.ops.saved import Saved
from archspec.ops.sizes import resolve_dim
from archspec.values.cost import Cost
from archspec.values.shape import Shape, Shapes


class ToReal(Activation):
    """An activation that makes fractions of integers."""

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        return (replace(xs[0], dtype="float"),)


@op
class GELU(Activation):
    """x times the normal distribution's share below x: (N, ...) -> (N, ...).

    Source: Hendrycks & Gimpel, Gaussian error linear units (2016).
    """

    name: ClassVar[str] = "gelu"
    module: ClassVar[str] = "nn.GELU"
    positional: ClassVar[int] = 0
    function: ClassVar[str] = "F.gelu"
    real: ClassVar[frozenset[str]] = frozenset({"x"})
    function_positional: ClassVar[int] = 0

    approximate: Literal["none", "tanh"] = Field(default="none", description="the exact form, or one by tanh")

    def label(self) -> str:
        return "GELU"


@op
class SiLU(Activation):
    """x * sigmoid(x), also called swish: (N, ...) -> (N, ...).

    Source: Hendrycks & Gimpel, Gaussian error linear units (2016), section 2.
    """

    name: ClassVar[str] = "silu"
    also_called: ClassVar[Mapping[str, str]] = {"swish": ""}
    module: ClassVar[str] = "nn.SiLU"
    function: ClassVar[str] = "F.silu"
    real: ClassVar[frozenset[str]] = frozenset({"x"})
    inplace: ClassVar[bool] = True

    def label(self) -> str:
        return "SiLU"


@op
class Mish(Activation):
    """x * tanh(softplus(x)): (N, ...) -> (N, ...).

    Source: Misra, Mish: a self regularized non-monotonic activation function (2019).
    """

    name: ClassVar[str] = "mish"
    module: ClassVar[str] = "nn.Mish"
    function: ClassVar[str] = "F.mish"
    real: ClassVar[frozenset[str]] = frozenset({"x"})
    inplace: ClassVar[bool] = True

    def label(self) -> str:
        return "Mish"


@op
class Sigmoid(ToReal):
    """1 / (1 + exp(-x)): (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "sigmoid"
    also_called: ClassVar[Mapping[str, str]] = {"logistic": ""}
    module: ClassVar[str] = "nn.Sigmoid"
    function: ClassVar[str] = "torch.sigmoid"
    saves_output: ClassVar[bool] = True


@op
class LogSigmoid(Activation):
    """log(1 / (1 + exp(-x))): (N, ...) -> (N, ...)."""

    laid_anew: ClassVar[bool] = True
    name: ClassVar[str] = "log_sigmoid"
    workspace: ClassVar[int] = 1  # the absolute value
    module: ClassVar[str] = "nn.LogSigmoid"
    function: ClassVar[str] = "F.logsigmoid"
    real: ClassVar[frozenset[str]] = frozenset({"x"})

    def label(self) -> str:
        return "log-sigmoid"

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return Saved(inputs=(0,), made=(xs[0],))


@op
class Tanh(ToReal):
    """Hyperbolic tangent: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "tanh"
    module: ClassVar[str] = "nn.Tanh"
    function: ClassVar[str] = "torch.tanh"
    saves_output: ClassVar[bool] = True


@op
class Tanhshrink(ToReal):
    """x - tanh(x): (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "tanhshrink"
    numeric: ClassVar[frozenset[str]] = frozenset({"x"})
    workspace: ClassVar[int] = 1  # the tanh
    module: ClassVar[str] = "nn.Tanhshrink"
    function: ClassVar[str] = "F.tanhshrink"
    workspace_backward: ClassVar[int] = 1

    def label(self) -> str:
        return "tanh-shrink"

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return Saved(made=(xs[0],))


@op
class Hardswish(Activation):
    """x * relu6(x + 3) / 6: (N, ...) -> (N, ...).

    Source: Howard et al., Searching for MobileNetV3 (2019), section 5.2.
    """

    name: ClassVar[str] = "hardswish"
    also_called: ClassVar[Mapping[str, str]] = {"hard_silu": "", "h_swish": ""}
    module: ClassVar[str] = "nn.Hardswish"
    function: ClassVar[str] = "F.hardswish"
    real: ClassVar[frozenset[str]] = frozenset({"x"})
    inplace: ClassVar[bool] = True

    def label(self) -> str:
        return "hard-swish"


@op
class Hardsigmoid(Activation):
    """relu6(x + 3) / 6: (N, ...) -> (N, ...).

    Source: Howard et al., Searching for MobileNetV3 (2019), section 5.2.
    """

    name: ClassVar[str] = "hardsigmoid"
    module: ClassVar[str] = "nn.Hardsigmoid"
    function: ClassVar[str] = "F.hardsigmoid"
    real: ClassVar[frozenset[str]] = frozenset({"x"})
    inplace: ClassVar[bool] = True

    def label(self) -> str:
        return "hard-sigmoid"


@op
class Hardtanh(Activation):
    """x cut to the range from min_val to max_val: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "hardtanh"
    numeric: ClassVar[frozenset[str]] = frozenset({"x"})
    module: ClassVar[str] = "nn.Hardtanh"
    function: ClassVar[str] = "F.hardtanh"
    positional: ClassVar[int] = 2
    function_positional: ClassVar[int] = 2
    inplace: ClassVar[bool] = True

    min_val: float = Field(default=-1.0, description="least value of the output")
    max_val: float = Field(default=1.0, description="greatest value of the output, above min_val")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        if self.max_val <= self.min_val:
            message = f"max_val {self.max_val} is not above min_val {self.min_val}"
            raise ShapeFault("bad-option", message, field="max_val")
        return (xs[0],)

    def label(self) -> str:
        return "hard-tanh"


@op
class Softplus(Activation):
    """log(1 + exp(beta * x)) / beta: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "softplus"
    module: ClassVar[str] = "nn.Softplus"
    function: ClassVar[str] = "F.softplus"
    real: ClassVar[frozenset[str]] = frozenset({"x"})

    beta: float = Field(default=1.0, description="sharpness of the bend")
    threshold: float = Field(default=20.0, description="the output is x itself where beta * x is above this")


@op
class Softsign(ToReal):
    """x / (1 + |x|): (N, ...) -> (N, ...).

    Source: Glorot & Bengio, Understanding the difficulty of training deep feedforward neural networks (2010).
    """

    name: ClassVar[str] = "softsign"
    numeric: ClassVar[frozenset[str]] = frozenset({"x"})
    workspace: ClassVar[int] = 1  # the absolute value
    module: ClassVar[str] = "nn.Softsign"
    function: ClassVar[str] = "F.softsign"
    workspace_backward: ClassVar[int] = 3

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return Saved(inputs=(0,), made=(xs[0],))


@op
class Hardshrink(Activation):
    """x where |x| is above lambd, 0 elsewhere: (N, ...) -> (N, ...).

    Source: Donoho & Johnstone, Ideal spatial adaptation by wavelet shrinkage (1994).
    """

    name: ClassVar[str] = "hardshrink"
    module: ClassVar[str] = "nn.Hardshrink"
    function: ClassVar[str] = "F.hardshrink"
    real: ClassVar[frozenset[str]] = frozenset({"x"})

    lambd: float = Field(default=0.5, description="what |x| has to be above")

    def label(self) -> str:
        return "hard-shrink"


@op
class Softshrink(Activation):
    """x moved towards 0 by lambd, 0 where |x| is not above it: (N, ...) -> (N, ...).

    Source: Donoho & Johnstone, Ideal spatial adaptation by wavelet shrinkage (1994).
    """

    name: ClassVar[str] = "softshrink"
    module: ClassVar[str] = "nn.Softshrink"
    function: ClassVar[str] = "F.softshrink"
    real: ClassVar[frozenset[str]] = frozenset({"x"})

    lambd: Annotated[float, Field(ge=0)] = Field(default=0.5, description="how far x is moved")

    def label(self) -> str:
        return "soft-shrink"


@op
class GLU(Activation):
    """The first half of a dimension times the sigmoid of the second: (N, 2 * C, ...) -> (N, C, ...).

    Source: Dauphin et al., Language modeling with gated convolutional networks (2016), equation 1.
    """

    name: ClassVar[str] = "glu"
    module: ClassVar[str] = "nn.GLU"
    function: ClassVar[str] = "F.glu"
    real: ClassVar[frozenset[str]] = frozenset({"x"})

    dim: Annotated[int, AXES] = Field(
        default=-1, description="the dimension that is halved, counted as PyTorch does, the batch being 0"
    )

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        axis = resolve_dim(self.name, xs[0], self.dim)
        dims = xs[0].dims
        if dims[axis] % 2:
            raise ShapeFault(
                "size-not-divisible", f"dimension {self.dim} of {xs[0]} does not divide into halves", field="dim"
            )
        return (replace(xs[0], dims=(*dims[:axis], dims[axis] // 2, *dims[axis + 1 :])),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        axis = resolve_dim(self.name, xs[0], self.dim)
        return one_of(xs[0], axis, Along(axis, Reach((0,), (ys[0].dims[axis],), 1)))

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(activation=ys[0].numel)

    def label(self) -> str:
        return "GLU"

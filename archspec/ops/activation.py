"""Activations: one non-linearity per element, shape unchanged. None of them is counted by fvcore.

`inplace` is no field: emitted code decides for itself where nothing else needs the value. `saves_output` follows the
formulas of autograd, in-place forms included: leaky_relu, elu and selu keep their input, and in place their output.
"""

from typing import ClassVar, Literal

from pydantic import Field

from archspec.ops.fields import PositiveInt
from archspec.ops.op import Op, Role, ShapeFault, op
from archspec.ops.sizes import resolve_dim
from archspec.values.cost import Cost
from archspec.values.shape import Shape


class Activation(Op):
    """An op that works on each element by itself."""

    role: ClassVar[Role] = Role.ACTIVATION

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(activation=xs[0].numel)


@op
class ReLU(Activation):
    """max(x, 0): (N, ...) -> (N, ...).

    Source: Nair & Hinton, Rectified linear units improve restricted Boltzmann machines (2010).
    """

    name: ClassVar[str] = "relu"
    module: ClassVar[str] = "nn.ReLU"
    function: ClassVar[str] = "F.relu"
    inplace: ClassVar[bool] = True
    saves_output: ClassVar[bool] = True

    def label(self) -> str:
        return "ReLU"


@op
class ReLU6(Activation):
    """min(max(x, 0), 6): (N, ...) -> (N, ...).

    Source: Krizhevsky, Convolutional deep belief networks on CIFAR-10 (2010).
    """

    name: ClassVar[str] = "relu6"
    module: ClassVar[str] = "nn.ReLU6"
    function: ClassVar[str] = "F.relu6"
    inplace: ClassVar[bool] = True

    def label(self) -> str:
        return "ReLU6"


@op
class LeakyReLU(Activation):
    """x where it is positive, negative_slope * x elsewhere: (N, ...) -> (N, ...).

    Source: Maas et al., Rectifier nonlinearities improve neural network acoustic models (2013).
    """

    name: ClassVar[str] = "leaky_relu"
    module: ClassVar[str] = "nn.LeakyReLU"
    function: ClassVar[str] = "F.leaky_relu"
    function_positional: ClassVar[int] = 1
    inplace: ClassVar[bool] = True
    saves_output: ClassVar[bool] = True

    negative_slope: float = Field(default=0.01, description="slope below zero")

    def label(self) -> str:
        return "leaky ReLU"


@op
class ELU(Activation):
    """x where it is positive, alpha * (exp(x) - 1) elsewhere: (N, ...) -> (N, ...).

    Source: Clevert et al., Fast and accurate deep network learning by exponential linear units (2015), equation 1.
    """

    name: ClassVar[str] = "elu"
    module: ClassVar[str] = "nn.ELU"
    function: ClassVar[str] = "F.elu"
    inplace: ClassVar[bool] = True
    saves_output: ClassVar[bool] = True

    alpha: float = Field(default=1.0, description="what the negative side tends to, sign aside")

    def label(self) -> str:
        return "ELU"


@op
class SELU(Activation):
    """ELU with the scale that keeps mean 0 and variance 1: (N, ...) -> (N, ...).

    Source: Klambauer et al., Self-normalizing neural networks (2017), equation 2.
    """

    name: ClassVar[str] = "selu"
    module: ClassVar[str] = "nn.SELU"
    function: ClassVar[str] = "F.selu"
    inplace: ClassVar[bool] = True
    saves_output: ClassVar[bool] = True

    def label(self) -> str:
        return "SELU"


@op
class GELU(Activation):
    """x times the normal distribution's share below x: (N, ...) -> (N, ...).

    Source: Hendrycks & Gimpel, Gaussian error linear units (2016).
    """

    name: ClassVar[str] = "gelu"
    module: ClassVar[str] = "nn.GELU"
    positional: ClassVar[int] = 0
    function: ClassVar[str] = "F.gelu"
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
    module: ClassVar[str] = "nn.SiLU"
    function: ClassVar[str] = "F.silu"
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
    inplace: ClassVar[bool] = True

    def label(self) -> str:
        return "Mish"


@op
class Sigmoid(Activation):
    """1 / (1 + exp(-x)): (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "sigmoid"
    module: ClassVar[str] = "nn.Sigmoid"
    function: ClassVar[str] = "torch.sigmoid"
    saves_output: ClassVar[bool] = True


@op
class Tanh(Activation):
    """Hyperbolic tangent: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "tanh"
    module: ClassVar[str] = "nn.Tanh"
    function: ClassVar[str] = "torch.tanh"
    saves_output: ClassVar[bool] = True


@op
class Hardswish(Activation):
    """x * relu6(x + 3) / 6: (N, ...) -> (N, ...).

    Source: Howard et al., Searching for MobileNetV3 (2019), section 5.2.
    """

    name: ClassVar[str] = "hardswish"
    module: ClassVar[str] = "nn.Hardswish"
    function: ClassVar[str] = "F.hardswish"
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
    inplace: ClassVar[bool] = True

    def label(self) -> str:
        return "hard-sigmoid"


@op
class Hardtanh(Activation):
    """x cut to the range from min_val to max_val: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "hardtanh"
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

    beta: float = Field(default=1.0, description="sharpness of the bend")
    threshold: float = Field(default=20.0, description="the output is x itself where beta * x is above this")


@op
class PReLU(Activation):
    """x where it is positive, a learned slope times x elsewhere: (N, C, ...) -> (N, C, ...).

    Source: He et al., Delving deep into rectifiers (2015), equation 1.
    """

    name: ClassVar[str] = "prelu"
    module: ClassVar[str] = "nn.PReLU"
    stateful: ClassVar[bool] = True

    num_parameters: PositiveInt = Field(default=1, description="slopes: one for all channels, or one for each")
    init: float = Field(default=0.25, description="slope at the start")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        if self.num_parameters not in {1, xs[0].channels}:
            raise ShapeFault(
                "shape-mismatch",
                f"{self.num_parameters} slopes do not fit the {xs[0].channels} channels of the input",
                help=f"num_parameters: 1 or {xs[0].channels}",
                field="num_parameters",
            )
        return (xs[0],)

    def parameters(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        return {"weight": (self.num_parameters,)}

    def label(self) -> str:
        return "PReLU"


class _OverOneDimension(Activation):
    """An activation that normalises over one dimension."""

    positional: ClassVar[int] = 0
    saves_output: ClassVar[bool] = True

    dim: int = Field(description="the dimension whose values sum to 1, counted as PyTorch does, the batch being 0")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        resolve_dim(self.name, xs[0], self.dim)
        return (xs[0],)


@op
class Softmax(_OverOneDimension):
    """exp(x) over its sum along `dim`: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "softmax"
    module: ClassVar[str] = "nn.Softmax"
    function: ClassVar[str] = "F.softmax"
    function_positional: ClassVar[int] = 0


@op
class LogSoftmax(_OverOneDimension):
    """Logarithm of the softmax along `dim`: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "log_softmax"
    module: ClassVar[str] = "nn.LogSoftmax"
    function: ClassVar[str] = "F.log_softmax"
    function_positional: ClassVar[int] = 0

    def label(self) -> str:
        return "log-softmax"

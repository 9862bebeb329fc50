"""Rectifiers: activations that keep what is positive and flatten the rest. None of them is counted by fvcore.

`inplace` and `saves_output` are explained in `archspec.ops.activation`.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

from pydantic import Field

from archspec.ops.fields import PositiveInt
from archspec.ops.names import SLOPES
from archspec.ops.nonlinear import Activation
from archspec.ops.op import ShapeFault, op
from archspec.ops.saved import INPUT, OUTPUT, Saved
from archspec.values.shape import Shape, Shapes


@op
class ReLU(Activation):
    """max(x, 0): (N, ...) -> (N, ...).

    Source: Nair & Hinton, Rectified linear units improve restricted Boltzmann machines (2010).
    """

    name: ClassVar[str] = "relu"
    numeric: ClassVar[frozenset[str]] = frozenset({"x"})
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
    numeric: ClassVar[frozenset[str]] = frozenset({"x"})
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
    also_called: ClassVar[Mapping[str, str]] = {"lrelu": ""}
    module: ClassVar[str] = "nn.LeakyReLU"
    function: ClassVar[str] = "F.leaky_relu"
    real: ClassVar[frozenset[str]] = frozenset({"x"})
    function_positional: ClassVar[int] = 1
    inplace: ClassVar[bool] = True
    saves_output: ClassVar[bool] = True

    negative_slope: Annotated[float, SLOPES] = Field(default=0.01, description="slope below zero")

    def label(self) -> str:
        return "leaky ReLU"

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return OUTPUT if inplace else INPUT


@op
class RReLU(Activation):
    """x where it is positive, a slope times x elsewhere, drawn in training: (N, ...) -> (N, ...).

    In training each element draws its slope between `lower` and `upper`; in inference all take their mean.

    Source: Xu et al., Empirical evaluation of rectified activations in convolutional network (2015), section 2.4.
    """

    name: ClassVar[str] = "rrelu"
    workspace: ClassVar[int] = 1  # the drawn slopes
    fills_saved: ClassVar[bool] = True  # these
    module: ClassVar[str] = "nn.RReLU"
    real: ClassVar[frozenset[str]] = frozenset({"x"})
    positional: ClassVar[int] = 2
    stateful: ClassVar[bool] = True

    lower: float = Field(default=1 / 8, description="least slope below zero")
    upper: float = Field(default=1 / 3, description="greatest slope below zero, no less than lower")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        if self.lower > self.upper:
            message = f"lower {self.lower:g} is above upper {self.upper:g}"
            raise ShapeFault("bad-option", message, field="lower")
        return (xs[0],)

    def label(self) -> str:
        return "RReLU"

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return Saved(inputs=(0,), made=(xs[0],))


@op
class PReLU(Activation):
    """x where it is positive, a learned slope times x elsewhere: (N, C, ...) -> (N, C, ...).

    Source: He et al., Delving deep into rectifiers (2015), equation 1.
    """

    name: ClassVar[str] = "prelu"
    module: ClassVar[str] = "nn.PReLU"
    real: ClassVar[frozenset[str]] = frozenset({"x"})
    stateful: ClassVar[bool] = True

    num_parameters: PositiveInt = Field(default=1, description="slopes: one for all channels, or one for each")
    init: float = Field(default=0.25, description="slope at the start")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        if self.num_parameters not in (1, xs[0].channels):
            raise ShapeFault(
                "shape-mismatch",
                f"{self.num_parameters} slopes do not fit the {xs[0].channels} channels of the input",
                help=f"num_parameters: 1 or {xs[0].channels}",
                field="num_parameters",
            )
        return (xs[0],)

    def parameters(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        return {"weight": (self.num_parameters,)}

    def scratch_backward(self, xs: Shapes, ys: Shapes) -> Shapes:
        return xs  # the gradient of the slope, element by element

    def label(self) -> str:
        return "PReLU"


@op
class Threshold(Activation):
    """x where it is above `threshold`, `value` elsewhere: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "threshold"
    numeric: ClassVar[frozenset[str]] = frozenset({"x"})
    module: ClassVar[str] = "nn.Threshold"
    positional: ClassVar[int] = 2
    function: ClassVar[str] = "F.threshold"
    function_positional: ClassVar[int] = 2
    inplace: ClassVar[bool] = True

    threshold: float = Field(description="the output is x itself above this")
    value: float = Field(description="the output elsewhere")


@op
class ELU(Activation):
    """x where it is positive, alpha * (exp(x) - 1) elsewhere: (N, ...) -> (N, ...).

    Source: Clevert et al., Fast and accurate deep network learning by exponential linear units (2015), equation 1.
    """

    name: ClassVar[str] = "elu"
    module: ClassVar[str] = "nn.ELU"
    function: ClassVar[str] = "F.elu"
    real: ClassVar[frozenset[str]] = frozenset({"x"})
    inplace: ClassVar[bool] = True
    saves_output: ClassVar[bool] = True

    alpha: float = Field(default=1.0, description="what the negative side tends to, sign aside")

    def label(self) -> str:
        return "ELU"

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return OUTPUT if inplace else INPUT


@op
class CELU(Activation):
    """x where it is positive, alpha * (exp(x / alpha) - 1) elsewhere: (N, ...) -> (N, ...).

    Source: Barron, Continuously differentiable exponential linear units (2017).
    """

    name: ClassVar[str] = "celu"
    module: ClassVar[str] = "nn.CELU"
    function: ClassVar[str] = "F.celu"
    real: ClassVar[frozenset[str]] = frozenset({"x"})
    inplace: ClassVar[bool] = True
    saves_output: ClassVar[bool] = True

    alpha: float = Field(default=1.0, description="what the negative side tends to, sign aside; not 0")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        if not self.alpha:
            raise ShapeFault("bad-option", "alpha 0 would divide by zero", field="alpha")
        return (xs[0],)

    def label(self) -> str:
        return "CELU"

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return OUTPUT if inplace else INPUT


@op
class SELU(Activation):
    """ELU with the scale that keeps mean 0 and variance 1: (N, ...) -> (N, ...).

    Source: Klambauer et al., Self-normalizing neural networks (2017), equation 2.
    """

    name: ClassVar[str] = "selu"
    module: ClassVar[str] = "nn.SELU"
    function: ClassVar[str] = "F.selu"
    real: ClassVar[frozenset[str]] = frozenset({"x"})
    inplace: ClassVar[bool] = True
    saves_output: ClassVar[bool] = True

    def label(self) -> str:
        return "SELU"

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return OUTPUT if inplace else INPUT

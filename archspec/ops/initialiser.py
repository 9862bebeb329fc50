"""Initialisers: what a tensor starts with, one class each, called and set as in `torch.nn.init`.

    {kaiming_normal: {mode: fan_out, nonlinearity: relu}}
    nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

Of a tensor of two or more dimensions, the first is its outputs' and the second its inputs'; *fan* is either of them
times the size of the kernel. Equal initialisers are equal values.
"""

from collections.abc import Mapping
from math import prod
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from archspec.ops.op import ShapeFault
from archspec.registry import Registry
from archspec.values.expression import Value
from archspec.values.source import Source, invoke

Spread = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Curve = Literal["linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu"]

MOST = 64  # dimensions that a tensor may have in PyTorch
ANY_MATRIX = (2, MOST)  # of what has inputs and outputs

MEAN = Field(default=0.0, description="the mean")
STD = Field(default=1.0, description="the standard deviation")
# Of torch.nn.init.calculate_gain, squared; that of leaky_relu hangs on its slope.
GAINS: Mapping[Curve, float] = {
    "linear": 1.0,
    "sigmoid": 1.0,
    "tanh": 25 / 9,
    "relu": 2.0,
    "leaky_relu": 0.0,
    "selu": 9 / 16,
}

GAIN = Field(default=1.0, description="a factor for all numbers")
SLOPE = Field(default=0.0, description="the slope of a leaky_relu where it is negative")


class Initialiser(BaseModel):
    """What a tensor starts with. The fields are the settings of torch's function, with its defaults.

    Attributes:
        dims: how many dimensions the tensor may have, the least and the most; None for any.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    name: ClassVar[str] = ""
    dims: ClassVar[tuple[int, int] | None] = None

    def require(self, shape: tuple[int, ...]) -> None:
        """Raises ShapeFault where a tensor of this shape cannot start so."""
        if self.dims is None or self.dims[0] <= len(shape) <= self.dims[1]:
            return
        least, most = self.dims
        wanted = f"{least} dimensions or more" if most == MOST else f"{least} to {most} dimensions"
        wanted = f"{least} dimensions" if least == most else wanted
        raise ShapeFault("rank-mismatch", f"{self.name} is for a tensor of {wanted}, not of {len(shape)}")

    @property
    def same(self) -> float | None:
        """The one number that all elements start as; None where there are several."""
        return None

    def variance(self, shape: tuple[int, ...]) -> float | None:
        """The mean square of the numbers that a tensor of this shape starts with; None where they are no draws."""
        return None

    def settings(self) -> dict[str, Value]:
        """All settings by name."""
        return {name: getattr(self, name) for name in type(self).model_fields}

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        """Torch's defaults; a required setting is absent."""
        return {name: field.default for name, field in cls.model_fields.items() if not field.is_required()}

    @classmethod
    def call(cls, tensor: Source, given: Mapping[str, Source]) -> Source:
        """The call that fills a tensor: `nn.init.normal_(tensor, std=0.02)`; `given` are no defaults."""
        positional = [name for name, field in cls.model_fields.items() if field.is_required()]
        keywords = {name: value for name, value in given.items() if name not in positional}
        return invoke(f"nn.init.{cls.name}_", tensor, *(given[name] for name in positional), **keywords)


INITIALISERS: Registry[type[Initialiser]] = Registry("initialiser")


def initialiser(cls: type[Initialiser]) -> type[Initialiser]:
    """Class decorator that declares an initialiser under its `name`."""
    return INITIALISERS.add(cls.name, cls)


def _fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """Inputs and outputs of a tensor, each times the size of the kernel."""
    kernel = prod(shape[2:])
    return shape[1] * kernel, shape[0] * kernel


def require_order(a: float, b: float) -> None:
    """Raises ShapeFault where the lowest number is above the highest."""
    if a > b:
        raise ShapeFault("bad-option", f"a is {a:g}, above b, {b:g}", field="a")


@initialiser
class Zeros(Initialiser):
    """Zeros."""

    name: ClassVar[str] = "zeros"

    @property
    def same(self) -> float | None:
        return 0.0


@initialiser
class Ones(Initialiser):
    """Ones."""

    name: ClassVar[str] = "ones"

    @property
    def same(self) -> float | None:
        return 1.0


@initialiser
class Constant(Initialiser):
    """One number for all elements; a number in place of an initialiser means this."""

    name: ClassVar[str] = "constant"

    val: float = Field(description="the number")

    @property
    def same(self) -> float | None:
        return self.val


@initialiser
class Normal(Initialiser):
    """A normal distribution."""

    name: ClassVar[str] = "normal"

    mean: float = MEAN
    std: Spread = STD

    def variance(self, shape: tuple[int, ...]) -> float | None:
        return self.mean**2 + self.std**2


@initialiser
class TruncNormal(Initialiser):
    """A normal distribution without what lies outside of `a` and `b`, which count from 0 and not in `std`."""

    name: ClassVar[str] = "trunc_normal"

    mean: float = MEAN
    std: Spread = STD
    a: float = Field(default=-2.0, description="the lowest number")
    b: float = Field(default=2.0, description="the highest number")

    def require(self, shape: tuple[int, ...]) -> None:
        require_order(self.a, self.b)

    def variance(self, shape: tuple[int, ...]) -> float | None:
        return self.mean**2 + self.std**2 if min(-self.a, self.b) >= 2 * self.std else None


@initialiser
class Uniform(Initialiser):
    """All numbers from `a` to `b` alike."""

    name: ClassVar[str] = "uniform"

    a: float = Field(default=0.0, description="the lowest number")
    b: float = Field(default=1.0, description="the highest number")

    def require(self, shape: tuple[int, ...]) -> None:
        require_order(self.a, self.b)

    def variance(self, shape: tuple[int, ...]) -> float | None:
        return (self.a**2 + self.a * self.b + self.b**2) / 3


@initialiser
class XavierNormal(Initialiser):
    """A normal distribution of standard deviation gain * sqrt(2 / (fan_in + fan_out)).

    Source: Glorot & Bengio, Understanding the difficulty of training deep feedforward neural networks (2010).
    """

    name: ClassVar[str] = "xavier_normal"
    dims: ClassVar[tuple[int, int] | None] = ANY_MATRIX

    gain: float = GAIN

    def variance(self, shape: tuple[int, ...]) -> float | None:
        return self.gain**2 * 2 / sum(_fans(shape))


@initialiser
class XavierUniform(Initialiser):
    """Numbers from -b to b alike, b = gain * sqrt(6 / (fan_in + fan_out)).

    Source: Glorot & Bengio, Understanding the difficulty of training deep feedforward neural networks (2010).
    """

    name: ClassVar[str] = "xavier_uniform"
    dims: ClassVar[tuple[int, int] | None] = ANY_MATRIX

    gain: float = GAIN

    def variance(self, shape: tuple[int, ...]) -> float | None:
        return self.gain**2 * 2 / sum(_fans(shape))


class _Kaiming(Initialiser):
    """The gain follows from the activation: sqrt(2) for relu, sqrt(2 / (1 + a * a)) for leaky_relu."""

    dims: ClassVar[tuple[int, int] | None] = ANY_MATRIX

    a: float = SLOPE
    mode: Literal["fan_in", "fan_out"] = Field(
        default="fan_in", description="`fan_in` keeps the variance of what goes forward, `fan_out` of gradients"
    )
    nonlinearity: Curve = Field(default="leaky_relu", description="the activation behind it")

    def variance(self, shape: tuple[int, ...]) -> float | None:
        gain = GAINS[self.nonlinearity] or 2 / (1 + self.a**2)
        return gain / _fans(shape)[self.mode == "fan_out"]


@initialiser
class KaimingNormal(_Kaiming):
    """A normal distribution of standard deviation gain / sqrt(fan).

    Source: He et al., Delving deep into rectifiers (2015), equation 14.
    """

    name: ClassVar[str] = "kaiming_normal"


@initialiser
class KaimingUniform(_Kaiming):
    """Numbers from -b to b alike, b = gain * sqrt(3 / fan).

    Source: He et al., Delving deep into rectifiers (2015), equation 14.
    """

    name: ClassVar[str] = "kaiming_uniform"


@initialiser
class Orthogonal(Initialiser):
    """Rows, or columns where these are fewer, that are orthogonal to one another.

    Source: Saxe et al., Exact solutions to the nonlinear dynamics of learning in deep linear neural networks (2013).
    """

    name: ClassVar[str] = "orthogonal"
    dims: ClassVar[tuple[int, int] | None] = ANY_MATRIX

    gain: float = GAIN

    def variance(self, shape: tuple[int, ...]) -> float | None:
        rows, columns = shape[0], prod(shape[1:])
        return self.gain**2 / max(rows, columns)


@initialiser
class Eye(Initialiser):
    """Ones on the diagonal, zeros elsewhere: each output is the input of its number."""

    name: ClassVar[str] = "eye"
    dims: ClassVar[tuple[int, int] | None] = (2, 2)


@initialiser
class Dirac(Initialiser):
    """A kernel that gives each channel as it is, for as many channels as there are on both sides."""

    name: ClassVar[str] = "dirac"
    dims: ClassVar[tuple[int, int] | None] = (3, 5)

    groups: Annotated[int, Field(ge=1)] = Field(default=1, description="parts of the outputs that do so each")

    def require(self, shape: tuple[int, ...]) -> None:
        super().require(shape)
        if shape[0] % self.groups:
            message = f"{self.groups} groups do not divide the {shape[0]} outputs of the tensor"
            raise ShapeFault("channels-not-divisible", message, field="groups")


@initialiser
class Sparse(Initialiser):
    """A normal distribution of which a share of each column is zero.

    Source: Martens, Deep learning via Hessian-free optimization (2010).
    """

    name: ClassVar[str] = "sparse"
    dims: ClassVar[tuple[int, int] | None] = (2, 2)

    sparsity: Share = Field(description="the share of zeros in each column")
    std: Spread = Field(default=0.01, description="the standard deviation of the others")

    def variance(self, shape: tuple[int, ...]) -> float | None:
        return self.std**2 * (1 - self.sparsity)

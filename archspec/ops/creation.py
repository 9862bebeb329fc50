"""Values of the size of another: constants and random numbers; and a value without its gradient. They cost nothing.

Random numbers are drawn anew in each pass, in inference too; `dropout` and `stochastic_depth` draw only in training.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from pydantic import Field

from archspec.ops.label import Label, Part
from archspec.ops.op import TO_REAL, Op, Role, ShapeFault, op
from archspec.ops.reshape import View
from archspec.ops.saved import NOTHING, Saved
from archspec.values.shape import Shape, Shapes
from archspec.values.source import Source, method

LIKE: frozenset[str] = frozenset({"like"})


class Like(Op):
    """A value of the size of another, and no more of it."""

    role: ClassVar[Role] = Role.OTHER
    input_names: ClassVar[tuple[str, ...]] = ("like",)
    size_inputs: ClassVar[frozenset[str]] = LIKE

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING


@op
class ZerosLike(Like):
    """Zeros of the size of another value: like (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "zeros_like"
    function: ClassVar[str] = "torch.zeros_like"


@op
class OnesLike(Like):
    """Ones of the size of another value: like (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "ones_like"
    function: ClassVar[str] = "torch.ones_like"


@op
class FullLike(Like):
    """A number, as often as another value has elements: like (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "full_like"
    function: ClassVar[str] = "torch.full_like"
    function_positional: ClassVar[int] = 1

    fill_value: int | float = Field(description="the number")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        if xs[0].dtype != "float" and self.fill_value != int(self.fill_value):
            message = f"full_like holds what `like` holds, and {self.fill_value:g} is no whole number: {xs[0]}"
            raise ShapeFault("wrong-type", message, help=TO_REAL, field="fill_value")
        return (xs[0],)

    def label(self) -> Label:
        return Label("full", behind=Part("fill_value", f"{self.fill_value:g}", "number"))


class Random(Op):
    """Random numbers of the size of another value."""

    role: ClassVar[Role] = Role.OTHER
    input_names: ClassVar[tuple[str, ...]] = ("like",)
    size_inputs: ClassVar[frozenset[str]] = LIKE
    real: ClassVar[frozenset[str]] = LIKE

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING


@op
class RandLike(Random):
    """Random numbers between 0 and 1, all as likely, of the size of another value: like (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "rand_like"
    also_called: ClassVar[Mapping[str, str]] = {"rand": ""}
    function: ClassVar[str] = "torch.rand_like"


@op
class RandnLike(Random):
    """Random numbers of mean 0 and variance 1, of the size of another value: like (N, ...) -> (N, ...).

    With `mul` and `add`, a draw from a normal distribution whose mean and deviation the network computes.

    Source: Kingma & Welling, Auto-encoding variational Bayes (2013), section 2.4.
    """

    name: ClassVar[str] = "randn_like"
    also_called: ClassVar[Mapping[str, str]] = {"randn": "", "gaussian_noise": ""}
    function: ClassVar[str] = "torch.randn_like"


@op
class Bernoulli(Op):
    """1 with the probability x, else 0; x lies between 0 and 1: (N, ...) -> (N, ...)."""

    laid_anew: ClassVar[bool] = True
    pointwise: ClassVar[bool] = True
    name: ClassVar[str] = "bernoulli"
    real: ClassVar[frozenset[str]] = frozenset({"x"})
    function: ClassVar[str] = "torch.bernoulli"


@op
class Detach(View):
    """The same values, through which no gradient passes: (N, ...) -> (N, ...)."""

    pointwise: ClassVar[bool] = True
    name: ClassVar[str] = "detach"
    unseen: ClassVar[bool] = True
    also_called: ClassVar[Mapping[str, str]] = {"stop_gradient": ""}
    function: ClassVar[str] = "torch.detach"
    stops_gradient: ClassVar[bool] = True

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return method(args[0], "detach")

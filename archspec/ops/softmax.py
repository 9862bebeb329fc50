"""Softmax and its kin: activations that normalise over one dimension. None of them is counted by fvcore."""

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

from pydantic import Field

from archspec.ops.names import AXES
from archspec.ops.nonlinear import Activation
from archspec.ops.op import op
from archspec.ops.reach import Reading, but, pointwise
from archspec.ops.saved import OUTPUT, Saved
from archspec.ops.sizes import require_rank, resolve_dim
from archspec.values.shape import Shape, Shapes
from archspec.values.source import Source, constant, invoke


class _Sums(Activation):
    """An activation that divides by a sum."""

    real: ClassVar[frozenset[str]] = frozenset({"x"})
    saves_output: ClassVar[bool] = True
    laid_anew: ClassVar[bool] = True


class _OverOneDimension(_Sums):
    """An activation that normalises over one dimension."""

    positional: ClassVar[int] = 0

    dim: Annotated[int, AXES] = Field(
        description="the dimension whose values sum to 1, counted as PyTorch does, the batch being 0"
    )

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        resolve_dim(self.name, xs[0], self.dim)
        return (xs[0],)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        return but(pointwise(xs[0], ys[0]), resolve_dim(self.name, xs[0], self.dim))


@op
class Softmax(_OverOneDimension):
    """exp(x) over its sum along `dim`: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "softmax"
    module: ClassVar[str] = "nn.Softmax"
    function: ClassVar[str] = "F.softmax"
    function_positional: ClassVar[int] = 0

    def weighs(self, xs: tuple[Shape, ...]) -> int | None:
        return resolve_dim(self.name, xs[0], self.dim)


@op
class LogSoftmax(_OverOneDimension):
    """Logarithm of the softmax along `dim`: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "log_softmax"
    module: ClassVar[str] = "nn.LogSoftmax"
    function: ClassVar[str] = "F.log_softmax"
    function_positional: ClassVar[int] = 0

    def label(self) -> str:
        return "log-softmax"


@op
class Softmin(_OverOneDimension):
    """Softmax of -x along `dim`: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "softmin"
    workspace: ClassVar[int] = 1  # the negated input
    module: ClassVar[str] = "nn.Softmin"
    function: ClassVar[str] = "F.softmin"
    function_positional: ClassVar[int] = 0


@op
class Softmax2d(_Sums):
    """Softmax over the channels at each place of an image: (N, C, H, W) -> (N, C, H, W)."""

    name: ClassVar[str] = "softmax2d"
    module: ClassVar[str] = "nn.Softmax2d"
    function: ClassVar[str] = "F.softmax"

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        require_rank(self.name, xs[0], 2)
        return (xs[0],)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        return but(pointwise(xs[0], ys[0]), 0)

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return invoke("F.softmax", args[0], dim=constant(1))

    def label(self) -> str:
        return "softmax"


@op
class GumbelSoftmax(_OverOneDimension):
    """Softmax of x and drawn noise along `dim`, at a temperature: (N, ...) -> (N, ...). So one of several is drawn.

    With `hard`, 1 for the one that is drawn and 0 for the others; gradients are those of the softmax.

    Source: Jang et al., Categorical reparameterization with Gumbel-softmax (2017), equation 2.
    """

    name: ClassVar[str] = "gumbel_softmax"
    function: ClassVar[str] = "F.gumbel_softmax"
    function_positional: ClassVar[int] = 0
    workspace: ClassVar[int] = 2  # the noise, and x with it

    tau: float = Field(default=1.0, gt=0, description="the temperature: the smaller, the nearer to one of them")
    hard: bool = Field(default=False, description="gives one of them whole")
    dim: Annotated[int, AXES] = Field(default=-1, description="the dimension along which one is drawn")

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return Saved(made=(ys[0], self._drawn(xs[0]))) if self.hard else OUTPUT

    def scratch(self, xs: Shapes, ys: Shapes) -> Shapes:
        if not self.hard:
            return super().scratch(xs, ys)
        return (*(ys[0],) * 4, self._drawn(xs[0]))  # noise, softmax, what is whole, and that less the softmax

    def _drawn(self, x: Shape) -> Shape:
        """Which one of several is drawn."""
        at = resolve_dim(self.name, x, self.dim)
        return Shape((*x.dims[:at], 1, *x.dims[at + 1 :]), x.batch, "int")

    def label(self) -> str:
        return "Gumbel softmax"

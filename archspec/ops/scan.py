"""Sums, products and extremes of all elements up to each, along a dimension. Counts are elements written."""

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

from pydantic import Field

from archspec.ops.broadcast import as_number
from archspec.ops.names import AXES
from archspec.ops.op import Op, op
from archspec.ops.order import WithPlaces, places
from archspec.ops.reach import Reading, but, pointwise
from archspec.ops.saved import NOTHING, Saved
from archspec.ops.sizes import resolve_dim
from archspec.values.cost import Cost
from archspec.values.shape import Shape, Shapes
from archspec.values.source import Source, method


class Scan(Op):
    """For each element what it makes with those before it."""

    dim: Annotated[int, AXES] = Field(
        description="the dimension that they stand along, counted as PyTorch does, the batch being 0"
    )

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        resolve_dim(self.name, xs[0], self.dim)
        return (as_number(xs[0]),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        return but(pointwise(xs[0], ys[0]), resolve_dim(self.name, xs[0], self.dim))

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(elementwise=ys[0].numel)

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return method(args[0], self.name, slots["dim"])


@op
class Cumsum(Scan):
    """Sum of each element and those before it along `dim`: (N, L, C) -> (N, L, C)."""

    name: ClassVar[str] = "cumsum"
    also_called: ClassVar[Mapping[str, str]] = {"cumulative_sum": ""}
    function: ClassVar[str] = "torch.cumsum"

    def scratch_backward(self, xs: Shapes, ys: Shapes) -> Shapes:
        return ys * 2  # the gradient turned round, and its sums

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING


@op
class Cumprod(Scan):
    """Product of each element and those before it along `dim`: (N, L, C) -> (N, L, C)."""

    name: ClassVar[str] = "cumprod"
    function: ClassVar[str] = "torch.cumprod"
    saves_output: ClassVar[bool] = True

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return Saved(inputs=(0,), outputs=(0,))


@op
class Logcumsumexp(Scan):
    """Logarithm of the sum of exp(x) of each element and those before it along `dim`: (N, L, C) -> (N, L, C)."""

    name: ClassVar[str] = "logcumsumexp"
    function: ClassVar[str] = "torch.logcumsumexp"
    real: ClassVar[frozenset[str]] = frozenset({"x"})
    saves_output: ClassVar[bool] = True
    workspace_backward: ClassVar[int] = 7

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return Saved(inputs=(0,), outputs=(0,))


class _Extreme(WithPlaces, Scan):
    """The largest or smallest of each element and those before it, and its place."""

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        resolve_dim(self.name, xs[0], self.dim)
        return xs[0], places(xs[0])

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(elementwise=ys[0].numel)

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return Saved(inputs=(0,), outputs=(1,))


@op
class Cummax(_Extreme):
    """The largest of each element and those before it along `dim`, and its `indices`: (N, L, C) -> (N, L, C)."""

    name: ClassVar[str] = "cummax"
    function: ClassVar[str] = "torch.cummax"
    workspace_backward: ClassVar[int] = 1


@op
class Cummin(_Extreme):
    """The smallest of each element and those before it along `dim`, and its `indices`: (N, L, C) -> (N, L, C)."""

    name: ClassVar[str] = "cummin"
    function: ClassVar[str] = "torch.cummin"
    workspace_backward: ClassVar[int] = 1

"""Reductions over dimensions. Counts are the elements read, as in pooling."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from pydantic import Field

from archspec.ops.broadcast import as_number
from archspec.ops.fields import channel_axis, laid_out
from archspec.ops.op import Op, Role, ShapeFault, op
from archspec.ops.sizes import resolve_dim
from archspec.values.cost import Cost
from archspec.values.shape import Shape
from archspec.values.source import Source, method


class Reduction(Op):
    """One value for all along some dimensions."""

    role: ClassVar[Role] = Role.POOL

    dim: int | tuple[int, ...] = Field(description="the dimension or dimensions that are reduced")
    keepdim: bool = Field(default=False, description="leaves a size of 1 in their places")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        axes, dims = self._axes(xs[0]), xs[0].dims
        kept = [1 if axis in axes else size for axis, size in enumerate(dims) if self.keepdim or axis not in axes]
        return (laid_out(tuple(kept), xs[0], self._channels(xs[0])),)

    def _axes(self, x: Shape) -> set[int]:
        given = self.dim if isinstance(self.dim, tuple) else (self.dim,)
        axes = {resolve_dim(self.name, x, dim) for dim in given}
        if not given or len(axes) < len(given):
            raise ShapeFault("bad-option", f"dim {list(given)} names no dimension, or one twice", field="dim")
        if not self.keepdim and len(axes) == len(x.dims):
            message = f"{self.name} over every dimension of {x} leaves none; keepdim: true keeps them"
            raise ShapeFault("rank-mismatch", message, field="dim")
        return axes

    def _channels(self, x: Shape) -> int | None:
        """Where the channels are afterwards; None where they are reduced."""
        axes, axis = self._axes(x), channel_axis(x)
        if axis in axes:
            return axis if self.keepdim else None
        return axis if self.keepdim else axis - sum(other < axis for other in axes)

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(pool=xs[0].numel)

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        kept = {"keepdim": slots["keepdim"]} if "keepdim" in slots else {}
        return method(args[0], self.name, slots["dim"], **kept)


@op
class Mean(Reduction):
    """Mean over dimensions: (N, C, H, W) -> (N, C) for dim [2, 3]."""

    name: ClassVar[str] = "mean"
    function: ClassVar[str] = "torch.mean"
    real: ClassVar[frozenset[str]] = frozenset({"x"})

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        y = super().infer(xs)[0]
        return (Shape(y.dims, y.batch, channels_last=y.channels_last),)


@op
class Sum(Reduction):
    """Sum over dimensions: (N, C, H, W) -> (N, C) for dim [2, 3]."""

    name: ClassVar[str] = "sum"
    function: ClassVar[str] = "torch.sum"

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        return (as_number(super().infer(xs)[0]),)


@op
class Amax(Reduction):
    """Largest value over dimensions: (N, C, H, W) -> (N, C) for dim [2, 3]."""

    name: ClassVar[str] = "amax"
    function: ClassVar[str] = "torch.amax"
    saves_output: ClassVar[bool] = True

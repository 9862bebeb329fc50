"""Reductions over dimensions. Counts are the elements read, as in pooling."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, ClassVar

from pydantic import Field

from archspec.ops.broadcast import as_number
from archspec.ops.fields import channel_axis, laid_out
from archspec.ops.names import AXES, KEPT
from archspec.ops.op import Op, Role, ShapeFault, op
from archspec.ops.reach import Reading, reduced
from archspec.ops.saved import INPUT, NOTHING, Saved
from archspec.ops.sizes import plural, resolve_dim
from archspec.values.cost import Cost
from archspec.values.expression import Global
from archspec.values.shape import Shape, Shapes
from archspec.values.source import Invoke, Source, method


class Reduction(Op):
    """One value for all along some dimensions."""

    role: ClassVar[Role] = Role.POOL

    dim: Annotated[int | tuple[int, ...], AXES] = Field(description="the dimension or dimensions that are reduced")
    keepdim: Annotated[bool, KEPT] = Field(default=False, description="leaves a size of 1 in their places")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        axes, dims = self._axes(xs[0]), xs[0].dims
        kept = [1 if axis in axes else size for axis, size in enumerate(dims) if self.keepdim or axis not in axes]
        return (laid_out(tuple(kept), xs[0], self._channels(xs[0])),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        return reduced(xs[0], self._axes(xs[0]), kept=self.keepdim)

    def _axes(self, x: Shape) -> set[int]:
        given = self.dim if isinstance(self.dim, tuple) else (self.dim,)
        axes = {resolve_dim(self.name, x, dim) for dim in given}
        if not given or len(axes) < len(given):
            raise ShapeFault("bad-option", f"dim {list(given)} names no dimension, or one twice", field="dim")
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

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return Saved(inputs=(0,), outputs=(0,)) if self.saves_output else INPUT


class OverOne(Reduction):
    """A reduction over one dimension."""

    dim: Annotated[int, AXES] = Field(
        description="the dimension that is reduced, counted as PyTorch does, the batch being 0"
    )


@op
class Mean(Reduction):
    """Mean over dimensions: (N, C, H, W) -> (N, C) for dim [2, 3]."""

    name: ClassVar[str] = "mean"
    also_called: ClassVar[Mapping[str, str]] = {"reduce_mean": ""}
    function: ClassVar[str] = "torch.mean"
    real: ClassVar[frozenset[str]] = frozenset({"x"})

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        y = super().infer(xs)[0]
        return (Shape(y.dims, y.batch, channels_last=y.channels_last),)

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING


@op
class Sum(Reduction):
    """Sum over dimensions: (N, C, H, W) -> (N, C) for dim [2, 3]."""

    hands_on_gradient: ClassVar[bool] = True
    name: ClassVar[str] = "sum"
    takes_complex: ClassVar[bool] = True
    also_called: ClassVar[Mapping[str, str]] = {"reduce_sum": ""}
    function: ClassVar[str] = "torch.sum"

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        return (as_number(super().infer(xs)[0]),)

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING


class _Farthest(Reduction):
    """The largest or the smallest of all elements; those that are equal share the gradient."""

    saves_output: ClassVar[bool] = True

    def scratch_backward(self, xs: Shapes, ys: Shapes) -> Shapes:
        return (replace(xs[0], dtype="bool"), replace(ys[0], dtype="int"), *ys)  # which, how many, and their shares


@op
class Amax(_Farthest):
    """Largest value over dimensions: (N, C, H, W) -> (N, C) for dim [2, 3]."""

    name: ClassVar[str] = "amax"
    also_called: ClassVar[Mapping[str, str]] = {"reduce_max": ""}
    function: ClassVar[str] = "torch.amax"


@op
class Amin(_Farthest):
    """Smallest value over dimensions: (N, C, H, W) -> (N, C) for dim [2, 3]."""

    name: ClassVar[str] = "amin"
    also_called: ClassVar[Mapping[str, str]] = {"reduce_min": ""}
    function: ClassVar[str] = "torch.amin"


@op
class Prod(OverOne):
    """Product over a dimension: (N, L, C) -> (N, C) for dim 1."""

    name: ClassVar[str] = "prod"
    also_called: ClassVar[Mapping[str, str]] = {"reduce_prod": ""}
    function: ClassVar[str] = "torch.prod"
    saves_output: ClassVar[bool] = True

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        return (as_number(super().infer(xs)[0]),)


@op
class Logsumexp(Reduction):
    """Logarithm of the sum of exp(x) over dimensions: (N, C, H, W) -> (N, C) for dim [2, 3]."""

    name: ClassVar[str] = "logsumexp"
    also_called: ClassVar[Mapping[str, str]] = {"reduce_log_sum_exp": ""}
    function: ClassVar[str] = "torch.logsumexp"
    saves_output: ClassVar[bool] = True

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        return (replace(super().infer(xs)[0], dtype="float"),)

    def scratch_backward(self, xs: Shapes, ys: Shapes) -> Shapes:
        return xs * 2  # the distances from the output, and their exponentials


class _Truth(Reduction):
    """What holds of all along some dimensions; of numbers it is whether they are not 0."""

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        return (replace(super().infer(xs)[0], dtype="bool"),)

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING


@op
class Any(_Truth):
    """Whether any element over dimensions holds: (N, C, H, W) -> (N, C) for dim [2, 3]."""

    name: ClassVar[str] = "any"
    also_called: ClassVar[Mapping[str, str]] = {"reduce_any": ""}
    function: ClassVar[str] = "torch.any"


@op
class All(_Truth):
    """Whether all elements over dimensions hold: (N, C, H, W) -> (N, C) for dim [2, 3]."""

    name: ClassVar[str] = "all"
    also_called: ClassVar[Mapping[str, str]] = {"reduce_all": ""}
    function: ClassVar[str] = "torch.all"


class _Spread(Reduction):
    """How far elements lie from their mean."""

    real: ClassVar[frozenset[str]] = frozenset({"x"})

    correction: int = Field(default=1, description="what is taken off the number of elements that is divided by")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        (y,) = super().infer(xs)
        count = xs[0].numel // y.numel
        if count <= self.correction:
            message = f"{self.name} over {plural(count, 'element')} with correction {self.correction} divides by zero"
            raise ShapeFault("bad-option", message, help="correction: 0 divides by their number", field="correction")
        return (y,)

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        named = {name: slots[name] for name in ("correction", "keepdim") if name in slots}
        return method(args[0], self.name, slots["dim"], **named)


@op
class Std(_Spread):
    """Standard deviation over dimensions: (N, C, H, W) -> (N, C) for dim [2, 3].

    sqrt(sum of (x - mean) ** 2 / (elements - correction))
    """

    name: ClassVar[str] = "std"
    function: ClassVar[str] = "torch.std"
    saves_output: ClassVar[bool] = True


@op
class Var(_Spread):
    """Variance over dimensions: (N, C, H, W) -> (N, C) for dim [2, 3].

    sum of (x - mean) ** 2 / (elements - correction)
    """

    name: ClassVar[str] = "var"
    function: ClassVar[str] = "torch.var"


@op
class Norm(Reduction):
    """Length over dimensions: (N, L, E) -> (N, L) for dim 2; `vector_norm` under its older name.

    (sum of |x| ** p) ** (1 / p)
    """

    name: ClassVar[str] = "norm"
    also_called: ClassVar[Mapping[str, str]] = {"reduce_l2": ""}
    function: ClassVar[str] = "torch.norm"
    typed: ClassVar[bool] = False
    real: ClassVar[frozenset[str]] = frozenset({"x"})
    saves_output: ClassVar[bool] = True

    p: float = Field(default=2.0, description="2 is the Euclidean length, 1 the sum of absolute values")

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        named = {name: slots[name] for name in ("p", "dim", "keepdim") if name in slots}
        return Invoke(Global(self.function, self.typed), tuple(args), tuple(named.items()))

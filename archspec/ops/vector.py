"""Lengths of vectors along dimensions, and vectors brought to a length."""

from collections.abc import Mapping, Sequence
from math import prod
from typing import Annotated, ClassVar

from pydantic import Field

from archspec.ops.align import listing
from archspec.ops.broadcast import broadcast
from archspec.ops.label import Label, Part
from archspec.ops.names import AXES
from archspec.ops.op import Op, Role, ShapeFault, op
from archspec.ops.reach import WHOLE, Reading, but, pointwise
from archspec.ops.reduce import Reduction
from archspec.ops.saved import Saved, of_product
from archspec.ops.sizes import rank_of, resolve_dim
from archspec.values.cost import Cost
from archspec.values.expression import Global
from archspec.values.shape import Shape, Shapes
from archspec.values.source import Invoke, Source


@op
class VectorNorm(Reduction):
    """Length over dimensions: (N, H, W, C) -> (N, 1, 1, C) for dim [1, 2] and keepdim.

    (sum of |x| ** ord) ** (1 / ord)
    """

    name: ClassVar[str] = "vector_norm"
    function: ClassVar[str] = "torch.linalg.vector_norm"
    typed: ClassVar[bool] = False
    real: ClassVar[frozenset[str]] = frozenset({"x"})
    saves_output: ClassVar[bool] = True

    ord: float = Field(default=2.0, description="2 is the Euclidean length, 1 the sum of absolute values")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        y = super().infer(xs)[0]
        return (Shape(y.dims, y.batch, channels_last=y.channels_last),)

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        named = {name: slots[name] for name in ("ord", "dim", "keepdim") if name in slots}
        return Invoke(Global(self.function, self.typed), tuple(args), tuple(named.items()))


@op
class Normalize(Op):
    """Vectors along a dimension brought to length 1: (N, L, E) -> (N, L, E).

    y = x / max(length, eps)
    """

    name: ClassVar[str] = "normalize"
    also_called: ClassVar[Mapping[str, str]] = {"l2_normalize": ""}
    role: ClassVar[Role] = Role.NORM
    function: ClassVar[str] = "F.normalize"
    real: ClassVar[frozenset[str]] = frozenset({"x"})
    workspace_backward: ClassVar[int] = 3

    p: float = Field(default=2.0, description="2 is the Euclidean length, 1 the sum of absolute values")
    dim: Annotated[int, AXES] = Field(default=1, description="the dimension that vectors lie along")
    eps: Annotated[float, Field(ge=0)] = Field(default=1e-12, description="the least that is divided by")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        resolve_dim(self.name, xs[0], self.dim)
        return (Shape(xs[0].dims, xs[0].batch, channels_last=xs[0].channels_last),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        return but(pointwise(xs[0], ys[0]), resolve_dim(self.name, xs[0], self.dim))

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(norm=xs[0].numel)

    def scratch(self, xs: Shapes, ys: Shapes) -> Shapes:
        return self.saves(xs, ys, (True,)).made[:1]

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return Saved(
            inputs=(0,),
            made=(Shape((prod(xs[0].dims) // xs[0].dims[resolve_dim(self.name, xs[0], self.dim)],), xs[0].batch),) * 2,
        )


@op
class Cross(Op):
    """Vectors of three numbers that stand upright on two others: (N, L, 3), (N, L, 3) -> (N, L, 3).

    y = (a1 b2 - a2 b1, a2 b0 - a0 b2, a0 b1 - a1 b0)
    """

    name: ClassVar[str] = "cross"
    input_names: ClassVar[tuple[str, ...]] = ("x", "other")
    required: ClassVar[int] = 2
    function: ClassVar[str] = "torch.linalg.cross"
    typed: ClassVar[bool] = False
    real: ClassVar[frozenset[str]] = frozenset({"x", "other"})

    dim: Annotated[int, AXES] = Field(default=-1, description="the dimension that vectors lie along")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        met = broadcast(self.name, xs)
        axis = resolve_dim(self.name, met, self.dim)
        if any(rank_of(x) != rank_of(met) or x.dims[axis] != 3 for x in xs):
            message = f"{self.name} needs vectors of 3 numbers along dimension {self.dim}"
            raise ShapeFault("shape-mismatch", message, pointed=listing(xs))
        return (Shape(met.dims, met.batch, met.dtype, channels_last=met.channels_last),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        return but(pointwise(xs[index], ys[0]), resolve_dim(self.name, ys[0], self.dim))

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(elementwise=ys[0].numel)

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return Invoke(Global(self.function, self.typed), tuple(args), tuple(slots.items()))

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return of_product(wants)


@op
class Renorm(Op):
    """Slices of `dim` shortened where they are longer than `maxnorm`: (N, ...) -> (N, ...).

    y[i] = x[i] * min(1, maxnorm / length of x[i]) along dim. Slices of another dimension than the batch would reach
    over the samples, so that `dim` is 0 but of what has no batch, such as the weight of a convolution.
    """

    name: ClassVar[str] = "renorm"
    also_called: ClassVar[Mapping[str, str]] = {"clip_by_norm": "", "max_norm": ""}
    role: ClassVar[Role] = Role.NORM
    function: ClassVar[str] = "torch.renorm"
    function_positional: ClassVar[int] = 3
    real: ClassVar[frozenset[str]] = frozenset({"x"})

    p: Annotated[float, Field(gt=0)] = Field(description="2 is the Euclidean length, 1 the sum of absolute values")
    dim: Annotated[int, AXES] = Field(
        description="the dimension of the slices, counted as PyTorch does, the batch being 0"
    )
    maxnorm: Annotated[float, Field(ge=0)] = Field(description="how long a slice is at most")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x, rank = xs[0], rank_of(xs[0])
        if rank < 2:
            raise ShapeFault("rank-mismatch", f"{self.name} needs two dimensions or more, not {x}")
        if not -rank <= self.dim < rank:
            raise ShapeFault("rank-mismatch", f"{self.name} has no dimension {self.dim} in {x}", field="dim")
        if x.batch and self.dim % rank:
            message = f"{self.name} of dimension {self.dim} mixes the samples of a batch"
            raise ShapeFault("bad-option", message, help="dim: 0 shortens each sample by itself", field="dim")
        return (Shape(x.dims, x.batch, channels_last=x.channels_last),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        return (WHOLE,) * len(xs[0].dims)

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(norm=xs[0].numel)

    def label(self) -> Label:
        return Label("renorm", behind=Part("maxnorm", f"{self.maxnorm:g}", "length", word="to"))

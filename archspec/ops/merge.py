"""Joins: concatenation and arithmetic between values."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from pydantic import Field

from archspec.ops.align import Aligned, listing
from archspec.ops.fields import channel_axis, total
from archspec.ops.op import Op, Role, ShapeFault, op
from archspec.ops.printing import primary
from archspec.ops.sizes import resolve_dim
from archspec.values.cost import Cost
from archspec.values.expression import Expr, Value
from archspec.values.shape import DType, Shape


@op
class Concat(Aligned):
    """Inputs one after the other along `dim`: (N, C1, H, W), (N, C2, H, W) -> (N, C1 + C2, H, W)."""

    name: ClassVar[str] = "concat"
    role: ClassVar[Role] = Role.MERGE
    input_names: ClassVar[tuple[str, ...]] = ()
    required: ClassVar[int] = 2
    variadic: ClassVar[bool] = True
    function: ClassVar[str] = "torch.cat"

    dim: int = Field(default=1, description="the dimension that grows, counted as PyTorch does, the batch being 0")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        axis = resolve_dim(self.name, xs[0], self.dim)
        if self.align != "strict" and axis != 0:
            raise ShapeFault("bad-option", f"align: {self.align} needs dim: 1, not {self.dim}", field="dim")
        met = self.aligned(xs)
        if len({(*x.dims[:axis], None, *x.dims[axis + 1 :], x.batch) for x in met}) > 1:
            raise self._mismatch(xs, axis)
        grown = sum(x.dims[axis] for x in met)
        return (Shape((*met[0].dims[:axis], grown, *met[0].dims[axis + 1 :]), met[0].batch, _dtype(xs)),)

    def _mismatch(self, xs: tuple[Shape, ...], axis: int) -> ShapeFault:
        same_rank = len({len(x.dims) for x in xs}) == 1
        sizes_alone = same_rank and axis == 0 and self.align == "strict"
        return ShapeFault(
            "shape-mismatch" if same_rank else "rank-mismatch",
            f"concat needs inputs that are equal but for dimension {axis + 1}",
            help="align: crop, pad or resize brings heights and widths together" if sizes_alone else "",
            pointed=listing(xs),
        )

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return self.cost_of_aligning(xs)

    def channels_expr(
        self, fields: Mapping[str, Expr], channels: tuple[Expr | None, ...], xs: tuple[Shape, ...]
    ) -> Expr | None:
        if channel_axis(xs[0]) != resolve_dim(self.name, xs[0], self.dim):
            return channels[0]
        known = [channel for channel in channels if channel is not None]
        return total(known) if len(known) == len(channels) else None

    def slots(self, xs: tuple[Shape, ...]) -> dict[str, Value]:
        return {"dim": self.dim, "offset": self.offset}

    def expression(self, args: Sequence[str], slots: Mapping[str, str], xs: tuple[Shape, ...]) -> str:
        parts = self.aligned_args(args, slots.get("offset"), xs)
        # torch.cat joins along the batch unless told otherwise.
        return f"torch.cat([{', '.join(parts)}], {slots.get('dim', '1')})"


class Arithmetic(Op):
    """An operator between values of one shape, or of shapes that broadcast: a size of 1 meets any size."""

    role: ClassVar[Role] = Role.MERGE
    input_names: ClassVar[tuple[str, ...]] = ("x", "other")
    required: ClassVar[int] = 2
    operator: ClassVar[str] = ""

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        return (self.broadcast(xs),)

    def broadcast(self, xs: tuple[Shape, ...]) -> Shape:
        """The shape that all of `xs` broadcast to. Raises ShapeFault where they do not."""
        if len({len(x.dims) for x in xs}) > 1:
            raise ShapeFault("rank-mismatch", f"{self.name} needs inputs with the same dimensions", pointed=listing(xs))
        dims = tuple(max(column) for column in zip(*(x.dims for x in xs), strict=True))
        fits = all(size in {1, wanted} for x in xs for size, wanted in zip(x.dims, dims, strict=True))
        if not fits or len({x.batch for x in xs}) > 1:
            raise ShapeFault(
                "shape-mismatch",
                f"{self.name} needs inputs of one shape",
                help=self.cure(xs),
                pointed=listing(xs),
            )
        return Shape(dims, xs[0].batch, _dtype(xs))

    def cure(self, xs: tuple[Shape, ...]) -> str:
        """What would make the inputs fit; empty where that is not known."""
        if len({x.channels for x in xs}) > 1 and len({x.spatial for x in xs}) == 1:
            return "a 1 x 1 convolution on one of the inputs gives it the other's channels"
        return ""

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(elementwise=(len(xs) - 1) * ys[0].numel)

    def channels_expr(
        self, fields: Mapping[str, Expr], channels: tuple[Expr | None, ...], xs: tuple[Shape, ...]
    ) -> Expr | None:
        axis = channel_axis(xs[0])
        widest = max(x.dims[axis] for x in xs)
        same = (channel for channel, x in zip(channels, xs, strict=True) if x.dims[axis] == widest)
        return next((channel for channel in same if channel is not None), None)

    def expression(self, args: Sequence[str], slots: Mapping[str, str], xs: tuple[Shape, ...]) -> str:
        return f" {self.operator} ".join(map(primary, args))


@op
class Add(Aligned, Arithmetic):
    """Sum of the inputs: (N, C, H, W), (N, C, H, W) -> (N, C, H, W).

    Source: He et al., Deep residual learning for image recognition (2015), equation 1.
    """

    name: ClassVar[str] = "add"
    input_names: ClassVar[tuple[str, ...]] = ()
    variadic: ClassVar[bool] = True
    function: ClassVar[str] = "torch.add"
    operator: ClassVar[str] = "+"

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        return (self.broadcast(self.aligned(xs)),)

    def cure(self, xs: tuple[Shape, ...]) -> str:
        if len({x.channels for x in xs}) == 1 and self.align == "strict":
            return "align: crop, pad or resize brings heights and widths together"
        return super().cure(xs)

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return super().count(xs, ys) + self.cost_of_aligning(xs)

    def slots(self, xs: tuple[Shape, ...]) -> dict[str, Value]:
        return {"offset": self.offset}

    def expression(self, args: Sequence[str], slots: Mapping[str, str], xs: tuple[Shape, ...]) -> str:
        return super().expression(self.aligned_args(args, slots.get("offset"), xs), {}, xs)


@op
class Sub(Arithmetic):
    """Difference of two inputs: (N, C, H, W), (N, C, H, W) -> (N, C, H, W)."""

    name: ClassVar[str] = "sub"
    function: ClassVar[str] = "torch.sub"
    operator: ClassVar[str] = "-"


@op
class Mul(Arithmetic):
    """Product of the inputs, such as a value and its gate: (N, C, H, W), (N, C, 1, 1) -> (N, C, H, W).

    Source: Hu et al., Squeeze-and-excitation networks (2017), equation 4.
    """

    name: ClassVar[str] = "mul"
    input_names: ClassVar[tuple[str, ...]] = ()
    variadic: ClassVar[bool] = True
    function: ClassVar[str] = "torch.mul"
    operator: ClassVar[str] = "*"


@op
class Div(Arithmetic):
    """Quotient of two inputs: (N, C, H, W), (N, C, H, W) -> (N, C, H, W)."""

    name: ClassVar[str] = "div"
    function: ClassVar[str] = "torch.div"
    operator: ClassVar[str] = "/"


def _dtype(xs: Sequence[Shape]) -> DType:
    return "int" if all(x.dtype == "int" for x in xs) else "float"

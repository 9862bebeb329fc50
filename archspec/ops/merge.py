"""Joins that put values side by side."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Annotated, ClassVar

from pydantic import Field

from archspec.ops.align import Aligned, listing
from archspec.ops.broadcast import dtype_of, leader, with_batch, with_batch_args
from archspec.ops.fields import channel_axis, laid_out
from archspec.ops.names import AXES
from archspec.ops.op import Join, Op, Role, ShapeFault, op
from archspec.ops.reach import WHOLE, Along, Reading, shifted
from archspec.ops.saved import NOTHING, Saved
from archspec.ops.sizes import rank_of, resolve_dim
from archspec.values.cost import Cost
from archspec.values.expression import Value
from archspec.values.shape import Shape, Shapes
from archspec.values.source import Listing, Source, constant, invoke


@op
class Concat(Aligned):
    """Inputs one after the other along `dim`: (N, C1, H, W), (N, C2, H, W) -> (N, C1 + C2, H, W).

    What has no batch, such as a class token (1, 1, E), is repeated for each sample of the others.
    """

    hands_on_gradient: ClassVar[bool] = True
    name: ClassVar[str] = "concat"
    takes_complex: ClassVar[bool] = True
    also_called: ClassVar[Mapping[str, str]] = {"concatenate": ""}
    role: ClassVar[Role] = Role.MERGE
    joins: ClassVar[Join] = "concat"
    input_names: ClassVar[tuple[str, ...]] = ()
    required: ClassVar[int] = 2
    variadic: ClassVar[bool] = True
    keeps_one: ClassVar[bool] = True
    function: ClassVar[str] = "torch.cat"

    dim: Annotated[int, AXES] = Field(
        default=1, description="the dimension that grows, counted as PyTorch does, the batch being 0"
    )

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        given, xs = xs, with_batch(xs)
        axis = resolve_dim(self.name, xs[0], self.dim)
        if self.align != "strict" and axis != 0:
            raise ShapeFault("bad-option", f"align: {self.align} needs dim: 1, not {self.dim}", field="dim")
        met = self.aligned(xs)
        if len({(len(x.dims), *x.dims[:axis], None, *x.dims[axis + 1 :], x.batch) for x in met}) > 1:
            raise self._mismatch(given, self.dim % rank_of(xs[0]))
        dims = (*met[0].dims[:axis], sum(x.dims[axis] for x in met), *met[0].dims[axis + 1 :])
        return (laid_out(dims, met[0], channel_axis(leader(given)), dtype_of(xs)),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        met = with_batch(xs)
        axis, lead = resolve_dim(self.name, met[0], self.dim), len(ys[0].dims) - len(xs[index].dims)
        grown = Along(axis, shifted(-sum(x.dims[axis] for x in met[:index])))
        if self.align != "strict":  # which brings heights and widths together, where channels grow
            return (grown, *super().reach(met, ys, index)[1:])
        places = (at + lead for at in range(len(xs[index].dims)))
        return tuple(grown if at == axis else Along(at) if at >= 0 else WHOLE for at in places)

    def _mismatch(self, xs: tuple[Shape, ...], dim: int) -> ShapeFault:
        same_rank = len({rank_of(x) for x in xs}) == 1
        bare = next((x for x in xs if not x.batch), None)
        sizes_alone = same_rank and dim == 1 and self.align == "strict"
        help = "align: crop, pad or resize brings heights and widths together" if sizes_alone else ""
        if bare is not None and any(x.batch and len(x.dims) == len(bare.dims) for x in xs):
            help = f"a 1 in front stands for the batch: shape: {[1, *bare.dims]}"
        return ShapeFault(
            "shape-mismatch" if same_rank else "rank-mismatch",
            f"concat needs inputs that are equal but for dimension {dim}",
            help=help,
            pointed=listing(xs),
        )

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return self.cost_of_aligning(with_batch(xs))

    def slots(self, xs: tuple[Shape, ...]) -> dict[str, Value]:
        return {"dim": self.dim, "offset": self.offset}

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        parts = self.aligned_args(with_batch_args(args, xs), slots.get("offset"), with_batch(xs))
        # torch.cat joins along the batch unless told otherwise.
        return invoke("torch.cat", Listing(parts), slots.get("dim", constant(1)))

    def scratch(self, xs: Shapes, ys: Shapes) -> Shapes:
        return self.copies(with_batch(xs))

    def scratch_forward(self, xs: Shapes, ys: Shapes) -> Shapes:
        return self.scratch(xs, ys)

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING


@op
class Stack(Op):
    """Inputs of one shape along a dimension of their own: (N, L, E), (N, L, E) -> (N, 2, L, E)."""

    hands_on_gradient: ClassVar[bool] = True
    name: ClassVar[str] = "stack"
    takes_complex: ClassVar[bool] = True
    role: ClassVar[Role] = Role.MERGE
    input_names: ClassVar[tuple[str, ...]] = ()
    required: ClassVar[int] = 2
    variadic: ClassVar[bool] = True
    function: ClassVar[str] = "torch.stack"

    dim: Annotated[int, AXES] = Field(default=1, description="where the new dimension stands, the batch being 0")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        met = with_batch(xs)
        if len({(x.dims, x.batch) for x in met}) > 1:
            raise ShapeFault("shape-mismatch", "stack needs inputs of one shape", pointed=listing(xs))
        axis, dims = self._axis(met[0]), met[0].dims
        shape = (*dims[:axis], len(xs), *dims[axis:])
        return (laid_out(shape, met[0], self._channels(met[0]), dtype_of(xs)),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        put, lead = self._axis(with_batch(xs)[0]), len(ys[0].dims) - 1 - len(xs[index].dims)
        places = (axis + lead for axis in range(len(xs[index].dims)))
        return tuple(Along(place + (place >= put)) if place >= 0 else WHOLE for place in places)

    def _axis(self, x: Shape) -> int:
        return resolve_dim(self.name, Shape((*x.dims, 1), x.batch), self.dim)

    def _channels(self, x: Shape) -> int:
        return channel_axis(x) + (self._axis(x) <= channel_axis(x))

    def form(self, xs: tuple[Shape, ...]) -> Hashable:
        return tuple(x.batch > 0 for x in xs)

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return invoke("torch.stack", Listing(with_batch_args(args, xs)), slots.get("dim", constant(1)))

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING

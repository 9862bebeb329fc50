"""Changes of the arrangement: dimensions of size 1 that come, go and grow, elements that roll, copies in order.

Dimensions are counted as PyTorch does: 0 is the batch, which none of these ops touches.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, ClassVar

from pydantic import Field

from archspec.ops.broadcast import with_batch, with_batch_args
from archspec.ops.fields import PositiveInt, channel_axis, laid_out
from archspec.ops.names import AXES
from archspec.ops.op import Op, Role, ShapeFault, op
from archspec.ops.reach import SAME, WHOLE, Along, Reach, Reading, one_of, shifted
from archspec.ops.reshape import View
from archspec.ops.saved import NOTHING, Saved
from archspec.ops.select import without
from archspec.ops.sizes import by, plural, resolve_dim
from archspec.ops.strides import Strides, expanded, is_contiguous, sizes
from archspec.values.cost import Cost
from archspec.values.shape import Shape, Shapes
from archspec.values.source import Source, constant, method, spread


@op
class Squeeze(View):
    """A dimension of size 1 left out: (N, C, 1) -> (N, C) for dim 2."""

    name: ClassVar[str] = "squeeze"
    unseen: ClassVar[bool] = True
    function: ClassVar[str] = "torch.squeeze"

    dim: Annotated[int, AXES] = Field(description="the dimension; its size is 1")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        axis, dims = resolve_dim(self.name, xs[0], self.dim), xs[0].dims
        if dims[axis] != 1:
            message = f"squeeze leaves out a dimension of size 1, and this one of {xs[0]} has {dims[axis]}"
            raise ShapeFault("shape-mismatch", message, field="dim")
        return (without(xs[0], axis),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        return one_of(xs[0], resolve_dim(self.name, xs[0], self.dim), WHOLE, gone=True)

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return method(args[0], "squeeze", slots["dim"])


@op
class Unsqueeze(View):
    """A dimension of size 1 put in: (N, L, E) -> (N, 1, L, E) for dim 1."""

    name: ClassVar[str] = "unsqueeze"
    also_called: ClassVar[Mapping[str, str]] = {"expand_dims": ""}
    unseen: ClassVar[bool] = True
    function: ClassVar[str] = "torch.unsqueeze"

    dim: Annotated[int, AXES] = Field(description="where it stands afterwards")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        axis, dims = self._axis(xs[0]), xs[0].dims
        return (laid_out((*dims[:axis], 1, *dims[axis:]), xs[0], self._channels(xs[0])),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        put = self._axis(xs[0])
        return tuple(Along(axis + (axis >= put)) for axis in range(len(xs[0].dims)))

    def _axis(self, x: Shape) -> int:
        return resolve_dim(self.name, Shape((*x.dims, 1), x.batch), self.dim)

    def _channels(self, x: Shape) -> int:
        return channel_axis(x) + (self._axis(x) <= channel_axis(x))

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return method(args[0], "unsqueeze", slots["dim"])


@op
class Expand(View):
    """Sizes of 1 repeated to other sizes: (N, 1, E) -> (N, L, E) for size [L, -1].

    With `like`, what has no batch gets that of another value: (1, L, E) -> (N, L, E).
    """

    pointwise: ClassVar[bool] = True
    name: ClassVar[str] = "expand"
    also_called: ClassVar[Mapping[str, str]] = {"broadcast_to": ""}
    function: ClassVar[str] = "torch.Tensor.expand"
    input_names: ClassVar[tuple[str, ...]] = ("x", "like")
    size_inputs: ClassVar[frozenset[str]] = frozenset({"like"})
    # Several elements are one in memory: nobody may write over them.
    saves_output: ClassVar[bool] = True

    size: tuple[Annotated[int, Field(ge=-1)], ...] | None = Field(
        default=None, description="sizes without the batch; -1 keeps one; what has no batch may gain some in front"
    )

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        if (self.size is None) == (len(xs) < 2):
            code, given = ("missing-option", "none is") if self.size is None else ("bad-option", "both are")
            raise ShapeFault(code, f"expand takes a size or an input `like`; {given} given")
        if self.size is None:
            return (self._like(xs[0], xs[1]),)
        dims = xs[0].dims
        extra = len(self.size) - len(dims)
        if extra < 0 or (extra and xs[0].batch):
            message = f"size has {plural(len(self.size), 'number')} where {xs[0]} has {len(dims)} after the batch"
            raise ShapeFault("rank-mismatch", message, field="size")
        old = (*[0] * extra, *dims)
        fits = all(new in (-1, before) or before in (0, 1) for new, before in zip(self.size, old, strict=True))
        sizes = tuple(before if new == -1 else new for new, before in zip(self.size, old, strict=True))
        if not fits or any(size < 1 for size in sizes):
            raise ShapeFault("shape-mismatch", f"{by(self.size)} is no expansion of {xs[0]}", field="size")
        return (laid_out(sizes, xs[0], channel_axis(xs[0]) + extra),)

    def _like(self, x: Shape, like: Shape) -> Shape:
        if x.batch or x.dims[:1] != (1,) or not like.batch:
            raise ShapeFault("shape-mismatch", f"{x} cannot get the batch of {like}: it needs a first size of 1")
        return with_batch((x, like))[0]

    def form(self, xs: tuple[Shape, ...]) -> Hashable:
        return xs[0].batch > 0

    def strides(self, xs: Shapes, ys: Shapes, given: Sequence[Strides]) -> tuple[Strides | None, ...]:
        return (expanded(sizes(xs[0]), given[0], sizes(ys[0])),)

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        if len(args) > 1:
            return with_batch_args(args, xs)[0]
        batch = (constant(-1),) if xs[0].batch else ()
        return method(args[0], "expand", *batch, *spread(slots["size"]))


@op
class ExpandAs(View):
    """Sizes of 1 repeated to those of another value: (E,) -> (N, L, E) for one of (N, L, E), whatever L is.

    Dimensions are lined up from behind, as in a sum of both.
    """

    pointwise: ClassVar[bool] = True
    name: ClassVar[str] = "expand_as"
    function: ClassVar[str] = "torch.Tensor.expand_as"
    input_names: ClassVar[tuple[str, ...]] = ("x", "other")
    size_inputs: ClassVar[frozenset[str]] = frozenset({"other"})
    # Several elements are one in memory: nobody may write over them.
    saves_output: ClassVar[bool] = True

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x, other = xs
        own, wanted = self._sizes(x), self._sizes(other)
        lined = zip(reversed(own), reversed(wanted), strict=False)
        if len(own) > len(wanted) or not all(size in (1, want) for size, want in lined):
            raise ShapeFault("shape-mismatch", f"{x} does not expand to {other}: each size is 1 or that of the other")
        return (replace(other, dtype=x.dtype),)

    def _sizes(self, x: Shape) -> tuple[int, ...]:
        """All sizes, that of a batch below 0, where no other is."""
        return (-x.batch, *x.dims) if x.batch else x.dims

    def strides(self, xs: Shapes, ys: Shapes, given: Sequence[Strides]) -> tuple[Strides | None, ...]:
        return (expanded(sizes(xs[0]), given[0], sizes(ys[0])),)

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return method(args[0], "expand_as", args[1])


@op
class Roll(Op):
    """Elements moved along dimensions, those at the end to the front: (N, H, W, C) -> (N, H, W, C)."""

    name: ClassVar[str] = "roll"
    takes_complex: ClassVar[bool] = True
    role: ClassVar[Role] = Role.RESHAPE
    function: ClassVar[str] = "torch.roll"

    shifts: int | tuple[int, ...] = Field(description="by how many places, a number for each of dims")
    dims: int | tuple[int, ...] = Field(description="along which dimensions")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        dims = self.dims if isinstance(self.dims, tuple) else (self.dims,)
        shifts = self.shifts if isinstance(self.shifts, tuple) else (self.shifts,)
        if len(shifts) != len(dims) or not dims:
            message = f"{plural(len(shifts), 'shift')} for {plural(len(dims), 'dimension')}"
            raise ShapeFault("bad-option", message, field="shifts")
        for dim in dims:
            resolve_dim(self.name, xs[0], dim, "dims")
        return (xs[0],)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        dims = self.dims if isinstance(self.dims, tuple) else (self.dims,)
        shifts = self.shifts if isinstance(self.shifts, tuple) else (self.shifts,)
        moved = dict.fromkeys(range(len(xs[0].dims)), 0)
        for dim, shift in zip(dims, shifts, strict=True):
            moved[resolve_dim(self.name, xs[0], dim, "dims")] += shift
        # What comes round the border counts as beyond it: the way that is shorter.
        sizes = xs[0].dims
        return tuple(Along(axis, shifted(-_nearest(shift, sizes[axis]))) for axis, shift in moved.items())

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(resample=ys[0].numel)

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return method(args[0], "roll", slots["shifts"], slots["dims"])

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING


def _nearest(shift: int, size: int) -> int:
    """The same place round a circle of `size`, by the shorter way: 5 of 6 is -1."""
    return (shift + size // 2) % size - size // 2


@op
class Contiguous(View):
    """The same values in the order of memory that their dimensions say: (N, ...) -> (N, ...).

    Values do not change. What reads them may run another kernel, and round otherwise in the last digit.
    """

    pointwise: ClassVar[bool] = True
    name: ClassVar[str] = "contiguous"
    unseen: ClassVar[bool] = True
    view: ClassVar[bool] = False

    def strides(self, xs: Shapes, ys: Shapes, given: Sequence[Strides]) -> tuple[Strides | None, ...]:
        return (given[0] if is_contiguous(sizes(xs[0]), given[0]) else None,)

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return method(args[0], "contiguous")


@op
class Flip(Op):
    """Elements in the reverse order along dimensions: (N, L, E) -> (N, L, E) for dims 1."""

    name: ClassVar[str] = "flip"
    takes_complex: ClassVar[bool] = True
    also_called: ClassVar[Mapping[str, str]] = {"reverse": ""}
    role: ClassVar[Role] = Role.RESHAPE
    function: ClassVar[str] = "torch.flip"

    dims: int | tuple[int, ...] = Field(description="along which dimensions")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        dims = self.dims if isinstance(self.dims, tuple) else (self.dims,)
        axes = {resolve_dim(self.name, xs[0], dim, "dims") for dim in dims}
        if not dims or len(axes) < len(dims):
            raise ShapeFault("bad-option", f"dims {list(dims)} names no dimension, or one twice", field="dims")
        return (xs[0],)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        dims = self.dims if isinstance(self.dims, tuple) else (self.dims,)
        turned = {resolve_dim(self.name, xs[0], dim, "dims") for dim in dims}
        ends = (size - 1 for size in xs[0].dims)
        return tuple(Along(i, Reach((end,), (end,), -1)) if i in turned else Along(i) for i, end in enumerate(ends))

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(resample=ys[0].numel)

    def form(self, xs: tuple[Shape, ...]) -> Hashable:
        return isinstance(self.dims, tuple)

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return method(args[0], "flip", slots["dims"])

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING


@op
class RepeatInterleave(Op):
    """Each element several times in a row along a dimension: (N, L, E) -> (N, 2 * L, E) for repeats 2 and dim 1."""

    name: ClassVar[str] = "repeat_interleave"
    takes_complex: ClassVar[bool] = True
    role: ClassVar[Role] = Role.RESHAPE
    function: ClassVar[str] = "torch.repeat_interleave"

    repeats: PositiveInt = Field(description="how often each element stands there")
    dim: Annotated[int, AXES] = Field(
        description="the dimension that grows, counted as PyTorch does, the batch being 0"
    )

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        axis, dims = resolve_dim(self.name, xs[0], self.dim), xs[0].dims
        return (laid_out((*dims[:axis], dims[axis] * self.repeats, *dims[axis + 1 :]), xs[0], channel_axis(xs[0])),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        axis = resolve_dim(self.name, xs[0], self.dim)
        return one_of(xs[0], axis, Along(axis, Reach((0,) * self.repeats, (0,) * self.repeats, 1)))

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(resample=ys[0].numel)

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return method(args[0], "repeat_interleave", slots["repeats"], dim=slots["dim"])

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return Saved(view=True)


@op
class Tile(Op):
    """The whole several times side by side: (N, H, W, C) -> (N, H, 2 * W, 3 * C) for dims [2, 3]."""

    name: ClassVar[str] = "tile"
    takes_complex: ClassVar[bool] = True
    also_called: ClassVar[Mapping[str, str]] = {"repeat": ""}
    role: ClassVar[Role] = Role.RESHAPE
    function: ClassVar[str] = "torch.tile"

    dims: tuple[PositiveInt, ...] = Field(
        min_length=1, description="how often along each of the last dimensions, the batch not among them"
    )

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        dims = xs[0].dims
        kept = len(dims) - len(self.dims)
        if kept < 0:
            message = f"dims has {plural(len(self.dims), 'number')} where {xs[0]} has {len(dims)} after the batch"
            raise ShapeFault("rank-mismatch", message, field="dims")
        sizes = (size * often for size, often in zip(dims[kept:], self.dims, strict=True))
        return (laid_out((*dims[:kept], *sizes), xs[0], channel_axis(xs[0])),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        kept = len(xs[0].dims) - len(self.dims)
        elements = (tuple(range(size)) for size in xs[0].dims)
        return tuple(
            Along(axis, Reach(all_, all_, 0) if axis >= kept and self.dims[axis - kept] > 1 else SAME)
            for axis, all_ in enumerate(elements)
        )

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(resample=ys[0].numel)

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return method(args[0], "tile", slots["dims"])

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING

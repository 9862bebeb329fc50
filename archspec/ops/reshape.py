"""Changes of shape without arithmetic.

Dimensions are counted as PyTorch does: 0 is the batch, which none of these ops touches.
"""

from collections.abc import Hashable, Mapping, Sequence
from math import prod
from typing import Annotated, ClassVar

from pydantic import Field

from archspec.ops.fields import channel_axis, laid_out
from archspec.ops.names import AXES
from archspec.ops.op import Helper, Op, Role, ShapeFault, op
from archspec.ops.reach import Along, Reading, reshaped
from archspec.ops.saved import NOTHING, Saved
from archspec.ops.sizes import by, rank_of, resolve_dim
from archspec.ops.strides import Strides, sizes, viewed
from archspec.values.shape import Shape, Shapes
from archspec.values.source import Item, Member, Source, constant, invoke, method, spread


class View(Op):
    """An op whose output shares the memory of its input; one that copies where it must is no `view`."""

    hands_on_gradient: ClassVar[bool] = True
    role: ClassVar[Role] = Role.RESHAPE
    view: ClassVar[bool] = True
    takes_complex: ClassVar[bool] = True
    aliases_input: ClassVar[bool] = True

    def strides(self, xs: Shapes, ys: Shapes, given: Sequence[Strides]) -> tuple[Strides | None, ...]:
        return tuple(viewed(sizes(xs[0]), given[0], sizes(y)) for y in ys)

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING


@op
class Identity(View):
    """The input itself: (N, ...) -> (N, ...)."""

    pointwise: ClassVar[bool] = True
    name: ClassVar[str] = "identity"
    also_called: ClassVar[Mapping[str, str]] = {"no_op": ""}
    unseen: ClassVar[bool] = True
    module: ClassVar[str] = "nn.Identity"

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return args[0]


@op
class Flatten(View):
    """Dimensions made one: (N, C, H, W) -> (N, C * H * W)."""

    name: ClassVar[str] = "flatten"
    unseen: ClassVar[bool] = True
    view: ClassVar[bool] = False
    module: ClassVar[str] = "nn.Flatten"
    function: ClassVar[str] = "torch.flatten"
    positional: ClassVar[int] = 2

    start_dim: int = Field(default=1, description="first dimension to flatten")
    end_dim: int = Field(default=-1, description="last dimension to flatten")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        first, last = self._range(xs[0])
        if first > last:
            message = f"start_dim {self.start_dim} comes after end_dim {self.end_dim} in {xs[0]}"
            raise ShapeFault("bad-option", message, field="start_dim")
        dims, axis = xs[0].dims, channel_axis(xs[0])
        after = axis if axis < first else first if axis <= last else axis - (last - first)
        return (laid_out((*dims[:first], prod(dims[first : last + 1]), *dims[last + 1 :]), xs[0], after),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        return reshaped(xs[0].dims, ys[0].dims)

    def _range(self, x: Shape) -> tuple[int, int]:
        first = resolve_dim(self.name, x, self.start_dim, "start_dim")
        return first, resolve_dim(self.name, x, self.end_dim, "end_dim")

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        # torch.flatten starts at the batch unless told otherwise.
        end = (slots["end_dim"],) if "end_dim" in slots else ()
        return invoke("torch.flatten", args[0], slots.get("start_dim", constant(1)), *end)


@op
class Unflatten(View):
    """One dimension made several: (N, K, ...) -> (N, *unflattened_size, ...)."""

    name: ClassVar[str] = "unflatten"
    unseen: ClassVar[bool] = True
    module: ClassVar[str] = "nn.Unflatten"
    function: ClassVar[str] = "torch.unflatten"
    positional: ClassVar[int] = 2
    function_positional: ClassVar[int] = 2

    dim: Annotated[int, AXES] = Field(description="the dimension to split")
    unflattened_size: tuple[int, ...] = Field(description="sizes that it becomes; one of them may be -1, for the rest")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        axis = resolve_dim(self.name, xs[0], self.dim)
        dims = xs[0].dims
        sizes = _fill(self.unflattened_size, dims[axis], xs[0], "unflattened_size")
        return (laid_out((*dims[:axis], *sizes, *dims[axis + 1 :]), xs[0], self._channels(xs[0])),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        return reshaped(xs[0].dims, ys[0].dims)

    def _channels(self, x: Shape) -> int | None:
        """Where the channels are afterwards; None where they are what is split."""
        axis, channels = resolve_dim(self.name, x, self.dim), channel_axis(x)
        if axis == channels:
            return None
        return channels if channels < axis else channels + len(self.unflattened_size) - 1


@op
class Reshape(View):
    """Other sizes for the same elements of each sample: (N, ...) -> (N, *shape).

    What has no batch is reshaped whole. `flatten` and `unflatten` state the sizes of what they change alone, and so
    hold for other sizes of the rest.
    """

    name: ClassVar[str] = "reshape"
    also_called: ClassVar[Mapping[str, str]] = {"view": ""}
    unseen: ClassVar[bool] = True
    view: ClassVar[bool] = False
    function: ClassVar[str] = "torch.reshape"

    shape: tuple[int, ...] = Field(description="sizes without the batch; one of them may be -1, for the rest")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        sizes = _fill(self.shape, prod(xs[0].dims), xs[0], "shape")
        return (Shape(sizes, xs[0].batch, xs[0].dtype),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        return reshaped(xs[0].dims, ys[0].dims)

    def form(self, xs: tuple[Shape, ...]) -> Hashable:
        return xs[0].batch > 0

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        x = args[0]
        rows = (Item(Member(x, "shape"), (constant(0),)),) if xs[0].batch else ()
        return method(x, "reshape", *rows, *spread(slots["shape"]))


PERMUTE = Helper(
    "Permute",
    '''\
class Permute(nn.Module):
    """Puts the dimensions in another order."""

    def __init__(self, dims: tuple[int, ...]) -> None:
        super().__init__()
        self.dims = dims

    def forward(self, x: Tensor) -> Tensor:
        return x.permute(self.dims)
''',
)


@op
class Permute(View):
    """Dimensions in another order: (N, C, H, W) -> (N, H, W, C) for dims [0, 2, 3, 1]."""

    name: ClassVar[str] = "permute"
    also_called: ClassVar[Mapping[str, str]] = {"move_axis": "", "move_dim": "", "rearrange": ""}
    module: ClassVar[str] = "Permute"
    function: ClassVar[str] = "torch.permute"

    dims: tuple[int, ...] = Field(description="the new order of all dimensions; the batch, 0, stays first")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        order = self._order(xs[0])
        if not order:
            return xs
        return (laid_out(tuple(xs[0].dims[axis] for axis in order), xs[0], order.index(channel_axis(xs[0]))),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        order = self._order(xs[0])
        return tuple(Along(order.index(axis)) for axis in range(len(xs[0].dims)))

    def strides(self, xs: Shapes, ys: Shapes, given: Sequence[Strides]) -> tuple[Strides | None, ...]:
        batch = (0,) if xs[0].batch else ()
        order = (*batch, *(axis + len(batch) for axis in self._order(xs[0])))
        return (tuple(given[0][axis] for axis in order),)

    def _order(self, x: Shape) -> tuple[int, ...]:
        rank = rank_of(x)
        order = tuple(dim % rank if -rank <= dim < rank else dim for dim in self.dims)
        if sorted(order) != list(range(rank)):
            message = f"dims {list(self.dims)} is no order of the {rank} of {x}"
            raise ShapeFault("rank-mismatch", message, help=self._help_of_batch(rank), field="dims")
        if not x.batch:
            return order
        if order[0] != 0:
            kept = [0, *(dim for dim in self.dims if dim % rank)]
            help = f"the batch stays first: dims: {kept}; what reads it counts its dimensions from there"
            raise ShapeFault("bad-option", "permute moves the batch from its first place", help=help, field="dims")
        return tuple(dim - 1 for dim in order[1:])

    def _help_of_batch(self, rank: int) -> str:
        """The order that is meant where the batch was not counted: `[2, 0, 1]` and `[3, 1, 2]` of N x C x H x W."""
        first = next((first for first in (0, 1) if sorted(self.dims) == list(range(first, first + rank - 1))), None)
        if first is None:
            return ""
        return f"the batch counts, as 0: dims: {[0, *(dim + 1 - first for dim in self.dims)]}"

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return method(args[0], "permute", *spread(slots["dims"]))

    def helpers(self) -> tuple[Helper, ...]:
        return (PERMUTE,)


@op
class Transpose(View):
    """Two dimensions exchanged: (N, L, E) -> (N, E, L) for dim0 1 and dim1 2."""

    name: ClassVar[str] = "transpose"
    also_called: ClassVar[Mapping[str, str]] = {"swap_axes": "", "swap_dims": ""}
    function: ClassVar[str] = "torch.transpose"

    dim0: int = Field(description="one dimension")
    dim1: int = Field(description="the other")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        first, second = self._axes(xs[0])
        dims = list(xs[0].dims)
        dims[first], dims[second] = dims[second], dims[first]
        return (laid_out(tuple(dims), xs[0], self._channels(xs[0])),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        first, second = self._axes(xs[0])
        return tuple(Along({first: second, second: first}.get(axis, axis)) for axis in range(len(xs[0].dims)))

    def strides(self, xs: Shapes, ys: Shapes, given: Sequence[Strides]) -> tuple[Strides | None, ...]:
        first, second = (axis + (xs[0].batch > 0) for axis in self._axes(xs[0]))
        made = list(given[0])
        made[first], made[second] = made[second], made[first]
        return (tuple(made),)

    def _channels(self, x: Shape) -> int:
        """Where the channels are afterwards."""
        axis, (first, second) = channel_axis(x), self._axes(x)
        return {first: second, second: first}.get(axis, axis)

    def _axes(self, x: Shape) -> tuple[int, int]:
        return resolve_dim(self.name, x, self.dim0, "dim0"), resolve_dim(self.name, x, self.dim1, "dim1")

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return method(args[0], "transpose", slots["dim0"], slots["dim1"])


def _fill(sizes: tuple[int, ...], elements: int, x: Shape, field: str) -> tuple[int, ...]:
    """`sizes` with -1 replaced by what is left of `elements`. Raises ShapeFault where they do not fit."""
    if not sizes or sizes.count(-1) > 1 or any(size < 1 and size != -1 for size in sizes):
        wanted = "sizes of 1 or more, and -1 once at most"
        raise ShapeFault("bad-option", f"{field} takes {wanted}, not {list(sizes)}", field=field)
    known = prod(size for size in sizes if size != -1)
    filled = tuple(elements // known if size == -1 else size for size in sizes)
    if prod(filled) != elements:
        raise ShapeFault("shape-mismatch", f"{by(sizes)} does not hold the {elements} elements of {x}", field=field)
    return filled

"""Changes of shape without arithmetic, means over dimensions, and cuts.

Dimensions are counted as PyTorch does: 0 is the batch, which none of these ops touches.
"""

from collections.abc import Mapping, Sequence
from math import prod
from typing import ClassVar

from pydantic import Field

from archspec.ops.fields import PositiveInt, channel_axis, product, written
from archspec.ops.op import Op, Role, ShapeFault, op
from archspec.ops.printing import primary
from archspec.ops.sizes import by, resolve_dim
from archspec.values.cost import Cost
from archspec.values.expression import Expr, Value
from archspec.values.expression import Literal as Constant
from archspec.values.shape import Shape


class View(Op):
    """An op whose output may share the memory of its input."""

    role: ClassVar[Role] = Role.RESHAPE
    aliases_input: ClassVar[bool] = True


@op
class Identity(View):
    """The input itself: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "identity"
    role: ClassVar[Role] = Role.OTHER
    module: ClassVar[str] = "nn.Identity"

    def expression(self, args: Sequence[str], slots: Mapping[str, str], xs: tuple[Shape, ...]) -> str:
        return args[0]


@op
class Flatten(View):
    """Dimensions made one: (N, C, H, W) -> (N, C * H * W)."""

    name: ClassVar[str] = "flatten"
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
        dims = xs[0].dims
        return (Shape((*dims[:first], prod(dims[first : last + 1]), *dims[last + 1 :]), xs[0].batch, xs[0].dtype),)

    def _range(self, x: Shape) -> tuple[int, int]:
        first = resolve_dim(self.name, x, self.start_dim, "start_dim")
        return first, resolve_dim(self.name, x, self.end_dim, "end_dim")

    def channels_expr(
        self, fields: Mapping[str, Expr], channels: tuple[Expr | None, ...], xs: tuple[Shape, ...]
    ) -> Expr | None:
        first, last = self._range(xs[0])
        before, after = channel_axis(xs[0]), channel_axis(self.infer(xs)[0])
        if channels[0] is None or not first <= before <= last or after != first:
            return None
        factors: list[Expr] = [Constant(size) for size in xs[0].dims[first : last + 1]]
        factors[before - first] = channels[0]
        return product(factors)

    def expression(self, args: Sequence[str], slots: Mapping[str, str], xs: tuple[Shape, ...]) -> str:
        # torch.flatten starts at the batch unless told otherwise.
        end = [slots["end_dim"]] if "end_dim" in slots else []
        return f"torch.flatten({', '.join([args[0], slots.get('start_dim', '1'), *end])})"


@op
class Unflatten(View):
    """One dimension made several: (N, K, ...) -> (N, *unflattened_size, ...)."""

    name: ClassVar[str] = "unflatten"
    module: ClassVar[str] = "nn.Unflatten"
    function: ClassVar[str] = "torch.unflatten"
    positional: ClassVar[int] = 2
    function_positional: ClassVar[int] = 2

    dim: int = Field(description="the dimension to split")
    unflattened_size: tuple[int, ...] = Field(description="sizes that it becomes; one of them may be -1, for the rest")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        axis = resolve_dim(self.name, xs[0], self.dim)
        dims = xs[0].dims
        sizes = _fill(self.unflattened_size, dims[axis], xs[0], "unflattened_size")
        return (Shape((*dims[:axis], *sizes, *dims[axis + 1 :]), xs[0].batch, xs[0].dtype),)

    def channels_expr(
        self, fields: Mapping[str, Expr], channels: tuple[Expr | None, ...], xs: tuple[Shape, ...]
    ) -> Expr | None:
        return None


@op
class Reshape(View):
    """Other sizes for the same elements of each sample: (N, ...) -> (N, *shape)."""

    name: ClassVar[str] = "reshape"
    function: ClassVar[str] = "torch.reshape"

    shape: tuple[int, ...] = Field(description="sizes without the batch; one of them may be -1, for the rest")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        sizes = _fill(self.shape, prod(xs[0].dims), xs[0], "shape")
        return (Shape(sizes, xs[0].batch, xs[0].dtype),)

    def channels_expr(
        self, fields: Mapping[str, Expr], channels: tuple[Expr | None, ...], xs: tuple[Shape, ...]
    ) -> Expr | None:
        return None

    def expression(self, args: Sequence[str], slots: Mapping[str, str], xs: tuple[Shape, ...]) -> str:
        sizes = slots["shape"].strip("()").rstrip(",")
        return f"{primary(args[0])}.reshape({primary(args[0])}.shape[0], {sizes})"


@op
class Permute(View):
    """Dimensions in another order: (N, C, H, W) -> (N, H, W, C) for dims [0, 2, 3, 1]."""

    name: ClassVar[str] = "permute"
    function: ClassVar[str] = "torch.permute"

    dims: tuple[int, ...] = Field(description="the new order of all dimensions; the batch, 0, stays first")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        return (Shape(tuple(xs[0].dims[axis] for axis in self._order(xs[0])), xs[0].batch, xs[0].dtype),)

    def _order(self, x: Shape) -> tuple[int, ...]:
        rank = len(x.dims) + 1
        order = tuple(dim % rank if -rank <= dim < rank else dim for dim in self.dims)
        if sorted(order) != list(range(rank)):
            raise ShapeFault("rank-mismatch", f"dims {list(self.dims)} is no order of the {rank} of {x}", field="dims")
        if order[0] != 0:
            raise ShapeFault("bad-option", "permute moves the batch from its first place", field="dims")
        return tuple(dim - 1 for dim in order[1:])

    def channels_expr(
        self, fields: Mapping[str, Expr], channels: tuple[Expr | None, ...], xs: tuple[Shape, ...]
    ) -> Expr | None:
        axis = channel_axis(xs[0])
        return channels[0] if self._order(xs[0])[axis] == axis else None

    def expression(self, args: Sequence[str], slots: Mapping[str, str], xs: tuple[Shape, ...]) -> str:
        return f"{primary(args[0])}.permute{slots['dims']}"


@op
class Transpose(View):
    """Two dimensions exchanged: (N, L, E) -> (N, E, L) for dim0 1 and dim1 2."""

    name: ClassVar[str] = "transpose"
    function: ClassVar[str] = "torch.transpose"

    dim0: int = Field(description="one dimension")
    dim1: int = Field(description="the other")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        first, second = self._axes(xs[0])
        dims = list(xs[0].dims)
        dims[first], dims[second] = dims[second], dims[first]
        return (Shape(tuple(dims), xs[0].batch, xs[0].dtype),)

    def _axes(self, x: Shape) -> tuple[int, int]:
        return resolve_dim(self.name, x, self.dim0, "dim0"), resolve_dim(self.name, x, self.dim1, "dim1")

    def channels_expr(
        self, fields: Mapping[str, Expr], channels: tuple[Expr | None, ...], xs: tuple[Shape, ...]
    ) -> Expr | None:
        first, second = self._axes(xs[0])
        return channels[0] if first == second or channel_axis(xs[0]) not in {first, second} else None

    def expression(self, args: Sequence[str], slots: Mapping[str, str], xs: tuple[Shape, ...]) -> str:
        return f"{primary(args[0])}.transpose({slots['dim0']}, {slots['dim1']})"


@op
class Mean(Op):
    """Mean over dimensions: (N, C, H, W) -> (N, C) for dim [2, 3]."""

    name: ClassVar[str] = "mean"
    role: ClassVar[Role] = Role.POOL
    function: ClassVar[str] = "torch.mean"

    dim: int | tuple[int, ...] = Field(description="the dimension or dimensions to take the mean over")
    keepdim: bool = Field(default=False, description="leaves a size of 1 in their places")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        axes = self._axes(xs[0])
        dims = xs[0].dims
        kept = dims if self.keepdim else [size for axis, size in enumerate(dims) if axis not in axes]
        return (Shape(tuple(1 if self.keepdim and i in axes else n for i, n in enumerate(kept)), xs[0].batch),)

    def _axes(self, x: Shape) -> set[int]:
        given = self.dim if isinstance(self.dim, tuple) else (self.dim,)
        axes = {resolve_dim(self.name, x, dim) for dim in given}
        if not given or len(axes) < len(given):
            raise ShapeFault("bad-option", f"dim {list(given)} names no dimension, or one twice", field="dim")
        if not self.keepdim and len(axes) == len(x.dims):
            message = f"mean over every dimension of {x} leaves none; keepdim: true keeps them"
            raise ShapeFault("rank-mismatch", message, field="dim")
        return axes

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(pool=xs[0].numel)

    def channels_expr(
        self, fields: Mapping[str, Expr], channels: tuple[Expr | None, ...], xs: tuple[Shape, ...]
    ) -> Expr | None:
        axes, axis = self._axes(xs[0]), channel_axis(xs[0])
        if axis in axes:
            return None
        place = axis if self.keepdim else axis - sum(other < axis for other in axes)
        return channels[0] if place == channel_axis(self.infer(xs)[0]) else None

    def expression(self, args: Sequence[str], slots: Mapping[str, str], xs: tuple[Shape, ...]) -> str:
        keep = [f"keepdim={slots['keepdim']}"] if "keepdim" in slots else []
        return f"{primary(args[0])}.mean({', '.join([slots['dim'], *keep])})"

    def label(self) -> str:
        return "mean"


@op
class Narrow(View):
    """A part of one dimension: (N, C, H, W) -> (N, length, H, W) for dim 1."""

    name: ClassVar[str] = "narrow"
    function: ClassVar[str] = "torch.narrow"

    dim: int = Field(description="the dimension to cut")
    start: int = Field(ge=0, description="first element kept")
    length: PositiveInt = Field(description="elements kept")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        axis = resolve_dim(self.name, xs[0], self.dim)
        dims = xs[0].dims
        if self.start + self.length > dims[axis]:
            raise ShapeFault(
                "shape-mismatch",
                f"elements {self.start} to {self.start + self.length - 1} reach beyond the {dims[axis]} of {xs[0]}",
                field="length",
            )
        return (Shape((*dims[:axis], self.length, *dims[axis + 1 :]), xs[0].batch, xs[0].dtype),)

    def channels_expr(
        self, fields: Mapping[str, Expr], channels: tuple[Expr | None, ...], xs: tuple[Shape, ...]
    ) -> Expr | None:
        cut = resolve_dim(self.name, xs[0], self.dim) == channel_axis(xs[0])
        return written(fields, "length", self.length) if cut else channels[0]

    def slots(self, xs: tuple[Shape, ...]) -> dict[str, Value]:
        return {"dim": self.dim, "start": self.start, "length": self.length}

    def expression(self, args: Sequence[str], slots: Mapping[str, str], xs: tuple[Shape, ...]) -> str:
        return f"{primary(args[0])}.narrow({slots['dim']}, {slots['start']}, {slots['length']})"


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

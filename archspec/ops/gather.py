"""Elements taken from places, and put there. Looking up costs no arithmetic; sums count elements written.

An index holds integers: an input that says `dtype: int`, the `indices` of another op, or what `positions` counts.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, ClassVar

from pydantic import Field

from archspec.ops.align import listing
from archspec.ops.broadcast import broadcast
from archspec.ops.embedding import require_integers
from archspec.ops.fields import PositiveInt, channel_axis, laid_out
from archspec.ops.label import Label, channels_part
from archspec.ops.names import AXES
from archspec.ops.op import Op, Role, ShapeFault, op
from archspec.ops.saved import Saved
from archspec.ops.sizes import rank_of, resolve_dim
from archspec.values.cost import Cost
from archspec.values.shape import HELD, Shape, Shapes
from archspec.values.source import Source, invoke, method

# The cure where an index that serves all samples is given one for each.
BY_SAMPLE = "gather and take_along_dim take an index of its own for each sample"


class AlongDim(Op):
    """An op over a value and an index that says places along one dimension."""

    role: ClassVar[Role] = Role.EMBEDDING
    input_names: ClassVar[tuple[str, ...]] = ("x", "index")
    required: ClassVar[int] = 2

    dim: Annotated[int, AXES] = Field(description="the dimension, counted as PyTorch does, the batch being 0")

    def require_index(self, x: Shape, index: Shape) -> int:
        """The axis that the index speaks of. Raises ShapeFault where it does not fit the value but along that axis."""
        require_integers(self.name, index)
        axis = resolve_dim(self.name, x, self.dim)
        if (len(x.dims), x.batch) != (len(index.dims), index.batch):
            message = f"{self.name} needs an index with the dimensions of its value"
            raise ShapeFault("rank-mismatch", message, pointed=listing((x, index)))
        if any(n > m for at, (n, m) in enumerate(zip(index.dims, x.dims, strict=True)) if at != axis):
            message = f"{self.name} needs an index that is no larger than its value but along dimension {self.dim}"
            raise ShapeFault("shape-mismatch", message, pointed=listing((x, index)))
        return axis


class _Taken(AlongDim):
    """An op that takes elements from their places."""

    def scratch_backward(self, xs: Shapes, ys: Shapes) -> Shapes:
        return xs[:1]  # zeros, a copy of which takes the gradients at the places


@op
class Gather(_Taken):
    """Elements by their places along `dim`: (N, L, C), integers (N, K, C) -> (N, K, C) for dim 1.

    y[n, k, c] = x[n, index[n, k, c], c]
    """

    name: ClassVar[str] = "gather"
    also_called: ClassVar[Mapping[str, str]] = {"gather_elements": ""}
    function: ClassVar[str] = "torch.gather"

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x, index = xs
        self.require_index(x, index)
        return (laid_out(index.dims, x, channel_axis(x)),)

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return method(args[0], "gather", slots["dim"], args[1])


@op
class TakeAlongDim(_Taken):
    """Elements by their places along `dim`: (N, L, C), integers (N, K, 1) -> (N, K, C) for dim 1.

    `gather` with an index that broadcasts to the value but along that dimension. An index without a batch, (1, K, 1),
    serves all samples.
    """

    name: ClassVar[str] = "take_along_dim"
    function: ClassVar[str] = "torch.take_along_dim"

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x, index = xs
        require_integers(self.name, index)
        axis = resolve_dim(self.name, x, self.dim)
        if rank_of(x) != rank_of(index) or index.batch > x.batch:
            message = f"{self.name} needs an index with the dimensions of its value"
            raise ShapeFault("rank-mismatch", message, pointed=listing(xs))
        at = axis + len(index.dims) - len(x.dims)  # one further where the index has a 1 for the batch
        others = [_but_for(x, axis), _but_for(index, at)]
        met = broadcast(self.name, others).dims
        return (laid_out((*met[:axis], index.dims[at], *met[axis + 1 :]), x, channel_axis(x)),)

    def scratch(self, xs: Shapes, ys: Shapes) -> Shapes:
        return (replace(ys[0], dtype="int"),)  # the places, counted from the front

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return Saved(inputs=(0,), made=self.scratch(xs, ys))

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return invoke("torch.take_along_dim", args[0], args[1], slots["dim"])


def _but_for(x: Shape, axis: int) -> Shape:
    """The shape with a 1 in one place, which any size meets."""
    return Shape((*x.dims[:axis], 1, *x.dims[axis + 1 :]), x.batch)


@op
class IndexSelect(_Taken):
    """Slices of a dimension by number, the same for all samples: (N, L, C), integers (K,) -> (N, K, C) for dim 1.

    The index has no batch: it is a buffer.
    """

    name: ClassVar[str] = "index_select"
    function: ClassVar[str] = "torch.index_select"

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x, index = xs
        require_integers(self.name, index)
        axis = resolve_dim(self.name, x, self.dim)
        if index.batch or len(index.dims) != 1:
            message = f"{self.name} takes an index of one dimension and without a batch, not {index}"
            raise ShapeFault("rank-mismatch", message, help=BY_SAMPLE)
        return (laid_out((*x.dims[:axis], index.dims[0], *x.dims[axis + 1 :]), x, channel_axis(x)),)

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return method(args[0], "index_select", slots["dim"], args[1])

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return Saved(inputs=(1,))


class PutAlongDim(AlongDim):
    """An op that puts elements of `src` to places of a value."""

    input_names: ClassVar[tuple[str, ...]] = ("x", "index", "src")
    required: ClassVar[int] = 3
    verb: ClassVar[str] = "puts"

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x, index, *rest = xs
        self.require_index(x, index)
        for src in rest:
            self.require_src(x, index, src)
        return (x,)

    def require_src(self, x: Shape, index: Shape, src: Shape) -> None:
        """Raises ShapeFault where what is put does not fit the index, or the value does not hold such."""
        if (len(src.dims), src.batch) != (len(index.dims), index.batch):
            message = f"{self.name} needs a src with the dimensions of its index"
            raise ShapeFault("rank-mismatch", message, pointed=listing((index, src)))
        if any(n > m for n, m in zip(index.dims, src.dims, strict=True)):
            message = f"{self.name} needs an index that is no larger than its src"
            raise ShapeFault("shape-mismatch", message, pointed=listing((index, src)))
        if x.dtype != src.dtype:
            message = f"{self.name} {self.verb} {HELD[src.dtype]} to {HELD[x.dtype]}, and needs the same in both"
            raise ShapeFault("wrong-type", message, help="{op: mul, other: 1.0} makes fractions of the others")

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        x, index, *rest = args
        # Under autocast a layer's output may be of half precision where what it is put to is not.
        put = method(rest[0], "type_as", x) if rest else slots["value"]
        return method(x, self.name, slots["dim"], index, put)

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return Saved(inputs=(1,))


@op
class Scatter(PutAlongDim):
    """Elements of `src`, or a number, put to their places along `dim`: (N, L, C), integers (N, K, C) -> (N, L, C).

    y = x, and then y[n, index[n, k, c], c] = src[n, k, c] for dim 1; where two go to one place, either may stay
    """

    name: ClassVar[str] = "scatter"
    required: ClassVar[int] = 2
    function: ClassVar[str] = "torch.scatter"

    value: float | None = Field(default=None, description="a number in place of `src`")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        if (len(xs) > 2) == (self.value is not None):
            both = "both are" if self.value is not None else "none is"
            raise ShapeFault("bad-option", f"scatter takes a src or a value; {both} given", field="value")
        if self.value is not None and xs[0].dtype != "float" and not self.value.is_integer():
            message = f"scatter puts {self.value:g} to {HELD[xs[0].dtype]}"
            raise ShapeFault("wrong-type", message, field="value", help="{op: mul, other: 1.0} makes fractions of them")
        return super().infer(xs)

    def form(self, xs: tuple[Shape, ...]) -> Hashable:
        return self.value is None


@op
class ScatterAdd(PutAlongDim):
    """Elements of `src` added at their places along `dim`: (N, L, C), integers (N, K, C), (N, K, C) -> (N, L, C).

    y = x, and then y[n, index[n, k, c], c] += src[n, k, c] for dim 1
    """

    name: ClassVar[str] = "scatter_add"
    also_called: ClassVar[Mapping[str, str]] = {"scatter_elements": ""}
    verb: ClassVar[str] = "adds"
    function: ClassVar[str] = "torch.scatter_add"

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(elementwise=xs[1].numel)


@op
class OneHot(Op):
    """A 1 at the place of every number, 0 elsewhere: integers (N, L) -> integers (N, L, num_classes)."""

    name: ClassVar[str] = "one_hot"
    role: ClassVar[Role] = Role.EMBEDDING
    function: ClassVar[str] = "F.one_hot"
    function_positional: ClassVar[int] = 1

    num_classes: PositiveInt = Field(description="places: one more than the largest number")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        require_integers(self.name, xs[0])
        dims = (*xs[0].dims, self.num_classes)
        return (laid_out(dims, xs[0], len(dims) - 1),)

    def scratch(self, xs: Shapes, ys: Shapes) -> Shapes:
        return Shape((self.num_classes,), 0, "int"), replace(ys[0], dtype="bool")

    def label(self) -> Label:
        return Label("one-hot", (channels_part("num_classes", self.num_classes),))

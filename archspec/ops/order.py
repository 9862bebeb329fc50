"""Elements in order along a dimension, the largest of them, and where they stand. Counts are the elements read.

Most of these ops have two outputs: the values, and under `indices` the places along the dimension where they stood.
Through the values a gradient passes to the elements that they are; places have none.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

from pydantic import Field

from archspec.ops.fields import PositiveInt, channel_axis, laid_out
from archspec.ops.label import Label, Part
from archspec.ops.names import AXES
from archspec.ops.op import Op, ShapeFault, op
from archspec.ops.reach import Reading, but, pointwise
from archspec.ops.reduce import OverOne
from archspec.ops.saved import NOTHING, OUTPUT, Saved
from archspec.ops.sizes import resolve_dim
from archspec.values.cost import Cost
from archspec.values.shape import Shape, Shapes
from archspec.values.source import Source, method


def places(x: Shape) -> Shape:
    """The shape of the places of elements that have the shape `x`."""
    return Shape(x.dims, x.batch, "int", x.channels_last)


class WithPlaces(Op):
    """An op that gives values, and the places along a dimension where they stood."""

    port_names: ClassVar[tuple[str, ...]] = ("", "indices")
    first_port: ClassVar[str] = "values"
    # Autograd keeps the places.
    saves_output: ClassVar[bool] = True

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(pool=xs[0].numel)

    def scratch_backward(self, xs: Shapes, ys: Shapes) -> Shapes:
        return xs[:1]  # zeros, a copy of which takes the gradients at the places

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return Saved(outputs=(1,))


@op
class TopK(WithPlaces):
    """The k largest elements along `dim`, and their `indices`: (N, ..., K) -> (N, ..., k)."""

    name: ClassVar[str] = "topk"
    numeric: ClassVar[frozenset[str]] = frozenset({"x"})
    function: ClassVar[str] = "torch.topk"
    function_positional: ClassVar[int] = 1

    k: PositiveInt = Field(description="how many elements")
    dim: Annotated[int, AXES] = Field(
        default=-1, description="the dimension, counted as PyTorch does, the batch being 0"
    )
    largest: bool = Field(default=True, description="false takes the smallest")
    sorted: bool = Field(default=True, description="they stand in order, the largest first")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        axis, dims = resolve_dim(self.name, xs[0], self.dim), xs[0].dims
        if self.k > dims[axis]:
            message = f"k is {self.k}, and dimension {self.dim} of {xs[0]} has {dims[axis]}"
            raise ShapeFault("shape-mismatch", message, field="k")
        y = laid_out((*dims[:axis], self.k, *dims[axis + 1 :]), xs[0], channel_axis(xs[0]))
        return y, places(y)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        return but(pointwise(xs[0], xs[0]), resolve_dim(self.name, xs[0], self.dim))

    def label(self) -> Label:
        return Label("top" if self.largest else "least", behind=Part("k", str(self.k), "k"))


@op
class Sort(WithPlaces):
    """Elements in order along `dim`, and the `indices` where they stood: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "sort"
    function: ClassVar[str] = "torch.sort"
    function_positional: ClassVar[int] = 0

    dim: Annotated[int, AXES] = Field(
        default=-1, description="the dimension, counted as PyTorch does, the batch being 0"
    )
    descending: bool = Field(default=False, description="the largest comes first")
    stable: bool = Field(default=False, description="equal elements stay in their order")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        resolve_dim(self.name, xs[0], self.dim)
        return xs[0], places(xs[0])

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        return but(pointwise(xs[0], xs[0]), resolve_dim(self.name, xs[0], self.dim))


@op
class Argsort(Op):
    """The places of elements along `dim`, in the order of the elements: (N, ...) -> integers (N, ...)."""

    name: ClassVar[str] = "argsort"
    function: ClassVar[str] = "torch.argsort"
    function_positional: ClassVar[int] = 0

    dim: Annotated[int, AXES] = Field(
        default=-1, description="the dimension, counted as PyTorch does, the batch being 0"
    )
    descending: bool = Field(default=False, description="the place of the largest comes first")
    stable: bool = Field(default=False, description="equal elements stay in their order")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        resolve_dim(self.name, xs[0], self.dim)
        return (places(xs[0]),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        return but(pointwise(xs[0], xs[0]), resolve_dim(self.name, xs[0], self.dim))

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(pool=xs[0].numel)

    def scratch(self, xs: Shapes, ys: Shapes) -> Shapes:
        return xs  # in their order

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return OUTPUT


class _Place(OverOne):
    """The place of one element along a dimension."""

    numeric: ClassVar[frozenset[str]] = frozenset({"x"})

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        return (places(super().infer(xs)[0]),)

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING


@op
class Argmax(_Place):
    """The place of the largest element along `dim`: (N, L, C) -> integers (N, L) for dim 2."""

    name: ClassVar[str] = "argmax"
    function: ClassVar[str] = "torch.argmax"


@op
class Argmin(_Place):
    """The place of the smallest element along `dim`: (N, L, C) -> integers (N, L) for dim 2."""

    name: ClassVar[str] = "argmin"
    function: ClassVar[str] = "torch.argmin"


class _Extreme(WithPlaces, OverOne):
    """One element of those along a dimension, and its place."""

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        y = super().infer(xs)[0]
        return y, places(y)


@op
class Max(_Extreme):
    """The largest element along `dim`, and its `indices`: (N, L, C) -> (N, L) for dim 2.

    `amax` gives only the value, and over several dimensions; `maximum` compares two inputs.
    """

    name: ClassVar[str] = "max"
    function: ClassVar[str] = "torch.max"


@op
class Min(_Extreme):
    """The smallest element along `dim`, and its `indices`: (N, L, C) -> (N, L) for dim 2.

    `amin` gives only the value, and over several dimensions; `minimum` compares two inputs.
    """

    name: ClassVar[str] = "min"
    function: ClassVar[str] = "torch.min"


@op
class Median(_Extreme):
    """The element in the middle of those along `dim`, and its `indices`: (N, L, C) -> (N, L) for dim 2.

    Of an even number of elements it is the lower of the two in the middle.
    """

    name: ClassVar[str] = "median"
    function: ClassVar[str] = "torch.median"
    numeric: ClassVar[frozenset[str]] = frozenset({"x"})


@op
class Mode(_Extreme):
    """The element that is most frequent along `dim`, and an index of it: (N, L, C) -> (N, L) for dim 2.

    Of those that are as frequent it is the smallest.
    """

    name: ClassVar[str] = "mode"
    function: ClassVar[str] = "torch.mode"


@op
class KthValue(_Extreme):
    """The k-th smallest element along `dim`, and its `indices`: (N, L, C) -> (N, L) for dim 2."""

    name: ClassVar[str] = "kthvalue"
    also_called: ClassVar[Mapping[str, str]] = {"nth_element": ""}
    function: ClassVar[str] = "torch.kthvalue"
    numeric: ClassVar[frozenset[str]] = frozenset({"x"})

    k: PositiveInt = Field(description="which in order, from the smallest, which is 1")
    dim: Annotated[int, AXES] = Field(
        default=-1, description="the dimension that is reduced, counted as PyTorch does, the batch being 0"
    )

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        found = super().infer(xs)
        size = xs[0].dims[resolve_dim(self.name, xs[0], self.dim)]
        if self.k > size:
            message = f"k is {self.k}, and dimension {self.dim} of {xs[0]} has {size}"
            raise ShapeFault("shape-mismatch", message, field="k")
        return found

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        named = {name: slots[name] for name in ("dim", "keepdim") if name in slots}
        return method(args[0], self.name, slots["k"], **named)

    def label(self) -> Label:
        return Label("k-th value", (Part("k", str(self.k), "k", word="k"),))

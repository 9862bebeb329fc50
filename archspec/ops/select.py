"""Parts of a value: cuts along a dimension, and one value made several.

Dimensions are counted as PyTorch does: 0 is the batch, which none of these ops touches.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import Annotated, ClassVar, TypeAlias

from pydantic import Field

from archspec.ops.fields import PositiveInt, channel_axis, laid_out
from archspec.ops.label import Label, Part
from archspec.ops.names import AXES, numbered_ports
from archspec.ops.op import Role, ShapeFault, op
from archspec.ops.reach import Along, Fixed, Reading, one_of, shifted
from archspec.ops.reshape import View
from archspec.ops.sizes import resolve_dim
from archspec.ops.strides import Strides
from archspec.values.expression import Global, List, Literal, Value
from archspec.values.shape import Shape, Shapes
from archspec.values.source import Item, Listing, Range, Source, constant, invoke, method, unswapped


class Cut(View):
    """A view of some elements along one dimension."""

    def strides(self, xs: Shapes, ys: Shapes, given: Sequence[Strides]) -> tuple[Strides | None, ...]:
        return (given[0],) * len(ys)


@op
class Narrow(Cut):
    """A part of one dimension: (N, C, H, W) -> (N, length, H, W) for dim 1."""

    name: ClassVar[str] = "narrow"
    role: ClassVar[Role] = Role.OTHER
    function: ClassVar[str] = "torch.narrow"

    dim: Annotated[int, AXES] = Field(description="the dimension to cut")
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
        return (laid_out((*dims[:axis], self.length, *dims[axis + 1 :]), xs[0], channel_axis(xs[0])),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        axis = resolve_dim(self.name, xs[0], self.dim)
        return one_of(xs[0], axis, Along(axis, shifted(self.start)))

    def slots(self, xs: tuple[Shape, ...]) -> dict[str, Value]:
        return {"dim": self.dim, "start": self.start, "length": self.length}

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return method(args[0], "narrow", slots["dim"], slots["start"], slots["length"])


@op
class Slice(Cut):
    """A part of one dimension, counted as Python does: (N, L, E) -> (N, L - 1, E) for dim 1 and start 1."""

    name: ClassVar[str] = "slice"
    also_called: ClassVar[Mapping[str, str]] = {"strided_slice": ""}
    role: ClassVar[Role] = Role.OTHER
    none_is: ClassVar[Mapping[str, Value]] = {"start": 0}

    dim: Annotated[int, AXES] = Field(description="the dimension to cut")
    start: int | None = Field(default=None, description="first element kept; none is the first, -1 the last")
    stop: int | None = Field(default=None, description="first element after those kept; none keeps the last")
    step: PositiveInt = Field(default=1, description="2 keeps every other element")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        axis, dims = resolve_dim(self.name, xs[0], self.dim), xs[0].dims
        start, stop = _bound(self.start, dims[axis], 0), _bound(self.stop, dims[axis], dims[axis])
        kept = -(-(stop - start) // self.step)
        if kept < 1:
            raise ShapeFault("size-below-one", f"nothing of the {dims[axis]} of {xs[0]} is left", field="dim")
        return (laid_out((*dims[:axis], kept, *dims[axis + 1 :]), xs[0], channel_axis(xs[0])),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        axis = resolve_dim(self.name, xs[0], self.dim)
        start = _bound(self.start, xs[0].dims[axis], 0)
        return one_of(xs[0], axis, Along(axis, shifted(start, self.step)))

    def strides(self, xs: Shapes, ys: Shapes, given: Sequence[Strides]) -> tuple[Strides | None, ...]:
        axis = resolve_dim(self.name, xs[0], self.dim) + (xs[0].batch > 0)
        return (tuple(step * (self.step if at == axis else 1) for at, step in enumerate(given[0])),)

    def label(self) -> Label:
        ends = ("" if end is None else str(end) for end in (self.start, self.stop))
        step = () if self.step == 1 else (str(self.step),)
        return Label(self.name, behind=Part("start", ":".join((*ends, *step)), "elements"))

    def form(self, xs: tuple[Shape, ...]) -> Hashable:
        return self.dim

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return Item(args[0], at(self.dim, Range(slots.get("start"), slots.get("stop"), slots.get("step"))))


@op
class Select(Cut):
    """One element of a dimension, which is gone then: (N, L, E) -> (N, E) for dim 1."""

    name: ClassVar[str] = "select"
    role: ClassVar[Role] = Role.OTHER
    function: ClassVar[str] = "torch.select"

    dim: Annotated[int, AXES] = Field(description="the dimension")
    index: int = Field(description="which element; -1 is the last")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        axis, dims = resolve_dim(self.name, xs[0], self.dim), xs[0].dims
        if not -dims[axis] <= self.index < dims[axis]:
            message = f"there is no element {self.index} among the {dims[axis]} of {xs[0]}"
            raise ShapeFault("shape-mismatch", message, field="index")
        return (without(xs[0], axis),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        axis = resolve_dim(self.name, xs[0], self.dim)
        picked = self.index % xs[0].dims[axis]
        return one_of(xs[0], axis, Fixed(picked, picked), gone=True)

    def strides(self, xs: Shapes, ys: Shapes, given: Sequence[Strides]) -> tuple[Strides | None, ...]:
        return (_without(given[0], xs[0], resolve_dim(self.name, xs[0], self.dim)),)

    def label(self) -> Label:
        return Label(self.name, behind=Part("index", str(self.index), "index"))

    def form(self, xs: tuple[Shape, ...]) -> Hashable:
        return self.dim

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        swapped = unswapped(args[0]) if self.dim == 1 else None
        if swapped is not None:  # `x.transpose(0, 1)[:, -1]` is `x[-1]`
            return Item(swapped, (slots["index"],))
        return Item(args[0], at(self.dim, slots["index"]))


# More outputs than anybody names, and few enough that each can be: each has a shape, a place in the graph and a row.
MAX_PARTS = 10_000
PartCount: TypeAlias = Annotated[int, Field(gt=0, le=MAX_PARTS)]


class Parts(Cut):
    """An op that makes one value several, which are numbered: `qkv.0`, `qkv.1`; the bare name is the first."""

    role: ClassVar[Role] = Role.OTHER
    numbered: ClassVar[bool] = True
    # Autograd lets nobody write over one of several views.
    saves_output: ClassVar[bool] = True

    @property
    def ports(self) -> tuple[str, ...]:
        return numbered_ports(self.parts_of())

    def parts_of(self) -> int:
        """How many values there are."""
        raise NotImplementedError

    def made(self, args: Sequence[Source], slots: Mapping[str, Source]) -> Source:
        """The tuple of them."""
        raise NotImplementedError

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        made = self.made(args, slots)
        return made if self.parts_of() > 1 else Item(made, (Literal(0),))  # nothing unpacks a tuple of one


@op
class Split(Parts):
    """Parts of these sizes along a dimension: (N, C, H, W) -> (N, C1, H, W), (N, C2, H, W) for [C1, C2]."""

    name: ClassVar[str] = "split"
    function: ClassVar[str] = "torch.split"
    listed: ClassVar[frozenset[str]] = frozenset({"split_size"})

    split_size: tuple[PositiveInt, ...] = Field(min_length=1, description="size of each part")
    dim: Annotated[int, AXES] = Field(
        default=1, description="the dimension, counted as PyTorch does, the batch being 0"
    )

    def parts_of(self) -> int:
        return len(self.split_size)

    def label(self) -> Label:
        return Label(self.name, (Part("split_size", ", ".join(map(str, self.split_size)), "sizes"),))

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        axis, dims = resolve_dim(self.name, xs[0], self.dim), xs[0].dims
        if sum(self.split_size) != dims[axis]:
            message = f"the parts {list(self.split_size)} do not make up the {dims[axis]} of {xs[0]}"
            raise ShapeFault("shape-mismatch", message, field="split_size")
        return tuple(
            laid_out((*dims[:axis], size, *dims[axis + 1 :]), xs[0], channel_axis(xs[0])) for size in self.split_size
        )

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        axis = resolve_dim(self.name, xs[0], self.dim)
        return one_of(xs[0], axis, Along(axis, shifted(sum(self.split_size[:output]))))

    def made(self, args: Sequence[Source], slots: Mapping[str, Source]) -> Source:
        sizes = slots["split_size"]
        if isinstance(sizes, Literal) and isinstance(sizes.value, tuple):
            sizes = Listing(tuple(map(constant, sizes.value)))  # torch's stubs take a list and no tuple here
        elif isinstance(sizes, List):
            sizes = Listing(sizes.items)
        return invoke("torch.split", args[0], sizes, slots.get("dim", constant(1)))


@op
class Chunk(Parts):
    """Equal parts along a dimension: (N, 3 * C, H, W) -> three of (N, C, H, W) for chunks 3."""

    name: ClassVar[str] = "chunk"
    function: ClassVar[str] = "torch.chunk"

    chunks: PartCount = Field(description="how many parts")
    dim: Annotated[int, AXES] = Field(
        default=1, description="the dimension, counted as PyTorch does, the batch being 0"
    )

    def parts_of(self) -> int:
        return self.chunks

    def label(self) -> Label:
        return Label(self.name, behind=Part("chunks", str(self.chunks), "parts"))

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        axis, dims = resolve_dim(self.name, xs[0], self.dim), xs[0].dims
        if dims[axis] % self.chunks:
            message = f"{self.chunks} chunks do not divide the {dims[axis]} of {xs[0]}"
            raise ShapeFault("size-not-divisible", message, field="chunks")
        part = laid_out((*dims[:axis], dims[axis] // self.chunks, *dims[axis + 1 :]), xs[0], channel_axis(xs[0]))
        return (part,) * self.chunks

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        axis = resolve_dim(self.name, xs[0], self.dim)
        return one_of(xs[0], axis, Along(axis, shifted(output * ys[0].dims[axis])))

    def made(self, args: Sequence[Source], slots: Mapping[str, Source]) -> Source:
        return method(args[0], "chunk", slots["chunks"], dim=slots.get("dim", constant(1)))


@op
class Unbind(Parts):
    """The elements of a dimension, each without it: (N, 3, L, E) -> three of (N, L, E) for parts 3."""

    name: ClassVar[str] = "unbind"
    also_called: ClassVar[Mapping[str, str]] = {"unstack": ""}
    function: ClassVar[str] = "torch.unbind"

    parts: PartCount = Field(description="how many elements: the size of the dimension")
    dim: Annotated[int, AXES] = Field(
        default=1, description="the dimension, counted as PyTorch does, the batch being 0"
    )

    def parts_of(self) -> int:
        return self.parts

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        axis, dims = resolve_dim(self.name, xs[0], self.dim), xs[0].dims
        if dims[axis] != self.parts:
            message = f"dimension {self.dim} of {xs[0]} has {dims[axis]} elements, not {self.parts}"
            raise ShapeFault("shape-mismatch", message, field="parts")
        return (without(xs[0], axis),) * self.parts

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        return one_of(xs[0], resolve_dim(self.name, xs[0], self.dim), Fixed(output, output), gone=True)

    def strides(self, xs: Shapes, ys: Shapes, given: Sequence[Strides]) -> tuple[Strides | None, ...]:
        return (_without(given[0], xs[0], resolve_dim(self.name, xs[0], self.dim)),) * len(ys)

    def slots(self, xs: tuple[Shape, ...]) -> dict[str, Value]:
        return {"dim": self.dim}

    def made(self, args: Sequence[Source], slots: Mapping[str, Source]) -> Source:
        return method(args[0], "unbind", slots.get("dim", constant(1)))


def _without(step: Strides, x: Shape, axis: int) -> Strides:
    """The strides of `x` without those of an axis, counted without the batch."""
    at = axis + (x.batch > 0)
    return (*step[:at], *step[at + 1 :])


def _bound(bound: int | None, size: int, otherwise: int) -> int:
    """Where a bound lies among `size` elements, counted as Python does."""
    if bound is None:
        return otherwise
    return max(size + bound, 0) if bound < 0 else min(bound, size)


def at(dim: int, index: Source) -> tuple[Source, ...]:
    """An index of one dimension: `:, 1:` for dimension 1, `..., 0, :` for dimension -2."""
    if dim >= 0:
        return (*[Range()] * dim, index)
    return (Global("..."), index, *[Range()] * (-dim - 1))


def without(x: Shape, axis: int) -> Shape:
    """`x` without one of its dimensions."""
    channels = channel_axis(x)
    after = None if channels == axis else channels - (axis < channels)
    return laid_out((*x.dims[:axis], *x.dims[axis + 1 :]), x, after)

"""Padding. Counts are the elements written.

PyTorch states a padding from the last dimension backwards, two numbers for each: left, right, top, bottom, front, back.
In `pad`, for an image, the third pair is the channels; the ops of one kind and rank pad spatial dimensions alone.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import ClassVar, Literal

from pydantic import Field

from archspec.ops.fields import PositiveInt, channel_axis, laid_out
from archspec.ops.label import Label, Part
from archspec.ops.op import TO_NUMBER, Op, Role, ShapeFault, op
from archspec.ops.reach import Along, Reading, pointwise, shifted
from archspec.ops.saved import INPUT, NOTHING, Saved
from archspec.ops.sizes import require_rank, require_sizes
from archspec.values.cost import Cost
from archspec.values.expression import Value
from archspec.values.shape import Shape, Shapes
from archspec.values.source import Item, Member, Negative, Operation, Source, Tuple, constant, invoke

_SIDES = ("left", "right", "top", "bottom", "front", "back")  # in the order of `pad`
Mode = Literal["constant", "reflect", "replicate", "circular"]


def padded(name: str, x: Shape, pad: tuple[int, ...], mode: Mode, field: str) -> Shape:
    """The shape of `x` with `pad` around it. Raises ShapeFault where it does not fit."""
    pairs = tuple(zip(pad[::2], pad[1::2], strict=True))
    if mode != "constant" and len(pairs) != len(x.spatial):
        raise ShapeFault(
            "rank-mismatch",
            f"mode: {mode} needs {2 * len(x.spatial)} numbers for {x}, two for each spatial dimension, not {len(pad)}",
            field=field,
        )
    if len(pairs) > len(x.dims):
        raise ShapeFault(
            "rank-mismatch",
            f"{len(pad)} numbers are more than two for each dimension of {x} but the batch",
            field=field,
        )
    slack = {"reflect": 1, "circular": 0}.get(mode)
    sizes = x.dims[len(x.dims) - len(pairs) :]
    if slack is not None:
        for size, pair in zip(sizes, reversed(pairs), strict=True):
            if max(pair) > size - slack:
                raise ShapeFault(
                    "bad-padding", f"mode: {mode} cannot fill {max(pair)} from a size of {size}", field=field
                )
    for size, pair in zip(sizes, reversed(pairs), strict=True):
        cut = -sum(min(number, 0) for number in pair)
        if cut > size:
            raise ShapeFault("bad-padding", f"{name} cannot cut {cut} from a size of {size}", field=field)
    grown = tuple(size + sum(pair) for size, pair in zip(sizes, reversed(pairs), strict=True))
    dims = (*x.dims[: len(x.dims) - len(pairs)], *grown)
    require_sizes(name, dims, x)
    return Shape(dims, x.batch, x.dtype)


def padding_reach(x: Shape, pad: tuple[int, ...]) -> tuple[Reading, ...]:
    """What is read of `x`, `pad` around it; what the padding repeats of it is not followed."""
    unpadded = len(x.dims) - len(pad) // 2
    befores = (0,) * unpadded + tuple(pad[::2][::-1])
    return tuple(Along(axis, shifted(-before)) for axis, before in enumerate(befores))


def _told(sizes: Sequence[int]) -> Part:
    """What a padding adds: of one that adds to one side only that side, `left 2`, else all of them, `1, 0, 2, 2`."""
    [at, *others] = [at for at, size in enumerate(sizes) if size] or [len(_SIDES)]
    if others or at >= len(_SIDES):
        return Part("pad", ", ".join(map(str, sizes)), "padding")
    return Part("pad", str(sizes[at]), _SIDES[at], word=_SIDES[at])


def _going_round(x: Shape, y: Shape) -> Shapes:
    """Beside the gradient the backward pass holds three maps with borders, of which the last becomes that of x."""
    return (Shape((3 * y.numel - x.numel,), y.batch),) if x.dims != y.dims else (x,)


def _label(title: str, mode: Mode, sides: Part) -> Label:
    """What a padding says: `pad 1`, `reflect pad 0, 1, 0, 1`."""
    return Label(title if mode == "constant" else f"{mode} {title}", behind=sides, aside=True)


@op
class Pad(Op):
    """Padding of any dimensions but the batch; negative numbers cut: (N, C, H, W) -> (N, C', H', W')."""

    name: ClassVar[str] = "pad"
    role: ClassVar[Role] = Role.OTHER
    function: ClassVar[str] = "F.pad"
    none_is: ClassVar[Mapping[str, Value]] = {"value": 0}

    pad: tuple[int, ...] = Field(
        description="two numbers for each dimension, from the last one backwards: left, right, top, bottom, front, back"
    )
    mode: Mode = Field(default="constant", description="what the padding is filled with")
    value: float | None = Field(default=None, description="the constant; none is 0")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        if not self.pad or len(self.pad) % 2:
            count = len(self.pad)
            raise ShapeFault("bad-option", f"pad needs two numbers for each dimension, not {count} in all", field="pad")
        if self.value is not None and self.mode != "constant":
            raise ShapeFault("bad-option", f"value has no meaning with mode: {self.mode}", field="value")
        if self.mode != "constant" and min(self.pad) < 0:
            raise ShapeFault(
                "bad-padding", f"mode: {self.mode} cannot cut, which {min(self.pad)} asks for", field="pad"
            )
        if self.mode in {"reflect", "replicate"} and xs[0].dtype == "bool":
            message = f"mode: {self.mode} takes numbers, and its input holds truth values: {xs[0]}"
            raise ShapeFault("wrong-type", message, help=TO_NUMBER, field="mode")
        return (padded(self.name, xs[0], self.pad, self.mode, "pad"),)

    def put_behind(self) -> tuple[int, ...]:
        return self.pad[1::2]

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        return padding_reach(xs[0], self.pad)

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(resample=ys[0].numel)

    def label(self) -> Label:
        cuts = min(self.pad, default=0) < 0 >= max(self.pad, default=0)
        return _label("crop" if cuts else "pad", self.mode, _told([-size if cuts else size for size in self.pad]))

    def scratch_backward(self, xs: Shapes, ys: Shapes) -> Shapes:
        return _going_round(xs[0], ys[0]) if self.mode == "circular" else ()

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return INPUT if self.mode in {"reflect", "replicate"} else NOTHING


@op
class PadToMultiple(Op):
    """Zeros below and on the right until height and width are multiples: (N, C, H, W) -> (N, C, H', W').

    Images with their channels last, (N, H, W, C), are padded as well.
    """

    name: ClassVar[str] = "pad_to_multiple"
    role: ClassVar[Role] = Role.OTHER

    multiple: PositiveInt = Field(description="what divides height and width afterwards")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        (x,) = xs
        if not x.batch or len(x.dims) != 3:
            raise ShapeFault("rank-mismatch", f"{self.name} needs N x C x H x W or N x H x W x C, not {x}")
        spatial = (0, 1) if x.channels_last else (1, 2)
        dims = tuple(size + -size % self.multiple if at in spatial else size for at, size in enumerate(x.dims))
        return (laid_out(dims, x, channel_axis(x)),)

    def form(self, xs: tuple[Shape, ...]) -> Hashable:
        return xs[0].channels_last

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        return pointwise(xs[0], Shape(xs[0].dims))

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(resample=ys[0].numel)

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        x, multiple = args[0], slots["multiple"]
        down, right = (
            Operation("%", Negative(Item(Member(x, "shape"), (constant(dim),))), multiple)
            for dim in ((1, 2) if xs[0].channels_last else (2, 3))
        )
        none = constant(0)
        last = (none, none) if xs[0].channels_last else ()
        return invoke("F.pad", x, Tuple((*last, none, right, none, down)))

    def label(self) -> Label:
        return Label(
            "pad", behind=Part("multiple", str(self.multiple), "multiple", word="to a multiple of"), aside=True
        )

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING


class Border(Op):
    """Padding of `rank` spatial dimensions alone."""

    role: ClassVar[Role] = Role.OTHER
    function: ClassVar[str] = "F.pad"
    rank: ClassVar[int] = 2
    mode: ClassVar[Mode] = "constant"

    padding: int | tuple[int, ...] = Field(description="one number for all sides, or one for each")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        require_rank(self.name, xs[0], self.rank)
        pad = self.padding if isinstance(self.padding, tuple) else (self.padding,) * (2 * self.rank)
        if self.mode != "constant" and min(pad) < 0:
            raise ShapeFault("bad-padding", f"{self.name} cannot cut, which {min(pad)} asks for", field="padding")
        return (padded(self.name, xs[0], pad, self.mode, "padding"),)

    def put_behind(self) -> tuple[int, ...]:
        return self.padding[1::2] if isinstance(self.padding, tuple) else (self.padding,) * self.rank

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        sides = self.padding if isinstance(self.padding, tuple) else (self.padding,) * (2 * self.rank)
        return padding_reach(xs[0], sides)

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(resample=ys[0].numel)

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        sides = slots["padding"]
        pad = sides if isinstance(self.padding, tuple) else Tuple((sides,) * (2 * self.rank))
        return invoke("F.pad", args[0], pad, **self.filling(slots))

    def filling(self, slots: Mapping[str, Source]) -> dict[str, Source]:
        """The arguments of `F.pad` that say what the padding is filled with."""
        return {} if self.mode == "constant" else {"mode": constant(self.mode)}

    def label(self) -> Label:
        sides = self.padding if isinstance(self.padding, tuple) else (self.padding,)
        return _label("pad", self.mode, Part("padding", ", ".join(map(str, sides)), "padding"))

    def scratch_backward(self, xs: Shapes, ys: Shapes) -> Shapes:
        return _going_round(xs[0], ys[0]) if self.mode == "circular" else ()

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return INPUT if self.mode in {"reflect", "replicate"} else NOTHING


class _Border1d(Border):
    rank: ClassVar[int] = 1

    padding: int | tuple[int, int] = Field(description="one number for both sides, or left, right")


class _Border2d(Border):
    padding: int | tuple[int, int, int, int] = Field(
        description="one number for all sides, or left, right, top, bottom"
    )


class _Border3d(Border):
    rank: ClassVar[int] = 3

    padding: int | tuple[int, int, int, int, int, int] = Field(
        description="one number for all sides, or left, right, top, bottom, front, back"
    )


class _Constant(Border):
    """Padding with a number of one's choice."""

    positional: ClassVar[int] = 2

    value: float = Field(description="what the padding is filled with")

    def filling(self, slots: Mapping[str, Source]) -> dict[str, Source]:
        return {"value": slots["value"]}


@op
class ConstantPad1d(_Border1d, _Constant):
    """One number around a sequence: (N, C, W) -> (N, C, W')."""

    name: ClassVar[str] = "constant_pad1d"
    module: ClassVar[str] = "nn.ConstantPad1d"


@op
class ConstantPad2d(_Border2d, _Constant):
    """One number around an image: (N, C, H, W) -> (N, C, H', W')."""

    name: ClassVar[str] = "constant_pad2d"
    module: ClassVar[str] = "nn.ConstantPad2d"


@op
class ConstantPad3d(_Border3d, _Constant):
    """One number around a volume: (N, C, D, H, W) -> (N, C, D', H', W')."""

    name: ClassVar[str] = "constant_pad3d"
    module: ClassVar[str] = "nn.ConstantPad3d"


@op
class ZeroPad1d(_Border1d):
    """Zeros around a sequence: (N, C, W) -> (N, C, W')."""

    name: ClassVar[str] = "zero_pad1d"
    also_called: ClassVar[Mapping[str, str]] = {"zero_padding1d": ""}
    module: ClassVar[str] = "nn.ZeroPad1d"


@op
class ZeroPad2d(_Border2d):
    """Zeros around an image: (N, C, H, W) -> (N, C, H', W')."""

    name: ClassVar[str] = "zero_pad2d"
    also_called: ClassVar[Mapping[str, str]] = {"zero_padding2d": ""}
    module: ClassVar[str] = "nn.ZeroPad2d"


@op
class ZeroPad3d(_Border3d):
    """Zeros around a volume: (N, C, D, H, W) -> (N, C, D', H', W')."""

    name: ClassVar[str] = "zero_pad3d"
    also_called: ClassVar[Mapping[str, str]] = {"zero_padding3d": ""}
    module: ClassVar[str] = "nn.ZeroPad3d"


@op
class ReflectionPad1d(_Border1d):
    """A sequence mirrored at its ends, which are not repeated: (N, C, W) -> (N, C, W')."""

    name: ClassVar[str] = "reflection_pad1d"
    numeric: ClassVar[frozenset[str]] = frozenset({"x"})
    module: ClassVar[str] = "nn.ReflectionPad1d"
    mode: ClassVar[Mode] = "reflect"


@op
class ReflectionPad2d(_Border2d):
    """An image mirrored at its borders, which are not repeated: (N, C, H, W) -> (N, C, H', W')."""

    name: ClassVar[str] = "reflection_pad2d"
    numeric: ClassVar[frozenset[str]] = frozenset({"x"})
    module: ClassVar[str] = "nn.ReflectionPad2d"
    mode: ClassVar[Mode] = "reflect"


@op
class ReflectionPad3d(_Border3d):
    """A volume mirrored at its borders, which are not repeated: (N, C, D, H, W) -> (N, C, D', H', W')."""

    name: ClassVar[str] = "reflection_pad3d"
    numeric: ClassVar[frozenset[str]] = frozenset({"x"})
    module: ClassVar[str] = "nn.ReflectionPad3d"
    mode: ClassVar[Mode] = "reflect"


@op
class ReplicationPad1d(_Border1d):
    """A sequence with its outermost values repeated: (N, C, W) -> (N, C, W')."""

    name: ClassVar[str] = "replication_pad1d"
    numeric: ClassVar[frozenset[str]] = frozenset({"x"})
    module: ClassVar[str] = "nn.ReplicationPad1d"
    mode: ClassVar[Mode] = "replicate"


@op
class ReplicationPad2d(_Border2d):
    """An image with its outermost values repeated: (N, C, H, W) -> (N, C, H', W')."""

    name: ClassVar[str] = "replication_pad2d"
    numeric: ClassVar[frozenset[str]] = frozenset({"x"})
    module: ClassVar[str] = "nn.ReplicationPad2d"
    mode: ClassVar[Mode] = "replicate"


@op
class ReplicationPad3d(_Border3d):
    """A volume with its outermost values repeated: (N, C, D, H, W) -> (N, C, D', H', W')."""

    name: ClassVar[str] = "replication_pad3d"
    numeric: ClassVar[frozenset[str]] = frozenset({"x"})
    module: ClassVar[str] = "nn.ReplicationPad3d"
    mode: ClassVar[Mode] = "replicate"


@op
class CircularPad1d(_Border1d):
    """A sequence continued from its other end: (N, C, W) -> (N, C, W')."""

    name: ClassVar[str] = "circular_pad1d"
    module: ClassVar[str] = "nn.CircularPad1d"
    mode: ClassVar[Mode] = "circular"


@op
class CircularPad2d(_Border2d):
    """An image continued from its other side: (N, C, H, W) -> (N, C, H', W')."""

    name: ClassVar[str] = "circular_pad2d"
    module: ClassVar[str] = "nn.CircularPad2d"
    mode: ClassVar[Mode] = "circular"


@op
class CircularPad3d(_Border3d):
    """A volume continued from its other side: (N, C, D, H, W) -> (N, C, D', H', W')."""

    name: ClassVar[str] = "circular_pad3d"
    module: ClassVar[str] = "nn.CircularPad3d"
    mode: ClassVar[Mode] = "circular"

"""Convolutions and transposed convolutions.

A convolution of `k` kernel elements makes `C_out * C_in / groups * k` multiply-adds at every output position; a
transposed one makes them at every *input* position. The bias is not counted.
"""

from collections.abc import Mapping, Sequence
from math import prod
from typing import Annotated, ClassVar

from pydantic import Field

from archspec.ops.fields import (
    PaddingMode,
    Paddings,
    PaddingsOrWord,
    PositiveInt,
    Sizes,
    Spatial,
    each,
)
from archspec.ops.label import Label, Part, channels_part, groups_parts, kernel_part, stride_parts, times
from archspec.ops.names import BIASES, CHANNELS, DILATIONS, GROUPS, KERNELS, STRIDES
from archspec.ops.op import Role, ShapeFault, op
from archspec.ops.reach import WHOLE, Along, Reading, spread, window
from archspec.ops.saved import Saved
from archspec.ops.sizes import by, left_over, require_rank, require_sizes, same_elsewhere, slide, spread_out
from archspec.ops.weighted import Weighted
from archspec.values.cost import Cost
from archspec.values.shape import Shape, Shapes

Sides = tuple[tuple[int, int], ...]


class _Convolution(Weighted, Spatial):
    """What convolutions and transposed convolutions have in common."""

    low_precision: ClassVar[bool] = True
    role: ClassVar[Role] = Role.CONV
    real: ClassVar[frozenset[str]] = frozenset({"x"})
    stateful: ClassVar[bool] = True
    positional: ClassVar[int] = 3
    tensors: ClassVar[tuple[str, ...]] = ("weight", "bias")
    may_lack: ClassVar[frozenset[str]] = frozenset({"bias"})

    out_channels: Annotated[PositiveInt, CHANNELS] = Field(description="channels of the output")
    kernel_size: Annotated[Sizes, KERNELS] = Field(description="size of the kernel")

    def derived(self, xs: tuple[Shape, ...]) -> dict[str, int]:
        return {"in_channels": xs[0].channels}

    def require_groups(self, x: Shape, groups: int) -> None:
        """Raises ShapeFault where `groups` does not divide the channels on both sides."""
        for side, channels in (("input", x.channels), ("output", self.out_channels)):
            if channels % groups:
                raise ShapeFault(
                    "channels-not-divisible",
                    f"{groups} groups do not divide the {channels} channels of the {side}",
                    field="groups",
                )

    def scratch(self, xs: Shapes, ys: Shapes) -> Shapes:
        return self.made(xs)[:1]  # a weight that follows from other parameters

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return Saved(inputs=(0,), made=self.made(xs))


class Convolution(_Convolution):
    """Convolution over `rank` dimensions."""

    also_called: ClassVar[Mapping[str, str]] = {"depthwise_conv": "groups: $x.channels"}

    stride: Annotated[Sizes, STRIDES] = Field(default=1, description="step of the kernel")
    padding: PaddingsOrWord = Field(
        default=0, description="added on both sides; `same` keeps the size, `valid` adds nothing"
    )
    dilation: Annotated[Sizes, DILATIONS] = Field(default=1, description="distance between kernel elements")
    groups: Annotated[PositiveInt, GROUPS] = Field(
        default=1, description="independent parts that the channels are split into"
    )
    bias: Annotated[bool, BIASES] = Field(default=True, description="adds a learned number to each output channel")
    padding_mode: PaddingMode = Field(default="zeros", description="what the padding is filled with")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x = xs[0]
        require_rank(self.name, x, self.rank)
        self.require_groups(x, self.groups)
        if self.padding == "same" and max(each(self.stride, self.rank)) > 1:
            message = f"padding: same needs a stride of 1, not {self.stride}"
            raise ShapeFault("bad-padding", message, help=self._same_elsewhere(x), field="padding")
        sides = self._sides()
        self._require_room(x, sides)
        kernel, stride, dilation = (each(v, self.rank) for v in (self.kernel_size, self.stride, self.dilation))
        sizes = slide(x.spatial, kernel, stride, sides, dilation)
        return (Shape((self.out_channels, *sizes), x.batch),)

    def unread(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> tuple[int, ...]:
        kernel, stride, dilation = (each(v, self.rank) for v in (self.kernel_size, self.stride, self.dilation))
        return left_over(xs[0].spatial, ys[0].spatial, kernel, stride, self._sides(), dilation)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        kernel, stride, dilation = (each(v, self.rank) for v in (self.kernel_size, self.stride, self.dilation))
        befores = (before for before, _ in self._sides())
        reaches = map(window, kernel, stride, befores, dilation)
        return (WHOLE, *(Along(axis, reach) for axis, reach in enumerate(reaches, start=1)))

    def _sides(self) -> Sides:
        """Padding before and after, per dimension. `same` puts the odd one after, as PyTorch does."""
        if not isinstance(self.padding, str):
            return tuple((p, p) for p in each(self.padding, self.rank))
        if self.padding == "valid":
            return ((0, 0),) * self.rank
        kernel, dilation = each(self.kernel_size, self.rank), each(self.dilation, self.rank)
        around = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
        return tuple((a // 2, a - a // 2) for a in around)

    def _same_elsewhere(self, x: Shape) -> str:
        """What gives the values of TensorFlow's `same`, which pads by the stride, and by the size of the input."""
        each_of = (each(v, self.rank) for v in (self.kernel_size, self.stride, self.dilation))
        rest = [same_elsewhere(*numbers) for numbers in zip(x.spatial, *each_of, strict=True)]
        if not any(total % 2 for total in rest):
            halves = [total // 2 for total in rest]
            number = halves[0] if len(set(halves)) == 1 else halves
            return f"padding: {number} is what TensorFlow's same adds to {by(x.spatial)}"
        sides = [side for total in reversed(rest) for side in (total // 2, total - total // 2)]
        return (
            f"TensorFlow's same adds more behind than before to {by(x.spatial)}: put {{op: zero_pad{self.rank}d, "
            f"padding: {sides}}} before it, and leave out padding; one number for both sides computes something else"
        )

    def _require_room(self, x: Shape, sides: Sides) -> None:
        """Reflection needs a size above the padding, wrapping one not below it."""
        slack = {"reflect": 1, "circular": 0}.get(self.padding_mode)
        if slack is None:
            return
        for size, side in zip(x.spatial, sides, strict=True):
            if size < max(side) + slack:
                raise ShapeFault(
                    "bad-padding",
                    f"padding_mode: {self.padding_mode} cannot fill {max(side)} from a size of {size}",
                    field="padding_mode",
                )

    def plain(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        kernel = each(self.kernel_size, self.rank)
        weight = {"weight": (self.out_channels, xs[0].channels // self.groups, *kernel)}
        return {**weight, "bias": (self.out_channels,)} if self.bias else weight

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        macs = ys[0].batch * prod(ys[0].spatial) * prod(self.plain(xs)["weight"])
        # fvcore has no handle for `aten::_convolution_mode`, which a padding given as a word becomes.
        by_word = isinstance(self.padding, str) and self.padding_mode == "zeros"
        return Cost(macs=macs, fvcore=0 if by_word else macs)

    def depthwise(self, xs: tuple[Shape, ...]) -> bool:
        return 1 < self.groups == xs[0].channels

    def label(self) -> Label:
        dense = set(each(self.dilation, self.rank)) == {1}
        dilation = Part("dilation", times(self.dilation, 1), "dilation", word="dilation", unsaid="1")
        parts = (
            channels_part("out_channels", self.out_channels),
            *groups_parts(self.groups),
            *stride_parts(self.stride),
            *(() if dense else (dilation,)),
        )
        return Label("conv", parts, before=kernel_part(self.kernel_size, self.rank), implied=True)

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        made = self.made(xs)
        if self.padding_mode == "zeros":
            return Saved(inputs=(0,), made=made)
        return Saved(
            inputs=(0,) if self.padding_mode in {"reflect", "replicate"} else (), made=(self._padded(xs[0]), *made)
        )

    def scratch(self, xs: Shapes, ys: Shapes) -> Shapes:
        made = super().scratch(xs, ys)
        return made if self.padding_mode == "zeros" else (*made, self._padded(xs[0]))

    def scratch_backward(self, xs: Shapes, ys: Shapes) -> Shapes:
        if self.padding_mode == "zeros":
            return ()
        # The gradient of the padded map, before that of the input is there; where borders go round, twice.
        x, times = xs[0], 2 if self.padding_mode == "circular" else 1
        return (Shape((times * self._padded(x).numel - x.numel,), x.batch),)

    def _padded(self, x: Shape) -> Shape:
        around = (size + sum(side) for size, side in zip(x.spatial, self._sides(), strict=True))
        return Shape((x.channels, *around), x.batch)


class TransposedConvolution(_Convolution):
    """Transposed convolution over `rank` dimensions."""

    also_called: ClassVar[Mapping[str, str]] = {
        "deconv": "",
        "deconvolution": "",
        "transposed_conv": "",
        "up_conv": "",
    }
    drawn_as: ClassVar[Role | None] = Role.UPSAMPLE
    columns: ClassVar[int] = 1

    stride: Annotated[Sizes, STRIDES] = Field(default=1, description="step of the kernel over the output")
    padding: Paddings = Field(default=0, description="cut from both sides of the output")
    output_padding: Paddings = Field(default=0, description="added to one side of the output")
    groups: Annotated[PositiveInt, GROUPS] = Field(
        default=1, description="independent parts that the channels are split into"
    )
    bias: Annotated[bool, BIASES] = Field(default=True, description="adds a learned number to each output channel")
    dilation: Annotated[Sizes, DILATIONS] = Field(default=1, description="distance between kernel elements")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x = xs[0]
        require_rank(self.name, x, self.rank)
        self.require_groups(x, self.groups)
        kernel, stride, padding, extra, dilation = (
            each(v, self.rank)
            for v in (self.kernel_size, self.stride, self.padding, self.output_padding, self.dilation)
        )
        sizes = spread_out(x.spatial, kernel, stride, padding, extra, dilation)
        require_sizes(self.name, sizes, x)
        return (Shape((self.out_channels, *sizes), x.batch),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        kernel, stride, cut, dilation = (
            each(v, self.rank) for v in (self.kernel_size, self.stride, self.padding, self.dilation)
        )
        reaches = map(spread, kernel, stride, cut, dilation)
        return (WHOLE, *(Along(axis, reach) for axis, reach in enumerate(reaches, start=1)))

    def plain(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        kernel = each(self.kernel_size, self.rank)
        weight = {"weight": (xs[0].channels, self.out_channels // self.groups, *kernel)}
        return {**weight, "bias": (self.out_channels,)} if self.bias else weight

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        macs = xs[0].batch * prod(xs[0].spatial) * prod(self.plain(xs)["weight"])
        return Cost(macs=macs, fvcore=macs)

    def depthwise(self, xs: tuple[Shape, ...]) -> bool:
        return 1 < self.groups == xs[0].channels

    def label(self) -> Label:
        growth = () if self.stride == self.kernel_size else stride_parts(self.stride, sign="×")
        parts = (channels_part("out_channels", self.out_channels), *groups_parts(self.groups), *growth)
        return Label("up-conv", parts, before=kernel_part(self.kernel_size, self.rank), aside=True)


@op
class Conv1d(Convolution):
    """Convolution over a sequence: (N, C, W) -> (N, out_channels, W').

    Source: LeCun et al., Backpropagation applied to handwritten zip code recognition (1989).
    """

    name: ClassVar[str] = "conv1d"
    module: ClassVar[str] = "nn.Conv1d"
    rank: ClassVar[int] = 1


@op
class Conv2d(Convolution):
    """Convolution over an image: (N, C, H, W) -> (N, out_channels, H', W').

    Source: LeCun et al., Backpropagation applied to handwritten zip code recognition (1989).
    """

    name: ClassVar[str] = "conv2d"
    module: ClassVar[str] = "nn.Conv2d"
    rank: ClassVar[int] = 2


@op
class Conv3d(Convolution):
    """Convolution over a volume: (N, C, D, H, W) -> (N, out_channels, D', H', W').

    Source: LeCun et al., Backpropagation applied to handwritten zip code recognition (1989).
    """

    name: ClassVar[str] = "conv3d"
    module: ClassVar[str] = "nn.Conv3d"
    rank: ClassVar[int] = 3


@op
class ConvTranspose1d(TransposedConvolution):
    """Transposed convolution over a sequence: (N, C, W) -> (N, out_channels, W').

    Source: Zeiler et al., Deconvolutional networks (2010).
    """

    name: ClassVar[str] = "conv_transpose1d"
    also_called: ClassVar[Mapping[str, str]] = {"conv1d_transpose": ""}
    module: ClassVar[str] = "nn.ConvTranspose1d"
    rank: ClassVar[int] = 1


@op
class ConvTranspose2d(TransposedConvolution):
    """Transposed convolution over an image: (N, C, H, W) -> (N, out_channels, H', W').

    Source: Zeiler et al., Deconvolutional networks (2010).
    """

    name: ClassVar[str] = "conv_transpose2d"
    also_called: ClassVar[Mapping[str, str]] = {"conv2d_transpose": "", "deconv2d": "", "up_conv2d": ""}
    module: ClassVar[str] = "nn.ConvTranspose2d"
    rank: ClassVar[int] = 2


@op
class ConvTranspose3d(TransposedConvolution):
    """Transposed convolution over a volume: (N, C, D, H, W) -> (N, out_channels, D', H', W').

    Source: Zeiler et al., Deconvolutional networks (2010).
    """

    name: ClassVar[str] = "conv_transpose3d"
    also_called: ClassVar[Mapping[str, str]] = {"conv3d_transpose": ""}
    module: ClassVar[str] = "nn.ConvTranspose3d"
    rank: ClassVar[int] = 3

"""Convolutions by a weight that is a value of the network: a parameter of its own, or computed.

A functional convolution has one weight for all samples, without a batch. A dynamic one has another for every sample, as
hypernetworks give it: the samples become groups of one convolution. Multiply-adds are those of a convolution.

Source: Klein et al., A dynamic convolutional layer for short range weather prediction (2015); Ha et al., HyperNetworks
(2016).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import prod
from typing import Annotated, ClassVar

from pydantic import Field

from archspec.ops.align import listing
from archspec.ops.fields import Paddings, PositiveInt, Sizes, Spatial, each
from archspec.ops.label import Label, groups_parts, stride_parts
from archspec.ops.names import DILATIONS, GROUPS, STRIDES
from archspec.ops.op import Helper, Role, ShapeFault, op
from archspec.ops.reach import WHOLE, Along, Reading, window
from archspec.ops.saved import Saved, of_product
from archspec.ops.sizes import LAYOUTS, left_over, plural, require_rank, slide
from archspec.values.cost import Cost
from archspec.values.expression import Global
from archspec.values.shape import Shape, Shapes
from archspec.values.source import Invoke, Source

_OF_EACH = '''\
def conv{rank}d_of_each(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: {sizes} = 1,
    padding: {sizes} = 0,
    dilation: {sizes} = 1,
    groups: int = 1,
) -> Tensor:
    """A convolution of each sample by a weight, and a bias, of its own."""
    count = len(x)
    out = F.conv{rank}d(
        x.reshape(1, -1, *x.shape[2:]),
        weight.flatten(0, 1),
        None if bias is None else bias.flatten(),
        stride,
        padding,
        dilation,
        groups * count,
    )
    return out.reshape(count, -1, *out.shape[2:])
'''


def _helper(rank: int) -> Helper:
    sizes = f"int | tuple[{', '.join(['int'] * rank)}]"
    return Helper(f"conv{rank}d_of_each", _OF_EACH.format(rank=rank, sizes=sizes), uses=("F",))


OF_EACH = {rank: _helper(rank) for rank in (1, 2, 3)}


class ByAWeight(Spatial):
    """Convolution over `rank` dimensions, by a weight that is given; `each_sample` has its own, or all have one."""

    low_precision: ClassVar[bool] = True
    role: ClassVar[Role] = Role.CONV
    input_names: ClassVar[tuple[str, ...]] = ("x", "weight", "bias")
    required: ClassVar[int] = 2
    real: ClassVar[frozenset[str]] = frozenset({"x", "weight", "bias"})
    function_positional: ClassVar[int] = 0
    each_sample: ClassVar[bool] = False
    layout: ClassVar[str] = "out x in"  # of a weight in front of its kernel

    stride: Annotated[Sizes, STRIDES] = Field(default=1, description="step of the kernel")
    padding: Paddings = Field(default=0, description="added on both sides")
    dilation: Annotated[Sizes, DILATIONS] = Field(default=1, description="distance between kernel elements")
    groups: Annotated[PositiveInt, GROUPS] = Field(
        default=1, description="independent parts that the channels are split into"
    )

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x, weight = xs[:2]
        require_rank(self.name, x, self.rank)
        self.require_layout(x, xs[1:])
        out, features, *kernel = weight.dims
        if x.channels != features * self.groups:
            message = f"{self.name} needs a weight of {x.channels} input channels in {plural(self.groups, 'group')}"
            raise ShapeFault("shape-mismatch", message, pointed=listing(xs))
        if out % self.groups:
            message = f"{self.groups} groups do not divide the {out} channels of the output"
            raise ShapeFault("channels-not-divisible", message, field="groups")
        self.require_bias(out, xs)
        stride, padding, dilation = (each(v, self.rank) for v in (self.stride, self.padding, self.dilation))
        sizes = slide(x.spatial, tuple(kernel), stride, tuple((p, p) for p in padding), dilation)
        return (Shape((out, *sizes), x.batch),)

    def unread(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> tuple[int, ...]:
        stride, padding, dilation = (each(v, self.rank) for v in (self.stride, self.padding, self.dilation))
        sides = tuple((p, p) for p in padding)
        return left_over(xs[0].spatial, ys[0].spatial, xs[1].dims[2:], stride, sides, dilation)

    def require_bias(self, out: int, xs: tuple[Shape, ...]) -> None:
        """Raises ShapeFault where a bias does not have a number for each channel of the output."""
        if any(bias.dims != (out,) for bias in xs[2:]):
            raise ShapeFault("shape-mismatch", f"{self.name} needs a bias of {out} numbers", pointed=listing(xs))

    def require_layout(self, x: Shape, given: tuple[Shape, ...]) -> None:
        """Raises ShapeFault where a weight, or a bias, is not for each sample or for all of them as the op has it."""
        kernel = LAYOUTS[self.rank].removeprefix("N x C x ")
        batch, other = (x.batch, "functional") if self.each_sample else (0, "dynamic")
        layout = f"{'N x ' if batch else ''}{self.layout} x {kernel}"
        if len(given[0].dims) == self.rank + 2 and all(one.batch == batch for one in given):
            return
        fits = {one.batch for one in given} == {x.batch - batch}
        whose = "for each sample" if other == "dynamic" else "for all samples"
        named = self.name.replace("dynamic" if self.each_sample else "functional", other)
        help = f"{named} takes a weight, and a bias, {whose}" if fits else ""
        raise ShapeFault(
            "rank-mismatch", f"{self.name} needs a weight of {layout}", help=help, pointed=listing((x, *given))
        )

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        if index:
            return (WHOLE,) * len(xs[index].dims)
        stride, before, dilation = (each(v, self.rank) for v in (self.stride, self.padding, self.dilation))
        reaches = map(window, xs[1].dims[2:], stride, before, dilation)
        return (WHOLE, *(Along(axis, reach) for axis, reach in enumerate(reaches, start=1)))

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        macs = ys[0].batch * prod(ys[0].spatial) * prod(xs[1].dims)
        return Cost(macs=macs, fvcore=macs)

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return Invoke(Global(self.function), tuple(args), tuple(slots.items()))

    def label(self) -> Label:
        title = "dynamic conv" if self.each_sample else "conv"
        return Label(title, (*groups_parts(self.groups), *stride_parts(self.stride)))

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return replace(of_product((*wants[:2],)), view=self.each_sample)


class _Dynamic(ByAWeight):
    """The same with a weight for each sample."""

    each_sample: ClassVar[bool] = True

    def helpers(self) -> tuple[Helper, ...]:
        return (OF_EACH[self.rank],)


@op
class FunctionalConv1d(ByAWeight):
    """Convolution over a sequence by a weight that is given: (N, C, W), (out, in, k) -> (N, out, W')."""

    name: ClassVar[str] = "functional_conv1d"
    function: ClassVar[str] = "F.conv1d"
    rank: ClassVar[int] = 1


@op
class FunctionalConv2d(ByAWeight):
    """Convolution over an image by a weight that is given: (N, C, H, W), (out, in, k, k) -> (N, out, H', W')."""

    name: ClassVar[str] = "functional_conv2d"
    function: ClassVar[str] = "F.conv2d"
    rank: ClassVar[int] = 2


@op
class FunctionalConv3d(ByAWeight):
    """Convolution over a volume by a given weight: (N, C, D, H, W), (out, in, k, k, k) -> (N, out, D', H', W')."""

    name: ClassVar[str] = "functional_conv3d"
    function: ClassVar[str] = "F.conv3d"
    rank: ClassVar[int] = 3


@op
class DynamicConv1d(_Dynamic):
    """Convolution of each sample by a weight of its own: (N, C, W), (N, out, in, k) -> (N, out, W').

    Source: Klein et al., A dynamic convolutional layer for short range weather prediction (2015).
    """

    name: ClassVar[str] = "dynamic_conv1d"
    function: ClassVar[str] = "conv1d_of_each"
    rank: ClassVar[int] = 1


@op
class DynamicConv2d(_Dynamic):
    """Convolution of each sample by a weight of its own: (N, C, H, W), (N, out, in, k, k) -> (N, out, H', W').

    Source: Klein et al., A dynamic convolutional layer for short range weather prediction (2015).
    """

    name: ClassVar[str] = "dynamic_conv2d"
    function: ClassVar[str] = "conv2d_of_each"
    rank: ClassVar[int] = 2


@op
class DynamicConv3d(_Dynamic):
    """Convolution of each sample by its own weight: (N, C, D, H, W), (N, out, in, k, k, k) -> (N, out, D', H', W').

    Source: Klein et al., A dynamic convolutional layer for short range weather prediction (2015).
    """

    name: ClassVar[str] = "dynamic_conv3d"
    function: ClassVar[str] = "conv3d_of_each"
    rank: ClassVar[int] = 3

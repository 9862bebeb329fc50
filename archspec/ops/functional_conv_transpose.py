"""Transposed convolutions by a weight that is a value of the network: a parameter of its own, or computed.

A functional one has one weight for all samples, a dynamic one another for every sample, as StyleGAN2's modulated
upsampling has. Multiply-adds are those of a transposed convolution: at every position of the input.

Source: Zeiler et al., Deconvolutional networks (2010); Karras et al., Analyzing and improving the image quality of
StyleGAN (2020), section 2.2.
"""

from math import prod
from typing import ClassVar

from pydantic import Field

from archspec.ops.align import listing
from archspec.ops.fields import Paddings, each
from archspec.ops.functional_conv import ByAWeight
from archspec.ops.label import Label, groups_parts, stride_parts
from archspec.ops.op import Helper, Role, ShapeFault, op
from archspec.ops.reach import WHOLE, Along, Reading, spread
from archspec.ops.sizes import plural, require_rank, require_sizes, spread_out
from archspec.values.cost import Cost
from archspec.values.shape import Shape

_OF_EACH = '''\
def conv_transpose{rank}d_of_each(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: {sizes} = 1,
    padding: {sizes} = 0,
    output_padding: {sizes} = 0,
    groups: int = 1,
    dilation: {sizes} = 1,
) -> Tensor:
    """A transposed convolution of each sample by a weight, and a bias, of its own."""
    count = len(x)
    out = F.conv_transpose{rank}d(
        x.reshape(1, -1, *x.shape[2:]),
        weight.flatten(0, 1),
        None if bias is None else bias.flatten(),
        stride,
        padding,
        output_padding,
        groups * count,
        dilation,
    )
    return out.reshape(count, -1, *out.shape[2:])
'''


def _helper(rank: int) -> Helper:
    sizes = f"int | tuple[{', '.join(['int'] * rank)}]"
    return Helper(f"conv_transpose{rank}d_of_each", _OF_EACH.format(rank=rank, sizes=sizes), uses=("F",))


OF_EACH = {rank: _helper(rank) for rank in (1, 2, 3)}


class _Transposed(ByAWeight):
    """Transposed convolution over `rank` dimensions, by a weight that is given."""

    drawn_as: ClassVar[Role | None] = Role.UPSAMPLE
    layout: ClassVar[str] = "in x out"

    output_padding: Paddings = Field(default=0, description="added to one side of the output")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x, weight = xs[:2]
        require_rank(self.name, x, self.rank)
        self.require_layout(x, xs[1:])
        channels, features, *kernel = weight.dims
        if x.channels != channels:
            message = f"{self.name} needs a weight of {plural(x.channels, 'input channel')}"
            raise ShapeFault("shape-mismatch", message, pointed=listing(xs))
        if x.channels % self.groups:
            message = f"{self.groups} groups do not divide the {x.channels} channels of the input"
            raise ShapeFault("channels-not-divisible", message, field="groups")
        self.require_bias(features * self.groups, xs)
        stride, padding, extra, dilation = self._each()
        sizes = spread_out(x.spatial, tuple(kernel), stride, padding, extra, dilation)
        require_sizes(self.name, sizes, x)
        return (Shape((features * self.groups, *sizes), x.batch),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        if index:
            return (WHOLE,) * len(xs[index].dims)
        stride, cut, _, dilation = self._each()
        reaches = map(spread, xs[1].dims[2:], stride, cut, dilation)
        return (WHOLE, *(Along(axis, reach) for axis, reach in enumerate(reaches, start=1)))

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        macs = xs[0].batch * prod(xs[0].spatial) * prod(xs[1].dims)
        return Cost(macs=macs, fvcore=macs)

    def label(self) -> Label:
        title = "dynamic up-conv" if self.each_sample else "up-conv"
        return Label(title, (*groups_parts(self.groups), *stride_parts(self.stride, sign="×")))

    def _each(self) -> tuple[tuple[int, ...], ...]:
        """Stride, padding, output padding and dilation of every dimension."""
        fields = (self.stride, self.padding, self.output_padding, self.dilation)
        return tuple(each(field, self.rank) for field in fields)


class _Dynamic(_Transposed):
    """The same with a weight for each sample."""

    each_sample: ClassVar[bool] = True

    def helpers(self) -> tuple[Helper, ...]:
        return (OF_EACH[self.rank],)


@op
class FunctionalConvTranspose1d(_Transposed):
    """Transposed convolution over a sequence by a weight that is given: (N, C, W), (C, out, k) -> (N, out, W')."""

    name: ClassVar[str] = "functional_conv_transpose1d"
    function: ClassVar[str] = "F.conv_transpose1d"
    rank: ClassVar[int] = 1


@op
class FunctionalConvTranspose2d(_Transposed):
    """Transposed convolution over an image by a given weight: (N, C, H, W), (C, out, k, k) -> (N, out, H', W')."""

    name: ClassVar[str] = "functional_conv_transpose2d"
    function: ClassVar[str] = "F.conv_transpose2d"
    rank: ClassVar[int] = 2


@op
class FunctionalConvTranspose3d(_Transposed):
    """Transposed convolution over a volume by a weight: (N, C, D, H, W), (C, out, k, k, k) -> (N, out, D', H', W')."""

    name: ClassVar[str] = "functional_conv_transpose3d"
    function: ClassVar[str] = "F.conv_transpose3d"
    rank: ClassVar[int] = 3


@op
class DynamicConvTranspose1d(_Dynamic):
    """Transposed convolution of each sample by its own weight: (N, C, W), (N, C, out, k) -> (N, out, W')."""

    name: ClassVar[str] = "dynamic_conv_transpose1d"
    function: ClassVar[str] = "conv_transpose1d_of_each"
    rank: ClassVar[int] = 1


@op
class DynamicConvTranspose2d(_Dynamic):
    """Transposed convolution of each sample by its own weight: (N, C, H, W), (N, C, out, k, k) -> (N, out, H', W').

    Source: Karras et al., Analyzing and improving the image quality of StyleGAN (2020), section 2.2.
    """

    name: ClassVar[str] = "dynamic_conv_transpose2d"
    function: ClassVar[str] = "conv_transpose2d_of_each"
    rank: ClassVar[int] = 2


@op
class DynamicConvTranspose3d(_Dynamic):
    """Transposed convolution of each sample by its own weight: (N, C, D, H, W), (N, C, out, k, k, k) -> (N, out, ...).

    The output has the sizes that `functional_conv_transpose3d` gives.
    """

    name: ClassVar[str] = "dynamic_conv_transpose3d"
    function: ClassVar[str] = "conv_transpose3d_of_each"
    rank: ClassVar[int] = 3

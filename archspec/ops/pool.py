"""Pooling and its inverse.

Sizes follow `archspec.ops.sizes`; counts are the elements of the input, which pooling reads.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import Field

from archspec.ops.fields import OutputSizes, Paddings, PositiveInt, Sizes, Spatial, each, stride_label, times
from archspec.ops.op import Role, ShapeFault, op
from archspec.ops.printing import primary
from archspec.ops.sizes import by, require_rank, require_sizes, slide
from archspec.values.cost import Cost
from archspec.values.expression import Value
from archspec.values.shape import Shape


class Pool(Spatial):
    """What all poolings with a sliding window have in common."""

    role: ClassVar[Role] = Role.POOL
    function_positional: ClassVar[int] = 1
    kind: ClassVar[str] = ""

    kernel_size: Sizes = Field(description="size of the window")
    stride: Sizes | None = Field(default=None, description="step of the window; none takes kernel_size")
    padding: Paddings = Field(default=0, description="added on both sides, at most half of kernel_size")

    def windows(self, x: Shape, dilation: tuple[int, ...], *, ceil: bool) -> tuple[int, ...]:
        """Output sizes. Raises ShapeFault where the window or its padding does not fit."""
        require_rank(self.name, x, self.rank)
        kernel, padding = each(self.kernel_size, self.rank), each(self.padding, self.rank)
        stride = kernel if self.stride is None else each(self.stride, self.rank)
        if any(pad > size // 2 for pad, size in zip(padding, kernel, strict=True)):
            raise ShapeFault(
                "bad-padding",
                f"padding {by(padding)} is more than half of the kernel {by(kernel)}",
                help="pad with an op of its own before the pooling",
                field="padding",
            )
        return slide(x.spatial, kernel, stride, tuple((p, p) for p in padding), dilation, ceil=ceil)

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(pool=xs[0].numel)

    def label(self) -> str:
        stride = self.kernel_size if self.stride is None else self.stride
        return f"{times(self.kernel_size, self.rank)} {self.kind} pool{stride_label(stride)}"


class _WithIndices(Spatial):
    """A max pooling that can give the places of the maxima too, through the port `indices`."""

    port_names: ClassVar[tuple[str, ...]] = ("", "indices")
    ports_on_demand: ClassVar[Mapping[str, str]] = {"indices": "return_indices"}

    def slots(self, xs: tuple[Shape, ...]) -> dict[str, Value]:
        return {**super().slots(xs), "return_indices": False}

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        return {**super().defaults(), "return_indices": False}


class MaxPool(_WithIndices, Pool):
    """Maximum over windows of `rank` dimensions."""

    kind: ClassVar[str] = "max"

    dilation: Sizes = Field(default=1, description="distance between the elements of a window")
    ceil_mode: bool = Field(default=False, description="a window may reach beyond the input's end")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        sizes = self.windows(xs[0], each(self.dilation, self.rank), ceil=self.ceil_mode)
        y = Shape((xs[0].channels, *sizes), xs[0].batch)
        return y, Shape(y.dims, y.batch, "int")


@op
class MaxPool1d(MaxPool):
    """Maximum over windows of a sequence: (N, C, W) -> (N, C, W'), and their `indices`."""

    name: ClassVar[str] = "max_pool1d"
    module: ClassVar[str] = "nn.MaxPool1d"
    function: ClassVar[str] = "F.max_pool1d"
    rank: ClassVar[int] = 1


@op
class MaxPool2d(MaxPool):
    """Maximum over windows of an image: (N, C, H, W) -> (N, C, H', W'), and their `indices`."""

    name: ClassVar[str] = "max_pool2d"
    module: ClassVar[str] = "nn.MaxPool2d"
    function: ClassVar[str] = "F.max_pool2d"


@op
class MaxPool3d(MaxPool):
    """Maximum over windows of a volume: (N, C, D, H, W) -> (N, C, D', H', W'), and their `indices`."""

    name: ClassVar[str] = "max_pool3d"
    module: ClassVar[str] = "nn.MaxPool3d"
    function: ClassVar[str] = "F.max_pool3d"
    rank: ClassVar[int] = 3


class AvgPool(Pool):
    """Mean over windows of `rank` dimensions."""

    kind: ClassVar[str] = "avg"

    ceil_mode: bool = Field(default=False, description="a window may reach beyond the input's end")
    count_include_pad: bool = Field(default=True, description="padding counts in the mean")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        sizes = self.windows(xs[0], (1,) * self.rank, ceil=self.ceil_mode)
        return (Shape((xs[0].channels, *sizes), xs[0].batch),)


@op
class AvgPool1d(AvgPool):
    """Mean over windows of a sequence: (N, C, W) -> (N, C, W')."""

    name: ClassVar[str] = "avg_pool1d"
    module: ClassVar[str] = "nn.AvgPool1d"
    function: ClassVar[str] = "F.avg_pool1d"
    rank: ClassVar[int] = 1


@op
class AvgPool2d(AvgPool):
    """Mean over windows of an image: (N, C, H, W) -> (N, C, H', W')."""

    name: ClassVar[str] = "avg_pool2d"
    module: ClassVar[str] = "nn.AvgPool2d"
    function: ClassVar[str] = "F.avg_pool2d"

    divisor_override: PositiveInt | None = Field(
        default=None, description="divides by this in place of the window's size"
    )


@op
class AvgPool3d(AvgPool):
    """Mean over windows of a volume: (N, C, D, H, W) -> (N, C, D', H', W')."""

    name: ClassVar[str] = "avg_pool3d"
    module: ClassVar[str] = "nn.AvgPool3d"
    function: ClassVar[str] = "F.avg_pool3d"
    rank: ClassVar[int] = 3

    divisor_override: PositiveInt | None = Field(
        default=None, description="divides by this in place of the window's size"
    )

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        ys = super().infer(xs)
        kernel = each(self.kernel_size, self.rank)
        # Padding does not help here, as it does in the other poolings: PyTorch compares with the input as it is.
        if any(k > size for k, size in zip(kernel, xs[0].spatial, strict=True)):
            raise ShapeFault(
                "kernel-too-large",
                f"the kernel {by(kernel)} is larger than the input {by(xs[0].spatial)}",
                help="use a smaller kernel_size, or a larger input",
                field="kernel_size",
            )
        return ys


class AdaptivePool(Spatial):
    """Pooling to an output size, whatever the input's."""

    role: ClassVar[Role] = Role.POOL
    function_positional: ClassVar[int] = 1
    kind: ClassVar[str] = ""

    output_size: OutputSizes = Field(description="size of the output; a none in a list keeps the input's")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x = xs[0]
        require_rank(self.name, x, self.rank)
        wanted = self.output_size if isinstance(self.output_size, tuple) else (self.output_size,) * self.rank
        sizes = tuple(size if want is None else want for want, size in zip(wanted, x.spatial, strict=True))
        return (Shape((x.channels, *sizes), x.batch),)

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(pool=xs[0].numel)

    def label(self) -> str:
        wanted = self.output_size if isinstance(self.output_size, tuple) else (self.output_size,) * self.rank
        if set(wanted) == {1}:
            return f"global {self.kind} pool"
        return f"{self.kind} pool to " + "×".join("same" if size is None else str(size) for size in wanted)


@op
class AdaptiveAvgPool1d(AdaptivePool):
    """Mean over windows that give the output size: (N, C, W) -> (N, C, output_size)."""

    name: ClassVar[str] = "adaptive_avg_pool1d"
    module: ClassVar[str] = "nn.AdaptiveAvgPool1d"
    function: ClassVar[str] = "F.adaptive_avg_pool1d"
    rank: ClassVar[int] = 1
    kind: ClassVar[str] = "avg"

    output_size: Sizes = Field(description="size of the output")


@op
class AdaptiveAvgPool2d(AdaptivePool):
    """Mean over windows that give the output size: (N, C, H, W) -> (N, C, *output_size)."""

    name: ClassVar[str] = "adaptive_avg_pool2d"
    module: ClassVar[str] = "nn.AdaptiveAvgPool2d"
    function: ClassVar[str] = "F.adaptive_avg_pool2d"
    kind: ClassVar[str] = "avg"

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        # The one pooling that fvcore counts: 1 per element of the input.
        return Cost(pool=xs[0].numel, fvcore=xs[0].numel)


@op
class AdaptiveAvgPool3d(AdaptivePool):
    """Mean over windows that give the output size: (N, C, D, H, W) -> (N, C, *output_size)."""

    name: ClassVar[str] = "adaptive_avg_pool3d"
    module: ClassVar[str] = "nn.AdaptiveAvgPool3d"
    function: ClassVar[str] = "F.adaptive_avg_pool3d"
    rank: ClassVar[int] = 3
    kind: ClassVar[str] = "avg"


@op
class AdaptiveMaxPool2d(_WithIndices, AdaptivePool):
    """Maximum over windows that give the output size: (N, C, H, W) -> (N, C, *output_size), and their `indices`."""

    name: ClassVar[str] = "adaptive_max_pool2d"
    module: ClassVar[str] = "nn.AdaptiveMaxPool2d"
    function: ClassVar[str] = "F.adaptive_max_pool2d"
    kind: ClassVar[str] = "max"

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        y = super().infer(xs)[0]
        return y, Shape(y.dims, y.batch, "int")


@op
class MaxUnpool2d(Spatial):
    """Puts values back where a max pooling took them, zero elsewhere: (N, C, H, W) -> (N, C, H', W').

    The output has the size of `like`, where it is given, which tells apart the sizes that a pooling makes equal.

    Source: Badrinarayanan et al., SegNet (2015), section 3.
    """

    name: ClassVar[str] = "max_unpool2d"
    role: ClassVar[Role] = Role.UPSAMPLE
    input_names: ClassVar[tuple[str, ...]] = ("x", "indices", "like")
    required: ClassVar[int] = 2
    module: ClassVar[str] = "nn.MaxUnpool2d"
    function: ClassVar[str] = "F.max_unpool2d"
    function_positional: ClassVar[int] = 1

    kernel_size: Sizes = Field(description="size of the pooling's window")
    stride: Sizes | None = Field(default=None, description="step of the pooling's window; none takes kernel_size")
    padding: Paddings = Field(default=0, description="padding of the pooling")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x, indices = xs[:2]
        require_rank(self.name, x, self.rank)
        if indices.dtype != "int":
            raise ShapeFault(
                "wrong-type",
                "max_unpool2d needs the indices of a max pooling as its second input, not its values",
                help="read the port indices of the pooling: from: [x, pool.indices]",
            )
        if (x.dims, x.batch) != (indices.dims, indices.batch):
            raise ShapeFault(
                "shape-mismatch", "max_unpool2d needs values and indices of one shape", pointed=f"{x} and {indices}"
            )
        kernel, padding = each(self.kernel_size, self.rank), each(self.padding, self.rank)
        stride = kernel if self.stride is None else each(self.stride, self.rank)
        sizes = tuple((n - 1) * s + k - 2 * p for n, k, s, p in zip(x.spatial, kernel, stride, padding, strict=True))
        if len(xs) > 2:
            sizes = self._size_of(xs[2], sizes, stride)
        require_sizes(self.name, sizes, x)
        return (Shape((x.channels, *sizes), x.batch),)

    def _size_of(self, like: Shape, sizes: tuple[int, ...], stride: tuple[int, ...]) -> tuple[int, ...]:
        require_rank(self.name, like, self.rank)
        if any(abs(wanted - size) >= s for wanted, size, s in zip(like.spatial, sizes, stride, strict=True)):
            raise ShapeFault(
                "shape-mismatch",
                f"no pooling of this kernel and stride leads from the size {by(like.spatial)} to that of the input",
                help=f"`like` may differ from {by(sizes)} by less than the stride",
            )
        return like.spatial

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(resample=ys[0].numel)

    def expression(self, args: Sequence[str], slots: Mapping[str, str], xs: tuple[Shape, ...]) -> str:
        # Unlike poolings, torch's annotations allow no plain numbers here.
        pairs = {
            name: f"({text}, {text})" if isinstance(getattr(self, name), int) else text for name, text in slots.items()
        }
        size = {"output_size": f"{primary(args[2])}.shape[-2:]"} if len(args) > 2 else {}
        return super().expression(args[:2], {**pairs, **size}, xs)

    def label(self) -> str:
        return f"{times(self.kernel_size, self.rank)} max unpool"

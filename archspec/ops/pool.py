"""Pooling with a sliding window.

Sizes follow `archspec.ops.sizes`; counts are the elements of the input, which pooling reads.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field

from archspec.ops.fields import Paddings, PositiveInt, Sizes, Spatial, each
from archspec.ops.label import Label, kernel_part, stride_parts
from archspec.ops.names import DILATIONS, KERNELS, STRIDES
from archspec.ops.op import Role, ShapeFault, op
from archspec.ops.reach import Along, Reading, window
from archspec.ops.saved import Saved
from archspec.ops.sizes import by, left_over, require_rank, slide
from archspec.ops.unsaid import Places
from archspec.values.cost import Cost
from archspec.values.expression import Value
from archspec.values.shape import Shape, Shapes


class Pool(Spatial):
    """What all poolings with a sliding window have in common."""

    role: ClassVar[Role] = Role.POOL
    numeric: ClassVar[frozenset[str]] = frozenset({"x"})
    function_positional: ClassVar[int] = 1
    none_takes: ClassVar[Mapping[str, str]] = {"stride": "kernel_size"}
    kind: ClassVar[str] = ""

    kernel_size: Annotated[Sizes, KERNELS] = Field(description="size of the window")
    stride: Annotated[Sizes | None, STRIDES] = Field(
        default=None, description="step of the window; none takes kernel_size"
    )
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

    def unread(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> tuple[int, ...]:
        kernel, dilation = each(self.kernel_size, self.rank), self.spacing
        stride = kernel if self.stride is None else each(self.stride, self.rank)
        padding = tuple((p, p) for p in each(self.padding, self.rank))
        return left_over(xs[0].spatial, ys[0].spatial, kernel, stride, padding, dilation)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        kernel, before = each(self.kernel_size, self.rank), each(self.padding, self.rank)
        stride = kernel if self.stride is None else each(self.stride, self.rank)
        reaches = map(window, kernel, stride, before, self.spacing)
        return (Along(0), *(Along(axis, reach) for axis, reach in enumerate(reaches, start=1)))

    @property
    def spacing(self) -> tuple[int, ...]:
        """The distance between the elements of a window, per dimension."""
        return (1,) * self.rank

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(pool=xs[0].numel)

    def label(self) -> Label:
        return windowed(f"{self.kind} pool", self.kernel_size, self.stride, self.rank)


class WithIndices(Spatial):
    """A max pooling that can give the places of the maxima too, through the port `indices`."""

    port_names: ClassVar[tuple[str, ...]] = ("", "indices")
    ports_on_demand: ClassVar[Mapping[str, str]] = {"indices": "return_indices"}
    made_unread: ClassVar[frozenset[str]] = frozenset({"indices"})
    typed: ClassVar[bool] = False

    def slots(self, xs: tuple[Shape, ...]) -> dict[str, Value]:
        return {**super().slots(xs), "return_indices": False}

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        return {**super().defaults(), "return_indices": False}

    def counts_to(self, xs: tuple[Shape, ...]) -> Places:
        return Places(xs[0].spatial, xs[0].spatial)


class MaxPool(WithIndices, Pool):
    """Maximum over windows of `rank` dimensions."""

    kind: ClassVar[str] = "max"

    dilation: Annotated[Sizes, DILATIONS] = Field(default=1, description="distance between the elements of a window")
    ceil_mode: bool = Field(default=False, description="a window may reach beyond the input's end")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        sizes = self.windows(xs[0], self.spacing, ceil=self.ceil_mode)
        y = Shape((xs[0].channels, *sizes), xs[0].batch, xs[0].dtype)
        return y, Shape(y.dims, y.batch, "int")

    @property
    def spacing(self) -> tuple[int, ...]:
        return each(self.dilation, self.rank)

    def counts_to(self, xs: tuple[Shape, ...]) -> Places:
        kernel, padding = each(self.kernel_size, self.rank), each(self.padding, self.rank)
        stride = kernel if self.stride is None else each(self.stride, self.rank)
        x, y = xs[0].spatial, self.infer(xs)[0].spatial
        windows = zip(x, y, kernel, stride, padding, self.spacing, strict=True)
        read = (min(size, (n - 1) * s - p + (k - 1) * d + 1) for size, n, k, s, p, d in windows)
        return Places(x, tuple(read))

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return Saved(inputs=(0,), outputs=(1,), view=self.rank == 1)


@op
class MaxPool1d(MaxPool):
    """Maximum over windows of a sequence: (N, C, W) -> (N, C, W'), and their `indices`."""

    name: ClassVar[str] = "max_pool1d"
    also_called: ClassVar[Mapping[str, str]] = {"max_pooling1d": ""}
    module: ClassVar[str] = "nn.MaxPool1d"
    function: ClassVar[str] = "F.max_pool1d"
    made_unread: ClassVar[frozenset[str]] = (
        frozenset()
    )  # torch has another kernel for it where no gradient is asked for
    real: ClassVar[frozenset[str]] = frozenset({"x"})
    rank: ClassVar[int] = 1


@op
class MaxPool2d(MaxPool):
    """Maximum over windows of an image: (N, C, H, W) -> (N, C, H', W'), and their `indices`."""

    name: ClassVar[str] = "max_pool2d"
    also_called: ClassVar[Mapping[str, str]] = {"max_pooling2d": ""}
    module: ClassVar[str] = "nn.MaxPool2d"
    function: ClassVar[str] = "F.max_pool2d"


@op
class MaxPool3d(MaxPool):
    """Maximum over windows of a volume: (N, C, D, H, W) -> (N, C, D', H', W'), and their `indices`."""

    name: ClassVar[str] = "max_pool3d"
    also_called: ClassVar[Mapping[str, str]] = {"max_pooling3d": ""}
    module: ClassVar[str] = "nn.MaxPool3d"
    function: ClassVar[str] = "F.max_pool3d"
    rank: ClassVar[int] = 3


class AvgPool(Pool):
    """Mean over windows of `rank` dimensions."""

    also_called: ClassVar[Mapping[str, str]] = {"average_pool": ""}
    kind: ClassVar[str] = "avg"

    ceil_mode: bool = Field(default=False, description="a window may reach beyond the input's end")
    count_include_pad: bool = Field(default=True, description="padding counts in the mean")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        sizes = self.windows(xs[0], self.spacing, ceil=self.ceil_mode)
        return (Shape((xs[0].channels, *sizes), xs[0].batch, xs[0].dtype),)

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return Saved(inputs=(0,), view=self.rank == 1)


@op
class AvgPool1d(AvgPool):
    """Mean over windows of a sequence: (N, C, W) -> (N, C, W')."""

    name: ClassVar[str] = "avg_pool1d"
    also_called: ClassVar[Mapping[str, str]] = {"average_pooling1d": ""}
    module: ClassVar[str] = "nn.AvgPool1d"
    function: ClassVar[str] = "F.avg_pool1d"
    rank: ClassVar[int] = 1


@op
class AvgPool2d(AvgPool):
    """Mean over windows of an image: (N, C, H, W) -> (N, C, H', W')."""

    name: ClassVar[str] = "avg_pool2d"
    also_called: ClassVar[Mapping[str, str]] = {"average_pooling2d": ""}
    module: ClassVar[str] = "nn.AvgPool2d"
    function: ClassVar[str] = "F.avg_pool2d"

    divisor_override: PositiveInt | None = Field(
        default=None, description="divides by this in place of the window's size"
    )


@op
class AvgPool3d(AvgPool):
    """Mean over windows of a volume: (N, C, D, H, W) -> (N, C, D', H', W')."""

    name: ClassVar[str] = "avg_pool3d"
    also_called: ClassVar[Mapping[str, str]] = {"average_pooling3d": ""}
    module: ClassVar[str] = "nn.AvgPool3d"
    function: ClassVar[str] = "F.avg_pool3d"
    rank: ClassVar[int] = 3

    divisor_override: PositiveInt | None = Field(
        default=None, description="divides by this in place of the window's size"
    )

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        ys = super().infer(xs)
        _require_inside(each(self.kernel_size, self.rank), xs[0].spatial)
        return ys


class LPPool(Spatial):
    """The root of the sum of powers over windows of `rank` dimensions."""

    role: ClassVar[Role] = Role.POOL
    positional: ClassVar[int] = 2
    function_positional: ClassVar[int] = 2
    none_takes: ClassVar[Mapping[str, str]] = {"stride": "kernel_size"}

    norm_type: Annotated[float, Field(gt=0, allow_inf_nan=False)] = Field(description="the power; 1 sums")
    kernel_size: Annotated[Sizes, KERNELS] = Field(description="size of the window")
    stride: Annotated[Sizes | None, STRIDES] = Field(
        default=None, description="step of the window; none takes kernel_size"
    )
    ceil_mode: bool = Field(default=False, description="a window may reach beyond the input's end")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        require_rank(self.name, xs[0], self.rank)
        kernel = each(self.kernel_size, self.rank)
        stride = kernel if self.stride is None else each(self.stride, self.rank)
        none, ones = ((0, 0),) * self.rank, (1,) * self.rank
        sizes = slide(xs[0].spatial, kernel, stride, none, ones, ceil=self.ceil_mode)
        return (Shape((xs[0].channels, *sizes), xs[0].batch),)

    def unread(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> tuple[int, ...]:
        kernel = each(self.kernel_size, self.rank)
        stride = kernel if self.stride is None else each(self.stride, self.rank)
        none, ones = ((0, 0),) * self.rank, (1,) * self.rank
        return left_over(xs[0].spatial, ys[0].spatial, kernel, stride, none, ones)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        kernel = each(self.kernel_size, self.rank)
        stride = kernel if self.stride is None else each(self.stride, self.rank)
        return (Along(0), *(Along(axis, reach) for axis, reach in enumerate(map(window, kernel, stride), start=1)))

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(pool=xs[0].numel)

    def label(self) -> Label:
        return windowed(f"L{self.norm_type:g} pool", self.kernel_size, self.stride, self.rank)

    def scratch(self, xs: Shapes, ys: Shapes) -> Shapes:
        # The powers of the input and then their mean; or that, its sign, its absolute value and the larger of both.
        return (xs[0],) if xs[0].numel >= 3 * ys[0].numel else (ys[0],) * 3

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return Saved(inputs=(0,), made=(xs[0], *[ys[0]] * 4))


@op
class LPPool1d(LPPool):
    """Root of the sum of powers over windows of a sequence: (N, C, W) -> (N, C, W').

    y = (sum of x ** norm_type over the window) ** (1 / norm_type)

    Source: Sermanet et al., Convolutional neural networks applied to house numbers digit classification (2012).
    """

    name: ClassVar[str] = "lp_pool1d"
    module: ClassVar[str] = "nn.LPPool1d"
    function: ClassVar[str] = "F.lp_pool1d"
    rank: ClassVar[int] = 1

    kernel_size: Annotated[PositiveInt, KERNELS] = Field(description="size of the window")
    stride: Annotated[PositiveInt | None, STRIDES] = Field(
        default=None, description="step of the window; none takes kernel_size"
    )


@op
class LPPool2d(LPPool):
    """Root of the sum of powers over windows of an image: (N, C, H, W) -> (N, C, H', W').

    y = (sum of x ** norm_type over the window) ** (1 / norm_type)

    Source: Sermanet et al., Convolutional neural networks applied to house numbers digit classification (2012).
    """

    name: ClassVar[str] = "lp_pool2d"
    module: ClassVar[str] = "nn.LPPool2d"
    function: ClassVar[str] = "F.lp_pool2d"


@op
class LPPool3d(LPPool):
    """Root of the sum of powers over windows of a volume: (N, C, D, H, W) -> (N, C, D', H', W').

    y = (sum of x ** norm_type over the window) ** (1 / norm_type)

    Source: Sermanet et al., Convolutional neural networks applied to house numbers digit classification (2012).
    """

    name: ClassVar[str] = "lp_pool3d"
    module: ClassVar[str] = "nn.LPPool3d"
    function: ClassVar[str] = "F.lp_pool3d"
    rank: ClassVar[int] = 3

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        ys = super().infer(xs)
        _require_inside(each(self.kernel_size, self.rank), xs[0].spatial)
        return ys


def windowed(title: str, kernel: Sizes, stride: Sizes | None, rank: int) -> Label:
    """The label of a pooling with a sliding window: `3×3 max pool, /2`."""
    parts = stride_parts(kernel, field="kernel_size") if stride is None else stride_parts(stride)
    return Label(title, parts, before=kernel_part(kernel, rank), aside=True)


def _require_inside(kernel: tuple[int, ...], sizes: tuple[int, ...]) -> None:
    """Raises ShapeFault `kernel-too-large` where a window is larger than the input, which PyTorch refuses for volumes.

    Neither padding nor `ceil_mode` helps, as they do in other poolings: PyTorch compares with the input as it is.
    """
    if any(k > size for k, size in zip(kernel, sizes, strict=True)):
        raise ShapeFault(
            "kernel-too-large",
            f"the kernel {by(kernel)} is larger than the input {by(sizes)}",
            help="use a smaller kernel_size, or a larger input",
            field="kernel_size",
        )

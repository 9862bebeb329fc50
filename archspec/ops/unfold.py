"""Windows of an image made columns, and back; windows along one dimension. Counts are the elements written.

The columns are (N, C * k * k, L): one for each place of the window, from left to right and top to bottom.
"""

from collections.abc import Mapping, Sequence
from math import prod
from typing import Annotated, ClassVar

from pydantic import Field

from archspec.ops.fields import Paddings, PositiveInt, Sizes, Spatial, each
from archspec.ops.label import Label, Part, kernel_part, times
from archspec.ops.names import AXES, DILATIONS, KERNELS, STRIDES
from archspec.ops.op import Role, ShapeFault, op
from archspec.ops.reach import WHOLE, Along, Reach, Reading, one_of, window
from archspec.ops.reshape import View
from archspec.ops.saved import NOTHING, Saved
from archspec.ops.sizes import by, require_rank, resolve_dim, slide
from archspec.ops.strides import Strides
from archspec.values.cost import Cost
from archspec.values.shape import Shape, Shapes
from archspec.values.source import Source, method

KERNEL_SIZE = Field(description="size of the window")
DILATION = Field(default=1, description="distance between the elements of a window")
PADDING = Field(default=0, description="added on both sides of the image")
STRIDE = Field(default=1, description="step of the window")


class _Columns(Spatial):
    """What both directions have in common."""

    role: ClassVar[Role] = Role.OTHER
    real: ClassVar[frozenset[str]] = frozenset({"x"})

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(resample=ys[0].numel)

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING


@op
class Unfold(_Columns):
    """Windows of an image as columns: (N, C, H, W) -> (N, C * k * k, L).

    Source: Chellapilla et al., High performance convolutional neural networks for document processing (2006).
    """

    name: ClassVar[str] = "unfold"
    module: ClassVar[str] = "nn.Unfold"
    function: ClassVar[str] = "F.unfold"

    kernel_size: Annotated[Sizes, KERNELS] = KERNEL_SIZE
    dilation: Annotated[Sizes, DILATIONS] = DILATION
    padding: Paddings = PADDING
    stride: Annotated[Sizes, STRIDES] = STRIDE

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x = xs[0]
        require_rank(self.name, x, self.rank)
        kernel, dilation = each(self.kernel_size, self.rank), each(self.dilation, self.rank)
        padding = tuple((p, p) for p in each(self.padding, self.rank))
        windows = slide(x.spatial, kernel, each(self.stride, self.rank), padding, dilation)
        return (Shape((x.channels * prod(kernel), prod(windows)), x.batch),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        kernel, stride, before, dilation = (
            each(v, self.rank) for v in (self.kernel_size, self.stride, self.padding, self.dilation)
        )
        rows, columns = map(window, kernel, stride, before, dilation)
        places = slide(xs[0].spatial, kernel, stride, tuple((p, p) for p in before), dilation)
        count = places[1]
        first = tuple(columns.at(i)[0] for i in range(count))
        last = tuple(columns.at(i)[1] for i in range(count))
        down = Reach(rows.first * count, rows.last * count, rows.step)
        return WHOLE, Along(1, down), Along(1, Reach(first, last, 0))

    def label(self) -> Label:
        return Label("unfold", behind=kernel_part(self.kernel_size, self.rank))


@op
class Fold(_Columns):
    """Columns as windows of an image, summed where they overlap: (N, C * k * k, L) -> (N, C, *output_size).

    Source: Chellapilla et al., High performance convolutional neural networks for document processing (2006).
    """

    name: ClassVar[str] = "fold"
    module: ClassVar[str] = "nn.Fold"
    positional: ClassVar[int] = 2
    function: ClassVar[str] = "F.fold"
    function_positional: ClassVar[int] = 2

    output_size: Sizes = Field(description="height and width of the image")
    kernel_size: Annotated[Sizes, KERNELS] = KERNEL_SIZE
    dilation: Annotated[Sizes, DILATIONS] = DILATION
    padding: Paddings = PADDING
    stride: Annotated[Sizes, STRIDES] = STRIDE

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x = xs[0]
        if len(x.dims) != 2:
            raise ShapeFault("rank-mismatch", f"{self.name} needs N x K x L, not {x}")
        size, kernel = each(self.output_size, self.rank), each(self.kernel_size, self.rank)
        padding = tuple((p, p) for p in each(self.padding, self.rank))
        windows = slide(size, kernel, each(self.stride, self.rank), padding, each(self.dilation, self.rank))
        rows, columns = x.dims
        if rows % prod(kernel):
            raise ShapeFault(
                "channels-not-divisible",
                f"the kernel {by(kernel)} does not divide the {rows} rows of the input",
                field="kernel_size",
            )
        if columns != prod(windows):
            raise ShapeFault(
                "shape-mismatch",
                f"{by(size)} has {by(windows)} windows, and the input has {columns} columns",
                field="output_size",
            )
        return (Shape((rows // prod(kernel), *size), x.batch),)

    def label(self) -> Label:
        return Label("fold", behind=Part("output_size", times(self.output_size, self.rank), "size", word="to"))


@op
class SlidingWindow(View):
    """Windows along a dimension, what is in each of them last: (N, L, E) -> (N, windows, E, size) for dim 1.

    Windows overlap where `step` is less than `size`; what is left over at the end is in none.
    """

    name: ClassVar[str] = "sliding_window"
    also_called: ClassVar[Mapping[str, str]] = {"frame": "", "as_windows": ""}
    role: ClassVar[Role] = Role.OTHER
    function: ClassVar[str] = "torch.Tensor.unfold"

    dim: Annotated[int, AXES] = Field(description="the dimension, counted as PyTorch does, the batch being 0")
    size: PositiveInt = Field(description="elements of a window")
    step: PositiveInt = Field(description="elements from the start of one window to that of the next")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        axis, dims = resolve_dim(self.name, xs[0], self.dim), xs[0].dims
        (count,) = slide(dims[axis : axis + 1], (self.size,), (self.step,), ((0, 0),), (1,))
        return (Shape((*dims[:axis], count, *dims[axis + 1 :], self.size), xs[0].batch, xs[0].dtype),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        axis = resolve_dim(self.name, xs[0], self.dim)
        return one_of(xs[0], axis, Along(axis, window(self.size, self.step)))

    def strides(self, xs: Shapes, ys: Shapes, given: Sequence[Strides]) -> tuple[Strides | None, ...]:
        axis = resolve_dim(self.name, xs[0], self.dim) + (xs[0].batch > 0)
        moved = tuple(one * (self.step if at == axis else 1) for at, one in enumerate(given[0]))
        return ((*moved, given[0][axis]),)

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return method(args[0], "unfold", slots["dim"], slots["size"], slots["step"])

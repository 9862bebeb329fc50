"""Un-pooling, the inverse of max pooling. Counts are the elements written."""

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

from pydantic import Field

from archspec.ops.fields import Paddings, Sizes, Spatial, each
from archspec.ops.label import Label, kernel_part
from archspec.ops.names import KERNELS, STRIDES
from archspec.ops.op import Role, ShapeFault, op
from archspec.ops.reach import Along, Reading, spread
from archspec.ops.saved import Saved
from archspec.ops.sizes import by, require_rank, require_sizes
from archspec.values.cost import Cost
from archspec.values.shape import Shape, Shapes
from archspec.values.source import Item, Member, Range, Source, Tuple, constant


class MaxUnpool(Spatial):
    """Un-pooling of `rank` dimensions."""

    role: ClassVar[Role] = Role.UPSAMPLE
    also_called: ClassVar[Mapping[str, str]] = {"unpool": ""}
    input_names: ClassVar[tuple[str, ...]] = ("x", "indices", "like")
    size_inputs: ClassVar[frozenset[str]] = frozenset({"like"})
    required: ClassVar[int] = 2
    real: ClassVar[frozenset[str]] = frozenset({"x"})
    function_positional: ClassVar[int] = 1
    none_takes: ClassVar[Mapping[str, str]] = {"stride": "kernel_size"}

    kernel_size: Annotated[Sizes, KERNELS] = Field(description="size of the pooling's window")
    stride: Annotated[Sizes | None, STRIDES] = Field(
        default=None, description="step of the pooling's window; none takes kernel_size"
    )
    padding: Paddings = Field(default=0, description="padding of the pooling")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x, indices = xs[:2]
        require_rank(self.name, x, self.rank)
        if indices.dtype != "int":
            raise ShapeFault(
                "wrong-type",
                f"{self.name} needs the indices of a max pooling as its second input, not its values",
                help="read the port indices of the pooling: from: [x, pool.indices]",
            )
        if (x.dims, x.batch) != (indices.dims, indices.batch):
            raise ShapeFault(
                "shape-mismatch", f"{self.name} needs values and indices of one shape", pointed=f"{x} and {indices}"
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
        if any(not -s < wanted - size < s for wanted, size, s in zip(like.spatial, sizes, stride, strict=True)):
            raise ShapeFault(
                "shape-mismatch",
                f"no pooling of this kernel and stride leads from the size {by(like.spatial)} to that of the input",
                help=f"`like` may differ from {by(sizes)} by less than the stride",
            )
        return like.spatial

    def rows(self, xs: tuple[Shape, ...]) -> tuple[str, tuple[int, ...]]:
        return "indices", self.infer(xs)[0].spatial

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        # An element stands anywhere in the window that it is the largest of.
        kernel, cut = each(self.kernel_size, self.rank), each(self.padding, self.rank)
        stride = kernel if self.stride is None else each(self.stride, self.rank)
        reaches = map(spread, kernel, stride, cut)
        return (Along(0), *(Along(axis, reach) for axis, reach in enumerate(reaches, start=1)))

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(resample=ys[0].numel)

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        # Unlike poolings, torch's annotations allow no plain numbers here.
        tuples = {
            name: Tuple((value,) * self.rank) if isinstance(getattr(self, name), int) else value
            for name, value in slots.items()
        }
        size = {"output_size": Item(Member(args[2], "shape"), (Range(constant(-self.rank)),))} if len(args) > 2 else {}
        return super().expression(args[:2], {**tuples, **size}, xs)

    def label(self) -> Label:
        return Label("max unpool", before=kernel_part(self.kernel_size, self.rank), aside=True)

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return Saved(inputs=(1,), view=self.rank == 1)


@op
class MaxUnpool1d(MaxUnpool):
    """Puts values back where a max pooling took them, zero elsewhere: (N, C, W) -> (N, C, W').

    The output has the size of `like`, where it is given, which tells apart the sizes that a pooling makes equal.

    Source: Badrinarayanan et al., SegNet (2015), section 3.
    """

    name: ClassVar[str] = "max_unpool1d"
    module: ClassVar[str] = "nn.MaxUnpool1d"
    function: ClassVar[str] = "F.max_unpool1d"
    rank: ClassVar[int] = 1


@op
class MaxUnpool2d(MaxUnpool):
    """Puts values back where a max pooling took them, zero elsewhere: (N, C, H, W) -> (N, C, H', W').

    The output has the size of `like`, where it is given, which tells apart the sizes that a pooling makes equal.

    Source: Badrinarayanan et al., SegNet (2015), section 3.
    """

    name: ClassVar[str] = "max_unpool2d"
    module: ClassVar[str] = "nn.MaxUnpool2d"
    function: ClassVar[str] = "F.max_unpool2d"


@op
class MaxUnpool3d(MaxUnpool):
    """Puts values back where a max pooling took them, zero elsewhere: (N, C, D, H, W) -> (N, C, D', H', W').

    The output has the size of `like`, where it is given, which tells apart the sizes that a pooling makes equal.

    Source: Badrinarayanan et al., SegNet (2015), section 3.
    """

    name: ClassVar[str] = "max_unpool3d"
    module: ClassVar[str] = "nn.MaxUnpool3d"
    function: ClassVar[str] = "F.max_unpool3d"
    rank: ClassVar[int] = 3

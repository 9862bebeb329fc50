"""Pooling to an output size, whatever the input's: at places that follow from it, or at random.

Counts are the elements of the input, which pooling reads.
"""

from collections.abc import Mapping, Sequence
from math import floor
from typing import Annotated, ClassVar

from pydantic import Field

from archspec.ops.fields import OutputSizes, Sizes, Spatial, each
from archspec.ops.label import Label, Part, crossed, factor_part, kernel_part, times
from archspec.ops.names import KERNELS
from archspec.ops.op import Role, ShapeFault, op
from archspec.ops.pool import WithIndices
from archspec.ops.reach import WHOLE, Along, Reading, bins
from archspec.ops.saved import Saved
from archspec.ops.sizes import by, require_rank, require_sizes
from archspec.values.cost import Cost
from archspec.values.expression import Literal
from archspec.values.shape import Shape, Shapes
from archspec.values.source import Item, Member, Source, Tuple, constant, spread

Ratio = Annotated[float, Field(gt=0, lt=1)]


class AdaptivePool(Spatial):
    """Pooling to an output size, whatever the input's."""

    role: ClassVar[Role] = Role.POOL
    function_positional: ClassVar[int] = 1
    kind: ClassVar[str] = ""
    real: ClassVar[frozenset[str]] = frozenset({"x"})

    output_size: OutputSizes = Field(description="size of the output; a none in a list keeps the input's")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x = xs[0]
        require_rank(self.name, x, self.rank)
        wanted = self.output_size if isinstance(self.output_size, tuple) else (self.output_size,) * self.rank
        sizes = tuple(size if want is None else want for want, size in zip(wanted, x.spatial, strict=True))
        return (Shape((x.channels, *sizes), x.batch),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        reaches = map(bins, xs[0].spatial, ys[0].spatial)
        one = [size == 1 for size in ys[0].spatial]
        return (Along(0), *(WHOLE if one[n] else Along(n + 1, reach) for n, reach in enumerate(reaches)))

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        # One size that only a run knows is a tensor in a trace, of which torch takes the length: it is said for each.
        wanted = slots["output_size"]
        if self.rank > 1 and not isinstance(wanted, Literal | Tuple | Member):
            slots = {**slots, "output_size": Tuple((wanted,) * self.rank)}
        return super().expression(args, slots, xs)

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(pool=xs[0].numel)

    def label(self) -> Label:
        wanted = self.output_size if isinstance(self.output_size, tuple) else (self.output_size,) * self.rank
        size = crossed("same" if size is None else size for size in wanted)
        if set(wanted) == {1}:
            whole = Part("output_size", size, "size", instead="global")
            return Label(f"{self.kind} pool", before=whole, aside=True)
        return Label(f"{self.kind} pool", behind=Part("output_size", size, "size", word="to"), aside=True)

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return Saved(() if set(ys[0].spatial) == {1} else (0,), view=self.rank == 1)


@op
class AdaptiveAvgPool1d(AdaptivePool):
    """Mean over windows that give the output size: (N, C, W) -> (N, C, output_size)."""

    name: ClassVar[str] = "adaptive_avg_pool1d"
    also_called: ClassVar[Mapping[str, str]] = {
        "gap": "output_size: 1",
        "global_average_pooling1d": "output_size: 1",
        "global_avg_pool1d": "output_size: 1",
        "global_average_pool1d": "output_size: 1",
    }
    module: ClassVar[str] = "nn.AdaptiveAvgPool1d"
    function: ClassVar[str] = "F.adaptive_avg_pool1d"
    rank: ClassVar[int] = 1
    kind: ClassVar[str] = "avg"

    output_size: Sizes = Field(description="size of the output")


@op
class AdaptiveAvgPool2d(AdaptivePool):
    """Mean over windows that give the output size: (N, C, H, W) -> (N, C, *output_size)."""

    name: ClassVar[str] = "adaptive_avg_pool2d"
    also_called: ClassVar[Mapping[str, str]] = {
        "gap": "output_size: 1",
        "global_average_pooling2d": "output_size: 1",
        "global_avg_pool2d": "output_size: 1",
        "global_average_pool2d": "output_size: 1",
    }
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
    also_called: ClassVar[Mapping[str, str]] = {
        "gap": "output_size: 1",
        "global_average_pooling3d": "output_size: 1",
        "global_avg_pool3d": "output_size: 1",
        "global_average_pool3d": "output_size: 1",
    }
    module: ClassVar[str] = "nn.AdaptiveAvgPool3d"
    function: ClassVar[str] = "F.adaptive_avg_pool3d"
    rank: ClassVar[int] = 3
    kind: ClassVar[str] = "avg"


class AdaptiveMaxPool(WithIndices, AdaptivePool):
    """Maximum over windows that give the output size."""

    kind: ClassVar[str] = "max"

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        y = super().infer(xs)[0]
        return y, Shape(y.dims, y.batch, "int")

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        # Unlike the module, the function says that it takes numbers only: a none is the size of the input.
        wanted = slots["output_size"]
        sizes = spread(wanted)
        if Literal(None) not in sizes:
            return super().expression(args, slots, xs)
        spatial = (Item(Member(args[0], "shape"), (constant(2 + place),)) for place in range(self.rank))
        given = (kept if size == Literal(None) else size for size, kept in zip(sizes, spatial, strict=True))
        return super().expression(args, {**slots, "output_size": Tuple(tuple(given))}, xs)

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return Saved(inputs=(0,), outputs=(1,), view=self.rank == 1)


@op
class AdaptiveMaxPool1d(AdaptiveMaxPool):
    """Maximum over windows that give the output size: (N, C, W) -> (N, C, output_size), and their `indices`."""

    name: ClassVar[str] = "adaptive_max_pool1d"
    also_called: ClassVar[Mapping[str, str]] = {
        "global_max_pooling1d": "output_size: 1",
        "global_max_pool1d": "output_size: 1",
    }
    module: ClassVar[str] = "nn.AdaptiveMaxPool1d"
    function: ClassVar[str] = "F.adaptive_max_pool1d"
    rank: ClassVar[int] = 1

    output_size: Sizes = Field(description="size of the output")


@op
class AdaptiveMaxPool2d(AdaptiveMaxPool):
    """Maximum over windows that give the output size: (N, C, H, W) -> (N, C, *output_size), and their `indices`."""

    name: ClassVar[str] = "adaptive_max_pool2d"
    also_called: ClassVar[Mapping[str, str]] = {
        "global_max_pooling2d": "output_size: 1",
        "global_max_pool2d": "output_size: 1",
    }
    module: ClassVar[str] = "nn.AdaptiveMaxPool2d"
    function: ClassVar[str] = "F.adaptive_max_pool2d"


@op
class AdaptiveMaxPool3d(AdaptiveMaxPool):
    """Maximum over windows that give the output size: (N, C, D, H, W) -> (N, C, *output_size), and their `indices`."""

    name: ClassVar[str] = "adaptive_max_pool3d"
    also_called: ClassVar[Mapping[str, str]] = {
        "global_max_pooling3d": "output_size: 1",
        "global_max_pool3d": "output_size: 1",
    }
    module: ClassVar[str] = "nn.AdaptiveMaxPool3d"
    function: ClassVar[str] = "F.adaptive_max_pool3d"
    rank: ClassVar[int] = 3


class FractionalMaxPool(WithIndices, Spatial):
    """Maximum over windows at random places that give the output size; random in inference, too."""

    role: ClassVar[Role] = Role.POOL
    real: ClassVar[frozenset[str]] = frozenset({"x"})
    spare: ClassVar[int] = 0  # elements of the input that the windows have to leave

    kernel_size: Annotated[Sizes, KERNELS] = Field(description="size of the window")
    output_size: Sizes | None = Field(default=None, description="size of the output")
    output_ratio: Ratio | tuple[Ratio, ...] | None = Field(
        default=None, description="size of the output over that of the input, between 0 and 1"
    )

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x = xs[0]
        require_rank(self.name, x, self.rank)
        sizes, kernel = self._sizes(x), each(self.kernel_size, self.rank)
        require_sizes(self.name, sizes, x)
        if any(y + k - 1 + self.spare > size for y, k, size in zip(sizes, kernel, x.spatial, strict=True)):
            raise ShapeFault(
                "kernel-too-large",
                f"{by(sizes)} windows of {by(kernel)} do not fit into the input {by(x.spatial)}",
                help="use a smaller kernel_size, a smaller output, or a larger input",
                field="kernel_size",
            )
        y = Shape((x.channels, *sizes), x.batch)
        return y, Shape(y.dims, y.batch, "int")

    def _sizes(self, x: Shape) -> tuple[int, ...]:
        if (self.output_size is None) == (self.output_ratio is None):
            takes = f"{self.name} takes one of output_size and output_ratio"
            if self.output_size is None:
                raise ShapeFault("missing-option", f"{takes}; none is given")
            raise ShapeFault("bad-option", f"{takes}; both are given", field="output_ratio")
        if self.output_size is not None:
            return each(self.output_size, self.rank)
        return tuple(floor(size * ratio) for size, ratio in zip(x.spatial, self._ratios(), strict=True))

    def _ratios(self) -> tuple[float, ...]:
        return self.output_ratio if isinstance(self.output_ratio, tuple) else (self.output_ratio or 1.0,) * self.rank

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(pool=xs[0].numel)

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        # Unlike the module, the function takes no single ratio.
        ratio = slots.get("output_ratio")
        if ratio is None or isinstance(self.output_ratio, tuple):
            return super().expression(args, slots, xs)
        return super().expression(args, {**slots, "output_ratio": Tuple((ratio,) * self.rank)}, xs)

    def label(self) -> Label:
        if self.output_size is None:
            target = factor_part("output_ratio", self._shown(), "ratio")
        else:
            target = Part("output_size", times(self.output_size, self.rank), "size", word="to")
        return Label("fractional max pool", (target,), before=kernel_part(self.kernel_size, self.rank), aside=True)

    def _shown(self) -> tuple[float, ...]:
        ratios = self._ratios()
        return ratios[:1] if len(set(ratios)) == 1 else ratios

    def scratch(self, xs: Shapes, ys: Shapes) -> Shapes:
        return (Shape((xs[0].channels, self.rank), xs[0].batch),)  # where the windows begin

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return Saved(inputs=(0,), outputs=(1,))


@op
class FractionalMaxPool2d(FractionalMaxPool):
    """Maximum over random windows of an image: (N, C, H, W) -> (N, C, H', W'), and their `indices`.

    Source: Graham, Fractional max-pooling (2014).
    """

    name: ClassVar[str] = "fractional_max_pool2d"
    module: ClassVar[str] = "nn.FractionalMaxPool2d"
    function: ClassVar[str] = "F.fractional_max_pool2d"


@op
class FractionalMaxPool3d(FractionalMaxPool):
    """Maximum over random windows of a volume: (N, C, D, H, W) -> (N, C, D', H', W'), and their `indices`.

    Source: Graham, Fractional max-pooling (2014).
    """

    name: ClassVar[str] = "fractional_max_pool3d"
    module: ClassVar[str] = "nn.FractionalMaxPool3d"
    function: ClassVar[str] = "F.fractional_max_pool3d"
    rank: ClassVar[int] = 3
    spare: ClassVar[int] = 1  # PyTorch's own rule; in two dimensions the windows may reach the end

"""Images read at places that are given: spatial transformers, warping by flow. Counts are the elements written.

A place is (x, y), or (x, y, z) in a volume: -1 is the left, upper edge and 1 the right, lower one.

Source: Jaderberg et al., Spatial transformer networks (2015), section 3.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field

from archspec.ops.align import listing
from archspec.ops.fields import PositiveInt
from archspec.ops.label import Label, Part, crossed
from archspec.ops.op import Op, Role, ShapeFault, op
from archspec.ops.reach import WHOLE, Along, Reading
from archspec.ops.saved import NOTHING, Saved
from archspec.ops.sizes import require_rank
from archspec.values.cost import Cost
from archspec.values.shape import Shape, Shapes
from archspec.values.source import Item, Listing, Member, Source, constant, invoke, spread

ALIGN_CORNERS = Field(default=False, description="-1 and 1 are the middles of the outermost pixels, not their edges")


class _Placed(Op):
    """What the two have in common: torch warns where nobody says what the corners are, so that code always does."""

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        return {name: default for name, default in super().defaults().items() if name != "align_corners"}


@op
class GridSample(_Placed):
    """An image read at the places of a grid: (N, C, H, W), (N, H', W', 2) -> (N, C, H', W').

    Of volumes (N, C, D, H, W) and (N, D', H', W', 3).
    """

    name: ClassVar[str] = "grid_sample"
    role: ClassVar[Role] = Role.UPSAMPLE
    input_names: ClassVar[tuple[str, ...]] = ("x", "grid")
    required: ClassVar[int] = 2
    real: ClassVar[frozenset[str]] = frozenset({"x", "grid"})
    function: ClassVar[str] = "F.grid_sample"
    function_positional: ClassVar[int] = 0

    mode: Literal["bilinear", "nearest", "bicubic"] = Field(
        default="bilinear", description="how values between pixels are found; in volumes bilinear is trilinear"
    )
    padding_mode: Literal["zeros", "border", "reflection"] = Field(
        default="zeros", description="what stands outside of the image"
    )
    align_corners: bool = ALIGN_CORNERS

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x, grid = xs
        require_rank(self.name, x, 2, 3)
        rank = len(x.spatial)
        if len(grid.dims) != rank + 1 or grid.batch != x.batch or grid.dims[-1] != rank:
            places = "N x H x W x 2" if rank == 2 else "N x D x H x W x 3"
            message = f"{self.name} needs a grid of {places}, not {grid}"
            raise ShapeFault("shape-mismatch", message, pointed=listing(xs))
        if self.mode == "bicubic" and rank == 3:
            raise ShapeFault("bad-option", "mode: bicubic is for images, not for volumes", field="mode")
        return (Shape((x.channels, *grid.dims[:-1]), x.batch),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        if not index:
            return (Along(0), *(WHOLE for _ in xs[0].spatial))
        return (*(Along(axis + 1) for axis in range(len(xs[1].dims) - 1)), WHOLE)

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(resample=ys[0].numel, fvcore=4 * ys[0].numel)

    def label(self) -> Label:
        return Label("grid sample", (Part("mode", self.mode, "mode"),))

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return Saved(inputs=(0, 1))


@op
class AffineGrid(_Placed):
    """Places of pixels under an affine map: (N, 2, 3) -> (N, H, W, 2), and (N, 3, 4) -> (N, D, H, W, 3).

    `theta` is the map, from places in the output to places in the input. The size is that of `like`, or is given.
    """

    name: ClassVar[str] = "affine_grid"
    role: ClassVar[Role] = Role.OTHER
    input_names: ClassVar[tuple[str, ...]] = ("theta", "like")
    required: ClassVar[int] = 2
    substitutes: ClassVar[frozenset[str]] = frozenset({"size"})
    size_inputs: ClassVar[frozenset[str]] = frozenset({"like"})
    real: ClassVar[frozenset[str]] = frozenset({"theta"})
    function: ClassVar[str] = "F.affine_grid"

    size: tuple[PositiveInt, ...] | None = Field(default=None, description="height and width, or depth before them")
    align_corners: bool = ALIGN_CORNERS

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        theta = xs[0]
        if (self.size is None) == (len(xs) < 2):
            count = "none is given" if self.size is None else "both are given"
            code = "missing-option" if self.size is None else "bad-option"
            raise ShapeFault(code, f"{self.name} takes a size or an input `like`; {count}", field="size")
        sizes = xs[1].spatial if self.size is None else self.size
        rank = len(sizes)
        if rank not in (2, 3):
            raise ShapeFault("rank-mismatch", f"{self.name} makes grids of 2 or 3 dimensions, not {rank}", field="size")
        if not theta.batch or theta.dims != (rank, rank + 1):
            message = f"{self.name} needs N x {rank} x {rank + 1}, not {theta}"
            raise ShapeFault("shape-mismatch", message, pointed=listing(xs))
        return (Shape((*sizes, rank), theta.batch, channels_last=True),)

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(resample=ys[0].numel)

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        theta = args[0]
        size: Source = invoke("list", Member(args[-1], "shape"))  # torch's stubs take a list and no torch.Size here
        if self.size is not None:
            rows = Item(Member(theta, "shape"), (constant(0),))
            size = Listing((rows, constant(1), *spread(slots["size"])))
        return invoke(self.function, theta, size, align_corners=slots["align_corners"])

    def label(self) -> Label:
        size = () if self.size is None else (Part("size", crossed(self.size), "size"),)
        return Label("affine grid", size)

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING

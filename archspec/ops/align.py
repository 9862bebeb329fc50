"""How inputs of unequal sizes meet in a join: one of them is the reference, the others take its spatial size.

    crop    the smallest is the reference; the others lose their borders, or what lies around a window at `offset`
    pad     the largest is the reference; the others get borders of zeros, the odd row or column after them
    resize  the first is the reference; the others are resampled, nearest neighbour

Channels stay as they are. The functions below go into emitted sources and hold for any size and number of dimensions.
"""

from collections.abc import Hashable, Sequence
from fractions import Fraction

from pydantic import Field

from archspec.ops.fields import Align, Paddings, each
from archspec.ops.op import Helper, Op, ShapeFault, cure_of
from archspec.ops.reach import Along, Reading, cut, interpolated, pointwise
from archspec.ops.sizes import by
from archspec.values.cost import Cost
from archspec.values.expression import Global
from archspec.values.shape import HELD, Shape, Shapes
from archspec.values.source import Invoke, Item, Listing, Member, Operand, Range, Source, constant, invoke, spread

CENTER_CROP = Helper(
    "center_crop",
    '''\
@torch.fx.wrap
def center_crop(x: Tensor, like: Tensor) -> Tensor:
    """Cuts the middle of `x` to the spatial size of `like`."""
    for dim in range(2, x.dim()):
        size = like.shape[dim]
        x = x.narrow(dim, (x.shape[dim] - size) // 2, size)
    return x
''',
    uses=("torch",),
)

CROP = Helper(
    "crop",
    '''\
def crop(x: Tensor, like: Tensor, offset: list[int]) -> Tensor:
    """Cuts the spatial size of `like` out of `x`, from `offset` on."""
    for dim, start in enumerate(offset, start=2):
        x = x.narrow(dim, start, like.shape[dim])
    return x
''',
)

PAD_TO = Helper(
    "pad_to",
    '''\
@torch.fx.wrap
def pad_to(x: Tensor, like: Tensor) -> Tensor:
    """Pads `x` with zeros on all sides to the spatial size of `like`."""
    pad: list[int] = []
    for dim in range(x.dim() - 1, 1, -1):
        extra = like.shape[dim] - x.shape[dim]
        pad += [extra // 2, extra - extra // 2]
    return F.pad(x, pad)
''',
    uses=("torch", "F"),
)


class Aligned(Op):
    """A join that can bring its inputs to one spatial size."""

    align: Align = Field(default="strict", description="how unequal heights and widths meet")
    offset: Paddings | None = Field(
        default=None, description="with `align: crop`, where the window starts; none takes the middle"
    )

    def reference(self, xs: tuple[Shape, ...]) -> int:
        """Index of the input whose size the others take. Raises ShapeFault where none is the smallest, or largest."""
        if self.align in {"strict", "resize"}:
            return 0
        extreme = min if self.align == "crop" else max
        sizes = tuple(extreme(column) for column in zip(*(x.spatial for x in xs), strict=True))
        for index, x in enumerate(xs):
            if x.spatial == sizes:
                return index
        kind = "smallest" if self.align == "crop" else "largest"
        raise ShapeFault(
            "shape-mismatch",
            f"no input of this {self.name} is the {kind} in every dimension",
            pointed=listing(xs),
            field="align",
        )

    def aligned(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        """The inputs' shapes once they have met. Raises ShapeFault where they cannot."""
        if self.offset is not None and self.align != "crop":
            raise ShapeFault("bad-option", f"offset goes with align: crop, not {self.align}", field="offset")
        if self.align == "strict":
            return xs
        rank = len(xs[0].dims)
        if rank < 2 or any(len(x.dims) != rank or not x.batch for x in xs):
            raise ShapeFault(
                "rank-mismatch",
                f"align: {self.align} needs inputs with the same spatial dimensions",
                pointed=listing(xs),
                field="align",
            )
        like = xs[self.reference(xs)]
        for x in xs:
            if self.align == "resize" and x.dtype != "float" and x.spatial != like.spatial:
                message = f"align: resize interpolates fractions, and this input holds {HELD[x.dtype]}: {x}"
                raise ShapeFault("wrong-type", message, help=cure_of(x.dtype), field="align")
        if self.offset is not None:
            for x in xs:
                self._require_window(x, like)
        return tuple(Shape((x.channels, *like.spatial), x.batch, x.dtype) for x in xs)

    def _require_window(self, x: Shape, like: Shape) -> None:
        start = self._start(x)
        if len(start) != len(x.spatial):
            wanted = f"{len(start)} numbers do not fit the {len(x.spatial)} spatial dimensions of {x}"
            raise ShapeFault("wrong-type", f"offset: {wanted}", field="offset")
        if x is not like and any(o + s > n for o, s, n in zip(start, like.spatial, x.spatial, strict=True)):
            raise ShapeFault(
                "shape-mismatch",
                f"a window of {by(like.spatial)} at offset {by(start)} reaches beyond the {by(x.spatial)} of an input",
                field="offset",
            )

    def _start(self, x: Shape) -> tuple[int, ...]:
        return each(self.offset or 0, len(x.spatial))

    def cost_of_aligning(self, xs: tuple[Shape, ...]) -> Cost:
        """Elements written so that the sizes meet; fvcore counts one for each that 2-d resizing writes."""
        if self.align == "strict":
            return Cost()
        keep = self.reference(xs)
        written = sum(x.numel for i, x in enumerate(self.aligned(xs)) if i != keep)
        counted = self.align == "resize" and len(xs[0].dims) == 3
        return Cost(resample=written, fvcore=written if counted else 0)

    def aligned_args(self, args: Sequence[Source], offset: Source | None, xs: tuple[Shape, ...]) -> tuple[Source, ...]:
        """The inputs, brought to one size."""
        if self.align == "strict":
            return tuple(args)
        keep = self.reference(xs)
        return tuple(
            arg if i == keep else self._aligned_arg(arg, args[keep], offset, len(xs[0].spatial))
            for i, arg in enumerate(args)
        )

    def _aligned_arg(self, arg: Source, like: Source, offset: Source | None, rank: int) -> Source:
        if self.align == "pad":
            return invoke("pad_to", arg, like)
        if self.align == "resize":
            size = Item(Member(like, "shape"), (Range(constant(2)),))
            return Invoke(Global("F.interpolate", typed=False), (arg,), (("size", size),))
        if offset is None:
            return invoke("center_crop", arg, like)
        starts = spread(offset) if isinstance(self.offset, tuple) else (offset,) * rank
        return invoke("crop", arg, like, Listing(starts))

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        if self.align == "strict" or index == self.reference(xs):
            return pointwise(xs[index], ys[0])
        sizes, wanted = xs[index].spatial, xs[self.reference(xs)].spatial
        if self.align == "resize":
            ratios = zip(sizes, wanted, strict=True)
            reaches = (interpolated("nearest", x, y, Fraction(x, y)) for x, y in ratios)
            return (Along(0), *(Along(axis, reach) for axis, reach in enumerate(reaches, start=1)))
        start = self._start(xs[0]) if self.align == "crop" and self.offset is not None else None
        return (Along(0), *cut(sizes, wanted, start))

    def copies(self, xs: Shapes) -> Shapes:
        """The inputs that are padded or resized, which torch copies for it."""
        if self.align in {"strict", "crop"}:
            return ()
        keep = self.reference(xs)
        return tuple(x for i, x in enumerate(self.aligned(xs)) if i != keep)

    def hands_on(self, xs: Shapes, index: int) -> bool:
        # What is cropped, padded or resized has a gradient of its own size.
        return self.align == "strict" or index == self.reference(xs)

    def form(self, xs: tuple[Shape, ...]) -> Hashable:
        # Which input is the reference, and which have no batch.
        if self.align == "strict":
            return tuple(x.batch > 0 for x in xs)
        slots = {slot: constant(value) for slot, value in self.slots(xs).items()}
        return self.expression(tuple(map(Operand, range(len(xs)))), slots, xs)

    def strays(self, xs: tuple[Shape, ...], written: tuple[Shape, ...]) -> str:
        # The line has one input as the reference. Another one of the same size would do as well.
        keep = self.reference(written)
        if xs[keep].spatial == xs[self.reference(xs)].spatial:
            return ""
        does, kind = ("crops", "smallest") if self.align == "crop" else ("pads", "largest")
        here = f"the {kind} at the declared size and not here"
        return f"the source {does} what {self.name} reads to the size of input {keep + 1}, which is {here}"

    def helpers(self) -> tuple[Helper, ...]:
        if self.align == "pad":
            return (PAD_TO,)
        if self.align == "crop":
            return (CENTER_CROP,) if self.offset is None else (CROP,)
        return ()


def listing(xs: Sequence[Shape]) -> str:
    """Shapes in a message: `a, b and c`."""
    *most, last = map(str, xs)
    return f"{', '.join(most)} and {last}" if most else last

"""Resampling: upsampling by interpolation, rearrangement of pixels and channels, cropping. Counts are elements written.

fvcore counts 2-d nearest interpolation as 1 per element of the output, bilinear as 4, and `area`, which PyTorch does by
adaptive average pooling, as 1 per element of the input; all others as nothing.
"""

from collections.abc import Hashable, Mapping, Sequence
from fractions import Fraction
from math import floor
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from archspec.ops.align import CENTER_CROP, CROP
from archspec.ops.fields import Paddings, PositiveInt, Sizes, each, one_for_all
from archspec.ops.label import Label, Part, factor_part
from archspec.ops.op import Helper, Op, Role, ShapeFault, op
from archspec.ops.reach import WHOLE, Along, Reach, Reading, but, cut, interpolated, pointwise, window
from archspec.ops.saved import INPUT, NOTHING, Saved
from archspec.ops.sizes import by, plural, require_rank, require_sizes
from archspec.values import expression
from archspec.values.cost import Cost
from archspec.values.expression import Value
from archspec.values.shape import Shape, Shapes
from archspec.values.source import Item, Listing, Member, Operand, Range, Source, constant, invoke, spread

Factor = Annotated[int | float, Field(gt=0)]

RANKS: Mapping[str, tuple[int, ...]] = {
    "nearest": (1, 2, 3),
    "nearest-exact": (1, 2, 3),
    "area": (1, 2, 3),
    "linear": (1,),
    "bilinear": (2,),
    "bicubic": (2,),
    "trilinear": (3,),
}


@op
class Upsample(Op):
    """Interpolation to a size, by a factor, or to the size of `like`: (N, C, H, W) -> (N, C, H', W').

    A value without a batch, such as a position embedding, has one as its first dimension: (1, C, H, W).
    """

    name: ClassVar[str] = "upsample"
    also_called: ClassVar[Mapping[str, str]] = {
        "upsampling": "",
        "resize": "",
        "resize2d": "",
        "upsampling1d": "",
        "upsampling2d": "",
        "upsampling3d": "",
    }
    role: ClassVar[Role] = Role.UPSAMPLE
    input_names: ClassVar[tuple[str, ...]] = ("x", "like")
    size_inputs: ClassVar[frozenset[str]] = frozenset({"like"})
    module: ClassVar[str] = "nn.Upsample"
    positional: ClassVar[int] = 0
    function: ClassVar[str] = "F.interpolate"
    real: ClassVar[frozenset[str]] = frozenset({"x"})
    typed: ClassVar[bool] = False
    function_positional: ClassVar[int] = 0
    none_is: ClassVar[Mapping[str, Value]] = {"align_corners": False, "recompute_scale_factor": False}

    size: Sizes | None = Field(default=None, description="size of the output")
    scale_factor: Factor | tuple[Factor, ...] | None = Field(default=None, description="factor of the sizes")
    mode: Literal["nearest", "linear", "bilinear", "bicubic", "trilinear", "area", "nearest-exact"] = Field(
        default="nearest", description="how values between elements are found"
    )
    align_corners: bool | None = Field(
        default=None, description="the outermost elements keep their places; for linear modes and bicubic"
    )
    recompute_scale_factor: bool | None = Field(
        default=None, description="interpolates by the ratio of the rounded sizes in place of scale_factor"
    )

    @property
    def acting(self) -> dict[str, Value]:
        """As of any op; one number stands for all dimensions that have it."""
        return {name: one_for_all(value) for name, value in super().acting.items()}

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x = self._samples(xs[0])
        require_rank(f"upsample with mode: {self.mode}", x, *RANKS[self.mode])
        self._require_options(x, given=len(xs) > 1)
        sizes = self._sizes((x, *xs[1:]))
        require_sizes(self.name, sizes, x)
        if not xs[0].batch:
            return (Shape((*xs[0].dims[:2], *sizes), 0, x.dtype),)
        return (Shape((x.channels, *sizes), x.batch, x.dtype),)

    def _samples(self, x: Shape) -> Shape:
        """A value; of one without a batch, the first dimension as such."""
        return x if x.batch or len(x.dims) - 2 not in RANKS[self.mode] else Shape(x.dims[1:], x.dims[0], x.dtype)

    def _require_options(self, x: Shape, *, given: bool) -> None:
        targets = [name for name in ("size", "scale_factor") if getattr(self, name) is not None]
        if len(targets) + given != 1:
            count = "none is given" if not targets else f"{' and '.join([*targets, *['like'] * given])} are given"
            code, field = ("bad-option", targets[-1]) if targets else ("missing-option", "")
            raise ShapeFault(code, f"upsample takes one of size, scale_factor or an input `like`; {count}", field=field)
        for name in targets:
            value = getattr(self, name)
            if isinstance(value, tuple) and len(value) != len(x.spatial):
                numbers = f"{plural(len(value), 'number')} where {x} has {plural(len(x.spatial), 'spatial dimension')}"
                raise ShapeFault("rank-mismatch", f"{name} has {numbers}", field=name)
        if self.align_corners is not None and self.mode in {"nearest", "nearest-exact", "area"}:
            raise ShapeFault(
                "bad-option", f"align_corners has no meaning with mode: {self.mode}", field="align_corners"
            )
        if self.recompute_scale_factor and self.scale_factor is None:
            raise ShapeFault(
                "bad-option", "recompute_scale_factor needs a scale_factor", field="recompute_scale_factor"
            )

    def _sizes(self, xs: tuple[Shape, ...]) -> tuple[int, ...]:
        x = xs[0]
        if len(xs) > 1:
            require_rank("the size of `like`", xs[1], len(x.spatial))
            return xs[1].spatial
        if self.size is not None:
            return each(self.size, len(x.spatial))
        factors = self.scale_factor if isinstance(self.scale_factor, tuple) else (self.scale_factor,) * len(x.spatial)
        return tuple(floor(size * (factor or 0)) for size, factor in zip(x.spatial, factors, strict=True))

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        x, y = self._samples(xs[0]), self._samples(ys[0])
        more = 0 if xs[0].batch else 1  # dimensions in front
        before = tuple(map(Along, range(more + 1)))
        return (*before, *(Along(axis + more, self._reach(x, y, axis)) for axis in range(1, len(x.dims))))

    def _reach(self, x: Shape, y: Shape, axis: int) -> Reach:
        """What is read along one dimension; with a scale_factor, the sizes are rounded and the factor is not."""
        size, count = x.dims[axis], y.dims[axis]
        ratio = Fraction(size, count)
        if self.scale_factor is not None and not self.recompute_scale_factor:
            given = self.scale_factor[axis - 1] if isinstance(self.scale_factor, tuple) else self.scale_factor
            ratio = 1 / Fraction(given).limit_denominator(1000)
        return interpolated(self.mode, size, count, ratio, corners=bool(self.align_corners))

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        x, y = self._samples(xs[0]), self._samples(ys[0])
        by_fvcore = {"nearest": y.numel, "bilinear": 4 * y.numel, "area": x.numel} if len(x.dims) == 3 else {}
        return Cost(resample=y.numel, fvcore=by_fvcore.get(self.mode, 0))

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        size = {"size": Item(Member(args[1], "shape"), (Range(constant(2)),))} if len(args) > 1 else {}
        grown = {name: _fractional(value) for name, value in slots.items() if name == "scale_factor"}
        return super().expression(args[:1], {**size, **slots, **grown}, xs)

    def label(self) -> Label:
        grown = None if self.scale_factor is None else factor_part("scale_factor", self.scale_factor)
        return Label("upsample", (Part("mode", self.mode, "mode"),), behind=grown, aside=True)

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return INPUT if self.mode == "area" else NOTHING


def _fractional(factor: Source) -> Source:
    """A factor as TorchScript takes it of the function: no whole number, `2.0`."""
    match factor:
        case expression.Literal(tuple() as each):
            return constant(tuple(map(float, each)))
        case expression.Literal(int() as whole):
            return constant(float(whole))
    return factor


@op
class PixelShuffle(Op):
    """Channels become pixels: (N, C * r * r, H, W) -> (N, C, H * r, W * r).

    Source: Shi et al., Real-time single image and video super-resolution (2016), section 2.2.
    """

    name: ClassVar[str] = "pixel_shuffle"
    also_called: ClassVar[Mapping[str, str]] = {"depth_to_space": ""}
    role: ClassVar[Role] = Role.UPSAMPLE
    module: ClassVar[str] = "nn.PixelShuffle"
    function: ClassVar[str] = "F.pixel_shuffle"

    upscale_factor: PositiveInt = Field(description="factor of height and width")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        require_rank(self.name, xs[0], 2)
        r, (c, h, w) = self.upscale_factor, xs[0].dims
        if c % (r * r):
            raise ShapeFault(
                "channels-not-divisible",
                f"the square of the factor {r} does not divide the {c} channels of the input",
                field="upscale_factor",
            )
        return (Shape((c // (r * r), h * r, w * r), xs[0].batch, xs[0].dtype),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        copies = Reach((0,) * self.upscale_factor, (0,) * self.upscale_factor, 1)
        return WHOLE, Along(1, copies), Along(2, copies)

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(resample=ys[0].numel)

    def label(self) -> Label:
        return Label("pixel shuffle", behind=factor_part("upscale_factor", self.upscale_factor))

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING


@op
class PixelUnshuffle(Op):
    """Pixels become channels: (N, C, H * r, W * r) -> (N, C * r * r, H, W).

    Source: Shi et al., Real-time single image and video super-resolution (2016), section 2.2.
    """

    name: ClassVar[str] = "pixel_unshuffle"
    also_called: ClassVar[Mapping[str, str]] = {"space_to_depth": ""}
    role: ClassVar[Role] = Role.OTHER
    module: ClassVar[str] = "nn.PixelUnshuffle"
    function: ClassVar[str] = "F.pixel_unshuffle"

    downscale_factor: PositiveInt = Field(description="factor that height and width are divided by")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        require_rank(self.name, xs[0], 2)
        r, (c, h, w) = self.downscale_factor, xs[0].dims
        if h % r or w % r:
            raise ShapeFault(
                "size-not-divisible",
                f"the factor {r} does not divide the size {h} x {w} of the input",
                field="downscale_factor",
            )
        return (Shape((c * r * r, h // r, w // r), xs[0].batch, xs[0].dtype),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        pixels = window(self.downscale_factor, self.downscale_factor)
        return WHOLE, Along(1, pixels), Along(2, pixels)

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(resample=ys[0].numel)

    def label(self) -> Label:
        return Label("pixel unshuffle", behind=factor_part("downscale_factor", self.downscale_factor, sign="/"))

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING


@op
class ChannelShuffle(Op):
    """Channels of the groups by turns, the first of each, then the second: (N, C, H, W) -> (N, C, H, W).

    Source: Zhang et al., ShuffleNet (2017), section 3.1.
    """

    name: ClassVar[str] = "channel_shuffle"
    role: ClassVar[Role] = Role.OTHER
    module: ClassVar[str] = "nn.ChannelShuffle"
    function: ClassVar[str] = "F.channel_shuffle"

    groups: PositiveInt = Field(description="groups that the channels are split into")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x = xs[0]
        require_rank(self.name, x, 1, 2, 3)
        if x.channels % self.groups:
            raise ShapeFault(
                "channels-not-divisible",
                f"{self.groups} groups do not divide the {x.channels} channels of the input",
                field="groups",
            )
        return (x,)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        return but(pointwise(xs[0], ys[0]), 0)

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(resample=ys[0].numel)

    def label(self) -> Label:
        return Label("channel shuffle", (Part("groups", str(self.groups), "groups", unit="groups"),))

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING


@op
class Crop(Op):
    """A window of the size of `like`: (N, C, H, W), (N, D, H', W') -> (N, C, H', W')."""

    name: ClassVar[str] = "crop"
    also_called: ClassVar[Mapping[str, str]] = {"center_crop": ""}
    role: ClassVar[Role] = Role.OTHER
    input_names: ClassVar[tuple[str, ...]] = ("x", "like")
    size_inputs: ClassVar[frozenset[str]] = frozenset({"like"})
    required: ClassVar[int] = 2
    aliases_input: ClassVar[bool] = True

    offset: Paddings | None = Field(default=None, description="where the window starts; none takes the middle")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x, like = xs
        require_rank("the size of `like`", like, len(x.spatial))
        start = each(self.offset or 0, len(x.spatial))
        if len(start) != len(x.spatial):
            numbers = f"{plural(len(start), 'number')} where {x} has {plural(len(x.spatial), 'spatial dimension')}"
            raise ShapeFault("rank-mismatch", f"offset has {numbers}", field="offset")
        if any(o + size > n for o, size, n in zip(start, like.spatial, x.spatial, strict=True)):
            where = f" at offset {by(start)}" if self.offset is not None else ""
            raise ShapeFault(
                "shape-mismatch",
                f"a window of {by(like.spatial)}{where} reaches beyond the {by(x.spatial)} of the input",
                field="offset" if self.offset is not None else "",
            )
        return (Shape((x.channels, *like.spatial), x.batch, x.dtype),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        start = each(self.offset, len(xs[0].spatial)) if self.offset is not None else None
        return (Along(0), *cut(xs[0].spatial, ys[0].spatial, start))

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(resample=ys[0].numel)

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        if self.offset is None:
            return invoke("center_crop", args[0], args[1])
        start = slots["offset"]
        starts = spread(start) if isinstance(self.offset, tuple) else (start,) * len(xs[0].spatial)
        return invoke("crop", args[0], args[1], Listing(starts))

    def form(self, xs: tuple[Shape, ...]) -> Hashable:
        return self.expression((Operand(0), Operand(1)), {"offset": constant(self.offset)}, xs)

    def helpers(self) -> tuple[Helper, ...]:
        return (CENTER_CROP,) if self.offset is None else (CROP,)

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING

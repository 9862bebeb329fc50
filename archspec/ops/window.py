"""Windows of images, for attention among the pixels of each: Swin's, shifted or not, and MaxViT's grids.

Images are (N, H, W, C), windows (N, windows, h * w, C): the batch stays what it is. An image whose size is no multiple
of the window is padded with zeros below and on the right; `window_reverse` cuts them off.

    windows       grids         windows shifted by 1
    a a b b       a b a b       d c c d        the image rolls up and to the left before it is cut; what comes in on
    a a b b       c d c d       b a a b        the other side, here the upper row and the left column, is neighbour to
    c c d d       a b a b       b a a b        pixels that it does not lie beside: window_mask keeps such pixels apart
    c c d d       c d c d       d c c d

A dimension that is one window alone is not shifted.

Source: Liu et al., Swin Transformer (2021), section 3.2; Tu et al., MaxViT (2022), section 3.2.
"""

from collections.abc import Hashable, Mapping, Sequence
from math import prod
from typing import Annotated, ClassVar

from pydantic import Field

from archspec.ops.label import Label, Part, crossed
from archspec.ops.op import Helper, Op, Role, ShapeFault, op
from archspec.ops.reach import Along, Laid, Reach, Reading
from archspec.ops.saved import NOTHING, Saved
from archspec.ops.sizes import by, plural
from archspec.values.cost import Cost
from archspec.values.expression import Value
from archspec.values.shape import Shape, Shapes
from archspec.values.source import Source, constant, invoke

Pair = tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]]
Shift = tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]]

PARTITION = Helper(
    "window_partition",
    '''\
@torch.fx.wrap
def window_partition(
    x: Tensor, window: tuple[int, int], shift: tuple[int, int] = (0, 0)
) -> Tensor:
    """Cuts padded images into windows: (N, H, W, C) -> (N, windows, h * w, C)."""
    h, w = window
    x = F.pad(x, (0, 0, 0, -x.shape[2] % w, 0, -x.shape[1] % h))
    n, height, width, c = x.shape
    rows, columns = height // h, width // w
    down, right = shift[0] if rows > 1 else 0, shift[1] if columns > 1 else 0
    if down > 0 or right > 0:
        x = torch.roll(x, (-down, -right), (1, 2))
    x = x.reshape(n, rows, h, columns, w, c).transpose(2, 3)
    return x.reshape(n, rows * columns, h * w, c)
''',
    uses=(
        "torch",
        "F",
    ),
)

REVERSE = Helper(
    "window_reverse",
    '''\
@torch.fx.wrap
def window_reverse(
    x: Tensor, like: Tensor, window: tuple[int, int], shift: tuple[int, int] = (0, 0)
) -> Tensor:
    """Makes windows an image like `like`: (N, windows, h * w, C) -> (N, H, W, C)."""
    h, w = window
    rows, columns = -(-like.shape[1] // h), -(-like.shape[2] // w)
    x = x.reshape(x.shape[0], rows, columns, h, w, x.shape[-1]).transpose(2, 3)
    x = x.reshape(x.shape[0], rows * h, columns * w, x.shape[-1])
    down, right = shift[0] if rows > 1 else 0, shift[1] if columns > 1 else 0
    if down > 0 or right > 0:
        x = torch.roll(x, (down, right), (1, 2))
    return x[:, : like.shape[1], : like.shape[2]]
''',
    uses=("torch",),
)

MASK = Helper(
    "window_mask",
    '''\
@torch.fx.wrap
def window_mask(
    like: Tensor, window: tuple[int, int], shift: tuple[int, int]
) -> Tensor:
    """-100 between regions of shifted windows: (windows, 1, h * w, h * w)."""
    h, w = window
    height, width = -(-like.shape[1] // h) * h, -(-like.shape[2] // w) * w
    down, right = shift[0] if height > h else 0, shift[1] if width > w else 0
    row = torch.arange(height, device=like.device) >= height - down
    column = torch.arange(width, device=like.device) >= width - right
    region = (2 * row.long()[:, None] + column.long())[None, :, :, None]
    region = window_partition(region, window)[0]
    apart = region != region.transpose(1, 2)
    return like.new_zeros(apart.shape).masked_fill(apart, -100.0)[:, None]
''',
    uses=("torch",),
)

GRID_PARTITION = Helper(
    "grid_partition",
    '''\
def grid_partition(x: Tensor, grid: tuple[int, int]) -> Tensor:
    """Cuts padded images into grids: (N, H, W, C) -> (N, grids, h * w, C)."""
    h, w = grid
    x = F.pad(x, (0, 0, 0, -x.shape[2] % w, 0, -x.shape[1] % h))
    n, height, width, c = x.shape
    rows, columns = height // h, width // w
    x = x.reshape(n, h, rows, w, columns, c).permute(0, 2, 4, 1, 3, 5)
    return x.reshape(n, rows * columns, h * w, c)
''',
    uses=("F",),
)

GRID_REVERSE = Helper(
    "grid_reverse",
    '''\
def grid_reverse(x: Tensor, like: Tensor, grid: tuple[int, int]) -> Tensor:
    """Makes grids an image like `like`: (N, grids, h * w, C) -> (N, H, W, C)."""
    h, w = grid
    rows, columns = -(-like.shape[1] // h), -(-like.shape[2] // w)
    x = x.reshape(x.shape[0], rows, columns, h, w, x.shape[-1])
    x = x.permute(0, 3, 1, 4, 2, 5)
    x = x.reshape(x.shape[0], h * rows, w * columns, x.shape[-1])
    return x[:, : like.shape[1], : like.shape[2]]
''',
)


class Windowed(Op):
    """What ops on windows have in common."""

    role: ClassVar[Role] = Role.RESHAPE

    window_size: Pair = Field(description="height and width of a window")
    shift_size: Shift = Field(default=(0, 0), description="by how much the image is rolled up and to the left before")

    def _windows(self, x: Shape) -> tuple[int, int, int]:
        """Windows, their pixels, and the channels. Raises ShapeFault where `x` is no image with its channels last."""
        if not x.batch or len(x.dims) != 3:
            raise ShapeFault("rank-mismatch", f"{self.name} needs N x H x W x C, not {x}")
        if any(shift >= size for shift, size in zip(self.shift_size, self.window_size, strict=True)):
            message = f"a shift of {by(self.shift_size)} is not smaller than the window {by(self.window_size)}"
            raise ShapeFault("bad-option", message, field="shift_size")
        height, width, channels = x.dims
        count = -(-height // self.window_size[0]) * -(-width // self.window_size[1])
        return count, prod(self.window_size), channels

    def settings(self, slots: Mapping[str, Source]) -> tuple[Source, ...]:
        """The window and, where there is one, the shift."""
        return (slots["window_size"], *([slots["shift_size"]] if "shift_size" in slots else []))

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING


class Gridded(Windowed):
    """An op that takes windows or grids."""

    grid: bool = Field(default=False, description="takes pixels at equal distances over the whole image, h x w of them")

    def several(self, image: Shape) -> bool:
        """Whether there is more than one window: torch then copies what it puts in another order."""
        return self._windows(image)[0] > 1

    def require_no_shift(self) -> None:
        """Raises ShapeFault where a grid is shifted."""
        if self.grid and any(self.shift_size):
            raise ShapeFault("bad-option", "shift_size has no meaning with grid: true", field="shift_size")

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(resample=ys[0].numel)

    def form(self, xs: tuple[Shape, ...]) -> Hashable:
        return self.grid

    def slots(self, xs: tuple[Shape, ...]) -> dict[str, Value]:
        return {"window_size": self.window_size, "shift_size": self.shift_size}


def _cuts(op: Gridded, image: Shape) -> list[tuple[int, int, int]]:
    """For height and width: how many windows, how large one is, and by how much it is rolled before."""
    counts = (-(-size // window) for size, window in zip(image.dims[:2], op.window_size, strict=True))
    cuts = zip(counts, op.window_size, op.shift_size, strict=True)
    return [(count, size, shift if count > 1 else 0) for count, size, shift in cuts]


@op
class WindowPartition(Gridded):
    """Images as windows: (N, H, W, C) -> (N, windows, h * w, C)."""

    name: ClassVar[str] = "window_partition"
    aliases_input: ClassVar[bool] = True  # a single window without padding is the image itself

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        self.require_no_shift()
        return (Shape(self._windows(xs[0]), xs[0].batch, xs[0].dtype, channels_last=True),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        """All of a window, by its number. What is rolled round the border counts as beyond it, as the mask has it."""
        (rows, h, down), (columns, w, right) = _cuts(self, xs[0])
        if self.grid:
            places = tuple(range(columns))
            height = Reach((0,) * columns, ((h - 1) * rows,) * columns, 1)
            width = Reach(places, tuple(place + (w - 1) * columns for place in places), 0)
        else:
            starts = tuple(place * w + right for place in range(columns))
            height = Reach((down,) * columns, (down + h - 1,) * columns, h)
            width = Reach(starts, tuple(start + w - 1 for start in starts), 0)
        return (Along(0, height, numbers=True), Along(0, width, numbers=True), Along(2))

    def shares(self, xs: Shapes) -> bool:
        return False  # it pads, which copies, by nothing too

    def scratch(self, xs: Shapes, ys: Shapes) -> Shapes:
        return ys if self.several(xs[0]) else ()  # the padded image

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return invoke("grid_partition" if self.grid else "window_partition", args[0], *self.settings(slots))

    def helpers(self) -> tuple[Helper, ...]:
        return (GRID_PARTITION,) if self.grid else (PARTITION,)

    def label(self) -> Label:
        return Label("grids" if self.grid else "windows", behind=Part("window_size", crossed(self.window_size), "size"))


@op
class WindowReverse(Gridded):
    """Windows put together again: (N, windows, h * w, C), like (N, H, W, D) -> (N, H, W, C)."""

    name: ClassVar[str] = "window_reverse"
    input_names: ClassVar[tuple[str, ...]] = ("x", "like")
    size_inputs: ClassVar[frozenset[str]] = frozenset({"like"})
    required: ClassVar[int] = 2
    aliases_input: ClassVar[bool] = True

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        self.require_no_shift()
        x, like = xs
        count, pixels, _ = self._windows(like)
        if x.dims[:-1] != (count, pixels) or x.batch != like.batch:
            message = f"{like} has {plural(count, 'window')} of {pixels} pixels, not those of {x}"
            raise ShapeFault("shape-mismatch", message)
        return (Shape((*like.dims[:2], x.dims[-1]), x.batch, x.dtype, channels_last=True),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        """The window in which a pixel lies, by the row and the column of windows."""
        cuts = _cuts(self, xs[1])
        rows, columns = (_read(count) if self.grid else _window(size, shift) for count, size, shift in cuts)
        return (Laid(cuts[1][0], Along(0, rows), Along(1, columns)), None, Along(2))

    def shares(self, xs: Shapes) -> bool:
        return not self.several(xs[1])

    def scratch(self, xs: Shapes, ys: Shapes) -> Shapes:
        return xs[:1] if any(self.shift_size) and self.several(xs[1]) else ()  # before it is rolled back

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return invoke("grid_reverse" if self.grid else "window_reverse", *args, *self.settings(slots))

    def helpers(self) -> tuple[Helper, ...]:
        return (GRID_REVERSE,) if self.grid else (REVERSE,)


def _read(count: int) -> Reach:
    """Of grids: pixels take turns."""
    places = tuple(range(count))
    return Reach(places, places, 0)


def _window(size: int, shift: int) -> Reach:
    """Of windows: as many pixels as one is large lie in it."""
    places = tuple((pixel - shift) // size for pixel in range(size))
    return Reach(places, places, 1)


@op
class WindowMask(Windowed):
    """The additive mask of shifted windows of an image: (N, H, W, C) -> (windows, 1, h * w, h * w).

    It is -100 between pixels that are neighbours because the image was rolled, and 0 elsewhere.
    """

    name: ClassVar[str] = "window_mask"
    role: ClassVar[Role] = Role.OTHER
    input_names: ClassVar[tuple[str, ...]] = ("like",)
    size_inputs: ClassVar[frozenset[str]] = frozenset({"like"})

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        count, pixels, _ = self._windows(xs[0])
        return (Shape((count, 1, pixels, pixels), batch=0, dtype=xs[0].dtype),)

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return invoke("window_mask", args[0], slots["window_size"], slots.get("shift_size", constant((0, 0))))

    def helpers(self) -> tuple[Helper, ...]:
        return (PARTITION, MASK)

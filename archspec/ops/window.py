"""Windows of images, for attention among the pixels of each: Swin's, shifted or not, and MaxViT's grids.

Images are (N, H, W, C), windows (N, windows, h * w, C): the batch stays what it is. An image whose size is no multiple
of the window is padded with zeros below and on the right; `window_reverse` cuts them off.

    window                grid                  shifted by 1
    a a b b               a b a b               e f f e        the image rolls up and to the left; what comes in
    a a b b               c d c d               g h h g        from the other side belongs to other regions, and
    c c d d               a b a b               g h h g        window_mask keeps apart what does not lie side by
    c c d d               c d c d               e f f e        side: regions e, f, g, h

A dimension that is one window alone is not shifted.

Source: Liu et al., Swin Transformer (2021), section 3.2; Tu et al., MaxViT (2022), section 3.2.
"""

from collections.abc import Mapping, Sequence
from math import prod
from typing import Annotated, ClassVar

from pydantic import Field

from archspec.ops.fields import channel_axis
from archspec.ops.op import Helper, Op, Role, ShapeFault, op
from archspec.ops.sizes import by, plural
from archspec.values.cost import Cost
from archspec.values.expression import Expr, Value
from archspec.values.shape import Shape

Pair = tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]]
Shift = tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]]

SHIFTED = Helper(
    "window_shift",
    '''\
def window_shift(height: int, width: int, window: tuple[int, int], shift: tuple[int, int]) -> tuple[int, int]:
    """By how much an image of this padded size is shifted: not at all where it is one window high or wide."""
    return (shift[0] if height > window[0] else 0, shift[1] if width > window[1] else 0)
''',
)

PARTITION = Helper(
    "window_partition",
    '''\
def window_partition(x: Tensor, window: tuple[int, int], shift: tuple[int, int] = (0, 0)) -> Tensor:
    """Cuts images into windows, padded to a multiple of them: (N, H, W, C) -> (N, windows, h * w, C)."""
    x = F.pad(x, (0, 0, 0, -x.shape[2] % window[1], 0, -x.shape[1] % window[0]))
    batch, height, width, channels = x.shape
    down, right = window_shift(height, width, window, shift)
    if down or right:
        x = torch.roll(x, (-down, -right), (1, 2))
    x = x.reshape(batch, height // window[0], window[0], width // window[1], window[1], channels)
    return x.transpose(2, 3).reshape(batch, -1, window[0] * window[1], channels)
''',
)

REVERSE = Helper(
    "window_reverse",
    '''\
def window_reverse(x: Tensor, like: Tensor, window: tuple[int, int], shift: tuple[int, int] = (0, 0)) -> Tensor:
    """Puts windows together to images of the size of `like`: (N, windows, h * w, C) -> (N, H, W, C)."""
    rows, columns = -(-like.shape[1] // window[0]), -(-like.shape[2] // window[1])
    height, width = rows * window[0], columns * window[1]
    x = x.reshape(x.shape[0], rows, columns, window[0], window[1], x.shape[-1])
    x = x.transpose(2, 3).reshape(x.shape[0], height, width, x.shape[-1])
    down, right = window_shift(height, width, window, shift)
    if down or right:
        x = torch.roll(x, (down, right), (1, 2))
    return x[:, : like.shape[1], : like.shape[2]]
''',
)

MASK = Helper(
    "window_mask",
    '''\
def window_mask(like: Tensor, window: tuple[int, int], shift: tuple[int, int]) -> Tensor:
    """What is added to the scores of shifted windows, -100 between regions: (windows, 1, h * w, h * w)."""
    height = like.shape[1] + -like.shape[1] % window[0]
    width = like.shape[2] + -like.shape[2] % window[1]
    down, right = window_shift(height, width, window, shift)
    y, x = torch.arange(height, device=like.device), torch.arange(width, device=like.device)
    rows = (y >= height - window[0]).long() + (y >= height - down).long() if down else torch.zeros_like(y)
    columns = (x >= width - window[1]).long() + (x >= width - right).long() if right else torch.zeros_like(x)
    region = (3 * rows[:, None] + columns).reshape(height // window[0], window[0], width // window[1], window[1])
    region = region.transpose(1, 2).reshape(-1, 1, window[0] * window[1])
    apart = region[..., None] != region[..., None, :]
    return torch.zeros(apart.shape, dtype=like.dtype, device=like.device).masked_fill(apart, -100.0)
''',
)

GRID_PARTITION = Helper(
    "grid_partition",
    '''\
def grid_partition(x: Tensor, window: tuple[int, int]) -> Tensor:
    """Cuts images into grids of pixels at equal distances, padded: (N, H, W, C) -> (N, grids, h * w, C)."""
    x = F.pad(x, (0, 0, 0, -x.shape[2] % window[1], 0, -x.shape[1] % window[0]))
    batch, height, width, channels = x.shape
    x = x.reshape(batch, window[0], height // window[0], window[1], width // window[1], channels)
    return x.permute(0, 2, 4, 1, 3, 5).reshape(batch, -1, window[0] * window[1], channels)
''',
)

GRID_REVERSE = Helper(
    "grid_reverse",
    '''\
def grid_reverse(x: Tensor, like: Tensor, window: tuple[int, int]) -> Tensor:
    """Puts grids together to images of the size of `like`: (N, grids, h * w, C) -> (N, H, W, C)."""
    rows, columns = -(-like.shape[1] // window[0]), -(-like.shape[2] // window[1])
    x = x.reshape(x.shape[0], rows, columns, window[0], window[1], x.shape[-1])
    x = x.permute(0, 3, 1, 4, 2, 5).reshape(x.shape[0], window[0] * rows, window[1] * columns, x.shape[-1])
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

    def settings(self, slots: Mapping[str, str]) -> list[str]:
        """The window and, where there is one, the shift as source."""
        return [slots["window_size"], *([slots["shift_size"]] if "shift_size" in slots else [])]


class Gridded(Windowed):
    """An op that takes windows or grids."""

    grid: bool = Field(default=False, description="takes pixels at equal distances over the whole image, h x w of them")

    def require_no_shift(self) -> None:
        """Raises ShapeFault where a grid is shifted."""
        if self.grid and any(self.shift_size):
            raise ShapeFault("bad-option", "shift_size has no meaning with grid: true", field="shift_size")

    def slots(self, xs: tuple[Shape, ...]) -> dict[str, Value]:
        return {"window_size": self.window_size, "shift_size": self.shift_size}


@op
class WindowPartition(Gridded):
    """Images as windows: (N, H, W, C) -> (N, windows, h * w, C)."""

    name: ClassVar[str] = "window_partition"
    aliases_input: ClassVar[bool] = True  # a single window without padding is the image itself

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        self.require_no_shift()
        return (Shape(self._windows(xs[0]), xs[0].batch, xs[0].dtype, channels_last=True),)

    def channels_expr(
        self, fields: Mapping[str, Expr], channels: tuple[Expr | None, ...], xs: tuple[Shape, ...]
    ) -> Expr | None:
        return channels[0] if channel_axis(xs[0]) == 2 else None

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(resample=ys[0].numel)

    def expression(self, args: Sequence[str], slots: Mapping[str, str], xs: tuple[Shape, ...]) -> str:
        name = "grid_partition" if self.grid else "window_partition"
        return f"{name}({', '.join([args[0], *self.settings(slots)])})"

    def helpers(self) -> tuple[Helper, ...]:
        return (GRID_PARTITION,) if self.grid else (SHIFTED, PARTITION)

    def label(self) -> str:
        return f"{'grids' if self.grid else 'windows'} {'×'.join(map(str, self.window_size))}"


@op
class WindowReverse(Gridded):
    """Windows put together again: (N, windows, h * w, C), like (N, H, W, D) -> (N, H, W, C)."""

    name: ClassVar[str] = "window_reverse"
    input_names: ClassVar[tuple[str, ...]] = ("x", "like")
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

    def channels_expr(
        self, fields: Mapping[str, Expr], channels: tuple[Expr | None, ...], xs: tuple[Shape, ...]
    ) -> Expr | None:
        return channels[0] if channel_axis(xs[0]) == 2 else None

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(resample=ys[0].numel)

    def expression(self, args: Sequence[str], slots: Mapping[str, str], xs: tuple[Shape, ...]) -> str:
        name = "grid_reverse" if self.grid else "window_reverse"
        return f"{name}({', '.join([*args, *self.settings(slots)])})"

    def helpers(self) -> tuple[Helper, ...]:
        return (GRID_REVERSE,) if self.grid else (SHIFTED, REVERSE)


@op
class WindowMask(Windowed):
    """The additive mask of shifted windows of an image: (N, H, W, C) -> (windows, 1, h * w, h * w).

    It is -100 between pixels that are neighbours because the image was rolled, and 0 elsewhere.
    """

    name: ClassVar[str] = "window_mask"
    role: ClassVar[Role] = Role.OTHER
    input_names: ClassVar[tuple[str, ...]] = ("like",)

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        count, pixels, _ = self._windows(xs[0])
        return (Shape((count, 1, pixels, pixels), batch=0),)

    def channels_expr(
        self, fields: Mapping[str, Expr], channels: tuple[Expr | None, ...], xs: tuple[Shape, ...]
    ) -> Expr | None:
        return None

    def expression(self, args: Sequence[str], slots: Mapping[str, str], xs: tuple[Shape, ...]) -> str:
        return f"window_mask({args[0]}, {slots['window_size']}, {slots.get('shift_size', '(0, 0)')})"

    def helpers(self) -> tuple[Helper, ...]:
        return (SHIFTED, MASK)

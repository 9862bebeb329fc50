"""Modules as people write them, whose constructors' arguments are to become params."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn


class Attention(nn.Module):
    """Attention of several heads."""

    def __init__(self, dim: int, heads: int, dim_head: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.heads, self.scale = heads, dim_head**-0.5
        self.norm = nn.LayerNorm(dim)
        self.to_qkv = nn.Linear(dim, 3 * heads * dim_head, bias=False)
        self.to_out = nn.Sequential(nn.Linear(heads * dim_head, dim), nn.Dropout(dropout))

    def forward(self, x: Tensor) -> Tensor:
        n, length, _ = x.shape
        parts = self.to_qkv(self.norm(x)).chunk(3, dim=-1)
        q, k, v = (part.reshape(n, length, self.heads, -1).transpose(1, 2) for part in parts)
        attended = (q @ k.transpose(-1, -2) * self.scale).softmax(dim=-1) @ v
        return torch.as_tensor(self.to_out(attended.transpose(1, 2).reshape(n, length, -1)))


class FeedForward(nn.Module):
    """Two layers."""

    def __init__(self, dim: int, hidden: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.LayerNorm(dim), nn.Linear(dim, hidden), nn.GELU(), nn.Dropout(dropout), nn.Linear(hidden, dim)
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.as_tensor(self.net(x))


class ViT(nn.Module):
    """A vision transformer"""

    def __init__(  # noqa: PLR0917  as people write them
        self,
        image_size: int = 16,
        patch_size: int = 4,
        num_classes: int = 10,
        dim: int = 32,
        depth: int = 3,
        heads: int = 2,
        dim_head: int = 8,
        mlp_ratio: float = 2.0,
        channels: int = 3,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.patch = nn.Conv2d(channels, dim, patch_size, patch_size)
        self.pos_embedding = nn.Parameter(torch.zeros(1, (image_size // patch_size) ** 2, dim))
        self.layers = nn.ModuleList(
            nn.ModuleList([Attention(dim, heads, dim_head, dropout), FeedForward(dim, int(dim * mlp_ratio), dropout)])
            for _ in range(depth)
        )
        self.head = nn.Linear(dim, num_classes)

    def forward(self, img: Tensor) -> Tensor:
        x = self.patch(img).flatten(2).transpose(1, 2) + self.pos_embedding
        for attention, feed_forward in self.layers:  # type: ignore[misc]  # torch's stubs say a module
            x = attention(x) + x  # type: ignore[has-type]
            x = feed_forward(x) + x  # type: ignore[has-type]
        return torch.as_tensor(self.head(x.mean(1)))


class Wide(nn.Module):
    """A chain whose depth counts layers as papers do, and whose widths no expression gives"""

    def __init__(self, depth: int = 16, width: int = 12, squeeze: int = 9, bias: bool = True) -> None:
        super().__init__()
        if (depth - 4) % 6:
            raise ValueError("depth is 6 n + 4")
        self.stem = nn.Linear(4, width, bias=bias)
        self.layers = nn.Sequential(*(FeedForward(width, 2 * width) for _ in range((depth - 4) // 6)))
        self.norm = nn.LayerNorm(width) if bias else nn.Identity()
        self.down = nn.Linear(width, squeeze**2 // 5)
        self.up = nn.Linear(squeeze**2 // 5, width)

    def forward(self, x: Tensor) -> Tensor:
        x = self.layers(self.stem(x))
        return torch.as_tensor(self.norm(x + self.up(self.down(x))))


class Extra(nn.Module):
    """What a flag adds stands in no spec that is made without it"""

    def __init__(self, width: int = 6, gated: bool = False, seeds: Sequence[int] = (1, 2)) -> None:
        super().__init__()
        self.title = ""
        self.one = nn.Linear(4, width)
        self.gate = nn.Linear(width, width) if gated else None

    def forward(self, x: Tensor) -> Tensor:
        x = self.one(x)
        return torch.as_tensor(x if self.gate is None else x * self.gate(x))


class Split(nn.Module):
    """Attention whose heads share the width, as GPT has it, in a class that prints what it is"""

    def __init__(self, width: int = 8, heads: int = 4) -> None:
        super().__init__()
        print(f"{heads} heads")  # noqa: T201  as people's constructors do
        self.heads = heads
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, tokens: Tensor) -> Tensor:
        n, length, width = tokens.shape
        parts = self.qkv(tokens).chunk(3, dim=-1)
        q, k, v = (part.view(n, length, self.heads, width // self.heads).transpose(1, 2) for part in parts)
        attended = nn.functional.scaled_dot_product_attention(q, k, v)
        return torch.as_tensor(self.out(attended.transpose(1, 2).reshape(n, length, width)))


class Scaled(nn.Module):
    """Attention by hand, scaled as `form` says, after an embedding times the root of its width"""

    def __init__(self, dim: int = 16, heads: int = 2, form: str = "power") -> None:
        super().__init__()
        self.heads, self.dim = heads, dim
        self.scale = (dim // heads) ** -0.5 if form == "power" else 1 / math.sqrt(dim // heads)
        self.embed, self.qkv = nn.Embedding(10, dim), nn.Linear(dim, 3 * dim)

    def forward(self, tokens: Tensor) -> Tensor:
        n, length = tokens.shape
        x = self.embed(tokens) * math.sqrt(self.dim)
        q, k, v = self.qkv(x).reshape(n, length, 3, self.heads, self.dim // self.heads).permute(2, 0, 3, 1, 4)
        attended = (q @ k.transpose(-2, -1) * self.scale).softmax(-1) @ v
        return torch.as_tensor(attended.transpose(1, 2).reshape(n, length, self.dim))


class Lazy(nn.Module):
    """Layers that learn what comes in from their first run, in a class that prints as it runs"""

    def __init__(self, width: int = 8, classes: int = 3) -> None:
        super().__init__()
        self.conv, self.norm, self.head = nn.LazyConv2d(width, 3), nn.LazyBatchNorm2d(), nn.LazyLinear(classes)

    def forward(self, x: Tensor) -> Tensor:
        print(x.shape)  # noqa: T201  as people leave it in
        return torch.as_tensor(self.head(self.norm(self.conv(x)).mean((2, 3))))


@dataclass
class Config:
    """What a network is made from; the last follows from the others."""

    width: int = 8
    depth: int = 2
    bias: bool = True
    name: str = "small"
    hidden: int = field(init=False)

    def __post_init__(self) -> None:
        self.hidden = 2 * self.width


class Configured(nn.Module):
    """A network that is given one object with all that it is made from"""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.stem = nn.Linear(4, config.width, bias=config.bias)
        self.layers = nn.Sequential(*(FeedForward(config.width, config.hidden) for _ in range(config.depth)))

    def forward(self, x: Tensor) -> Tensor:
        return torch.as_tensor(self.layers(self.stem(x)))


def configured() -> Configured:
    """A factory that takes nothing."""
    return Configured(Config(width=12))


ASKED: list[bool] = []


def extra(pretrained: bool = False, **given: int) -> Extra:
    """A factory, as packages have them."""
    ASKED.append(pretrained)
    return Extra(**given)  # type: ignore[arg-type]  # as people write it


def renamed(pretrained: bool = False, **given: int) -> Extra:
    """A factory that does something with what it made."""
    made = extra(pretrained, **given)
    made.title = "renamed"
    return made


def staged() -> "Staged":
    """A factory that knows all arguments."""
    return Staged((1, 2), (16, 32), 2, 64)


def shared() -> "Around":
    """A factory that gives a class a module."""
    return Around(Extra(8), 3)


class Grown(nn.Module):
    """A network of images that takes any size, and keeps what it computed last."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, 2, 1)
        self.norm = nn.BatchNorm2d(4)
        self.last: list[Tensor] = []

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(self.conv(x))
        self.last[:] = [x]
        self.seen = x
        return x.mean((2, 3))


class Fixed(Grown):
    """The same for images of one size"""

    def forward(self, x: Tensor) -> Tensor:
        if x.shape[-1] != 160:
            raise ValueError("160 pixels, please")
        return super().forward(x)


class Residual(nn.Module):
    """A bottleneck whose width counts groups, as ResNeXt has it"""

    def __init__(self, channels: int, groups: int, base_width: int) -> None:
        super().__init__()
        width = int(channels * (base_width / 64.0)) * groups
        self.conv1 = nn.Conv2d(channels, width, 1)
        self.conv2 = nn.Conv2d(width, channels, 3, padding=1, groups=groups)

    def forward(self, x: Tensor) -> Tensor:
        return torch.as_tensor(x + self.conv2(self.conv1(x)))


class Staged(nn.Module):
    """Stages whose numbers stand in lists: of one the length is read, of the other it is not"""

    def __init__(
        self, layers: Sequence[int] = (2, 1), widths: Sequence[int] = (16, 32), groups: int = 2, base_width: int = 32
    ) -> None:
        super().__init__()
        stages: list[nn.Module] = []
        x = 3
        for width, depth in zip(widths, layers, strict=False):
            stages.append(nn.Conv2d(x, width, 3))
            stages.append(nn.Sequential(*(Residual(width, groups, base_width) for _ in range(depth))))
            x = width
        self.stages, self.head = nn.Sequential(*stages), nn.Conv2d(widths[-1], 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.as_tensor(self.head(self.stages(x)))


class Causal(nn.Module):
    """A layer that sees the past only, and a shortcut where its channels differ"""

    def __init__(self, inputs: int, channels: int, kernel_size: int, dilation: int) -> None:
        super().__init__()
        self.chomp = (kernel_size - 1) * dilation
        self.conv = nn.Conv1d(inputs, channels, kernel_size, padding=self.chomp, dilation=dilation)
        self.shortcut = nn.Conv1d(inputs, channels, 1) if inputs != channels else None

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)[:, :, : -self.chomp]
        return torch.as_tensor(y + (x if self.shortcut is None else self.shortcut(x)))


class Temporal(nn.Module):
    """A temporal convolutional network"""

    def __init__(self, channels: Sequence[int] = (8, 8, 16), kernel_size: int = 3) -> None:
        super().__init__()
        inputs = (4, *channels)
        self.layers = nn.Sequential(
            *(Causal(inputs[at], width, kernel_size, 2**at) for at, width in enumerate(channels))
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.as_tensor(self.layers(x))


class Halved(nn.Module):
    """A list of which one number is a width, and the other is squared and cut"""

    def __init__(self, width: int = 6, sizes: Sequence[int] = (8, 9)) -> None:
        super().__init__()
        self.one, self.two = nn.Linear(4, sizes[0]), nn.Linear(sizes[0], sizes[1] ** 2 // 5)
        self.head = nn.Linear(sizes[1] ** 2 // 5, width)

    def forward(self, x: Tensor) -> Tensor:
        return torch.as_tensor(self.head(self.two(self.one(x))))


class Around(nn.Module):
    """Is given a module, and what comes behind it"""

    def __init__(self, body: nn.Module, classes: int) -> None:
        super().__init__()
        self.body, self.head = body, nn.Linear(8, classes)

    def forward(self, x: Tensor) -> Tensor:
        return torch.as_tensor(self.head(self.body(x)))

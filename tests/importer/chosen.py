"""Modules as people write them, with texts and classes among the arguments of their constructors."""

from enum import Enum
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

ACTS = {"relu": nn.ReLU, "gelu": nn.GELU, "silu": nn.SiLU}


def normed(norm: str, channels: int) -> nn.Module:
    """A norm by its name."""
    if norm == "batch":
        return nn.BatchNorm2d(channels)
    if norm == "instance":
        return nn.InstanceNorm2d(channels)
    if norm == "group":
        return nn.GroupNorm(4, channels)
    return nn.Identity()


class Stage(nn.Module):
    """A convolution with its norm"""

    def __init__(self, inputs: int, channels: int, norm: str, act: str) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, channels, 3, padding=1, bias=norm == "none")
        self.norm = normed(norm, channels)
        self.act = ACTS[act]()

    def forward(self, x: Tensor) -> Tensor:
        return torch.as_tensor(self.act(self.norm(self.conv(x))))


class Encoder(nn.Module):
    """Stages whose norm and activation are asked for by name"""

    def __init__(
        self,
        width: int = 8,
        norm: str = "batch",
        act: str = "relu",
        pool: Literal["max", "avg"] = "max",
        classes: int = 5,
    ) -> None:
        super().__init__()
        if norm not in ("batch", "instance", "group", "none"):
            raise ValueError(norm)
        down = nn.MaxPool2d if pool == "max" else nn.AvgPool2d
        self.one, self.pool = Stage(3, width, norm, act), down(2)
        self.two, self.head = Stage(width, 2 * width, norm, act), nn.Linear(2 * width, classes)

    def forward(self, image: Tensor) -> Tensor:
        x = self.two(self.pool(self.one(image)))
        return torch.as_tensor(self.head(x.mean((2, 3))))


class Layered(nn.Module):
    """Layers whose classes are arguments"""

    def __init__(
        self, width: int = 8, act_layer: type[nn.Module] = nn.GELU, norm_layer: type[nn.Module] = nn.BatchNorm2d
    ) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, width, 3), norm_layer(width), act_layer(), nn.Conv2d(width, width, 3), act_layer()
        )

    def forward(self, image: Tensor) -> Tensor:
        return torch.as_tensor(self.features(image))


class Kind(Enum):
    """How two values meet."""

    SUM = "sum"
    PRODUCT = "product"


class Met(nn.Module):
    """Meets by a kind, and is padded as a text says"""

    def __init__(self, kind: Kind = Kind.SUM, padding: str = "zeros", act: str = "relu", title: str = "met") -> None:
        super().__init__()
        self.title, self.kind, self.act = title, kind, act
        self.one = nn.Conv2d(3, 4, 3, padding=1, padding_mode=padding)  # type: ignore[arg-type]  # as people write it
        self.two = nn.Conv2d(3, 4, 1)

    def forward(self, image: Tensor) -> Tensor:
        one, two = self.one(image), self.two(image)
        x = one + two if self.kind is Kind.SUM else one * two
        return F.relu(x) if self.act == "relu" else F.gelu(x)


class Windows(nn.Module):
    """Kernels of two sizes, and as many layers as a depth says that counts all"""

    def __init__(self, kernel: tuple[int, int] = (3, 5), patch: tuple[int, int] = (2, 2), depth: int = 16) -> None:
        super().__init__()
        if (depth - 4) % 6:
            raise ValueError("depth is 6 n + 4")
        self.patch = nn.Conv2d(3, 8, patch, patch)
        self.one = nn.Conv2d(8, 8, kernel, padding=(kernel[0] // 2, kernel[1] // 2))
        self.layers = nn.Sequential(*(Mixed(8) for _ in range((depth - 4) // 6)))

    def forward(self, image: Tensor) -> Tensor:
        return torch.as_tensor(self.layers(self.one(self.patch(image)).mean((2, 3))))


class Mixed(nn.Module):
    """Two layers, as wide inside as is said or four times what comes in"""

    def __init__(self, dim: int, hidden: int | None = None, dropout: float | None = None) -> None:
        super().__init__()
        hidden = hidden or 4 * dim
        self.up, self.down = nn.Linear(dim, hidden), nn.Linear(hidden, dim)
        self.drop = nn.Dropout(dropout) if dropout is not None else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return torch.as_tensor(x + self.drop(self.down(F.gelu(self.up(x)))))


class Mixer(nn.Module):
    """Several of them, whose head may have a width of its own"""

    def __init__(
        self,
        dim: int = 12,
        depth: int = 2,
        hidden: int | None = None,
        dropout: float | None = None,
        out: int | None = None,
        mask: Tensor | None = None,
    ) -> None:
        super().__init__()
        self.mask, self.stem = mask, nn.Linear(16, dim)
        self.layers = nn.Sequential(*(Mixed(dim, hidden, dropout) for _ in range(depth)))
        self.head = nn.Linear(dim, dim if out is None else out)

    def forward(self, image: Tensor) -> Tensor:
        return torch.as_tensor(self.head(self.layers(self.stem(image))))

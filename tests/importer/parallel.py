"""Modules that keep what a round calls in lists beside each other, as people write them."""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Perceptron(nn.Module):
    """Layers and norms side by side."""

    def __init__(self, depth: int = 5, hidden: int = 32, classes: int = 10) -> None:
        super().__init__()
        self.embed = nn.Linear(8, hidden)
        self.layers = nn.ModuleList(nn.Linear(hidden, hidden) for _ in range(depth))
        self.norms = nn.ModuleList(nn.LayerNorm(hidden) for _ in range(depth))
        self.head = nn.Linear(hidden, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.embed(x)
        for layer, norm in zip(self.layers, self.norms, strict=True):
            x = F.relu(norm(layer(x)))
        made: Tensor = self.head(x)
        return made


class Temporal(nn.Module):
    """Convolutions that reach twice as far each time, with one dropout for all rounds."""

    def __init__(self, depth: int = 6, channels: int = 16) -> None:
        super().__init__()
        self.first = nn.Conv1d(4, channels, 1)
        self.convs = nn.ModuleList(nn.Conv1d(channels, channels, 3, padding=2**i, dilation=2**i) for i in range(depth))
        self.norms = nn.ModuleList(nn.BatchNorm1d(channels) for _ in range(depth))
        self.drop = nn.Dropout(0.1)
        self.last = nn.Conv1d(channels, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        for conv, norm in zip(self.convs, self.norms, strict=True):
            x = x + self.drop(F.relu(norm(conv(x))))
        made: Tensor = self.last(x)
        return made


class GraphNet(nn.Module):
    """A graph network whose last layer is another, with a norm less than there are layers."""

    def __init__(self, n: int = 4, hidden: int = 16, classes: int = 7) -> None:
        super().__init__()
        self.convs = nn.ModuleList([*(nn.Linear(hidden, hidden) for _ in range(n - 1)), nn.Linear(hidden, classes)])
        self.norms = nn.ModuleList(nn.LayerNorm(hidden) for _ in range(n - 1))

    def forward(self, x: Tensor, adjacency: Tensor) -> Tensor:
        for i, conv in enumerate(self.convs):
            x = adjacency @ conv(x)
            if i < len(self.norms):
                x = F.relu(self.norms[i](x))
        return x


class Dilated(nn.Module):
    """A residual block of HiFi-GAN, which begins with an activation."""

    def __init__(self, channels: int = 16, dilations: tuple[int, ...] = (1, 3, 5)) -> None:
        super().__init__()
        self.convs1 = nn.ModuleList(nn.Conv1d(channels, channels, 3, padding=d, dilation=d) for d in dilations)
        self.convs2 = nn.ModuleList(nn.Conv1d(channels, channels, 3, padding=1) for _ in dilations)

    def forward(self, x: Tensor) -> Tensor:
        for conv1, conv2 in zip(self.convs1, self.convs2, strict=True):
            out = conv1(F.leaky_relu(x, 0.1))
            x = conv2(F.leaky_relu(out, 0.1)) + x
        return x


class Turned(nn.Module):
    """Lists and a head that are made in another order than they are called in."""

    def __init__(self, depth: int = 3) -> None:
        super().__init__()
        self.head = nn.Linear(8, 2)
        self.layers = nn.ModuleList(nn.Linear(8, 8) for _ in range(depth))
        self.norms = nn.ModuleList(nn.LayerNorm(8) for _ in range(depth))

    def forward(self, x: Tensor) -> Tensor:
        for layer, norm in zip(self.layers, self.norms, strict=True):
            x = torch.tanh(layer(norm(x)))
        made: Tensor = self.head(x)
        return made


class Widths(nn.Module):
    """A chain of other widths each time, with an activation between them, which no number says."""

    def __init__(self, widths: tuple[int, ...] = (8, 5, 7, 3)) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(widths))

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = F.relu(layer(x))
        return x


class Skips(nn.Module):
    """Rounds of which each gives a value that is read later."""

    def __init__(self, depth: int = 3) -> None:
        super().__init__()
        self.downs = nn.ModuleList(nn.Conv1d(8, 8, 3, padding=1) for _ in range(depth))
        self.ups = nn.ModuleList(nn.Conv1d(8, 8, 3, padding=1) for _ in range(depth))

    def forward(self, x: Tensor) -> Tensor:
        skips: list[Tensor] = []
        for down in self.downs:
            skips.append(x)
            x = F.max_pool1d(F.relu(down(x)), 2)
        for up, skip in zip(self.ups, reversed(skips), strict=True):
            x = F.relu(up(F.interpolate(x, scale_factor=2))) + skip
        return x

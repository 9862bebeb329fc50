"""Modules whose layers each join all that came before them, as DenseNet's do."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Layer(nn.Module):
    def __init__(self, inputs: int, growth: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(inputs)
        self.conv = nn.Conv2d(inputs, growth, 3, padding=1)

    def forward(self, *before: Tensor) -> Tensor:
        made: Tensor = self.conv(torch.relu(self.norm(torch.cat(before, 1))))
        return made


class Dense(nn.Module):
    """Two starts and four layers; `taken` says what is done with all that there is."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = (nn.Conv2d(3, 4, 3, padding=1) for _ in range(2))
        self.layers = nn.ModuleList([Layer(8 + 2 * i, 2) for i in range(4)])

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, ...]:
        values = [self.a(x), self.b(x)]
        for layer in self.layers:
            values.append(layer(*values))
        return self.taken(values)

    def taken(self, values: Sequence[Tensor]) -> Tensor | tuple[Tensor, ...]:
        return torch.cat(list(values), 1)


class LastOnly(Dense):
    def taken(self, values: Sequence[Tensor]) -> Tensor:
        return values[-1]


class NewOnly(Dense):
    def taken(self, values: Sequence[Tensor]) -> Tensor:
        return torch.cat(list(values[2:]), 1)


class OneBeside(Dense):
    def taken(self, values: Sequence[Tensor]) -> tuple[Tensor, ...]:
        return torch.cat(list(values), 1).mean((2, 3)), values[3]


class Turned(nn.Module):
    """The order of what is joined turns each time, so that no join is a join of the one before."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([Layer(3 + 2 * i, 2) for i in range(4)])

    def forward(self, x: Tensor) -> Tensor:
        values = [x]
        for layer in self.layers:
            values.insert(0, layer(*values))
        return torch.cat(values, 1)

"""Modules at the edge of what a spec says: what has no op, no elements, no gradients or no name."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Outermost(nn.Module):
    """Does by itself, between its layers, what no op says: of one value, with places, and with a parameter."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.head = nn.Linear(6, 5), nn.Linear(5, 5)
        self.centers = nn.Parameter(torch.zeros(3, 5))

    def forward(self, x: Tensor) -> Tensor:
        x = torch.special.erfcx(self.stem(x))
        largest, places = x.topk(2, dim=1)
        x = self.head(torch.zeros_like(x).scatter_reduce(1, places, largest, "sum"))
        return torch.cdist(x, self.centers)


class Routed(nn.Module):
    """Keeps the largest of each row where they stood, marks their places and counts what came there."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = nn.Linear(6, 6)

    def forward(self, x: Tensor) -> Tensor:
        largest, places = self.gate(x).topk(2, dim=1)
        kept = torch.zeros_like(x).scatter(1, places, largest)
        marked = torch.scatter(x, -1, places, 0.5)
        return torch.cat([kept + marked, x.scatter_add(1, places, largest)], 1)


class Emptied(nn.Module):
    """Adds zeros of a size that a layer's output has, so that nothing follows from the layer."""

    def __init__(self) -> None:
        super().__init__()
        self.gate, self.fc = nn.Linear(4, 4), nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.fc(x + torch.zeros_like(self.gate(x)))
        return made


class Stopped(nn.Module):
    """A layer without gradients, which no spec says."""

    def __init__(self) -> None:
        super().__init__()
        self.frozen, self.head = nn.Linear(4, 4), nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        with torch.no_grad():
            x = self.frozen(x)
        made: Tensor = self.head(x)
        return made


class Counted(nn.Module):
    """Changes what it holds whenever it runs, a parameter by its data included."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 3)
        self.norm = nn.BatchNorm1d(3)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.norm(self.fc(x))
        if self.training:
            self.fc.weight.data.mul_(0.5)
        return made


class Given(nn.Module):
    """Gives what it is given."""

    def forward(self, x: Tensor) -> Tensor:
        return x


class Smoothed(nn.Module):
    """Resizes learned positions in a way that no op says, with no sample in sight."""

    def __init__(self) -> None:
        super().__init__()
        self.positions = nn.Parameter(torch.zeros(1, 3, 4, 4))
        self.stem = nn.Conv2d(3, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        table = F.interpolate(self.positions, size=(8, 8), mode="bilinear", antialias=True)
        made: Tensor = self.stem(x + table)
        return made


class Prefixed(nn.Module):
    """Turns all but the first so many rows, of which there are none."""

    def __init__(self) -> None:
        super().__init__()
        self.prefix = 0
        self.fc = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        first, rest = x[:, : self.prefix], x[:, self.prefix :]
        made: Tensor = self.fc(torch.cat([first * 2, rest.sin()], 1))
        return made


class Underscored(nn.Module):
    """A layer whose arguments have names that belong to Python, as what is not meant to be read."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = _Underscored()

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.inner(x, x * 2)
        return made


class _Underscored(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.x = nn.Linear(4, 4)

    def forward(self, __: Tensor, __more: Tensor) -> Tensor:
        made: Tensor = self.x(__) + __more
        return made

"""Modules in which names meet, outputs are one value, and calls ask for a size or for places."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class NamedAlike(nn.Module):
    """An argument of forward has the name of a member."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Linear(4, 4)
        self.x = nn.Linear(4, 4)

    def forward(self, features: Tensor) -> Tensor:
        made: Tensor = self.x(self.features(features).relu())
        return made


class Gate(nn.Module):
    """Two arguments, and members called as the arguments of a block usually are."""

    def __init__(self) -> None:
        super().__init__()
        self.x = nn.Linear(4, 4)
        self.input = nn.Linear(4, 4)

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        made: Tensor = self.input(self.x(a) + b)
        return made


class OneForTwo(nn.Module):
    """A block that is given one value for both of its arguments, beside one that is given two."""

    def __init__(self) -> None:
        super().__init__()
        self.first = Gate()
        self.second = Gate()

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.second(self.first(x, x), x)
        return made


class OneValue(nn.Module):
    """Several outputs are one value."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 3)
        self.drop = nn.Dropout(0.0)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        x = self.fc(x)
        return {"logits": x, "dropped": self.drop(x), "hidden": x}


class Places(nn.Module):
    """A max pooling gives where the largest were, and an un-pooling puts them back at the size from before."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.pool = nn.MaxPool2d(2, return_indices=True)
        self.unpool = nn.MaxUnpool2d(2)

    def forward(self, x: Tensor) -> Tensor:
        before = self.conv(x)
        half, places = self.pool(before)
        quarter, inner = F.max_pool2d(half, 2, return_indices=True)
        half = F.max_unpool2d(quarter, inner, (2, 2), output_size=half.shape)
        made: Tensor = self.unpool(half, places, output_size=before.size())
        return made


class Largest(nn.Module):
    """The adaptive pooling of the same kind, whose places nobody reads."""

    def forward(self, x: Tensor) -> Tensor:
        return F.adaptive_max_pool2d(x, 2, return_indices=True)[0]


class Asked(nn.Module):
    """A transposed convolution is asked for the size that a stride took."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.Conv2d(3, 4, 3, 2, 1)
        self.up = nn.ConvTranspose2d(4, 3, 3, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.up(self.down(x), output_size=x.size()) + x
        return made


class Functional(nn.Module):
    """A transposed convolution by function, over a module's own weight."""

    def __init__(self) -> None:
        super().__init__()
        self.up = nn.ConvTranspose2d(3, 4, 4, 2, 1, groups=1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(F.conv_transpose2d(x, self.up.weight, self.up.bias, stride=2, padding=1))


class Choice(nn.Module):
    """A constructor with an argument that Python's own machinery may have a name for, too."""

    def __init__(self, kind: str = "relu", cls: int = 4) -> None:
        super().__init__()
        self.fc = nn.Linear(4, cls)
        self.act = nn.Tanh() if kind == "tanh" else nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.act(self.fc(x))
        return made


class Chosen(nn.Module):
    """A block that is given it by name."""

    def __init__(self) -> None:
        super().__init__()
        self.first = Choice(kind="relu", cls=4)
        self.second = Choice(kind="tanh", cls=4)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.second(self.first(x))
        return made

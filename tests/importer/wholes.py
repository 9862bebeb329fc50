"""Modules as their authors write them: heads in stages, copies, parts of wholes, states, boxes, and two of a family."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Supervised(nn.Module):
    """One head, which training calls behind each stage."""

    def __init__(self, width: int = 8, classes: int = 5) -> None:
        super().__init__()
        self.stages = nn.ModuleList(nn.Conv2d(3 if i == 0 else width, width, 3, 2, 1) for i in range(3))
        self.head = nn.Conv2d(width, classes, 1)

    def forward(self, x: Tensor) -> dict[str, object]:
        found = []
        for stage in self.stages:
            x = torch.relu(stage(x))
            if self.training:
                found.append(self.head(x))
        out = self.head(x)
        return {"out": out, "stages": found} if self.training else {"out": out}


class Encoder(nn.Module):
    """Copies of a layer that was given to a constructor, as torch makes them."""

    def __init__(self, d_model: int = 16, nhead: int = 4, d_hid: int = 24, depth: int = 2) -> None:
        super().__init__()
        self.embed = nn.Embedding(20, d_model)
        self.layers = nn.TransformerEncoder(nn.TransformerEncoderLayer(d_model, nhead, d_hid, batch_first=True), depth)

    def forward(self, tokens: Tensor) -> Tensor:
        made: Tensor = self.layers(self.embed(tokens))
        return made


class Two(nn.Module):
    """Two rounds of two lists, which are no shorter as a repeat, and of which only a repeat says how many."""

    def __init__(self, dim: int = 8, depth: int = 2) -> None:
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv1d(dim, dim, 3, padding=1) for _ in range(depth))
        self.norms = nn.ModuleList(nn.BatchNorm1d(dim) for _ in range(depth))

    def forward(self, x: Tensor) -> Tensor:
        for conv, norm in zip(self.convs, self.norms, strict=True):
            x = norm(conv(x))
        return x


class Boxes(nn.Module):
    """A detector's head, of which the author leaves the number of boxes to torch."""

    def __init__(self, classes: int = 4, anchors: int = 3) -> None:
        super().__init__()
        self.classes = classes
        self.scores = nn.Conv2d(3, anchors * classes, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.scores(x).permute(0, 2, 3, 1).reshape(x.shape[0], -1, self.classes)
        return made


class Heads(nn.Module):
    """Gates that are no smaller than a number and no larger than another."""

    def __init__(self, dim: int = 6) -> None:
        super().__init__()
        self.fc = nn.Linear(4, dim)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.fc(x)
        return y.clamp_min(-0.5).clamp_max(1) + torch.clamp_min(y, 0)


class Recurrent(nn.Module):
    """Layers that begin with zeros of their own."""

    def __init__(self, hidden: int = 12) -> None:
        super().__init__()
        self.rnn = nn.GRU(4, hidden, batch_first=True, bidirectional=True)
        self.cell = nn.LSTMCell(2 * hidden, hidden)

    def forward(self, x: Tensor) -> Tensor:
        y, _ = self.rnn(x)
        h, _ = self.cell(y[:, -1])
        made: Tensor = h
        return made


class Dropped(nn.Module):
    """Draws with one number for all in inference."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.fc(x)
        return y * torch.empty_like(y).bernoulli_(0.5)


class Level(nn.Module):
    """What two states do with each other."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.fc = nn.Linear(dim, dim)

    def forward(self, state: Tensor, injected: Tensor) -> Tensor:
        return torch.tanh(self.fc(state + injected))


class States(nn.Module):
    """Two learned states that are as long as the text."""

    def __init__(self, dim: int = 8) -> None:
        super().__init__()
        self.embed = nn.Embedding(11, dim)
        self.high, self.low = Level(dim), Level(dim)
        self.start = nn.Parameter(torch.randn(dim))
        self.first = nn.Parameter(torch.randn(1, 1, dim))

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.embed(tokens)
        high, low = self.start.expand_as(x), self.first.expand_as(x)
        for _ in range(2):
            low = self.low(low, high + x)
        return torch.cat([self.high(high, low), high], -1)


class Numbers(nn.Module):
    """Drops by numbers that inference has as 0, in calls that are the same in both."""

    def __init__(self, dim: int = 8, p: float = 0.2) -> None:
        super().__init__()
        self.p, self.qkv = p, nn.Linear(dim, 3 * dim)

    def forward(self, x: Tensor) -> Tensor:
        rows = x.shape[0]
        p = self.p if self.training else 0.0
        q, k, v = self.qkv(x).view(rows, -1, 3, x.shape[-1]).unbind(2)
        made = F.scaled_dot_product_attention(q, k, v, dropout_p=p)
        return F.dropout(made, p=p, training=self.training)


class Coupling(nn.Module):
    """One half changes the other, and which one goes by a flag: two wirings of one class."""

    def __init__(self, dim: int, *, flip: bool) -> None:
        super().__init__()
        self.flip = flip
        self.net = nn.Linear(dim // 2, dim // 2)

    def forward(self, x: Tensor) -> Tensor:
        a, b = x.chunk(2, 1)
        if self.flip:
            return torch.cat([a + self.net(b), b], 1)
        return torch.cat([a, b + self.net(a)], 1)


class Flow(nn.Module):
    """Couplings by turns."""

    def __init__(self, dim: int = 6) -> None:
        super().__init__()
        self.flows = nn.Sequential(*(Coupling(dim, flip=i % 2 == 1) for i in range(4)))

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.flows(x)
        return made


class Tower(nn.Module):
    """A backbone."""

    def __init__(self, widths: Sequence[int] = (8, 16), act: type[nn.Module] = nn.ReLU) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 3
        for width in widths:
            layers += [nn.Conv2d(before, width, 3, 2, 1), act()]
            before = width
        self.layers = nn.Sequential(*layers)

    def forward(self, image: Tensor) -> Tensor:
        made: Tensor = self.layers(image)
        return made


class Detector(nn.Module):
    """A backbone behind a transform, and a choice of boxes that no op makes."""

    def __init__(self, widths: Sequence[int] = (8, 16)) -> None:
        super().__init__()
        self.backbone = Tower(widths)
        self.pair = nn.ModuleDict({"both": Both(), "unused": nn.Linear(2, 2)})
        self.score = nn.Conv2d(16, 1, 1)

    def forward(self, images: Tensor) -> Tensor:
        whole = torch.stack([F.interpolate(one[None], size=(32, 32))[0] for one in images])
        features = self.backbone(whole)
        scores: Tensor = self.score(self.pair["both"]([features, features])).flatten()
        return scores[scores > 0]


class Both(nn.Module):
    """What is given a list."""

    def forward(self, maps: list[Tensor]) -> Tensor:
        return maps[0] + maps[1]


def by_place(width: int, /, depth: int = 2) -> nn.Module:
    """A callable that takes an argument by place only."""
    return Two(width, depth)


def small() -> nn.Module:
    return Tower((4, 8))


def large() -> nn.Module:
    return Tower((8, 24))


def smooth() -> nn.Module:
    return Tower((4, 8), nn.GELU)

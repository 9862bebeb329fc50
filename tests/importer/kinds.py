"""The smallest module of each kind that other people's models have and import once could not say."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Fused(nn.Module):
    """Layers of a list with sums between them, as HRNet's branches are fused."""

    def __init__(self) -> None:
        super().__init__()
        self.fuse = nn.ModuleList(nn.ModuleList(nn.Linear(4, 4) for _ in range(2)) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        y = x * 2
        made = []
        for pair in self.fuse:
            assert isinstance(pair, nn.ModuleList)
            made.append(pair[0](x) + pair[1](y))
        return torch.cat(made, 1)


class Gap(nn.Module):
    """A list of which only the last module is called."""

    def __init__(self) -> None:
        super().__init__()
        self.change = nn.ModuleList([nn.Identity(), nn.Identity(), nn.Sequential(nn.Linear(4, 3), nn.ReLU())])

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.change[2](x)
        return made


class Tables(nn.Module):
    """Tables too large to be stated number by number: of places, of fractions and of truth values."""

    def __init__(self) -> None:
        super().__init__()
        drawn = torch.Generator().manual_seed(0)
        self.bias = nn.Parameter(torch.randn(50, 2))
        self.register_buffer("places", torch.randint(0, 50, (30, 30), generator=drawn), persistent=False)
        self.register_buffer("waves", torch.randn(30, 30, generator=drawn), persistent=False)
        self.register_buffer("seen", torch.rand(30, 30, generator=drawn) > 0.5, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.bias[self.get_buffer("places")].permute(2, 0, 1) + self.get_buffer("waves")
        return x.masked_fill(self.get_buffer("seen"), 0.0)


class Frames(nn.Module):
    """What is done to each frame of a video: the frames are part of the batch there."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.weight = nn.Parameter(torch.randn(4, 4, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        n, frames = x.shape[:2]
        x = self.norm(self.conv(x.flatten(0, 1)))
        x = F.max_pool2d(F.conv2d(x, self.weight), 2)
        return x.view(n, frames, *x.shape[1:]).mean(1)


class Lines(nn.Module):
    """A recurrent layer along the rows of a map."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(4, 3, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        n, h, w, c = x.shape
        rows, _ = self.lstm(x.reshape(n * h, w, c))
        made: Tensor = rows
        return made.view(n, h, w, 3)


class Resized(nn.Module):
    """A learned map that is resized to the image, and one that is repeated over it."""

    def __init__(self) -> None:
        super().__init__()
        self.pos = nn.Parameter(torch.randn(1, 3, 4, 4))
        self.window = nn.Parameter(torch.randn(1, 3, 2, 2))

    def forward(self, x: Tensor) -> Tensor:
        h, w = x.shape[-2:]
        return x + F.interpolate(self.pos, size=(h, w), mode="bilinear") + self.window.tile((4, 4))


class Unread(nn.Module):
    """Tensors that nothing reads: of its own, of a module that nobody calls, and of one that has two names."""

    def __init__(self) -> None:
        super().__init__()
        self.mask = nn.Parameter(torch.zeros(1, 4))
        self.shared = nn.Linear(4, 4)
        self.body = nn.Sequential(self.shared, nn.ReLU())
        self.norm = nn.BatchNorm1d(4)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.body(x)
        return made


class Again(nn.Module):
    """A list of one layer that is called several times, as ALBERT's."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(4, 4)])

    def forward(self, x: Tensor) -> Tensor:
        for _ in range(3):
            x = self.layers[0](x)
        return x


class Uneven(nn.Module):
    """Chunks that do not come out even, places given as a list, and samples that are repeated."""

    def forward(self, x: Tensor) -> Tensor:
        one, two, three = x.chunk(3, dim=1)
        x = torch.cat([one, three[..., [-2, -1]].repeat(1, 1, 2), two], 1)
        return x.repeat_interleave(2, dim=0).view(-1, 2, 5, 4) * 2


class Slopes(nn.Module):
    """A constant for each head, the heads made one with the batch, as ALiBi's."""

    def forward(self, x: Tensor) -> Tensor:
        n = x.shape[0]
        slopes = torch.tensor([0.5, 0.25]).view(1, 2, 1, 1) * torch.arange(3.0)
        bias = slopes.expand(n, 2, 1, 3).reshape(n * 2, 1, 3)
        x = x.reshape(n * 2, 3, 4)
        return bias.baddbmm(x, x.transpose(1, 2)).view(n, 2, 3, 3)


class Pair(nn.Module):
    """Two results."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        y = self.fc(x)
        return y, y.relu()


class Outer(nn.Module):
    """It hands on the second result of what it calls."""

    def __init__(self) -> None:
        super().__init__()
        self.mixer = Pair()
        self.fc = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        one, two = self.mixer(x)
        return self.fc(one), two


class Handed(nn.Module):
    """Second results on their way through two uses of a class."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([Outer(), Outer()])

    def forward(self, x: Tensor) -> Tensor:
        x, first = self.layers[0](x)
        x, second = self.layers[1](x)
        made: Tensor = x + first + second
        return made


class Stage(nn.Module):
    """A stage with a list that may be empty, whose modules run between others."""

    def __init__(self, stride: int) -> None:
        super().__init__()
        self.down = nn.ModuleList([nn.Linear(4, 4), nn.Linear(4, 4)] if stride > 1 else [])
        self.fc = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.down:
            x = layer(x).relu()
        made: Tensor = self.fc(x)
        return made


class Stages(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stages = nn.Sequential(Stage(1), Stage(2), Stage(2))

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.stages(x)
        return made


class Curved(nn.Module):
    """Something that no op says, made with what no spec says."""

    def __init__(self, dim: int, curve: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.curve, self.fc = curve, nn.Linear(dim, dim)

    def forward(self, x: Tensor, scale: float | None = None) -> Tensor:
        return self.curve(self.fc(x).abs())


def curved(dim: int) -> nn.Module:
    """What makes the whole."""
    return nn.Sequential(nn.Linear(dim, dim), Curved(dim, torch.special.erfcx), nn.ReLU())


class Written(nn.Module):
    """Parts of a value are written in place."""

    def forward(self, x: Tensor) -> Tensor:
        y = x * 2
        y[:, 1:, 1:3] = y[:, 1:, 1:3] + x[:, 1:, :2]
        y[..., :1] = x[..., 3:]
        return y + 1


class Residual(nn.Module):
    """A layer that is made elsewhere, too."""

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self.layer, self.scale = layer, nn.Parameter(torch.ones(4))

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = x + self.layer(x) * self.scale
        return made


class Lent(nn.Module):
    """A layer that several modules of a list are given, as CoaT's positions."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(4, 4)
        self.blocks = nn.ModuleList(Residual(self.layer) for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        for block in self.blocks:
            x = block(x)
        return x


class Whole(nn.Module):
    """The same image at any size."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.conv(x)
        return made.mean((2, 3))


class Flat(nn.Module):
    """One size only."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(3 * 8 * 8, 4)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.fc(x.flatten(1))
        return made


class Cut(nn.Module):
    """It computes where it cuts from the size, which a spec states as a number."""

    def forward(self, x: Tensor) -> Tensor:
        return x[:, :, : x.shape[2] // 2] * 2


class Strict(nn.Module):
    """It asks for its size."""

    def forward(self, x: Tensor) -> Tensor:
        if x.shape[-1] != 8:
            raise ValueError("8 x 8 only")
        return x * 2


class Windowed(nn.Module):
    """It computes how many windows there are."""

    def forward(self, x: Tensor) -> Tensor:
        n, c, h, w = x.shape
        return x.view(n, c, h // 2, 2, w).mean(3)


class OneDimension(nn.Module):
    """Settings of one dimension, which torch holds as tuples of one, beside sizes that are a tuple by nature."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(4, 16), nn.Unflatten(1, (4, 4)), nn.Conv1d(4, 2, 3, padding=1), nn.MaxPool1d(2, padding=1)
        )

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.layers(x)
        return made


class Scale(nn.GroupNorm):
    """A group norm that scales and does not shift, of maps and of features."""

    def __init__(self, channels: int) -> None:
        super().__init__(1, channels)
        self.bias = None  # type: ignore[assignment]  # as timm's MetaFormer has it
        nn.init.normal_(self.weight)

    def forward(self, x: Tensor) -> Tensor:
        return F.group_norm(x, self.num_groups, self.weight, self.bias, self.eps)


class Scales(nn.Module):
    """Norms without a bias."""

    def __init__(self) -> None:
        super().__init__()
        self.maps = Scale(3)
        self.fc = nn.Linear(3, 4)
        self.features = Scale(4)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.features(self.fc(self.maps(x).mean((2, 3))))
        return made


class Patches(nn.Module):
    """Patches of an image by the method `unfold`, which is another function than that of torch.nn.functional."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Linear(18, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = x.unfold(2, 3, 3).unfold(3, 2, 2)  # of 8 rows, 6
        made: Tensor = self.embed(x.permute(0, 2, 3, 1, 4, 5).flatten(3))
        return made


class Pairs(nn.Module):
    """Waves of places, as Transformer-XL has them: all products of two vectors."""

    rates: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("rates", torch.tensor([1.0, 0.1, 0.01]))

    def forward(self, x: Tensor) -> Tensor:
        places = torch.arange(x.shape[1], dtype=torch.float)
        return x + torch.outer(places, self.rates).sin()

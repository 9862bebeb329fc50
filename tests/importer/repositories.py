"""The smallest module of each kind that widely used repositories have and import once could not say."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import parametrizations


class Placed(nn.Module):
    """Places that the calls of a constant follow from, turned to the type of what they are added to."""

    def forward(self, x: Tensor) -> Tensor:
        h, w, dtype = x.shape[1], x.shape[2], x.dtype
        y, z = torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij")
        omega = 1.0 / (10000 ** (torch.arange(2) / 2))
        y, z = y.flatten()[:, None] * omega[None], z.flatten()[:, None] * omega[None]
        places = torch.cat((y.sin(), z.cos()), dim=1).type(dtype)
        return x.flatten(1, 2) + places


class Bias(nn.Module):
    """A learned table that is padded, without a batch."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.randn(3, 3))

    def forward(self, x: Tensor) -> Tensor:
        return x + F.pad(self.table, (1, 0, 1, 0))


class Detect(nn.Module):
    """A head that gives a list in training and decoded boxes besides in inference, as YOLO's."""

    def __init__(self) -> None:
        super().__init__()
        self.convs = nn.ModuleList([nn.Conv2d(4, 6, 1), nn.Conv2d(8, 6, 1)])

    def forward(self, xs: list[Tensor]) -> object:
        for at, conv in enumerate(self.convs):
            xs[at] = conv(xs[at])
        if self.training:
            return xs
        boxes = torch.cat([x.flatten(2) for x in xs], 2)
        return boxes.sigmoid(), xs


class Detector(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, 2, 1)
        self.down = nn.Conv2d(4, 8, 3, 2, 1)
        self.detect = Detect()

    def forward(self, x: Tensor) -> object:
        x = self.stem(x).relu()
        return self.detect([x, self.down(x)])


class Quantized(nn.Module):
    """An autoencoder that gives a loss over the batch beside what it makes."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder, self.decoder = nn.Linear(4, 3), nn.Linear(3, 4)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        y: Tensor = self.decoder(self.encoder(x))
        loss = F.mse_loss(y, x) * torch.tensor(0.25)
        return loss, y


class Similar(nn.Module):
    """Each sample of one input with each of the other, and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.left, self.right = nn.Linear(4, 3), nn.Linear(5, 3)

    def forward(self, image: Tensor, text: Tensor) -> Tensor:
        found: Tensor = self.left(image) @ self.right(text).t()
        return found


class Flat(nn.Module):
    """Tokens of all samples behind each other, the batch within their dimension, as those of a language model are."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.rnn, self.head = nn.Embedding(7, 4), nn.LSTM(4, 4), nn.Linear(4, 7)

    def forward(self, tokens: Tensor) -> Tensor:
        x, _ = self.rnn(self.embed(tokens.t()))
        return F.log_softmax(self.head(x).view(-1, 7), dim=1)


class OneHead(nn.Module):
    """All heads of queries meet one of keys."""

    def forward(self, x: Tensor) -> Tensor:
        heads = x.view(x.shape[0], 6, 2, 4).transpose(1, 2)
        return F.scaled_dot_product_attention(heads, heads[:, :1], heads[:, 1:]) + 1


class Put(nn.Module):
    """Places of a value written one by one: with other values, with a number, and where a mask holds."""

    def forward(self, x: Tensor) -> Tensor:
        made = torch.zeros_like(x)
        for at in range(x.shape[1]):
            made[:, at] = x[:, at] * at
        made[:, 1, 2:] = 3
        made[x > 1] = -1.0
        return made


class Shifted(nn.Module):
    """A layer that pads images, on a sequence, where it moves it by one place; and numpy's names of arguments."""

    def __init__(self) -> None:
        super().__init__()
        self.shift = nn.ZeroPad2d((0, 0, 1, -1))

    def forward(self, x: Tensor) -> Tensor:
        mean = x.mean(axis=-1, keepdims=True)  # type: ignore[call-overload]  # which torch takes too
        return torch.lerp(x, self.shift(x), 0.5) + torch.lerp(x, mean, x)


class Normed(nn.Module):
    """A weight along whose last dimension each place has a length of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = parametrizations.weight_norm(nn.Conv1d(4, 4, 3, padding=1, groups=2), dim=2)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.conv(x)
        return made


class Branches(nn.ModuleList):
    """Two values of one."""

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self[0](x), self[1](x)


class Unit(nn.Module):
    def __init__(self, stride: int) -> None:
        super().__init__()
        self.stride, self.fc = stride, nn.Linear(4, 4)
        if stride > 1:
            self.branches = Branches([nn.Linear(4, 4), nn.Linear(4, 4)])

    def forward(self, x: Tensor) -> Tensor:
        x = self.fc(x)
        if self.stride > 1:
            one, two = self.branches(x)
            x = x + one + two
        return x


class Units(nn.Module):
    """A part of some uses of a class that gives two values."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = Unit(1), Unit(2)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.two(self.one(x))
        return made


class Experts(nn.Module):
    """Rows of all samples are sorted by what they hold."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.fc = nn.Linear(width, width)

    def forward(self, rows: Tensor) -> Tensor:
        order = rows[:, 0].argsort()
        made: Tensor = self.fc(rows[order])[order.argsort()]
        return made


class Routed(nn.Module):
    """What is done to tokens of all samples by a module that no ops say, and that has no tokens of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.experts, self.head = Experts(4), nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.head(self.experts(x.reshape(-1, 4)).view(x.shape))
        return made


class Dropping(nn.Module):
    """Training picks places that only numbers tell; inference does not."""

    def __init__(self) -> None:
        super().__init__()
        self.fc, self.mark = nn.Linear(4, 4), nn.Parameter(torch.zeros(4))

    def forward(self, x: Tensor) -> Tensor:
        if self.training:
            x = x.clone()
            x[torch.rand(x.shape[:2]) > 0.5] = self.mark
        made: Tensor = self.fc(x)
        return made


class Wrong(nn.Module):
    """A norm of another size than what it is given, which a run that computes nothing does not find out."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(5)

    def forward(self, x: Tensor) -> Any:
        return self.norm(x)


class Guarded(nn.Module):
    """A question whether all numbers are finite, behind a layer that is given a list."""

    def __init__(self) -> None:
        super().__init__()
        self.fpn, self.fc = nn.Identity(), nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        one, two = self.fpn([x, x * 2])
        y: Tensor = self.fc(one + two)
        if not torch.isfinite(y).all():
            y = y.clamp(-100, 100)
        return y


class Depth(nn.Module):
    """Whole samples are dropped, by numbers that no value at hand has the size of."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.fc(x)
        return x + y / 0.8 * torch.floor(torch.rand(x.shape[0], 1, 1) + 0.8)


class Join(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        x = F.interpolate(x, size=skip.shape[2:])
        made: Tensor = self.conv(torch.cat([x, skip], 1))
        return made


class Hollow(nn.Module):
    """A map without channels in the place of one that an encoder does not have."""

    def __init__(self) -> None:
        super().__init__()
        self.join = Join()

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.join(x, torch.empty([x.shape[0], 0, 8, 8]))
        return made


class Named(nn.Sequential):
    """A sequence of which the parts have names, and which nobody calls."""

    def __init__(self) -> None:
        super().__init__()
        self.add_module("conv", nn.Linear(4, 4))


class Idle(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc, self.aside = nn.Linear(4, 4), nn.Sequential(nn.ReLU(), Named())

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.fc(x)
        return made


class Capturing(nn.Module):
    """It puts hooks on its layers when it is first called, which keep what these give."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))
        self.hooked, self.kept = False, list[Tensor]()

    def forward(self, x: Tensor) -> Tensor:
        if not self.hooked:
            for layer in self.layers:
                layer.register_forward_hook(lambda _module, _given, made: self.kept.append(made))
            self.hooked = True
        self.kept.clear()
        self.layers(x)
        made: Tensor = self.kept[1]
        return made + x


class Nearest(nn.Module):
    """The distance of each place to each row of a table, for which no op is."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.randn(5, 4))

    def forward(self, x: Tensor) -> Tensor:
        n, length, width = x.shape
        return torch.cdist(x.reshape(-1, width), self.table).view(n, length, 5)


class Biased(nn.Module):
    """It makes a bias where it is given none, and hands it on; no ops say what it computes."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.fc = nn.Linear(width, width)

    def forward(self, x: Tensor, bias: Tensor | None = None) -> tuple[Tensor, Tensor]:
        bias = x.flip(1) if bias is None else bias
        return torch.special.erfcx(self.fc(x + bias)), bias


class Biases(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = Biased(4), Biased(4)

    def forward(self, x: Tensor) -> Tensor:
        x, bias = self.one(x)
        x, bias = self.two(x, bias)
        made: Tensor = x + bias
        return made

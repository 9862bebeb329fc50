"""Small modules as people write them, to be imported."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def _tensor(value: object) -> Tensor:
    """What a call of a module gives, which its type does not say."""
    assert isinstance(value, Tensor)
    return value


class Plain(nn.Module):
    """A chain with a view at its end.

    More is not said of it.
    """

    def __init__(self, width: int = 4, classes: int = 3) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(width, eps=1e-3)
        self.fc = nn.Linear(width * 16, classes)

    def forward(self, image: Tensor) -> Tensor:
        x = F.relu(self.norm(self.conv(image)))
        x = F.max_pool2d(x, 2)
        return _tensor(self.fc(x.view(x.size(0), -1)))


class Block(nn.Module):
    """A residual block."""

    def __init__(self, in_channels: int, channels: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.shortcut = None
        if stride != 1 or in_channels != channels:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_channels, channels, 1, stride, bias=False), nn.BatchNorm2d(channels)
            )

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        y += x if self.shortcut is None else self.shortcut(x)
        return _tensor(self.relu(y))


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.layer1 = nn.Sequential(Block(8, 8), Block(8, 8))
        self.layer2 = nn.Sequential(Block(8, 16, 2), Block(16, 16), Block(16, 16))
        self.pool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(16, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.layer2(self.layer1(self.stem(x)))
        return _tensor(self.fc(torch.flatten(self.pool(x), 1)))


class UNet(nn.Module):
    """A U-Net whose decoder is a list."""

    def __init__(self, widths: tuple[int, ...] = (4, 8)) -> None:
        super().__init__()
        self.down = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in zip((3, *widths), widths, strict=False))
        self.middle = nn.Conv2d(widths[-1], widths[-1], 3, padding=1)
        self.ups = nn.ModuleList()
        for width in reversed(widths):
            self.ups.append(nn.ConvTranspose2d(2 * width if width != widths[-1] else width, width, 2, 2))
            self.ups.append(nn.Conv2d(2 * width, width, 3, padding=1))
        self.ups[2] = nn.ConvTranspose2d(widths[1], widths[0], 2, 2)

    def forward(self, x: Tensor) -> Tensor:
        skips = []
        for down in self.down:
            x = F.relu(down(x))
            skips.append(x)
            x = F.max_pool2d(x, 2)
        x = self.middle(x)
        for i in range(0, len(self.ups), 2):
            x = self.ups[i](x)
            x = torch.cat((skips.pop(), x), dim=1)
            x = self.ups[i + 1](x).relu()
        return x


class Siamese(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.tower = nn.Sequential(nn.Conv2d(3, width, 3), nn.ReLU())
        self.fc = nn.Linear(width, 1)

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        a, b = self.tower(left), self.tower(right)
        return torch.sigmoid(self.fc((a - b).abs().mean((2, 3))))


class Tagger(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(2, 6)
        self.lstm = nn.LSTM(6, 5, batch_first=True, bidirectional=True)
        self.tags = nn.Linear(10, 4)

    def forward(self, tokens: Tensor) -> Tensor:
        out, _ = self.lstm(self.embed(tokens))
        return _tensor(self.tags(out))


class Attention(nn.Module):
    """Attention as most write it: one projection, split in heads."""

    def __init__(self, dim: int, num_heads: int = 2) -> None:
        super().__init__()
        self.num_heads, self.scale = num_heads, (dim // num_heads) ** -0.5
        self.qkv = nn.Linear(dim, dim * 3)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        b, n, c = x.shape
        qkv = self.qkv(x).reshape(b, n, 3, self.num_heads, c // self.num_heads).permute(2, 0, 3, 1, 4)
        q, k, v = qkv[0], qkv[1], qkv[2]
        attn = (q @ k.transpose(-2, -1)) * self.scale
        x = (attn.softmax(dim=-1) @ v).transpose(1, 2).reshape(b, n, c)
        return _tensor(self.proj(x))


class Encoder(nn.Module):
    def __init__(self, depth: int = 2) -> None:
        super().__init__()
        self.cls = nn.Parameter(torch.zeros(1, 1, 8))
        self.pos = nn.Parameter(torch.randn(1, 5, 8) * 0.02)
        self.layers = nn.ModuleList([Attention(8) for _ in range(depth)])
        self.norm = nn.LayerNorm(8, eps=1e-6)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([self.cls.expand(x.shape[0], -1, -1), x], dim=1) + self.pos
        for layer in self.layers:
            x = x + layer(x)
        return _tensor(self.norm(x))[:, 0]


class WithAux(nn.Module):
    """An auxiliary head in training."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Conv2d(3, 4, 3)
        self.aux = nn.Conv2d(4, 2, 1)
        self.head = nn.Conv2d(4, 2, 1)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        x = self.body(x)
        result = {"out": self.head(x)}
        if self.training:
            result["aux"] = self.aux(x)
        return result


class Windows(nn.Module):
    """Attention in windows, which are merged with the batch."""

    def __init__(self) -> None:
        super().__init__()
        self.attn = Attention(8)

    def forward(self, x: Tensor) -> Tensor:
        b, h, w, c = x.shape
        x = x.view(b, h // 2, 2, w // 2, 2, c).permute(0, 1, 3, 2, 4, 5).reshape(-1, 4, c)
        x = self.attn(x)
        return x.view(b, h // 2, w // 2, 2, 2, c).permute(0, 1, 3, 2, 4, 5).reshape(b, h, w, c)


class Weights(nn.Module):
    """Functional ops over weights that the module holds, or that one inside holds."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(6, 4)
        self.weight = nn.Parameter(torch.randn(5, 4))
        self.register_buffer("table", torch.arange(5).float(), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        x = F.linear(x, self.inner.weight, self.inner.bias)
        return F.linear(x, self.weight) + self.get_buffer("table")


class Language(nn.Module):
    """A head whose weight is the embedding's."""

    def __init__(self) -> None:
        super().__init__()
        table = nn.Embedding(2, 4)
        self.body = nn.Sequential(table, nn.Linear(4, 4))
        self.head = nn.Linear(4, 2, bias=False)
        self.head.weight = table.weight

    def forward(self, tokens: Tensor) -> Tensor:
        return _tensor(self.head(self.body(tokens)))


class Rows(nn.Module):
    """A batch norm of rows that are made one with the batch, and a view that makes three dimensions of two."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(6, 6)
        self.bn = nn.BatchNorm1d(6)

    def forward(self, x: Tensor) -> Tensor:
        y = self.fc(x)
        y = self.bn(y.flatten(0, 1)).reshape_as(y)
        return _tensor(y).view(-1, 2, 3, 4)


class Picked(nn.Module):
    """A bias for each distance, as relative positions have it, and the weight of one inside."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.randn(2, 5))
        self.inner = nn.Linear(4, 4, bias=False)
        self.register_buffer("idx", torch.tensor([[0, 1, 2], [3, 4, 0]]), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        x = F.linear(x, torch.cat([self.inner.weight, self.inner.weight])).view(-1, 2, 4)
        return x[:, :, None, :3] + self.table[:, self.get_buffer("idx")] * self.table[0, 1]


class MyDropPath(nn.Module):
    """What many packages call so."""

    def __init__(self, drop_prob: float | None = None) -> None:
        super().__init__()
        self.drop_prob = drop_prob

    def forward(self, x: Tensor) -> Tensor:
        if not self.drop_prob or not self.training:
            return x
        keep = 1 - self.drop_prob
        return x.div(keep) * (keep + torch.rand((x.shape[0],) + (1,) * (x.ndim - 1))).floor_()


class Residuals(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 4)
        self.drop = MyDropPath(0.5)
        self.keep = MyDropPath()

    def forward(self, x: Tensor) -> Tensor:
        x = x + _tensor(self.drop(self.fc(x)))
        return torch.addmm(x, x, torch.ones(4, 4), alpha=0.5) + _tensor(self.keep(x))


class Started(nn.Module):
    """A block whose constructor's argument is called as a key of the language."""

    def __init__(self, init: float) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.full((4,), init))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.scale


class TwoStarts(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = Started(0.5), Started(0.25)

    def forward(self, x: Tensor) -> Tensor:
        return _tensor(self.two(self.one(x)))


class Scaled(nn.Module):
    """Something that no op says, over a value and in a class that can be made again."""

    def __init__(self, dim: int, power: float = 1.5) -> None:
        super().__init__()
        self.power = power
        self.fc = nn.Linear(dim, 2 * dim)

    def forward(self, x: Tensor) -> Tensor:
        return _tensor(torch.special.erfcx(_tensor(self.fc(x)).abs())) * self.power


class Odd(nn.Module):
    """A part of it cannot be said in ops."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Linear(4, 6)
        self.scaled = Scaled(6, power=2.0)
        self.head = nn.Linear(12, 3)

    def forward(self, x: Tensor) -> Tensor:
        return _tensor(self.head(self.scaled(self.stem(x))))


class Decides(nn.Module):
    """Its data decides what runs."""

    def forward(self, x: Tensor) -> Tensor:
        return x * 2 if x.sum() > 0 else x


class Twice(nn.Module):
    """A module called again, and one without parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.step = nn.Linear(4, 4)
        self.act = nn.Tanh()

    def forward(self, x: Tensor) -> Tensor:
        return _tensor(self.act(self.step(self.act(self.step(x)))))


class Cell(nn.Module):
    """One step of a refinement."""

    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.Linear(4, 4)
        self.norm = nn.BatchNorm1d(4)

    def forward(self, state: Tensor, given: Tensor) -> Tensor:
        return _tensor(self.norm(self.mix(state) + given)) * given


class Refined(nn.Module):
    """A module that is first called with one value twice, and then with two."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = Cell()

    def forward(self, x: Tensor) -> Tensor:
        state = self.cell(x, x)
        state = self.cell(state, given=x)
        return _tensor(self.cell(state, state))


class Deep(nn.Module):
    """In training it gives what its head reads too, as deep supervision asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Linear(4, 4)
        self.head = nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        x = self.body(x)
        y = _tensor(self.head(x))
        return (y, x) if self.training else y


class DeepSecond(Deep):
    """The same, with the batch second."""

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        x = self.body(x.transpose(0, 1))
        y = _tensor(self.head(x))
        return (y, x) if self.training else y


class Sequence(nn.Module):
    """Torch's own layers, with the batch second."""

    def __init__(self) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.1)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)

    def forward(self, x: Tensor) -> Tensor:
        return _tensor(self.encoder(x.permute(1, 0, 2)).permute(1, 0, 2))


class Broken(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, x.transpose(2, 3)[:, :, 1:]], 1)

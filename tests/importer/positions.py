"""Modules that place, cut and pick: windows that overlap, lists of places, tables that layers read for all samples."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Fourier(nn.Module):
    """XCiT's positions: a convolution over a table without a batch, which is then repeated for each sample."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Conv2d(3, 4, 1)
        self.proj, self.act, self.out = nn.Conv2d(2, 3, 1), nn.GELU(), nn.Conv2d(3, 4, 1)
        self.register_buffer("table", torch.randn(1, 2, 4, 4), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        places = self.out(self.act(self.proj(self.get_buffer("table"))))
        made: Tensor = self.embed(x) + places.repeat(x.shape[0], 1, 1, 1) + places
        return made


class Halo(nn.Module):
    """Windows that overlap, and frames of a sound."""

    def forward(self, x: Tensor) -> Tensor:
        y = F.pad(x, [1, 1, 1, 1]).unfold(2, 4, 2).unfold(3, 4, 2)
        return y.reshape(x.shape[0], x.shape[1], 16, -1).softmax(-1)


class Permuted(nn.Module):
    """Channels in another order, rows of a table by a table, and of each sample several rows of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("order", torch.tensor([2, 0, 1]))
        self.register_buffer("pairs", torch.tensor([[0, 1], [1, 2]]))

    def forward(self, x: Tensor) -> Tensor:
        x = x[:, [1, 0, 2]][:, self.get_buffer("order")]
        best = x.sum(-1).topk(2, dim=1).indices
        rows = torch.arange(x.shape[0])[:, None]
        return x[:, self.get_buffer("pairs")].sum(2) + x[rows, best]


class Tiled(nn.Module):
    """Heads in the batch that gain a size of 1 which is repeated, as in relative positions."""

    def forward(self, x: Tensor) -> Tensor:
        b, n, c = x.shape
        y = x.view(b, n, 2, c // 2).transpose(1, 2).reshape(b * 2, n, 1, c // 2).expand(-1, -1, 3, -1)
        return y.reshape(b, 2, n, 3, -1) * 2


class Turned(nn.Module):
    """A layer that is given the table of its caller, and a mask."""

    def __init__(self) -> None:
        super().__init__()
        self.proj = nn.Linear(4, 4)

    def forward(self, x: Tensor, mask: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        q = self.proj(x) * cos.unsqueeze(0) + x * sin.unsqueeze(0)
        scores = torch.where(mask, q @ q.transpose(-1, -2), float("-inf"))
        return torch.as_tensor(scores.softmax(-1) @ x)


class Lengths(nn.Module):
    """All that a language model makes of the length of its text: places, types, a mask and a rotary table."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.kinds, self.places = nn.Embedding(9, 4), nn.Embedding(2, 4), nn.Embedding(16, 4)
        self.register_buffer("position_ids", torch.arange(16)[None], persistent=False)
        self.register_buffer("inv_freq", 1.0 / 100 ** (torch.arange(0, 4, 2).float() / 4), persistent=False)
        self.layers = nn.ModuleList(Turned() for _ in range(2))

    def forward(self, tokens: Tensor) -> Tensor:
        length = tokens.shape[1]
        x = self.embed(tokens) + self.places(self.get_buffer("position_ids")[:, :length])
        x = x + self.kinds(torch.zeros(1, length, dtype=torch.long))
        places = torch.arange(x.shape[1])
        angles = torch.cat([places[:, None].float() * self.get_buffer("inv_freq")] * 2, dim=-1)
        mask, cos, sin = places[None, :] <= places[:, None], angles.cos(), angles.sin()
        for layer in self.layers:
            x = layer(x, mask, cos, sin)
        return torch.as_tensor(x)


def _turned(x: Tensor) -> Tensor:
    """A rotation by a table of its own length."""
    angles = torch.arange(x.shape[1]).float()[:, None] * torch.tensor([1.0, 0.1])
    return torch.cat([x[..., :2] * angles.cos() - x[..., 2:] * angles.sin(), x[..., 2:] * angles.cos()], dim=-1)


class Stretches(nn.Module):
    """Attention as nanoGPT has it: as much of a mask and of learned places as the text is long, and two rotations."""

    def __init__(self) -> None:
        super().__init__()
        self.places = nn.Parameter(torch.randn(1, 16, 4))
        self.tokens, self.q, self.k = nn.Embedding(9, 4), nn.Linear(4, 4), nn.Linear(4, 4)
        self.register_buffer("bias", torch.tril(torch.ones(16, 16)).view(1, 16, 16))

    def forward(self, tokens: Tensor) -> Tensor:
        length = tokens.size(1)
        x = self.tokens(tokens) + self.places[:, :length]
        scores = _turned(self.q(x)) @ _turned(self.k(x)).transpose(-1, -2) / 2
        scores = scores.masked_fill(self.get_buffer("bias")[:, :length, :length] == 0, float("-inf"))
        return torch.as_tensor(scores.softmax(-1) @ x)

"""Tables of sines and cosines, as people write them: kept in the state_dict or not, with places first or samples."""

import math

import torch
from torch import Tensor, nn


class Encoding(nn.Module):
    """That of PyTorch's tutorial, whose values have places first."""

    pe: Tensor

    def __init__(self, d_model: int, dropout: float = 0.1, max_len: int = 5000) -> None:
        super().__init__()
        self.dropout = nn.Dropout(p=dropout)
        position = torch.arange(max_len).unsqueeze(1)
        scale = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
        pe = torch.zeros(max_len, 1, d_model)
        pe[:, 0, 0::2] = torch.sin(position * scale)
        pe[:, 0, 1::2] = torch.cos(position * scale)
        self.register_buffer("pe", pe)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.dropout(x + self.pe[: x.size(0)])
        return made


class Tutorial(nn.Module):
    """A layer around it."""

    def __init__(self, d: int = 16, max_len: int = 5000) -> None:
        super().__init__()
        self.embed = nn.Embedding(50, d)
        self.pos = Encoding(d, max_len=max_len)
        self.out = nn.Linear(d, 50)

    def forward(self, tokens: Tensor) -> Tensor:
        made: Tensor = self.out(self.pos(self.embed(tokens).transpose(0, 1))).transpose(0, 1)
        return made


class Attribute(nn.Module):
    """A plain attribute of all sines first, whose waves grow otherwise."""

    def __init__(self, d: int = 16, places: int = 64) -> None:
        super().__init__()
        self.embed, self.out = nn.Embedding(50, d), nn.Linear(d, 50)
        angles = torch.arange(places)[:, None] / 500 ** (torch.arange(0, d, 2) / d)
        self.table = torch.cat([angles.sin(), angles.cos()], -1)

    def forward(self, tokens: Tensor) -> Tensor:
        made: Tensor = self.out(self.embed(tokens) + self.table[: tokens.size(1)])
        return made


class Drawn(nn.Module):
    """A table of other numbers that the state_dict does not have."""

    table: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(50, 2)
        self.register_buffer("table", torch.arange(40.0).reshape(20, 2).sqrt(), persistent=False)

    def forward(self, tokens: Tensor) -> Tensor:
        made: Tensor = self.embed(tokens) * self.table[: tokens.size(1)]
        return made

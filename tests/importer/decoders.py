"""Decoders that are fed with what they gave, masks of samples, and values that are as long as others."""

import torch
from torch import Tensor, nn

State = tuple[Tensor, Tensor]


class ConvLSTMCell(nn.Module):
    """A cell whose state is one argument."""

    def __init__(self, given: int, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(given + width, 4 * width, 3, padding=1)

    def forward(self, x: Tensor, state: State) -> State:
        h, c = state
        i, f, o, g = self.conv(torch.cat([x, h], 1)).chunk(4, dim=1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c


class Forecaster(nn.Module):
    """A cell that is given a frame first, and then its own hidden state as the frame too."""

    def __init__(self, width: int = 4, horizon: int = 3) -> None:
        super().__init__()
        self.width, self.horizon = width, horizon
        self.stem = nn.Conv2d(3, width, 3, padding=1)
        self.cell = ConvLSTMCell(width, width)

    def forward(self, x: Tensor) -> Tensor:
        frame = self.stem(x)
        state = torch.zeros_like(frame), torch.zeros_like(frame)
        frames = []
        for _ in range(self.horizon):
            state = self.cell(frame, state)
            frame = state[0]
            frames.append(frame)
        return torch.stack(frames, 1)


class Tagger(nn.Module):
    """An encoder of torch's that leaves out the words which are padding."""

    def __init__(self, vocab: int = 30, dim: int = 8) -> None:
        super().__init__()
        self.emb = nn.Embedding(vocab, dim, padding_idx=0)
        layer = nn.TransformerEncoderLayer(dim, 2, 16, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(dim, 5)

    def forward(self, ids: Tensor) -> Tensor:
        made: Tensor = self.head(self.encoder(self.emb(ids), src_key_padding_mask=ids.eq(0)))
        return made


class Filled(nn.Module):
    """Constants that are as large as values are."""

    def __init__(self, dim: int = 6) -> None:
        super().__init__()
        self.fc = nn.Linear(dim, dim)

    def forward(self, x: Tensor, ids: Tensor) -> Tensor:
        h = self.fc(x)
        padding = torch.zeros_like(ids, dtype=torch.float).masked_fill(ids == 0, -1e4)
        made: Tensor = torch.ones_like(h) - h * torch.full_like(h, 0.1) + padding.unsqueeze(-1)
        return made


class Beside(nn.Module):
    """One vector beside each of as many as there are."""

    def __init__(self, dim: int = 6) -> None:
        super().__init__()
        self.fc = nn.Linear(2 * dim, dim)

    def forward(self, x: Tensor, z: Tensor) -> Tensor:
        count = x.shape[1]
        expanded = z.unsqueeze(1).expand(-1, count, -1)
        repeated = z.unsqueeze(1).repeat(1, count, 1)
        made: Tensor = self.fc(torch.cat([x, expanded], -1)) * self.fc(torch.cat([x, repeated], -1))
        return made


class Denoiser(nn.Module):
    """An image and one number, its time."""

    def __init__(self, width: int = 4) -> None:
        super().__init__()
        self.conv, self.time = nn.Conv2d(3, width, 3, padding=1), nn.Embedding(100, width)

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        made: Tensor = self.conv(x) + self.time(t)[:, :, None, None]
        return made


class Characters(nn.Module):
    """Words of characters, through layers that each read the characters of all words as samples."""

    def __init__(self, widths: tuple[int, ...] = (2, 3)) -> None:
        super().__init__()
        self.embed = nn.Embedding(20, 4)
        self.convs = nn.ModuleList([nn.Conv1d(4, 6, width) for width in widths])

    def forward(self, x: Tensor) -> Tensor:
        samples, words, letters = x.shape
        e = self.embed(x.view(samples * words, letters)).transpose(1, 2)
        return torch.cat([conv(e).amax(-1) for conv in self.convs], -1).view(samples, words, -1)


class Masked(nn.Module):
    """A table of its own in each block."""

    def __init__(self, kept: list[float]) -> None:
        super().__init__()
        self.mask: Tensor
        self.register_buffer("mask", torch.tensor(kept))
        self.fc = nn.Linear(len(kept), len(kept))

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = x * self.mask + self.fc(x)
        return made


class Masks(nn.Module):
    """Two of these, of which each table is longer than a line."""

    def __init__(self) -> None:
        super().__init__()
        self.even, self.odd = Masked([0.25, 0.125] * 20), Masked([0.125, 0.25] * 20)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.odd(self.even(x))
        return made

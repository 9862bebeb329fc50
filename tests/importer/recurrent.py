"""Modules that are called again and again with what they gave, as students write them."""

import torch
from torch import Tensor, nn


class Cell(nn.Module):
    """A recurrent cell that is written out."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(8, 8)

    def forward(self, x: Tensor, state: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        h, c = state
        y, gate = self.fc(torch.cat([x, h], 1)).chunk(2, 1)
        c = gate.sigmoid() * c + y
        return c.tanh(), c


class Unrolled(nn.Module):
    """A cell that is called again and again, first with zeros."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = Cell()

    def forward(self, x: Tensor) -> Tensor:
        state = torch.zeros(x.shape[0], 4), torch.zeros(x.shape[0], 4)
        for step in range(x.shape[1]):
            state = self.cell(x[:, step], state)
        return state[0]


class Step(nn.Module):
    """Its first result is read inside too."""

    def __init__(self) -> None:
        super().__init__()
        self.rec, self.head = nn.Linear(8, 4), nn.Linear(4, 4)

    def forward(self, hidden: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.rec(torch.cat([hidden, x], 1)).tanh()
        return hidden, self.head(hidden)


class Refined(nn.Module):
    """A module whose first result nobody reads of the last call, as RAFT's update."""

    def __init__(self) -> None:
        super().__init__()
        self.step = Step()

    def forward(self, x: Tensor) -> Tensor:
        hidden, flow = x.relu(), x
        for _ in range(3):
            hidden, more = self.step(hidden, flow)
            flow = flow + more
        return flow


class Hidden(nn.Module):
    """It gives the last state of a recurrent layer, whose batch torch has second."""

    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(4, 3, 2)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        out, hidden = self.gru(x.transpose(0, 1))
        return out, hidden


class Biased(nn.Module):
    """It makes a bias where it is given none, and hands it on."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x: Tensor, bias: Tensor | None = None) -> tuple[Tensor, Tensor]:
        bias = torch.zeros(1, 4) if bias is None else bias
        return self.fc(x) + bias, bias


class HandedOn(nn.Module):
    """A bias of zeros that the first layer makes, adds as nothing, and gives to the next one, as T5's."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([Biased(), Biased()])

    def forward(self, x: Tensor) -> Tensor:
        bias = None
        for layer in self.layers:
            x, bias = layer(x, bias)
        return x

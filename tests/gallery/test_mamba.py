"""Mamba against a module written by hand, which goes from token to token: the same weights, the same numbers."""

from functools import partial

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tests.gallery.networks import counted
from tests.gallery.small import assert_counts, assert_same, twin_of, words

SIZES = {"vocabulary": 50, "layers": 2, "width": 24, "states": 5, "kernel": 3}


class Scan(nn.Module):
    """Gu & Dao (2023), algorithm 2 with equation 2a: a memory for every feature, (N, inner, states)."""

    def __init__(self, inner: int, states: int) -> None:
        super().__init__()
        self.A_log = nn.Parameter(torch.empty(inner, states))
        self.D = nn.Parameter(torch.empty(inner))

    def forward(self, x: Tensor, step: Tensor, b: Tensor, c: Tensor) -> Tensor:
        decay = torch.exp(-self.A_log.exp() * step[..., None])
        memory, read = torch.zeros_like(decay[:, 0]), []
        for token in range(x.shape[1]):
            taken = (step[:, token] * x[:, token])[..., None] * b[:, token, None]
            memory = decay[:, token] * memory + taken
            read.append((memory @ c[:, token, :, None])[..., 0])
        return torch.stack(read, 1) + self.D * x


class Mixer(nn.Module):
    def __init__(self, width: int, states: int, kernel: int) -> None:
        super().__init__()
        inner, self.rank, self.states = 2 * width, -(-width // 16), states
        self.in_proj = nn.Linear(width, 2 * inner, bias=False)
        self.conv1d = nn.Conv1d(inner, inner, kernel, groups=inner)
        self.x_proj = nn.Linear(inner, self.rank + 2 * states, bias=False)
        self.dt_proj = nn.Linear(self.rank, inner)
        self.scan = Scan(inner, states)
        self.out_proj = nn.Linear(inner, width, bias=False)
        self.kernel = kernel

    def forward(self, x: Tensor) -> Tensor:
        x, gate = self.in_proj(x).chunk(2, -1)
        x = F.silu(self.conv1d(F.pad(x.mT, (self.kernel - 1, 0))).mT)
        step, b, c = self.x_proj(x).split([self.rank, self.states, self.states], -1)
        y: Tensor = self.out_proj(self.scan(x, F.softplus(self.dt_proj(step)), b, c) * F.silu(gate))
        return y


class ByHand(nn.Module):
    def __init__(self, vocabulary: int, layers: int, width: int, states: int, kernel: int) -> None:
        super().__init__()
        table = nn.Embedding(vocabulary, width)
        self.backbone = nn.ModuleDict(
            {
                "embeddings": table,
                "layers": nn.ModuleList(
                    nn.ModuleDict({"norm": nn.RMSNorm(width, eps=1e-5), "mixer": Mixer(width, states, kernel)})
                    for _ in range(layers)
                ),
                "norm_f": nn.RMSNorm(width, eps=1e-5),
            }
        )
        self.lm_head = nn.Linear(width, vocabulary, bias=False)
        self.lm_head.weight = table.weight

    def forward(self, tokens: Tensor) -> Tensor:
        parts = self.backbone
        x = parts["embeddings"](tokens)
        for layer in parts["layers"].children():
            norm, mixer = layer.children()
            x = x + mixer(norm(x))
        logits: Tensor = self.lm_head(parts["norm_f"](x))
        return logits


@pytest.mark.parametrize("length", [16, 9, 1])
def test_is_the_module_by_hand(length: int) -> None:
    theirs = ByHand(**SIZES)
    ours = twin_of(theirs, "mamba", context=16, **SIZES)
    assert sorted(ours.state_dict()) == sorted(theirs.state_dict())
    assert_same(ours, theirs, words(50, 2, length))


def test_counts_are_those_of_the_module_by_hand() -> None:
    assert_counts("mamba:small", partial(ByHand, 50280, 4, 64, 16, 4), words(9, 1, 64))


# The released state-spaces/mamba-130m.
def test_params_are_those_of_the_module_by_hand() -> None:
    with torch.device("meta"):
        theirs = ByHand(50280, 24, 768, 16, 4)
    assert counted("mamba:mamba_130m").totals.params == sum(p.numel() for p in theirs.parameters()) == 129_135_360

"""The Conformer against a module written by hand from its paper: the same weights, the same numbers."""

from functools import partial

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tests.gallery.small import assert_counts, assert_same, noise, twin_of

SIZES = {"mels": 20, "layers": 2, "heads": 3, "width": 24, "kernel": 5}


class Attention(nn.Module):
    """Dai et al. (2019), section 3.3, equation of the scores, a wave for every pair of places."""

    def __init__(self, heads: int, width: int) -> None:
        super().__init__()
        self.heads, self.head = heads, width // heads
        self.content_bias = nn.Parameter(torch.empty(heads, self.head))
        self.place_bias = nn.Parameter(torch.empty(heads, self.head))
        self.norm = nn.LayerNorm(width)
        for name in ("query", "key", "value", "out"):
            self.add_module(name, nn.Linear(width, width))
        self.place = nn.Linear(width, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(x)
        q, k, v = (
            self.get_submodule(name)(x).unflatten(-1, (self.heads, self.head)) for name in ("query", "key", "value")
        )
        waves = self.place(self.waves(x)).unflatten(-1, (self.heads, self.head))
        scores = torch.einsum("nihd,njhd->nhij", q + self.content_bias, k)
        scores = scores + torch.einsum("nihd,ijhd->nhij", q + self.place_bias, waves)
        weights = (scores / self.head**0.5).softmax(-1)
        out: Tensor = self.get_submodule("out")(torch.einsum("nhij,njhd->nihd", weights, v).flatten(2))
        return out

    @staticmethod
    def waves(x: Tensor) -> Tensor:
        """(L, L, width): by turns sines and cosines of i - j."""
        _, length, width = x.shape
        places = torch.arange(length, device=x.device)
        angles = (places[:, None] - places)[:, :, None] / 10000 ** (torch.arange(0, width, 2, device=x.device) / width)
        return torch.stack([angles.sin(), angles.cos()], -1).flatten(2)


class HalfStep(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.feed_forward = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.SiLU(), nn.Identity(), nn.Linear(4 * width, width)
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.add(x, self.feed_forward(x), alpha=0.5)


class Convolution(nn.Module):
    def __init__(self, width: int, kernel: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.pointwise1 = nn.Conv1d(width, 2 * width, 1)
        self.depthwise = nn.Conv1d(width, width, kernel, padding="same", groups=width)
        self.batch_norm = nn.BatchNorm1d(width)
        self.pointwise2 = nn.Conv1d(width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        y, gate = self.pointwise1(self.norm(x).mT).chunk(2, 1)
        y = self.pointwise2(F.silu(self.batch_norm(self.depthwise(y * gate.sigmoid()))))
        return torch.transpose(y, 1, 2)


class ByHand(nn.Module):
    def __init__(self, mels: int, layers: int, heads: int, width: int, kernel: int) -> None:
        super().__init__()
        self.subsampling = nn.ModuleDict(
            {
                "conv1": nn.Conv2d(1, width, 3, 2),
                "conv2": nn.Conv2d(width, width, 3, 2),
                "linear": nn.Linear(width * ((mels - 3) // 4), width),
            }
        )
        self.layers = nn.ModuleList(
            nn.ModuleDict(
                {
                    "before": HalfStep(width),
                    "attention": Attention(heads, width),
                    "convolution": Convolution(width, kernel),
                    "after": HalfStep(width),
                    "norm": nn.LayerNorm(width),
                }
            )
            for _ in range(layers)
        )

    def forward(self, sound: Tensor) -> Tensor:
        parts = self.subsampling
        x = F.relu(parts["conv2"](F.relu(parts["conv1"](sound))))
        x = parts["linear"](x.transpose(1, 2).flatten(2))
        for layer in self.layers:
            before, attention, convolution, after, norm = layer.children()
            x = before(x)
            x = x + attention(x)
            x = x + convolution(x)
            x = norm(after(x))
        return torch.as_tensor(x)


@pytest.mark.parametrize("frames", [60, 33, 7])
def test_is_the_module_by_hand(frames: int) -> None:
    theirs = ByHand(**SIZES)
    ours = twin_of(theirs, "conformer", frames=60, **SIZES)
    assert sorted(ours.state_dict()) == sorted(theirs.state_dict())
    assert_same(ours, theirs, noise(2, 1, frames, 20))


# Gulati et al. (2020), table 1, prints 10.3, 30.7 and 118.8 million with a decoder, which is not here.
@pytest.mark.parametrize(
    ("variant", "layers", "heads", "width"),
    [("conformer_s", 16, 4, 144), ("conformer_m", 16, 4, 256), ("conformer_l", 17, 8, 512)],
)
def test_counts_are_those_of_the_module_by_hand(variant: str, layers: int, heads: int, width: int) -> None:
    """It maps a wave for every pair of places, 249 * 249, where 497 distances are enough, and meets fewer of them."""
    pairs, distances = 249 * 249, 497
    mapped, met = (pairs - distances) * width * width, 249 * (249 - distances) * width
    theirs = partial(ByHand, 80, layers, heads, width, 31)
    assert_counts(f"conformer:{variant}", theirs, (1, 1, 1000, 80), more=layers * (mapped + met))

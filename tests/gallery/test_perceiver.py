"""The Perceiver against a module written by hand from its paper: the same weights, the same numbers."""

import math
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tests.gallery.networks import counted
from tests.gallery.small import assert_counts, assert_same, noise, twin_of

SIZES = {"classes": 5, "size": 12, "bands": 3, "latents": 5, "width": 24, "heads": 3, "layers": 2}


def features(image: Tensor, bands: int) -> Tensor:
    """Jaegle et al. (2021), section 3.2: (N, H * W, 3 + 2 * (2 * bands + 1)), to the Nyquist frequency of the image."""
    n, _, size, _ = image.shape
    places = torch.linspace(-1, 1, size, device=image.device)
    angles = math.pi * places[:, None] * torch.linspace(1, size / 2, bands, device=image.device)
    waves = torch.cat([places[:, None], angles.sin(), angles.cos()], 1)
    rows, columns = waves[:, None].expand(-1, size, -1), waves.expand(size, -1, -1)
    where = torch.cat([rows, columns], -1).expand(n, -1, -1, -1)
    return torch.cat([image.permute(0, 2, 3, 1), where], -1).flatten(1, 2)


class Perceptron(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm, self.fc1, self.fc2 = nn.LayerNorm(width), nn.Linear(width, width), nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        return torch.add(x, self.fc2(F.gelu(self.fc1(self.norm(x)))))


class Read(nn.Module):
    """Attention of one head; its scores are of as many features as a pixel has."""

    def __init__(self, width: int, pixel: int) -> None:
        super().__init__()
        self.norm, self.query = nn.LayerNorm(width), nn.Linear(width, pixel)
        self.pixel_norm, self.key, self.value = nn.LayerNorm(pixel), nn.Linear(pixel, pixel), nn.Linear(pixel, pixel)
        self.out, self.perceptron = nn.Linear(pixel, width), Perceptron(width)

    def forward(self, x: Tensor, pixels: Tensor) -> Tensor:
        pixels = self.pixel_norm(pixels)
        scores = self.query(self.norm(x)) @ self.key(pixels).mT / pixels.shape[-1] ** 0.5
        x = x + self.out(scores.softmax(-1) @ self.value(pixels))
        return torch.as_tensor(self.perceptron(x))


class Layer(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norm, self.attention = nn.LayerNorm(width), nn.MultiheadAttention(width, heads, batch_first=True)
        self.perceptron = Perceptron(width)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(x)
        return torch.as_tensor(self.perceptron(x + self.attention(y, y, y, need_weights=False)[0]))


class ByHand(nn.Module):
    def __init__(self, classes: int, size: int, bands: int, latents: int, width: int, heads: int, layers: int) -> None:
        super().__init__()
        self.bands, pixel = bands, 3 + 2 * (2 * bands + 1)
        self.latents = nn.Parameter(torch.empty(1, latents, width))
        self.read1, self.read2 = Read(width, pixel), Read(width, pixel)
        self.think1 = nn.ModuleDict({"layers": nn.Sequential(*(Layer(width, heads) for _ in range(layers)))})
        self.head = nn.Linear(width, classes)

    def forward(self, image: Tensor) -> Tensor:
        x, pixels = self.latents.expand(len(image), -1, -1), features(image, self.bands)
        for read in (self.read1, *[self.read2] * 7):
            x = self.think1["layers"](read(x, pixels))
        logits: Tensor = self.head(x.mean(1))
        return logits


def test_is_the_module_by_hand() -> None:
    theirs = ByHand(**SIZES)
    ours = twin_of(theirs, "perceiver", **SIZES)
    assert sorted(ours.state_dict()) == sorted(theirs.state_dict())
    assert_same(ours, theirs, noise(2, 3, 12, 12))


def test_counts_are_those_of_the_module_by_hand() -> None:
    assert_counts("perceiver:imagenet", partial(ByHand, 1000, 224, 64, 512, 1024, 8, 6), (1, 3, 224, 224))


def test_counts_are_those_of_the_paper() -> None:
    """Jaegle et al. (2021), table 7, prints 44.9 million parameters and 707.2 billion FLOPs; ours are 2 for a MAC."""
    totals = counted("perceiver:imagenet").totals
    assert round(totals.params / 1e6, 1) == 44.9
    assert abs(2 * totals.macs / 1e9 / 707.2 - 1) < 0.002

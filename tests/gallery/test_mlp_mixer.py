"""MLP-Mixer against a module written by hand, and against timm's: the same weights, the same numbers."""

from functools import partial
from importlib import import_module

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tests.gallery.networks import counted
from tests.gallery.small import assert_counts, assert_same, noise, twin_of

SIZES = {"classes": 5, "size": 48, "patch": 16, "layers": 2, "width": 12, "token_width": 7, "channel_width": 20}


class Mixer(nn.Module):
    """Tolstikhin et al. (2021), equation 1, with the first perceptron as a convolution over patches."""

    def __init__(self, patches: int, width: int, token_width: int, channel_width: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.mlp_tokens = perceptron(patches, token_width)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp_channels = perceptron(width, channel_width)

    def forward(self, x: Tensor) -> Tensor:
        mixed = torch.einsum("npf,hp->nhf", self.norm1(x), self.mlp_tokens["fc1"].get_parameter("weight"))
        mixed = F.gelu(mixed + self.mlp_tokens["fc1"].get_parameter("bias")[:, None])
        mixed = torch.einsum("nhf,ph->npf", mixed, self.mlp_tokens["fc2"].get_parameter("weight"))
        x = x + mixed + self.mlp_tokens["fc2"].get_parameter("bias")[:, None]
        return torch.add(x, self.mlp_channels["fc2"](F.gelu(self.mlp_channels["fc1"](self.norm2(x)))))


def perceptron(width: int, hidden: int) -> nn.ModuleDict:
    return nn.ModuleDict({"fc1": nn.Linear(width, hidden), "fc2": nn.Linear(hidden, width)})


class ByHand(nn.Module):
    def __init__(
        self, classes: int, size: int, patch: int, layers: int, width: int, token_width: int, channel_width: int
    ) -> None:
        super().__init__()
        patches = (size // patch) ** 2
        self.stem = nn.ModuleDict({"proj": nn.Conv2d(3, width, patch, patch)})
        self.blocks = nn.Sequential(*(Mixer(patches, width, token_width, channel_width) for _ in range(layers)))
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.head = nn.Linear(width, classes)

    def forward(self, image: Tensor) -> Tensor:
        x = self.blocks(self.stem["proj"](image).flatten(2).mT)
        logits: Tensor = self.head(self.norm(x).mean(1))
        return logits


def test_is_the_module_by_hand() -> None:
    theirs = ByHand(**SIZES)
    ours = twin_of(theirs, "mlp_mixer", **SIZES)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert_same(ours, theirs, noise(2, 3, 48, 48))


# Table 1 prints 19, 18, 60, 59 and 207 million parameters.
@pytest.mark.parametrize(
    ("variant", "params", "sizes"),
    [
        ("s_32", 19_104_624, (32, 8, 512, 256, 2048)),
        ("s_16", 18_528_264, (16, 8, 512, 256, 2048)),
        ("b_32", 60_293_428, (32, 12, 768, 384, 3072)),
        ("b_16", 59_880_472, (16, 12, 768, 384, 3072)),
        ("l_16", 208_196_168, (16, 24, 1024, 512, 4096)),
    ],
)
def test_counts_are_those_of_the_module_by_hand(
    variant: str, params: int, sizes: tuple[int, int, int, int, int]
) -> None:
    assert counted(f"mlp_mixer:{variant}").totals.params == params
    assert_counts(f"mlp_mixer:{variant}", partial(ByHand, 1000, 224, *sizes), (1, 3, 224, 224))


@pytest.mark.usefixtures("torchvision")
def test_is_timms() -> None:
    pytest.importorskip("timm")
    theirs = import_module("timm.models.mlp_mixer").MlpMixer(
        num_classes=5, img_size=48, patch_size=16, num_blocks=2, embed_dim=12, mlp_ratio=(0.5, 4.0)
    )
    ours = twin_of(theirs, "mlp_mixer", **{**SIZES, "token_width": 6, "channel_width": 48})
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert_same(ours, theirs, noise(2, 3, 48, 48))

"""GPT-NeoX against a module written by hand from its paper: the same weights, the same numbers."""

from functools import partial

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tests.gallery.networks import counted
from tests.gallery.small import assert_counts, assert_same, twin_of, words
from tests.gallery.test_llama import rotated

SIZES = {"vocabulary": 50, "layers": 2, "heads": 3, "width": 24, "turning": 4}


class Layer(nn.Module):
    """Black et al. (2022), section 2.1: a quarter of each head turns, and the two branches read the same value."""

    def __init__(self, heads: int, width: int, turning: int) -> None:
        super().__init__()
        self.heads, self.turning = heads, turning
        self.input_layernorm = nn.LayerNorm(width)
        self.post_attention_layernorm = nn.LayerNorm(width)
        self.attention = nn.ModuleDict(
            {"query_key_value": nn.Linear(width, 3 * width), "dense": nn.Linear(width, width)}
        )
        self.mlp = nn.ModuleDict(
            {"dense_h_to_4h": nn.Linear(width, 4 * width), "dense_4h_to_h": nn.Linear(4 * width, width)}
        )

    def forward(self, x: Tensor) -> Tensor:
        y = self.mlp["dense_4h_to_h"](F.gelu(self.mlp["dense_h_to_4h"](self.post_attention_layernorm(x))))
        return torch.add(x + self.attend(self.input_layernorm(x)), y)

    def attend(self, x: Tensor) -> Tensor:
        n, length, width = x.shape
        head = width // self.heads
        q, k, v = self.attention["query_key_value"](x).view(n, length, self.heads, 3, head).permute(3, 0, 2, 1, 4)
        q, k = (torch.cat([rotated(y[..., : self.turning], 1e4), y[..., self.turning :]], -1) for y in (q, k))
        later = torch.ones(length, length, dtype=torch.bool, device=x.device).triu(1)
        weights = (q @ k.mT / head**0.5).masked_fill(later, float("-inf")).softmax(-1)
        out: Tensor = self.attention["dense"]((weights @ v).transpose(1, 2).reshape(n, length, width))
        return out


class ByHand(nn.Module):
    def __init__(self, vocabulary: int, layers: int, heads: int, width: int, turning: int) -> None:
        super().__init__()
        self.gpt_neox = nn.ModuleDict(
            {
                "embed_in": nn.Embedding(vocabulary, width),
                "layers": nn.ModuleList(Layer(heads, width, turning) for _ in range(layers)),
                "final_layer_norm": nn.LayerNorm(width),
            }
        )
        self.embed_out = nn.Linear(width, vocabulary, bias=False)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.gpt_neox["embed_in"](tokens)
        for layer in self.gpt_neox["layers"].children():
            x = layer(x)
        logits: Tensor = self.embed_out(self.gpt_neox["final_layer_norm"](x))
        return logits


@pytest.mark.parametrize("length", [16, 5, 1])
def test_is_the_module_by_hand(length: int) -> None:
    theirs = ByHand(**SIZES)
    ours = twin_of(theirs, "gpt_neox", context=16, **SIZES)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert_same(ours, theirs, words(50, 2, length))


# The released pythia-70m, pythia-160m and gpt-neox-20b.
@pytest.mark.parametrize(
    ("variant", "params", "sizes"),
    [
        ("pythia_70m", 70_426_624, (50304, 6, 8, 512, 16)),
        ("pythia_160m", 162_322_944, (50304, 12, 12, 768, 16)),
        ("gpt_neox_20b", 20_554_567_680, (50432, 44, 64, 6144, 24)),
    ],
)
def test_counts_are_those_of_the_module_by_hand(
    variant: str, params: int, sizes: tuple[int, int, int, int, int]
) -> None:
    assert counted(f"gpt_neox:{variant}").totals.params == params
    assert_counts(f"gpt_neox:{variant}", partial(ByHand, *sizes), words(9, 1, 2048))

"""RetNet's parallel form against its recurrent form, written by hand: the same weights, the same numbers."""

from functools import partial

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tests.gallery.networks import counted
from tests.gallery.small import assert_counts, assert_same, twin_of, words
from tests.gallery.test_llama import rotated

SIZES = {"vocabulary": 50, "layers": 2, "heads": 3, "width": 24}


class Retention(nn.Module):
    """Sun et al. (2023), equation 6: a state takes in each key with its value, and fades before the next one."""

    def __init__(self, heads: int, width: int) -> None:
        super().__init__()
        self.heads = heads
        for name, before, after in (("q", 1, 1), ("k", 1, 1), ("v", 1, 2), ("g", 1, 2), ("out", 2, 1)):
            self.add_module(f"{name}_proj", nn.Linear(before * width, after * width, bias=False))

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = (
            self.get_submodule(f"{name}_proj")(x).unflatten(-1, (self.heads, -1)).transpose(1, 2) for name in "qkv"
        )
        q, k = rotated(q, 1e4), rotated(k * k.shape[-1] ** -0.5, 1e4)
        fading = (1 - 2.0 ** -(5 + torch.arange(self.heads, device=x.device)))[:, None, None]
        state, read = torch.zeros(1, device=x.device), []
        for token in range(x.shape[1]):
            now = slice(token, token + 1)
            state = fading * state + k[:, :, now].mT @ v[:, :, now]
            read.append(q[:, :, now] @ state)
        heads = torch.cat(read, 2).transpose(1, 2)
        normed = F.layer_norm(heads, heads.shape[-1:]).flatten(2)
        out: Tensor = self.get_submodule("out_proj")(F.silu(self.get_submodule("g_proj")(x)) * normed)
        return out


class ByHand(nn.Module):
    def __init__(self, vocabulary: int, layers: int, heads: int, width: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary, width)
        self.layers = nn.ModuleList(
            nn.ModuleDict(
                {
                    "retention_norm": nn.LayerNorm(width),
                    "retention": Retention(heads, width),
                    "ffn_norm": nn.LayerNorm(width),
                    "ffn": nn.ModuleDict(
                        {
                            "fc1": nn.Linear(width, 2 * width, bias=False),
                            "fc2": nn.Linear(2 * width, width, bias=False),
                        }
                    ),
                }
            )
            for _ in range(layers)
        )
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, vocabulary, bias=False)
        self.head.weight = self.embed.weight

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.embed(tokens)
        for layer in self.layers:
            retention_norm, retention, ffn_norm, ffn = layer.children()
            x = x + retention(retention_norm(x))
            fc1, fc2 = ffn.children()
            x = x + fc2(F.gelu(fc1(ffn_norm(x))))
        logits: Tensor = self.head(self.norm(x))
        return logits


@pytest.mark.parametrize("length", [16, 5, 1])
def test_parallel_form_is_the_recurrent_one(length: int) -> None:
    theirs = ByHand(**SIZES)
    ours = twin_of(theirs, "retnet", context=16, **SIZES)
    assert sorted(ours.state_dict()) == sorted(theirs.state_dict())
    assert_same(ours, theirs, words(50, 2, length))


def test_counts_are_those_of_the_parallel_form() -> None:
    """The recurrent form meets a state of 64 * 128 numbers in each head, the parallel one 64 tokens."""
    layers, context, heads, head, width = 4, 64, 2, 64, 128
    recurrent, parallel = 2 * heads * head * 2 * head, context * 3 * width
    theirs = partial(ByHand, 50257, layers, heads, width)
    assert_counts("retnet:small", theirs, words(9, 1, context), more=layers * context * (recurrent - parallel))


# Table 2 calls them 1.3B, 2.7B and 6.7B.
@pytest.mark.parametrize(
    ("variant", "layers", "heads", "width"),
    [("retnet_1_3b", 24, 8, 2048), ("retnet_2_7b", 32, 10, 2560), ("retnet_6_7b", 32, 16, 4096)],
)
def test_params_are_those_of_the_module_by_hand(variant: str, layers: int, heads: int, width: int) -> None:
    with torch.device("meta"):
        theirs = ByHand(50257, layers, heads, width)
    assert counted(f"retnet:{variant}").totals.params == sum(p.numel() for p in theirs.parameters())

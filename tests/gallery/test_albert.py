"""ALBERT against one layer of torch's encoder, used again and again: the same weights, the same numbers."""

import re
from functools import partial, reduce

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tests.gallery.networks import counted
from tests.gallery.small import assert_counts, assert_same, twin_of, words

SIZES = {"vocabulary": 50, "embedding": 6, "layers": 3, "heads": 3, "width": 24}
NAMES = {"self_attn": "attention", "linear1": "ffn", "linear2": "ffn_output"}


class ByHand(nn.Module):
    """Embeddings that are narrow, one layer that norms after each sum, and a pooler."""

    def __init__(self, vocabulary: int, embedding: int, layers: int, heads: int, width: int, context: int = 16) -> None:
        super().__init__()
        self.embeddings = nn.ModuleDict(
            {
                "word_embeddings": nn.Embedding(vocabulary, embedding, padding_idx=0),
                "position_embeddings": nn.Embedding(context, embedding),
                "token_type_embeddings": nn.Embedding(2, embedding),
                "LayerNorm": nn.LayerNorm(embedding, eps=1e-12),
            }
        )
        self.widen = nn.Linear(embedding, width)
        gelu = partial(F.gelu, approximate="tanh")
        self.layer = nn.TransformerEncoderLayer(width, heads, 4 * width, 0.0, gelu, 1e-12, batch_first=True)
        self.layers = layers
        self.pooler = nn.Linear(width, width)

    def forward(self, tokens: Tensor, segments: Tensor, padding: Tensor) -> tuple[Tensor, Tensor]:
        parts = self.embeddings
        x = parts["word_embeddings"](tokens) + parts["token_type_embeddings"](segments)
        x = parts["LayerNorm"](x + parts["position_embeddings"](torch.arange(tokens.shape[1], device=tokens.device)))
        x = self.widen(x)
        for _ in range(self.layers):
            x = self.layer(x, src_key_padding_mask=padding)
        return x, torch.tanh(self.pooler(x[:, 0]))


def rename(key: str) -> str:
    return reduce(lambda key, name: re.sub(rf"\b{name}\b", NAMES[name], key), NAMES, key)


@pytest.mark.parametrize("length", [16, 5])
def test_is_torchs_layer_again_and_again(length: int) -> None:
    theirs = ByHand(**SIZES)
    ours = twin_of(theirs, "albert", rename, context=16, **SIZES)
    padding = torch.arange(length) >= torch.tensor([[length], [length - 2]])
    assert_same(ours, theirs, words(50, 2, length), words(2, 2, length), padding)


# Lan et al. (2020), table 1, prints 12, 18, 60 and 235 million; the released weights, version 2, have these.
@pytest.mark.parametrize(
    ("variant", "params", "layers", "heads", "width"),
    [
        ("base", 11_683_584, 12, 12, 768),
        ("large", 17_683_968, 24, 16, 1024),
        ("xlarge", 58_724_864, 24, 16, 2048),
        ("xxlarge", 222_595_584, 12, 64, 4096),
    ],
)
def test_counts_are_those_of_torchs_layer(variant: str, params: int, layers: int, heads: int, width: int) -> None:
    assert counted(f"albert:{variant}").totals.params == params
    inputs = (words(9, 1, 512), words(2, 1, 512), torch.zeros(1, 512, dtype=torch.bool))
    assert_counts(f"albert:{variant}", partial(ByHand, 30000, 128, layers, heads, width, 512), *inputs)

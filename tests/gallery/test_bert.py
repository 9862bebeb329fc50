"""BERT against torch's own encoder: the same weights, the same numbers."""

import re
from functools import reduce

import pytest
import torch
from torch import Tensor, nn

from tests.gallery.networks import counted
from tests.gallery.small import assert_counts, assert_same, built, words

SIZES = {"vocabulary": 50, "context": 16, "layers": 2, "heads": 3, "width": 24}
NAMES = {
    "layers": "encoder.layer",
    "self_attn.out_proj": "attention.output.dense",
    "norm1": "attention.output.LayerNorm",
    "linear1": "intermediate.dense",
    "linear2": "output.dense",
    "norm2": "output.LayerNorm",
}


class ByHand(nn.Module):
    """Embeddings and a pooler around torch's encoder, which norms after each sum as the paper does."""

    def __init__(self, vocabulary: int, context: int, layers: int, heads: int, width: int) -> None:
        super().__init__()
        self.embeddings = nn.ModuleDict(
            {
                "word_embeddings": nn.Embedding(vocabulary, width, padding_idx=0),
                "position_embeddings": nn.Embedding(context, width),
                "token_type_embeddings": nn.Embedding(2, width),
                "LayerNorm": nn.LayerNorm(width, eps=1e-12),
            }
        )
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(
                width, heads, 4 * width, activation="gelu", layer_norm_eps=1e-12, batch_first=True
            )
            for _ in range(layers)
        )
        self.pooler = nn.ModuleDict({"dense": nn.Linear(width, width)})

    def forward(self, tokens: Tensor, segments: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        x = self.hidden(tokens, segments, mask)
        return x, torch.tanh(self.pooler["dense"](x[:, 0]))

    def hidden(self, tokens: Tensor, segments: Tensor, mask: Tensor) -> Tensor:
        parts = self.embeddings
        x = parts["word_embeddings"](tokens) + parts["token_type_embeddings"](segments)
        x = parts["LayerNorm"](x + parts["position_embeddings"](torch.arange(tokens.shape[1], device=tokens.device)))
        for layer in self.layers:
            x = layer(x, src_key_padding_mask=~mask)
        return torch.as_tensor(x)


def keys(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """torch's one projection as three, under our names."""
    ours: dict[str, Tensor] = {}
    for their_key, tensor in state.items():
        key = reduce(lambda key, name: re.sub(rf"\b{name}\b", NAMES[name], key), NAMES, their_key)
        if "in_proj_" in key:
            layer, kind = key.split(".self_attn.in_proj_")
            for name, part in zip(("query", "key", "value"), tensor.chunk(3), strict=True):
                ours[f"{layer}.attention.self_attention.{name}.{kind}"] = part
        else:
            ours[key] = tensor
    return ours


@pytest.fixture(scope="module")
def twins() -> tuple[nn.Module, nn.Module]:
    theirs = ByHand(**SIZES).eval()
    for parameter in theirs.parameters():
        nn.init.normal_(parameter, std=0.5)
    ours = built("bert", **SIZES)
    ours.load_state_dict(keys(theirs.state_dict()))
    return ours, theirs


@pytest.mark.parametrize("length", [16, 5])
def test_is_torchs_encoder(twins: tuple[nn.Module, nn.Module], length: int) -> None:
    mask = torch.arange(length) < torch.tensor([[length], [length - 2]])
    assert_same(*twins, words(50, 2, length), words(2, 2, length), mask)


def test_a_token_that_fills_up_is_not_read(twins: tuple[nn.Module, nn.Module]) -> None:
    tokens, segments, mask = words(50, 2, 16), words(2, 2, 16), torch.arange(16).expand(2, 16) < 10
    other = tokens.clone()
    other[:, 10:] = (other[:, 10:] + 1) % 50
    with torch.no_grad():
        before, after = (twins[0](numbers, segments, mask).hidden for numbers in (tokens, other))
    torch.testing.assert_close(before[:, :10], after[:, :10])
    assert not torch.allclose(before[:, 10:], after[:, 10:])


# The released bert-base-uncased and bert-large-uncased; Devlin et al. (2019), section 3, prints 110M and 340M.
@pytest.mark.parametrize(
    ("variant", "layers", "heads", "width", "params"),
    [("bert_base", 12, 12, 768, 109_482_240), ("bert_large", 24, 16, 1024, 335_141_888)],
)
def test_counts_are_those_of_torchs_encoder(variant: str, layers: int, heads: int, width: int, params: int) -> None:
    assert counted(f"bert:{variant}").totals.params == params
    mask = torch.ones(1, 512, dtype=torch.bool)
    inputs = (words(9, 1, 512), words(2, 1, 512), mask)
    assert_counts(f"bert:{variant}", lambda: ByHand(30522, 512, layers, heads, width), *inputs)

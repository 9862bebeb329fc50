"""The Transformer against torch.nn.Transformer: the same weights, the same numbers."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tests.gallery.networks import counted
from tests.gallery.small import assert_counts, assert_same, twin_of, words

SIZES = {"vocabulary": 50, "layers": 2, "heads": 3, "width": 24, "hidden": 40}


class ByHand(nn.Module):
    """torch's encoder and decoder, without the norms that it adds at their ends and that the paper does not have."""

    def __init__(self, vocabulary: int, layers: int, heads: int, width: int, hidden: int) -> None:
        super().__init__()
        self.table = nn.Embedding(vocabulary, width)
        self.head = nn.Linear(width, vocabulary, bias=False)
        self.head.weight = self.table.weight
        sizes: dict[str, Any] = {"d_model": width, "nhead": heads, "dim_feedforward": hidden, "batch_first": True}
        self.layers = nn.Transformer(
            **sizes,
            custom_encoder=nn.TransformerEncoder(
                nn.TransformerEncoderLayer(**sizes), layers, enable_nested_tensor=False
            ),
            custom_decoder=nn.TransformerDecoder(nn.TransformerDecoderLayer(**sizes), layers),
        )

    def forward(self, source: Tensor, target: Tensor, padding: Tensor) -> Tensor:
        x = self.layers(
            self.with_places(self.table(source)),
            self.with_places(self.table(target)),
            tgt_mask=torch.ones(2 * target.shape[1:], dtype=torch.bool, device=target.device).triu(1),
            tgt_is_causal=True,
            src_key_padding_mask=padding,
            memory_key_padding_mask=padding,
        )
        logits: Tensor = self.head(x)
        return logits

    @staticmethod
    def with_places(x: Tensor) -> Tensor:
        """Vaswani et al. (2017), section 3.5: PE(pos, 2i) = sin(pos / 10000 ** (2i / d)), and its cosine beside it."""
        _, length, width = x.shape
        angles = torch.arange(length, device=x.device)[:, None] / 10000 ** (
            torch.arange(0, width, 2, device=x.device) / width
        )
        waves = torch.empty(length, width, device=x.device)
        waves[:, 0::2], waves[:, 1::2] = angles.sin(), angles.cos()
        return torch.add(x * width**0.5, waves)


def rename(key: str) -> str:
    return key.removeprefix("layers.")


@pytest.mark.parametrize(("read", "written"), [(16, 16), (9, 5), (3, 1)])
def test_is_torchs_transformer(read: int, written: int) -> None:
    theirs = ByHand(**SIZES)
    ours = twin_of(theirs, "transformer", rename, length=16, **SIZES)
    assert sorted(ours.state_dict()) == sorted(map(rename, theirs.state_dict()))
    padding = torch.arange(read) >= torch.tensor([[read], [read - 2]])
    assert_same(ours, theirs, words(50, 2, read), words(50, 2, written), padding)


# Table 3 prints 65 and 213 million; the vocabulary is one of "about 37000 tokens", section 5.1.
@pytest.mark.parametrize(
    ("variant", "params", "heads", "width", "hidden"),
    [("base", 63_082_496, 8, 512, 2048), ("big", 214_245_376, 16, 1024, 4096)],
)
def test_counts_are_those_of_torchs_transformer(variant: str, params: int, heads: int, width: int, hidden: int) -> None:
    assert counted(f"transformer:{variant}").totals.params == params
    inputs = (words(9, 1, 128), words(9, 1, 128), torch.zeros(1, 128, dtype=torch.bool))
    assert_counts(f"transformer:{variant}", lambda: ByHand(37000, 6, heads, width, hidden), *inputs)

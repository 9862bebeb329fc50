"""T5 against a module written by hand from its paper and its authors' code: the same weights, the same numbers."""

import math

import pytest
import torch
from torch import Tensor, nn

from tests.gallery.networks import counted
from tests.gallery.small import assert_counts, assert_same, twin_of, words

SIZES = {"vocabulary": 50, "layers": 2, "heads": 3, "width": 24, "head": 5, "hidden": 40}


def bucket(offset: int, causal: bool) -> int:
    """Of a key that stands `offset` after its query.

    Source: `_relative_position_bucket` of mesh_tensorflow/transformer/transformer_layers.py, 32 buckets up to 128.
    """
    buckets = 32 if causal else 16
    distance = max(-offset, 0) if causal else abs(offset)
    exact = buckets // 2
    if distance >= exact:
        distance = exact + int(math.log(distance / exact) / math.log(128 / exact) * (buckets - exact) + 1e-9)
    return min(distance, buckets - 1) + (buckets if not causal and offset > 0 else 0)


class Bias(nn.Module):
    def __init__(self, heads: int, causal: bool) -> None:
        super().__init__()
        self.relative_attention_bias = nn.Embedding(32, heads)
        self.causal = causal

    def forward(self, length: int) -> Tensor:
        numbers = [[bucket(key - query, self.causal) for key in range(length)] for query in range(length)]
        table = self.relative_attention_bias
        bias = table(torch.tensor(numbers, device=table.weight.device)).permute(2, 0, 1)
        return torch.add(bias, torch.full_like(bias, -math.inf).triu(1)) if self.causal else torch.as_tensor(bias)


class Attention(nn.Module):
    def __init__(self, width: int, heads: int, head: int) -> None:
        super().__init__()
        for name in ("query", "key", "value"):
            self.add_module(name, nn.Sequential(nn.Linear(width, heads * head, bias=False)))
        self.out = nn.Linear(heads * head, width, bias=False)
        self.heads = heads

    def forward(self, x: Tensor, memory: Tensor, bias: Tensor) -> Tensor:
        q, k, v = (
            self.get_submodule(name)(read).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for name, read in (("query", x), ("key", memory), ("value", memory))
        )
        out: Tensor = self.out(((q @ k.mT + bias).softmax(-1) @ v).transpose(1, 2).flatten(2))
        return out


class Layer(nn.Module):
    """Attention to itself, in a decoder to the memory as well, and a perceptron; each on normed values."""

    def __init__(self, decodes: bool, heads: int, width: int, head: int, hidden: int) -> None:
        super().__init__()
        self.norm1 = nn.RMSNorm(width, eps=1e-6)
        self.attention = Attention(width, heads, head)
        self.norm2 = nn.RMSNorm(width, eps=1e-6)
        if decodes:
            self.memory_attention = Attention(width, heads, head)
            self.norm3 = nn.RMSNorm(width, eps=1e-6)
        self.perceptron = nn.Sequential(
            nn.Linear(width, hidden, bias=False), nn.ReLU(), nn.Identity(), nn.Linear(hidden, width, bias=False)
        )
        self.decodes = decodes

    def forward(self, x: Tensor, bias: Tensor, memory: Tensor, hidden: Tensor) -> Tensor:
        y = self.norm1(x)
        x = x + self.attention(y, y, bias)
        y = self.norm2(x)
        if self.decodes:
            x = x + self.memory_attention(y, memory, hidden)
            y = self.norm3(x)
        return torch.add(x, self.perceptron(y))


class ByHand(nn.Module):
    def __init__(self, vocabulary: int, layers: int, heads: int, width: int, head: int, hidden: int) -> None:
        super().__init__()
        self.shared = nn.Embedding(vocabulary, width)
        self.encoder, self.decoder = (
            nn.ModuleDict(
                {
                    "bias": Bias(heads, causal=decodes),
                    "layers": nn.ModuleList(Layer(decodes, heads, width, head, hidden) for _ in range(layers)),
                    "norm": nn.RMSNorm(width, eps=1e-6),
                }
            )
            for decodes in (False, True)
        )
        self.lm_head = nn.Linear(width, vocabulary, bias=False)
        self.lm_head.weight = self.shared.weight

    def forward(self, source: Tensor, target: Tensor, mask: Tensor) -> Tensor:
        hidden = torch.zeros(mask.shape, device=mask.device).masked_fill(~mask, -math.inf)[:, None, None]
        x, y = self.shared(source), self.shared(target)
        bias, causal = self.encoder["bias"](source.shape[1]) + hidden, self.decoder["bias"](target.shape[1])
        for layer in self.encoder["layers"].children():
            x = layer(x, bias, x, hidden)
        x = self.encoder["norm"](x)
        for layer in self.decoder["layers"].children():
            y = layer(y, causal, x, hidden)
        y = self.decoder["norm"](y)
        logits: Tensor = self.lm_head(y * y.shape[-1] ** -0.5)
        return logits


@pytest.mark.parametrize(("read", "written"), [(16, 16), (140, 160), (3, 1)])
def test_is_the_module_by_hand(read: int, written: int) -> None:
    theirs = ByHand(**SIZES)
    ours = twin_of(theirs, "t5", length=16, **SIZES)
    assert sorted(ours.state_dict()) == sorted(theirs.state_dict())
    mask = torch.arange(read) < torch.tensor([[read], [read - 2]])
    assert_same(ours, theirs, words(50, 2, read), words(50, 2, written), mask)


# The released t5-small and t5-base; Raffel et al. (2020), section 3.7, prints 60 and 220 million.
@pytest.mark.parametrize(
    ("variant", "params", "layers", "heads", "width", "hidden"),
    [("small", 60_506_624, 6, 8, 512, 2048), ("base", 222_903_552, 12, 12, 768, 3072)],
)
def test_counts_are_those_of_the_module_by_hand(
    variant: str, params: int, layers: int, heads: int, width: int, hidden: int
) -> None:
    assert counted(f"t5:{variant}").totals.params == params
    inputs = (words(9, 1, 512), words(9, 1, 512), torch.ones(1, 512, dtype=torch.bool))
    assert_counts(f"t5:{variant}", lambda: ByHand(32128, layers, heads, width, 64, hidden), *inputs)

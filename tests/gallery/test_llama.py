"""Llama against a module written by hand from its papers, which turns pairs of features as complex numbers."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tests.gallery.networks import counted
from tests.gallery.small import assert_counts, assert_same, twin_of, words

# Heads of queries, and fewer of keys and values.
SIZES = [
    {"vocabulary": 50, "layers": 2, "heads": 4, "groups": groups, "width": 24, "hidden": 40, "theta": 100.0}
    for groups in (4, 2, 1)
]


def rotated(x: Tensor, theta: float) -> Tensor:
    """Su et al. (2021), equation 34: feature k and feature k + half are one number that turns; (N, H, L, E)."""
    half = x.shape[-1] // 2
    speeds = theta ** (-torch.arange(half, device=x.device) / half)
    angles = torch.arange(x.shape[-2], device=x.device)[:, None] * speeds
    turned = torch.complex(x[..., :half], x[..., half:]) * torch.polar(torch.ones_like(angles), angles)
    return torch.cat([turned.real, turned.imag], -1)


class SwiGLU(nn.Module):
    """Shazeer (2020), equation 6."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(width, hidden, bias=False)
        self.up_proj = nn.Linear(width, hidden, bias=False)
        self.down_proj = nn.Linear(hidden, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        down: Tensor = self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))
        return down


class Layer(nn.Module):
    def __init__(self, heads: int, groups: int, width: int, hidden: int, theta: float) -> None:
        super().__init__()
        self.heads, self.groups, self.theta = heads, groups, theta
        inner = groups * (width // heads)
        self.self_attn = nn.ModuleDict(
            {
                f"{name}_proj": nn.Linear(width, out, bias=False)
                for name, out in {"q": width, "k": inner, "v": inner, "o": width}.items()
            }
        )
        self.mlp: nn.Module = SwiGLU(width, hidden)
        self.input_layernorm = nn.RMSNorm(width, eps=1e-5)
        self.post_attention_layernorm = nn.RMSNorm(width, eps=1e-5)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.input_layernorm(x))
        return torch.add(x, self.mlp(self.post_attention_layernorm(x)))

    def attention(self, x: Tensor) -> Tensor:
        n, length, width = x.shape
        q, k, v = (
            self.self_attn[f"{name}_proj"](x).view(n, length, heads, width // self.heads).transpose(1, 2)
            for name, heads in (("q", self.heads), ("k", self.groups), ("v", self.groups))
        )
        q, k = rotated(q, self.theta), rotated(k, self.theta)
        k, v = (each.repeat_interleave(self.heads // self.groups, 1) for each in (k, v))
        later = torch.ones(length, length, dtype=torch.bool, device=x.device).triu(1)
        scores = (q @ k.mT / (width // self.heads) ** 0.5).masked_fill(later, float("-inf"))
        out: Tensor = self.self_attn["o_proj"]((scores.softmax(-1) @ v).transpose(1, 2).reshape(n, length, width))
        return out


class ByHand(nn.Module):
    def __init__(
        self, vocabulary: int, layers: int, heads: int, groups: int, width: int, hidden: int, theta: float
    ) -> None:
        super().__init__()
        self.model = nn.ModuleDict(
            {
                "embed_tokens": nn.Embedding(vocabulary, width),
                "layers": nn.ModuleList(Layer(heads, groups, width, hidden, theta) for _ in range(layers)),
                "norm": nn.RMSNorm(width, eps=1e-5),
            }
        )
        self.lm_head = nn.Linear(width, vocabulary, bias=False)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.model["embed_tokens"](tokens)
        for layer in self.model["layers"].children():
            x = layer(x)
        logits: Tensor = self.lm_head(self.model["norm"](x))
        return logits


@pytest.mark.parametrize("sizes", SIZES, ids=lambda sizes: f"{sizes['groups']} groups")
def test_is_the_module_by_hand(sizes: dict[str, float]) -> None:
    theirs = ByHand(**sizes)  # type: ignore[arg-type]
    ours = twin_of(theirs, "llama", context=16, **sizes)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for length in (16, 5, 1):
        assert_same(ours, theirs, words(50, 2, length))


# Touvron et al. (2023) and Meta's llama3 print 6.7B and 8B; the released weights have these.
@pytest.mark.parametrize(
    ("variant", "params", "context", "sizes"),
    [
        ("llama2_7b", 6_738_415_616, 4096, (32000, 32, 32, 32, 4096, 11008, 1e4)),
        ("llama3_8b", 8_030_261_248, 8192, (128256, 32, 32, 8, 4096, 14336, 5e5)),
    ],
)
def test_counts_are_those_of_the_module_by_hand(
    variant: str, params: int, context: int, sizes: tuple[int, int, int, int, int, int, float]
) -> None:
    assert counted(f"llama:{variant}").totals.params == params
    assert_counts(f"llama:{variant}", lambda: ByHand(*sizes), words(9, 1, context))

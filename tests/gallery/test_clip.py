"""CLIP against a module written by hand from its authors' code: the same weights, the same numbers."""

from functools import partial

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tests.gallery.networks import counted
from tests.gallery.small import assert_counts, assert_same, noise, twin_of, words

SIZES = {
    "size": 48, "patch": 16, "layers": 2, "width": 24, "vocabulary": 50, "context": 13,
    "text_layers": 3, "text_width": 16, "embedding": 12, "head": 8,
}  # fmt: skip


class Block(nn.Module):
    """Source: github.com/openai/CLIP, clip/model.py, ResidualAttentionBlock and QuickGELU."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.attn = nn.MultiheadAttention(width, heads, batch_first=True)
        self.ln_1 = nn.LayerNorm(width)
        self.mlp = nn.ModuleDict({"c_fc": nn.Linear(width, 4 * width), "c_proj": nn.Linear(4 * width, width)})
        self.ln_2 = nn.LayerNorm(width)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        y = self.ln_1(x)
        x = x + self.attn(y, y, y, need_weights=False, attn_mask=mask)[0]
        y = self.mlp["c_fc"](self.ln_2(x))
        return torch.add(x, self.mlp["c_proj"](y * torch.sigmoid(1.702 * y)))


def tower(width: int, layers: int, head: int) -> nn.ModuleDict:
    return nn.ModuleDict({"resblocks": nn.ModuleList(Block(width, width // head) for _ in range(layers))})


def climb(blocks: nn.ModuleDict, x: Tensor, mask: Tensor | None = None) -> Tensor:
    for block in blocks["resblocks"].children():
        x = block(x, mask)
    return x


class ImageTower(nn.Module):
    def __init__(self, size: int, patch: int, layers: int, width: int, embedding: int, head: int) -> None:
        super().__init__()
        self.class_embedding = nn.Parameter(torch.empty(width))
        self.positional_embedding = nn.Parameter(torch.empty((size // patch) ** 2 + 1, width))
        self.proj = nn.Parameter(torch.empty(width, embedding))
        self.conv1 = nn.Conv2d(3, width, patch, patch, bias=False)
        self.ln_pre = nn.LayerNorm(width)
        self.transformer = tower(width, layers, head)
        self.ln_post = nn.LayerNorm(width)

    def forward(self, image: Tensor) -> Tensor:
        x = self.conv1(image).flatten(2).mT
        x = torch.cat([self.class_embedding.expand(len(x), 1, -1), x], 1) + self.positional_embedding
        x = climb(self.transformer, self.ln_pre(x))
        return torch.matmul(self.ln_post(x[:, 0]), self.proj)


class ByHand(nn.Module):
    def __init__(self, **sizes: int) -> None:
        super().__init__()
        width, embedding, head = sizes["text_width"], sizes["embedding"], sizes["head"]
        image = {name: sizes[name] for name in ("size", "patch", "layers", "width", "embedding", "head")}
        self.positional_embedding = nn.Parameter(torch.empty(sizes["context"], width))
        self.text_projection = nn.Parameter(torch.empty(width, embedding))
        self.logit_scale = nn.Parameter(torch.ones(()))
        self.visual = ImageTower(**image)
        self.transformer = tower(width, sizes["text_layers"], head)
        self.token_embedding = nn.Embedding(sizes["vocabulary"], width)
        self.ln_final = nn.LayerNorm(width)

    def forward(self, image: Tensor, text: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x = self.token_embedding(text) + self.positional_embedding
        later = torch.full(2 * text.shape[1:], float("-inf"), device=x.device).triu(1)
        x = self.ln_final(climb(self.transformer, x, later))
        read = x[torch.arange(len(x), device=x.device), text.argmax(-1)] @ self.text_projection
        seen = self.visual(image)
        logits = (self.logit_scale.exp() * F.normalize(seen) @ F.normalize(read).mT).diagonal()
        return seen, read, logits


def rename(key: str) -> str:
    return "likeness.logit_scale" if key == "logit_scale" else key


def test_is_the_module_by_hand() -> None:
    theirs = ByHand(**SIZES)
    ours = twin_of(theirs, "clip", rename, **SIZES)
    assert_same(ours, theirs, noise(3, 3, 48, 48), words(50, 3, 13))


# The released ViT-B/32, ViT-B/16 and ViT-L/14.
@pytest.mark.parametrize(
    ("variant", "params", "changed"),
    [
        ("vit_b_32", 151_277_313, {}),
        ("vit_b_16", 149_620_737, {"patch": 16}),
        ("vit_l_14", 427_616_513, {"patch": 14, "layers": 24, "width": 1024, "text_width": 768, "embedding": 768}),
    ],
)
def test_counts_are_those_of_the_module_by_hand(variant: str, params: int, changed: dict[str, int]) -> None:
    sizes = {
        "size": 224, "patch": 32, "layers": 12, "width": 768, "vocabulary": 49408, "context": 77,
        "text_layers": 12, "text_width": 512, "embedding": 512, "head": 64, **changed,
    }  # fmt: skip
    assert counted(f"clip:{variant}").totals.params == params
    # Its product of every image with every text is one of an image with a text here, which counts as no layer.
    assert_counts(
        f"clip:{variant}", partial(ByHand, **sizes), (1, 3, 224, 224), words(9, 1, 77), more=sizes["embedding"]
    )

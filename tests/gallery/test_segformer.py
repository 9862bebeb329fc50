"""SegFormer, written out here from its authors' code: the same weights, the same map, the same counts."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tests.gallery.by_hand import assert_same, assert_same_counts, built, give_weights, noise
from tests.gallery.networks import counted


def as_map(rows: Tensor, like: Tensor) -> Tensor:
    return rows.transpose(1, 2).reshape(len(rows), -1, *like.shape[2:])


def as_rows(x: Tensor) -> Tensor:
    return x.flatten(2).transpose(1, 2)


class Attention(nn.Module):
    def __init__(self, width: int, heads: int, reduction: int) -> None:
        super().__init__()
        self.heads = heads
        self.q, self.kv, self.proj = nn.Linear(width, width), nn.Linear(width, 2 * width), nn.Linear(width, width)
        if reduction > 1:
            self.sr = nn.ModuleDict(
                {"conv": nn.Conv2d(width, width, reduction, reduction), "norm": nn.LayerNorm(width)}
            )

    def forward(self, rows: Tensor, like: Tensor) -> Tensor:
        n, places, width = rows.shape
        q = self.q(rows).reshape(n, places, self.heads, -1).transpose(1, 2)
        few = self.sr["norm"](as_rows(self.sr["conv"](as_map(rows, like)))) if hasattr(self, "sr") else rows
        k, v = self.kv(few).reshape(n, few.shape[1], 2, self.heads, -1).permute(2, 0, 3, 1, 4)
        weights = (q @ k.mT * (width // self.heads) ** -0.5).softmax(-1)
        attended: Tensor = self.proj((weights @ v).transpose(1, 2).reshape(n, places, width))
        return attended


class Block(nn.Module):
    def __init__(self, width: int, heads: int, reduction: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width, eps=1e-6), nn.LayerNorm(width, eps=1e-6)
        self.attn = Attention(width, heads, reduction)
        self.mlp = nn.Module()
        self.mlp.fc1, self.mlp.fc2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.mlp.dwconv = nn.ModuleDict({"conv": nn.Conv2d(4 * width, 4 * width, 3, padding=1, groups=4 * width)})

    def forward(self, rows: Tensor, like: Tensor) -> Tensor:
        part = self.mlp.get_submodule
        rows = rows + self.attn(self.norm1(rows), like)
        hidden = as_map(part("fc1")(self.norm2(rows)), like)
        return torch.add(rows, part("fc2")(F.gelu(as_rows(part("dwconv.conv")(hidden)))))


class Stage(nn.Module):
    def __init__(self, before: int, width: int, depth: int, heads: int, reduction: int, *, first: bool) -> None:
        super().__init__()
        patch, stride = (7, 4) if first else (3, 2)
        proj = nn.Conv2d(before, width, patch, stride, patch // 2)
        self.patch_embed = nn.ModuleDict({"proj": proj, "norm": nn.LayerNorm(width)})
        self.blocks = nn.ModuleList(Block(width, heads, reduction) for _ in range(depth))
        self.norm = nn.LayerNorm(width, eps=1e-6)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patch_embed["proj"](x)
        rows = self.patch_embed["norm"](as_rows(x))
        for block in self.blocks:
            rows = block(rows, x)
        return as_map(self.norm(rows), x)


class SegFormer(nn.Module):
    """github.com/NVlabs/SegFormer, backbones/mix_transformer.py and decode_heads/segformer_head.py."""

    def __init__(self, widths: tuple[int, ...], depths: tuple[int, ...], heads: tuple[int, ...], decoder: int) -> None:
        super().__init__()
        for at, sizes in enumerate(zip((3, *widths[:-1]), widths, depths, heads, (8, 4, 2, 1), strict=True)):
            setattr(self, f"stage{at + 1}", Stage(*sizes, first=at == 0))
        for at, width in enumerate(widths):
            conv = nn.Conv2d(width, decoder, 1)
            setattr(self, f"linear_c{at + 1}", conv if at == 0 else nn.ModuleDict({"proj": conv}))
        self.fuse = nn.Sequential(nn.Conv2d(4 * decoder, decoder, 1, bias=False), nn.BatchNorm2d(decoder), nn.ReLU())
        self.predict = nn.Conv2d(decoder, 150, 1)

    def forward(self, image: Tensor) -> Tensor:
        maps = [image]
        for at in range(1, 5):
            maps.append(self.get_submodule(f"stage{at}")(maps[-1]))
        quarter = maps[1].shape[2:]
        projected = [
            F.interpolate(self.get_submodule(f"linear_c{at}.proj")(maps[at]), quarter, mode="bilinear")
            for at in (4, 3, 2)
        ]
        projected.append(self.get_submodule("linear_c1")(maps[1]))
        logits: Tensor = self.predict(self.fuse(torch.cat(projected, 1)))
        return logits


SMALL = ((4, 8, 10, 16), (1, 2, 1, 1), (1, 2, 5, 8), 12)


@pytest.mark.parametrize("size", [(64, 96), (71, 90)], ids=["even", "odd"])
def test_segformer_is_the_one_by_hand(size: tuple[int, int]) -> None:
    widths, depths, heads, decoder = SMALL
    ours = built("segformer:b0", widths=[*widths], depths=[*depths], heads=[*heads], decoder=decoder)
    theirs = SegFormer(*SMALL)
    for module in ours.modules():
        if isinstance(module, nn.Dropout2d):
            module.p = 0.0
    give_weights(ours, theirs)
    assert_same(ours, theirs, *noise((2, 3, *size)), bits=False)


def test_segformer_has_the_counts_of_the_one_by_hand() -> None:
    """Table 1 prints 3.8M parameters and 8.4 GFLOPs for B0, 13.7M and 15.9 for B1, 27.5M for B2."""
    with torch.device("meta"):
        theirs = SegFormer((32, 64, 160, 256), (2, 2, 2, 2), (1, 2, 5, 8), 256)
        assert_same_counts("segformer:b0", theirs, (3, 512, 512))
    totals = [counted(f"segformer:{variant}").totals for variant in ("b0", "b1", "b2")]
    assert [f"{total.params / 1e6:.1f}" for total in totals] == ["3.8", "13.7", "27.5"]
    assert [f"{total.macs / 1e9:.1f}" for total in totals[:2]] == ["8.4", "15.9"]

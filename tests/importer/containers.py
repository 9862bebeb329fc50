"""Modules that keep others in lists of lists and in mappings, and call them one by one, as people write them."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Block(nn.Module):
    """A convolution that the time shifts."""

    def __init__(self, dim: int, dim_out: int) -> None:
        super().__init__()
        self.mlp = nn.Sequential(nn.SiLU(), nn.Linear(6, dim_out))
        self.proj = nn.Conv2d(dim, dim_out, 3, padding=1)
        self.norm = nn.GroupNorm(2, dim_out)

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        return F.silu(self.norm(self.proj(x)) + self.mlp(time)[:, :, None, None])


class Attention(nn.Module):
    """A residual of one by one."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.qkv = nn.Conv2d(dim, dim, 1)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = x + self.qkv(x)
        return made


class Denoiser(nn.Module):
    """A U-Net of a diffusion model: each level is a list, and all of them registered before the middle."""

    def __init__(self) -> None:
        super().__init__()
        pairs = [(4, 4), (4, 8)]
        self.init_conv = nn.Conv2d(3, 4, 3, padding=1)
        self.downs, self.ups = nn.ModuleList(), nn.ModuleList()
        for dim, wide in pairs:
            down = nn.Conv2d(dim, wide, 4, 2, 1) if wide == dim else nn.Conv2d(dim, wide, 3, padding=1)
            self.downs.append(nn.ModuleList([Block(dim, dim), Attention(dim), down]))
        for dim, wide in reversed(pairs):
            up = [nn.Upsample(scale_factor=2)] if wide != dim else []
            up_conv = nn.Sequential(*up, nn.Conv2d(wide, dim, 3, padding=1))
            self.ups.append(nn.ModuleList([Block(wide + dim, wide), Attention(wide), up_conv]))
        self.mid_block = Block(8, 8)
        self.mid_attn = Attention(8)
        self.final = nn.Conv2d(8, 3, 1)

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        x = start = self.init_conv(x)
        kept = []
        for level in self.downs:
            block, attention, down = level.children()
            x = attention(block(x, time))
            kept.append(x)
            x = down(x)
        x = self.mid_attn(self.mid_block(x, time))
        for level in self.ups:
            block, attention, up = level.children()
            x = torch.cat((x, kept.pop()), 1)
            x = up(attention(block(x, time)))
        made: Tensor = self.final(torch.cat((x, start), 1))
        return made


def _level(dim: int, wide: int) -> nn.ModuleDict:
    return nn.ModuleDict({"conv": nn.Conv2d(dim, wide, 3, padding=1), "norm": nn.BatchNorm2d(wide)})


class Mapped(nn.Module):
    """Mappings in a mapping whose order is not that of the flow; one of their keys is no attribute."""

    def __init__(self) -> None:
        super().__init__()
        self.enc = nn.ModuleDict({"level-1": _level(4, 8), "level-0": _level(3, 4)})
        self.mid = nn.Conv2d(8, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        conv, norm = self.enc["level-0"].children()
        x = start = F.relu(norm(conv(x)))
        conv, norm = self.enc["level-1"].children()
        x = self.mid(F.relu(conv(F.max_pool2d(x, 2))) * 2)
        x = torch.cat([F.interpolate(x, scale_factor=2), start], 1)
        made: Tensor = norm(x)
        return made


class Levels(nn.Module):
    """A mere container: the module around calls what it holds."""

    def __init__(self) -> None:
        super().__init__()
        self.level0 = nn.Conv2d(3, 4, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.level1 = nn.ModuleDict({"conv": nn.Conv2d(4, 4, 3, padding=1), "act": nn.ReLU()})


class Contained(nn.Module):
    """Calls the modules of a module that has no `forward`, between its own."""

    def __init__(self) -> None:
        super().__init__()
        self.enc = Levels()
        self.mid = nn.Conv2d(4, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        conv, act = self.enc.level1.children()
        x = self.mid(self.enc.pool(self.enc.level0(x)))
        x = self.mid(conv(x))
        made: Tensor = act(x)
        return made


class Heads(nn.Module):
    """Heads by their task, a tower and a layer for each level."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, padding=1)
        self.heads = nn.ModuleDict(
            {
                task: nn.ModuleList(
                    nn.ModuleDict({"tower": nn.Sequential(nn.Conv2d(4, 4, 1), nn.ReLU()), "pred": nn.Conv2d(4, dim, 1)})
                    for _ in range(2)
                )
                for task, dim in (("cls", 3), ("box", 4))
            }
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        x = self.stem(x)
        made = []
        for (cls, pred), (box, side) in zip(
            (level.children() for level in self.heads["cls"].children()),
            (level.children() for level in self.heads["box"].children()),
            strict=True,
        ):
            first, second = cls(x), box(x)
            made += [pred(first + second), side(first * second)]
        return made


class Gaps(nn.Module):
    """Lists in a list with modules that nobody calls: one that holds nothing, and one with weights."""

    def __init__(self) -> None:
        super().__init__()
        self.downs = nn.ModuleList(
            nn.ModuleList([nn.Conv2d(3, 3, 1), nn.Identity(), nn.Conv2d(3, 3, 1), *more])
            for more in ([nn.Conv2d(3, 3, 1)], [])
        )
        self.mid = nn.ModuleList([nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1)])

    def forward(self, x: Tensor) -> Tensor:
        for level, mid in zip(self.downs, self.mid, strict=True):
            first, _, last, *_ = level.children()
            x = mid(first(x))
            x = last(x) + x
        return x


class Scales(nn.Module):
    """A mapping by number, from which a list cannot count."""

    def __init__(self) -> None:
        super().__init__()
        self.scales = nn.ModuleDict({"8": nn.Conv2d(3, 3, 1), "4": nn.Conv2d(3, 3, 1)})
        self.mid = nn.Conv2d(3, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.scales["4"](self.mid(self.scales["8"](x)))
        return made


class Hyphens(nn.Module):
    """Names that `add_module` and mappings take, and no attribute can have."""

    def __init__(self) -> None:
        super().__init__()
        self.add_module("conv-1", nn.Conv2d(3, 4, 1))
        self.norm = nn.BatchNorm2d(4)
        self.rows = nn.ModuleDict({"row-1": nn.Conv2d(4, 4, 1), "row-2": nn.Conv2d(4, 4, 1)})

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(self.get_submodule("conv-1")(x))
        for row in self.rows.values():
            x = row(x)
        return x


class Beside(nn.ModuleDict):
    """A list by its numbers: functions, a layer and a vector that it reads late, as those of drawn specs are."""

    def __init__(self) -> None:
        super().__init__({"1": nn.Linear(4, 4)})
        self.register_parameter("2", nn.Parameter(torch.randn(4)))

    def forward(self, x: Tensor) -> Tensor:
        x = self["1"](F.elu(x))
        return torch.clamp(x - self.get_parameter("2"), -1, 1)


class Chance(nn.Module):
    """Pools over windows that chance places, by function and by module."""

    def __init__(self) -> None:
        super().__init__()
        self.pool = nn.FractionalMaxPool2d(2, output_size=2)

    def forward(self, x: Tensor) -> Tensor:
        x = F.fractional_max_pool2d(x, 3, output_size=(5, 6))
        x, _ = F.fractional_max_pool2d_with_indices(x, (2, 2), output_ratio=(0.8, 0.8))
        made: Tensor = self.pool(x)
        return made


class Scaled(nn.Module):
    """A layer and its gain."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.inner = nn.Linear(width, hidden)
        self.outer = nn.Linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.outer(F.gelu(self.inner(x)))  # type: ignore[no-any-return]


class Rounds(nn.Module):
    """Pairs of a list, the residual sums of which stand in the loop, as in many Transformers."""

    def __init__(self, depth: int = 3) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(4)
        pairs = (nn.ModuleList([Scaled(4, 8), Scaled(4, 16)]) for _ in range(depth))
        self.layers: Any = nn.ModuleList(pairs)

    def forward(self, x: Tensor) -> Tensor:
        x = x * 2
        for attn, ff in self.layers:
            x = attn(x) + x
            x = ff(x) + x
        return self.norm(x)  # type: ignore[no-any-return]


class Grown(nn.Module):
    """Rounds that differ in a number, with an op in front of the first module, and two values from outside."""

    def __init__(self) -> None:
        super().__init__()
        self.layers: Any = nn.ModuleList(
            nn.ModuleList([nn.Conv1d(4, 4, 3, padding=2**i, dilation=2**i), nn.Linear(6, 4)]) for i in range(3)
        )

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        for conv, shift in self.layers:
            h = conv(F.relu(x))
            x = x + h + shift(time)[:, :, None]
        return x


class Kept(nn.Module):
    """Rounds of which more than one value comes: no repeat."""

    def __init__(self) -> None:
        super().__init__()
        self.layers: Any = nn.ModuleList(nn.ModuleList([nn.Linear(4, 4), nn.Linear(4, 4)]) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        skips = []
        for one, two in self.layers:
            h = F.relu(one(x))
            skips.append(h)
            x = x + two(h)
        return torch.cat([x, *skips], 1)


class Called(nn.Module):
    """Rounds over mappings, called in another order than they stand in, with one dropout for all of them."""

    def __init__(self) -> None:
        super().__init__()
        self.drop = nn.Dropout(0.5)
        pairs = (nn.ModuleDict({"mlp": Scaled(4, 8), "attn": nn.Linear(4, 4)}) for _ in range(3))
        self.blocks: Any = nn.ModuleList(pairs)

    def forward(self, x: Tensor) -> Tensor:
        for block in self.blocks:
            x = x + self.drop(block["attn"](x))
            x = x + self.drop(block["mlp"](x))
        return x

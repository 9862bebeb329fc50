"""U-Nets of several kinds, written out here: the same weights, the same numbers, the same counts."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tests.gallery.by_hand import assert_same, assert_same_counts, built, give_weights, noise
from tests.gallery.networks import counted, network


def conv_norm_relu(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(before, after, 3, padding=1), nn.BatchNorm2d(after), nn.ReLU())


def twice(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(conv_norm_relu(before, after), conv_norm_relu(after, after))


class Gate(nn.Module):
    """sigmoid(psi(relu(W_g g + W_x x))) scales x."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.w_x = nn.Sequential(nn.Conv2d(channels, width, 1), nn.BatchNorm2d(width))
        self.w_g = nn.Sequential(nn.Conv2d(channels, width, 1), nn.BatchNorm2d(width))
        self.psi = nn.Sequential(nn.Conv2d(width, 1, 1), nn.BatchNorm2d(1), nn.Sigmoid())

    def forward(self, x: Tensor, g: Tensor) -> Tensor:
        alpha: Tensor = self.psi(F.relu(self.w_g(g) + self.w_x(x)))
        return x * alpha


class GatedUp(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.up = nn.Sequential(nn.Upsample(scale_factor=2), conv_norm_relu(2 * channels, channels))
        self.gate = Gate(channels, channels // 2)
        self.conv = twice(2 * channels, channels)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        x = self.up(x)
        joined: Tensor = self.conv(torch.cat([self.gate(skip, x), x], 1))
        return joined


class AttentionUNet(nn.Module):
    """github.com/LeeJunHyun/Image_Segmentation, AttU_Net."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.down1 = twice(3, width)
        for at in range(2, 6):
            setattr(self, f"down{at}", twice(2 ** (at - 2) * width, 2 ** (at - 1) * width))
        for at in range(4, 0, -1):
            setattr(self, f"up{at}", GatedUp(2 ** (at - 1) * width))
        self.out = nn.Conv2d(width, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        skips = [self.down1(x)]
        for at in range(2, 6):
            skips.append(self.get_submodule(f"down{at}")(F.max_pool2d(skips[-1], 2)))
        x = skips.pop()
        for at in range(4, 0, -1):
            x = self.get_submodule(f"up{at}")(x, skips.pop())
        score: Tensor = self.out(x)
        return score


def test_attention_unet_is_the_one_by_hand() -> None:
    ours, theirs = built("attention_unet", width=4), AttentionUNet(4)
    give_weights(ours, theirs)
    assert_same(ours, theirs, *noise((2, 3, 32, 48)))


def test_attention_unet_has_the_counts_of_the_one_by_hand() -> None:
    with torch.device("meta"):
        assert_same_counts("attention_unet", AttentionUNet(), (3, 256, 256))


class Conv3d(nn.Module):
    def __init__(self, before: int, between: int, after: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv3d(before, between, 3), nn.BatchNorm3d(between)
        self.conv2, self.bn2 = nn.Conv3d(between, after, 3), nn.BatchNorm3d(after)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))


class Up3d(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.up = nn.ConvTranspose3d(2 * channels, 2 * channels, 2, stride=2, bias=False)
        self.conv = Conv3d(3 * channels, channels, channels)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        x = self.up(x)
        d, h, w = ((have - want) // 2 for have, want in zip(skip.shape[2:], x.shape[2:], strict=True))
        skip = skip[:, :, d : d + x.shape[2], h : h + x.shape[3], w : w + x.shape[4]]
        joined: Tensor = self.conv(torch.cat([skip, x], 1))
        return joined


class UNet3D(nn.Module):
    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.down1 = Conv3d(3, width, 2 * width)
        self.down2 = Conv3d(2 * width, 2 * width, 4 * width)
        self.down3 = Conv3d(4 * width, 4 * width, 8 * width)
        self.down4 = Conv3d(8 * width, 8 * width, 16 * width)
        self.up3, self.up2, self.up1 = Up3d(8 * width), Up3d(4 * width), Up3d(2 * width)
        self.out = nn.Conv3d(2 * width, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        first = self.down1(x)
        second = self.down2(F.max_pool3d(first, 2))
        third = self.down3(F.max_pool3d(second, 2))
        x = self.down4(F.max_pool3d(third, 2))
        score: Tensor = self.out(self.up1(self.up2(self.up3(x, third), second), first))
        return score


def test_unet_3d_is_the_one_by_hand() -> None:
    ours, theirs = built("unet_3d:unet_3d", width=1), UNet3D(1)
    give_weights(ours, theirs)
    assert_same(ours, theirs, *noise((1, 3, 92, 92, 100)))


def test_unet_3d_has_the_counts_of_the_one_by_hand() -> None:
    with torch.device("meta"):
        assert_same_counts("unet_3d:unet_3d", UNet3D(), (3, 116, 132, 132))


def test_unet_3d_has_the_papers_parameters_and_sizes() -> None:
    """Section 2: "19069955 parameters in total", those of the norms left out. Figure 2: 132x132x116 to 44x44x28."""
    nodes = network("unet_3d:unet_3d").graph.nodes.values()
    norms = sum(2 * 32 * 2**at for at in (0, 1, 1, 2, 2, 3, 3, 4, 3, 3, 2, 2, 1, 1))
    assert sum(node.op.name == "batch_norm3d" for node in nodes) == 14
    assert counted("unet_3d:unet_3d").totals.params - norms == 19_069_955
    assert network("unet_3d:unet_3d").shapes["out"][0].dims == (3, 28, 44, 44)


class Residual(nn.Module):
    def __init__(self, before: int, after: int, width: int, groups: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, before, eps=1e-6)
        self.conv1 = nn.Conv2d(before, after, 3, padding=1)
        self.proj_time = nn.Linear(4 * width, after)
        self.norm2 = nn.GroupNorm(groups, after, eps=1e-6)
        self.conv2 = nn.Conv2d(after, after, 3, padding=1)
        if before != after:
            self.shortcut = nn.Conv2d(before, after, 1)

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        y = self.conv1(F.silu(self.norm1(x))) + self.proj_time(F.silu(time))[:, :, None, None]
        y = self.conv2(F.silu(self.norm2(y)))
        return torch.add(self.shortcut(x) if hasattr(self, "shortcut") else x, y)


class Attention(nn.Module):
    def __init__(self, channels: int, groups: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(groups, channels, eps=1e-6)
        for name in "qkv":
            setattr(self, name, nn.ModuleDict({"conv": nn.Conv2d(channels, channels, 1)}))
        self.proj_out = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        n, c, h, w = x.shape
        normed = self.norm(x)
        q, k, v = (self.get_submodule(name).get_submodule("conv")(normed).reshape(n, c, h * w) for name in "qkv")
        weights = (torch.einsum("nci,ncj->nij", q, k) * c**-0.5).softmax(-1)
        return torch.add(x, self.proj_out(torch.einsum("nij,ncj->nci", weights, v).reshape(n, c, h, w)))


class DDPM(nn.Module):
    """github.com/hojonathanho/diffusion, models/unet.py, for 32x32 images."""

    def __init__(self, width: int = 128, groups: int = 32) -> None:
        super().__init__()
        self.width, widths = width, [width, 2 * width, 2 * width, 2 * width]
        self.embed = nn.ModuleDict({"fc1": nn.Linear(width, 4 * width), "fc2": nn.Linear(4 * width, 4 * width)})
        self.conv_in = nn.Conv2d(3, width, 3, padding=1)
        skips = [width]
        for at, after in enumerate(widths, 1):
            down = nn.Module()
            for block, before in ((1, skips[-1]), (2, after)):
                setattr(down, f"block{block}", Residual(before, after, width, groups))
                if at == 2:
                    setattr(down, f"attn{block}", Attention(after, groups))
                skips.append(after)
            if at < 4:
                down.downsample = nn.ModuleDict({"conv": nn.Conv2d(after, after, 3, stride=2)})
                skips.append(after)
            setattr(self, f"down{at}", down)
        self.mid_block1 = Residual(2 * width, 2 * width, width, groups)
        self.mid_attn = Attention(2 * width, groups)
        self.mid_block2 = Residual(2 * width, 2 * width, width, groups)
        before = 2 * width
        for at in (4, 3, 2, 1):
            up, after = nn.Module(), widths[at - 1]
            for block in (1, 2, 3):
                setattr(up, f"block{block}", Residual(before + skips.pop(), after, width, groups))
                if at == 2:
                    setattr(up, f"attn{block}", Attention(after, groups))
                before = after
            if at > 1:
                up.upsample = nn.ModuleDict({"conv": nn.Conv2d(after, after, 3, padding=1)})
            setattr(self, f"up{at}", up)
        self.norm_out = nn.GroupNorm(groups, width, eps=1e-6)
        self.conv_out = nn.Conv2d(width, 3, 3, padding=1)

    def level(self, name: str, x: Tensor, time: Tensor, skips: list[Tensor]) -> Tensor:
        """The blocks of a level, with what they leave for the way up or take from the way down."""
        parts = dict(self.get_submodule(name).named_children())
        for block in (1, 2, 3) if name.startswith("up") else (1, 2):
            x = torch.cat([x, skips.pop()], 1) if name.startswith("up") else x
            x = parts[f"block{block}"](x, time)
            x = parts[f"attn{block}"](x) if f"attn{block}" in parts else x
            if name.startswith("down"):
                skips.append(x)
        if "downsample" in parts:
            x = parts["downsample"].get_submodule("conv")(F.pad(x, (0, 1, 0, 1)))
            skips.append(x)
        if "upsample" in parts:
            x = parts["upsample"].get_submodule("conv")(F.interpolate(x, scale_factor=2))
        return x

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        half = self.width // 2
        angles = t.float()[:, None] * torch.exp(torch.arange(half, device=t.device) * (-math.log(10000) / (half - 1)))
        time = torch.cat([angles.sin(), angles.cos()], 1)
        time = self.embed["fc2"](F.silu(self.embed["fc1"](time)))
        x = self.conv_in(x)
        skips = [x]
        for at in (1, 2, 3, 4):
            x = self.level(f"down{at}", x, time, skips)
        x = self.mid_block2(self.mid_attn(self.mid_block1(x, time)), time)
        for at in (4, 3, 2, 1):
            x = self.level(f"up{at}", x, time, skips)
        assert skips == []
        predicted: Tensor = self.conv_out(F.silu(self.norm_out(x)))
        return predicted


def test_ddpm_unet_is_the_one_by_hand() -> None:
    ours, theirs = built("ddpm_unet", width=8, groups=4), DDPM(8, 4)
    give_weights(ours, theirs)
    assert_same(ours, theirs, *noise((2, 3, 32, 32)), torch.tensor([0, 999]), bits=False)


def test_ddpm_unet_has_the_counts_of_the_one_by_hand() -> None:
    """Appendix B: "our CIFAR10 model has 35.7 million parameters"."""
    with torch.device("meta"):
        assert_same_counts("ddpm_unet", DDPM(), (3, 32, 32), ())
    assert f"{counted('ddpm_unet').totals.params / 1e6:.1f}" == "35.7"


class VNetConv(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv3d(channels, channels, 5, padding=2), nn.BatchNorm3d(channels)
        self.relu1 = nn.PReLU(channels)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.relu1(self.bn1(self.conv1(x)))
        return y


class VNetDown(nn.Module):
    def __init__(self, before: int, depth: int) -> None:
        super().__init__()
        after = 2 * before
        self.down_conv, self.bn1 = nn.Conv3d(before, after, 2, stride=2), nn.BatchNorm3d(after)
        self.relu1, self.relu2 = nn.PReLU(after), nn.PReLU(after)
        self.ops = nn.Sequential(*(VNetConv(after) for _ in range(depth)))

    def forward(self, x: Tensor) -> Tensor:
        down = self.relu1(self.bn1(self.down_conv(x)))
        y: Tensor = self.relu2(self.ops(down) + down)
        return y


class VNetUp(nn.Module):
    def __init__(self, before: int, after: int, depth: int) -> None:
        super().__init__()
        half = after // 2
        self.up_conv, self.bn1 = nn.ConvTranspose3d(before, half, 2, stride=2), nn.BatchNorm3d(half)
        self.relu1, self.relu2 = nn.PReLU(half), nn.PReLU(after)
        self.ops = nn.Sequential(*(VNetConv(after) for _ in range(depth)))

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        joined = torch.cat([self.relu1(self.bn1(self.up_conv(x))), skip], 1)
        y: Tensor = self.relu2(self.ops(joined) + joined)
        return y


class VNet(nn.Module):
    """github.com/mattmacy/vnet.pytorch, vnet.py, without its dropouts, which the paper does not have."""

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        first = {"conv1": nn.Conv3d(1, width, 5, padding=2), "bn1": nn.BatchNorm3d(width), "relu1": nn.PReLU(width)}
        self.in_tr = nn.ModuleDict(first)
        for at, depth in enumerate((1, 2, 3, 2)):
            setattr(self, f"down_tr{32 * 2**at}", VNetDown(width * 2**at, depth))
        for name, before, after, depth in ((256, 16, 16, 2), (128, 16, 8, 2), (64, 8, 4, 1), (32, 4, 2, 1)):
            setattr(self, f"up_tr{name}", VNetUp(before * width, after * width, depth))
        self.out_tr = nn.Sequential()
        self.out_tr.add_module("conv1", nn.Conv3d(2 * width, 2, 5, padding=2))
        self.out_tr.add_module("bn1", nn.BatchNorm3d(2))
        self.out_tr.add_module("relu1", nn.PReLU(2))
        self.out_tr.add_module("conv2", nn.Conv3d(2, 2, 1))

    def forward(self, x: Tensor) -> Tensor:
        parts = self.in_tr
        y = parts["bn1"](parts["conv1"](x))
        maps = [parts["relu1"](y + torch.cat([x] * y.shape[1], 1))]
        for at in (32, 64, 128, 256):
            maps.append(self.get_submodule(f"down_tr{at}")(maps[-1]))
        y = maps.pop()
        for at in (256, 128, 64, 32):
            y = self.get_submodule(f"up_tr{at}")(y, maps.pop())
        scores: Tensor = self.out_tr(y)
        return scores


def test_vnet_is_the_one_by_hand() -> None:
    ours, theirs = built("vnet", width=2), VNet(2)
    give_weights(ours, theirs)
    assert_same(ours, theirs, *noise((2, 1, 32, 16, 16)), bits=False)


def test_vnet_has_the_counts_of_the_one_by_hand() -> None:
    with torch.device("meta"):
        assert_same_counts("vnet", VNet(), (1, 64, 128, 128))

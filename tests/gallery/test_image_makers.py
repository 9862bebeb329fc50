"""Networks that make images, written out here from their authors' code: the same weights, numbers and counts."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tests.gallery.by_hand import assert_same, assert_same_counts, built, give_weights, noise
from tests.gallery.networks import counted


class ResnetBlock(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for _ in range(2):
            layers += [nn.ReflectionPad2d(1), nn.Conv2d(channels, channels, 3), nn.InstanceNorm2d(channels), nn.ReLU()]
        self.conv_block = nn.Sequential(*layers[:-1])

    def forward(self, x: Tensor) -> Tensor:
        return torch.add(x, self.conv_block(x))


def cyclegan(blocks: int, width: int = 64) -> nn.Sequential:
    """github.com/junyanz/pytorch-CycleGAN-and-pix2pix, models/networks.py, ResnetGenerator."""
    layers: list[nn.Module] = [
        nn.ReflectionPad2d(3),
        nn.Conv2d(3, width, 7),
        nn.InstanceNorm2d(width),
        nn.ReLU(),
    ]
    for channels in (width, 2 * width):
        down = nn.Conv2d(channels, 2 * channels, 3, stride=2, padding=1)
        layers += [down, nn.InstanceNorm2d(2 * channels), nn.ReLU()]
    layers += [ResnetBlock(4 * width) for _ in range(blocks)]
    for channels in (4 * width, 2 * width):
        up = nn.ConvTranspose2d(channels, channels // 2, 3, stride=2, padding=1, output_padding=1)
        layers += [up, nn.InstanceNorm2d(channels // 2), nn.ReLU()]
    return nn.Sequential(*layers, nn.ReflectionPad2d(3), nn.Conv2d(width, 3, 7), nn.Tanh())


def as_one_sequence(blocks: int) -> dict[str, int]:
    """Where each part of ours starts in the one sequence of theirs."""
    return {"encoder": 0, "transformer": 10, "decoder": 10 + blocks}


@pytest.mark.parametrize("size", [(32, 32), (45, 30)], ids=["square", "odd"])
def test_cyclegan_generator_is_the_one_by_hand(size: tuple[int, int]) -> None:
    ours, theirs = built("cyclegan_generator:resnet_6blocks", blocks=2, width=4), cyclegan(2, 4)
    starts = as_one_sequence(2)

    def rename(key: str) -> str:
        part, at, *rest = key.split(".")
        return ".".join((str(starts[part] + int(at)), *rest))

    give_weights(ours, theirs, rename)
    assert_same(ours, theirs, *noise((2, 3, *size)))


def test_cyclegan_generator_has_the_counts_of_the_one_by_hand() -> None:
    """The authors' code prints 11.378M parameters for nine blocks."""
    with torch.device("meta"):
        assert_same_counts("cyclegan_generator:resnet_9blocks", cyclegan(2), (3, 256, 256), blocks="2")
    assert f"{counted('cyclegan_generator:resnet_9blocks').totals.params / 1e6:.3f}" == "11.378"


class SRBlock(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1, self.bn1, self.prelu = nn.Conv2d(width, width, 3, padding=1), nn.BatchNorm2d(width), nn.PReLU()
        self.conv2, self.bn2 = nn.Conv2d(width, width, 3, padding=1), nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        return torch.add(x, self.bn2(self.conv2(self.prelu(self.bn1(self.conv1(x))))))


class SubPixel(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv, self.prelu = nn.Conv2d(width, 4 * width, 3, padding=1), nn.PReLU()

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        n, c, h, w = y.shape
        y = y.view(n, c // 4, 2, 2, h, w).permute(0, 1, 4, 2, 5, 3).reshape(n, c // 4, 2 * h, 2 * w)
        shuffled: Tensor = self.prelu(y)
        return shuffled


class SRResNet(nn.Module):
    def __init__(self, width: int = 64, blocks: int = 16) -> None:
        super().__init__()
        self.conv_in, self.prelu = nn.Conv2d(3, width, 9, padding=4), nn.PReLU()
        self.body = nn.Sequential(*(SRBlock(width) for _ in range(blocks)))
        self.conv_body, self.bn_body = nn.Conv2d(width, width, 3, padding=1), nn.BatchNorm2d(width)
        self.upscale = nn.Sequential(SubPixel(width), SubPixel(width))
        self.conv_out = nn.Conv2d(width, 3, 9, padding=4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.prelu(self.conv_in(x))
        image: Tensor = self.conv_out(self.upscale(x + self.bn_body(self.conv_body(self.body(x)))))
        return image


def test_srresnet_is_the_one_by_hand() -> None:
    ours, theirs = built("srresnet", width=8, blocks=2), SRResNet(8, 2)
    give_weights(ours, theirs)
    assert_same(ours, theirs, *noise((2, 3, 12, 17)))


def test_srresnet_has_the_counts_of_the_one_by_hand() -> None:
    with torch.device("meta"):
        assert_same_counts("srresnet", SRResNet(), (3, 96, 96))


class ResidualDense(nn.Module):
    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        for at in range(5):
            after = growth if at < 4 else width
            setattr(self, f"conv{at + 1}", nn.Conv2d(width + at * growth, after, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        maps = [x]
        for at in range(4):
            maps.append(F.leaky_relu(self.get_submodule(f"conv{at + 1}")(torch.cat(maps, 1)), 0.2))
        last: Tensor = self.get_submodule("conv5")(torch.cat(maps, 1))
        return last * 0.2 + x


class RRDB(nn.Module):
    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        self.rdb1, self.rdb2, self.rdb3 = (ResidualDense(width, growth) for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        last: Tensor = self.rdb3(self.rdb2(self.rdb1(x)))
        return last * 0.2 + x


class RRDBNet(nn.Module):
    """github.com/XPixelGroup/BasicSR, archs/rrdbnet_arch.py: the same names of parameters."""

    def __init__(self, blocks: int = 23, width: int = 64, growth: int = 32, unshuffle: int = 1) -> None:
        super().__init__()
        self.unshuffle = unshuffle
        self.conv_first = nn.Conv2d(3 * unshuffle**2, width, 3, padding=1)
        self.body = nn.Sequential(*(RRDB(width, growth) for _ in range(blocks)))
        for name in ("conv_body", "conv_up1", "conv_up2", "conv_hr"):
            setattr(self, name, nn.Conv2d(width, width, 3, padding=1))
        self.conv_last = nn.Conv2d(width, 3, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv_first(F.pixel_unshuffle(x, self.unshuffle))
        x = x + self.get_submodule("conv_body")(self.body(x))
        for name in ("conv_up1", "conv_up2"):
            x = F.leaky_relu(self.get_submodule(name)(F.interpolate(x, scale_factor=2, mode="nearest")), 0.2)
        image: Tensor = self.conv_last(F.leaky_relu(self.get_submodule("conv_hr")(x), 0.2))
        return image


@pytest.mark.parametrize(("variant", "unshuffle"), [("x4plus", 1), ("x2plus", 2)])
def test_esrgan_is_the_one_by_hand(variant: str, unshuffle: int) -> None:
    ours, theirs = built(f"esrgan:{variant}", blocks=2, width=8, growth=4), RRDBNet(2, 8, 4, unshuffle)
    give_weights(ours, theirs)
    assert_same(ours, theirs, *noise((2, 3, 12, 18)))


def test_esrgan_has_the_counts_of_the_one_by_hand() -> None:
    """MACs with two blocks, since counting live modules takes long; parameters with all."""
    with torch.device("meta"):
        assert_same_counts("esrgan:x4plus", RRDBNet(2), (3, 128, 128), blocks="2")
        assert_same_counts("esrgan:x2plus", RRDBNet(2, unshuffle=2), (3, 128, 128), blocks="2")
        full = sum(parameter.numel() for parameter in RRDBNet().parameters())
    assert counted("esrgan:x4plus").totals.params == full == 16_697_987

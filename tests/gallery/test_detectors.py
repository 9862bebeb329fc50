"""Detectors, written out here: the same weights, the same maps, the same counts."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tests.gallery.by_hand import assert_same, assert_same_counts, built, give_weights, noise


class DarkConv(nn.Module):
    def __init__(self, before: int, after: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(before, after, kernel, stride, kernel // 2, bias=False)
        self.bn = nn.BatchNorm2d(after)

    def forward(self, x: Tensor) -> Tensor:
        return F.leaky_relu(self.bn(self.conv(x)), 0.1)


class DarkResidual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1, self.conv2 = DarkConv(channels, channels // 2, 1), DarkConv(channels // 2, channels, 3)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv2(self.conv1(x))


class DarkStage(nn.Module):
    def __init__(self, channels: int, depth: int) -> None:
        super().__init__()
        self.conv_down = DarkConv(channels // 2, channels, 3, 2)
        self.blocks = nn.Sequential(*(DarkResidual(channels) for _ in range(depth)))

    def forward(self, x: Tensor) -> Tensor:
        down: Tensor = self.blocks(self.conv_down(x))
        return down


def neck(before: int, channels: int) -> nn.Sequential:
    sizes = [before, channels, 2 * channels, channels, 2 * channels, channels]
    return nn.Sequential(*(DarkConv(sizes[at], sizes[at + 1], 3 if at % 2 else 1) for at in range(5)))


class YOLOv3(nn.Module):
    """cfg/yolov3.cfg of github.com/pjreddie/darknet."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = nn.ModuleDict(
            {
                "stem": nn.ModuleDict({"conv1": DarkConv(3, 32, 3)}),
                "stages": nn.ModuleList(DarkStage(64 * 2**at, depth) for at, depth in enumerate((1, 2, 8, 8, 4))),
            }
        )
        self.neck5, self.neck4, self.neck3 = neck(1024, 512), neck(768, 256), neck(384, 128)
        self.up4 = nn.ModuleDict({"conv": DarkConv(512, 256, 1)})
        self.up3 = nn.ModuleDict({"conv": DarkConv(256, 128, 1)})
        for at, channels in ((3, 128), (4, 256), (5, 512)):
            setattr(self, f"p{at}", nn.Sequential(DarkConv(channels, 2 * channels, 3), nn.Conv2d(2 * channels, 255, 1)))

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        maps = [self.backbone.get_submodule("stem.conv1")(image)]
        for stage in self.backbone["stages"].children():
            maps.append(stage(maps[-1]))
        five = self.neck5(maps[5])
        four = self.neck4(torch.cat([F.interpolate(self.up4["conv"](five), scale_factor=2), maps[4]], 1))
        three = self.neck3(torch.cat([F.interpolate(self.up3["conv"](four), scale_factor=2), maps[3]], 1))
        return self.p3(three), self.p4(four), self.p5(five)


def test_yolo_v3_is_the_one_by_hand() -> None:
    ours, theirs = built("yolo_v3"), YOLOv3()
    give_weights(ours, theirs)
    assert_same(ours, theirs, *noise((2, 3, 64, 96)))


def test_yolo_v3_has_the_counts_of_the_one_by_hand() -> None:
    with torch.device("meta"):
        assert_same_counts("yolo_v3", YOLOv3(), (3, 416, 416))

"""Detectors, written out here: the same weights, the same maps, the same counts."""

from types import ModuleType

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tests.gallery.by_hand import assert_same, assert_same_counts, built, give_weights, noise
from tests.gallery.networks import counted


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
        return torch.add(x, self.conv2(self.conv1(x)))


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
        heads = (self.get_submodule(f"p{at}") for at in (3, 4, 5))
        p3, p4, p5 = (head(each) for head, each in zip(heads, (three, four, five), strict=True))
        return p3, p4, p5


def test_yolo_v3_is_the_one_by_hand() -> None:
    ours, theirs = built("yolo_v3"), YOLOv3()
    give_weights(ours, theirs)
    assert_same(ours, theirs, *noise((2, 3, 64, 96)))


def test_yolo_v3_has_the_counts_of_the_one_by_hand() -> None:
    with torch.device("meta"):
        assert_same_counts("yolo_v3", YOLOv3(), (3, 416, 416))


class DETR(nn.Module):
    """The listing of appendix A.6, with torch's own Transformer, batch before places."""

    def __init__(self, backbone: nn.Module, encoders: int, decoders: int) -> None:
        super().__init__()
        self.backbone, self.conv = backbone, nn.Conv2d(2048, 256, 1)
        self.transformer = nn.Transformer(256, 8, encoders, decoders, batch_first=True)
        self.linear_class, self.linear_bbox = nn.Linear(256, 92), nn.Linear(256, 4)
        self.query_pos = nn.Parameter(torch.rand(100, 256))
        self.row_embed, self.col_embed = nn.Parameter(torch.rand(50, 128)), nn.Parameter(torch.rand(50, 128))

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        parts = dict(self.backbone.named_children())
        x = image
        for name in ("conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4"):
            x = parts[name](x)
        h = self.conv(x)
        height, width = h.shape[-2:]
        places = torch.cat(
            [
                self.col_embed[:width].unsqueeze(0).repeat(height, 1, 1),
                self.row_embed[:height].unsqueeze(1).repeat(1, width, 1),
            ],
            dim=-1,
        ).flatten(0, 1)
        queries = self.query_pos.unsqueeze(0).repeat(len(image), 1, 1)
        h = self.transformer(places + 0.1 * h.flatten(2).transpose(1, 2), queries)
        return self.linear_class(h), self.linear_bbox(h).sigmoid()


def detr(torchvision: ModuleType, depths: list[int], encoders: int, decoders: int) -> DETR:
    resnet = torchvision.models.resnet
    backbone = resnet.ResNet(resnet.Bottleneck, depths)
    del backbone.fc
    return DETR(backbone, encoders, decoders)


def test_detr_is_the_papers_listing(torchvision: ModuleType) -> None:
    ours = built("detr", depths=[1, 1, 1, 1], encoders=2, decoders=2)
    theirs = detr(torchvision, [1, 1, 1, 1], 2, 2)
    give_weights(ours, theirs)
    for size in ((64, 96), (97, 64)):
        image = noise((2, 3, *size))
        with torch.no_grad():
            found, expected = ours(*image), theirs.eval()(*image)
        for one, other in zip(found, expected, strict=True):
            torch.testing.assert_close(one, other)


def test_detr_has_the_parameters_of_the_papers_listing(torchvision: ModuleType) -> None:
    with torch.device("meta"):
        theirs = detr(torchvision, [3, 4, 6, 3], 6, 6)
    assert counted("detr").totals.params == sum(parameter.numel() for parameter in theirs.parameters())


class Fusion(nn.Module):
    """Fast normalised fusion, then swish and a separable convolution."""

    def __init__(self, count: int, channels: int) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.ones(count))
        self.conv = nn.ModuleDict(
            {
                "depthwise": nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False),
                "pointwise": nn.Conv2d(channels, channels, 1),
                "bn": nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01),
            }
        )

    def forward(self, *maps: Tensor) -> Tensor:
        weights = F.relu(self.weights)
        weights = weights / (weights.sum() + 1e-4)
        x = F.silu(sum((weight * each for weight, each in zip(weights, maps, strict=True)), torch.zeros(())))
        for part in self.conv.values():
            x = part(x)
        return x


class Layer(nn.Module):
    """github.com/zylo117/Yet-Another-EfficientDet-Pytorch, efficientdet/model.py, BiFPN._forward_fast_attention."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        for name in ("td6", "td5", "td4", "out3", "out7"):
            setattr(self, name, Fusion(2, channels))
        for name in ("out4", "out5", "out6"):
            setattr(self, name, Fusion(3, channels))

    def forward(self, *maps: Tensor) -> list[Tensor]:
        parts = dict(self.named_children())
        down = {7: maps[4]}
        for at in (6, 5, 4, 3):
            name = "out3" if at == 3 else f"td{at}"
            down[at] = parts[name](maps[at - 3], F.interpolate(down[at + 1], scale_factor=2))
        found = [down[3]]
        for at in (4, 5, 6, 7):
            pooled = F.max_pool2d(found[-1], 3, 2, 1)
            found.append(parts[f"out{at}"](*((maps[at - 3], pooled) if at == 7 else (maps[at - 3], down[at], pooled))))
        return found


class BiFPN(nn.Module):
    def __init__(self, torchvision: ModuleType, channels: int, repeats: int) -> None:
        super().__init__()
        features = torchvision.models.efficientnet_b0(stochastic_depth_prob=0.0).features
        self.backbone = nn.ModuleDict({"features": features[:8]})
        for name, before in (("lateral3", 40), ("lateral4", 112), ("lateral5", 320), ("lateral6", 320)):
            norm = nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)
            setattr(self, name, nn.Sequential(nn.Conv2d(before, channels, 1), norm))
        self.bifpn = nn.ModuleList(Layer(channels) for _ in range(repeats))

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        parts, x = dict(self.named_children()), image
        maps: list[Tensor] = []
        for at, stage in enumerate(self.backbone["features"].children()):
            x = stage(x)
            if at in (3, 5, 7):
                maps.append(parts[f"lateral{3 + len(maps)}"](x))
        maps.append(F.max_pool2d(parts["lateral6"](x), 3, 2, 1))
        maps.append(F.max_pool2d(maps[-1], 3, 2, 1))
        for layer in self.bifpn:
            maps = layer(*maps)
        return tuple(maps)


def test_bifpn_is_the_one_by_hand(torchvision: ModuleType) -> None:
    ours, theirs = built("bifpn", channels=8, repeats=2), BiFPN(torchvision, 8, 2)
    give_weights(ours, theirs)
    (image,) = noise((1, 3, 128, 256))
    with torch.no_grad():
        found, expected = ours(image), theirs.eval()(image)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other)


def test_bifpn_has_the_parameters_of_the_one_by_hand(torchvision: ModuleType) -> None:
    with torch.device("meta"):
        theirs = BiFPN(torchvision, 64, 3)
    assert counted("bifpn").totals.params == sum(parameter.numel() for parameter in theirs.parameters())

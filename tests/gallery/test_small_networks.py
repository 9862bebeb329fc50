"""Networks of few lines, written out here from their authors' code: the same weights, the same numbers and counts."""

from itertools import pairwise

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tests.gallery.by_hand import assert_same, assert_same_counts, built, give_weights, noise
from tests.gallery.networks import counted


class VAE(nn.Module):
    """github.com/pytorch/examples, vae/main.py; fc21 is the mean, fc22 the logarithm of the variance."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1, self.fc21, self.fc22 = nn.Linear(784, 400), nn.Linear(400, 20), nn.Linear(400, 20)
        self.fc3, self.fc4 = nn.Linear(20, 400), nn.Linear(400, 784)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        h = F.relu(self.fc1(x.view(-1, 784)))
        mean, log_variance = self.fc21(h), self.fc22(h)
        std = torch.exp(0.5 * log_variance)
        z = mean + torch.randn_like(std) * std
        return torch.sigmoid(self.fc4(F.relu(self.fc3(z)))).view(-1, 1, 28, 28), mean, log_variance


def as_in_the_example(key: str) -> str:
    """`encoder.mean.bias` -> `fc21.bias`."""
    names = {
        "encoder.fc1": "fc1",
        "encoder.mean": "fc21",
        "encoder.log_variance": "fc22",
        "decoder.fc1": "fc3",
        "decoder.fc2": "fc4",
    }
    layer, _, tensor = key.rpartition(".")
    return f"{names[layer]}.{tensor}"


def test_vae_draws_as_the_example_does() -> None:
    ours, theirs = built("vae"), VAE()
    give_weights(ours, theirs, as_in_the_example)
    (x,) = noise((3, 1, 28, 28))
    with torch.no_grad():
        torch.manual_seed(3)
        found = ours(x)
        torch.manual_seed(3)
        expected = theirs(x)
        other = theirs(x)
    assert all(map(torch.equal, found, expected))
    assert not torch.equal(expected[0], other[0])


def test_vae_has_the_counts_of_the_example() -> None:
    with torch.device("meta"):
        assert_same_counts("vae", VAE(), (1, 28, 28))


def point_mlp(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv1d(before, after, 1), nn.BatchNorm1d(after), nn.ReLU())


def point_fc(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(before, after), nn.BatchNorm1d(after), nn.ReLU())


class TNet(nn.Module):
    def __init__(self, k: int) -> None:
        super().__init__()
        self.k = k
        self.mlp1, self.mlp2, self.mlp3 = (point_mlp(*sizes) for sizes in pairwise((k, 64, 128, 1024)))
        self.fc1, self.fc2 = point_fc(1024, 512), point_fc(512, 256)
        self.fc3 = nn.Linear(256, k * k)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        y = self.mlp3(self.mlp2(self.mlp1(x))).max(2).values
        matrix = self.fc3(self.fc2(self.fc1(y))).view(-1, self.k, self.k) + torch.eye(self.k, device=y.device)
        return (x.transpose(1, 2) @ matrix).transpose(1, 2), matrix


class PointNet(nn.Module):
    """github.com/charlesq34/pointnet, models/pointnet_cls.py; channels before points."""

    def __init__(self) -> None:
        super().__init__()
        self.input_transform = TNet(3)
        self.mlp1, self.mlp2 = point_mlp(3, 64), point_mlp(64, 64)
        self.feature_transform = TNet(64)
        self.mlp3, self.mlp4, self.mlp5 = point_mlp(64, 64), point_mlp(64, 128), point_mlp(128, 1024)
        self.fc1, self.fc2, self.fc3 = point_fc(1024, 512), point_fc(512, 256), nn.Linear(256, 40)

    def forward(self, cloud: Tensor) -> tuple[Tensor, Tensor]:
        x, _ = self.input_transform(cloud)
        x, matrix = self.feature_transform(self.mlp2(self.mlp1(x)))
        x = self.mlp5(self.mlp4(self.mlp3(x))).max(2).values
        return self.fc3(self.fc2(self.fc1(x))), matrix


@pytest.mark.parametrize("points", [1, 50])
def test_pointnet_is_the_one_by_hand(points: int) -> None:
    ours, theirs = built("pointnet:pointnet"), PointNet()
    give_weights(ours, theirs)
    assert_same(ours, theirs, *noise((3, 3, points)), bits=False)


def test_pointnet_does_not_mind_the_order_of_points() -> None:
    ours = built("pointnet:pointnet")
    (cloud,) = noise((2, 3, 40))
    with torch.no_grad():
        torch.testing.assert_close(ours(cloud)[0], ours(cloud.flip(2))[0])


def test_pointnet_has_the_counts_of_the_one_by_hand() -> None:
    """Table 6 prints 3.5M parameters, and 0.8M without the T-Nets."""
    with torch.device("meta"):
        assert_same_counts("pointnet:pointnet", PointNet(), (3, 1024))
    full, vanilla = (counted(f"pointnet:{variant}").totals.params for variant in ("pointnet", "vanilla"))
    assert [f"{params / 1e6:.1f}" for params in (full, vanilla)] == ["3.5", "0.8"]


class ChannelGate(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Flatten(), nn.Linear(channels, channels // 16), nn.ReLU(), nn.Linear(channels // 16, channels)
        )

    def forward(self, x: Tensor) -> Tensor:
        size = x.shape[2:]
        scores = self.mlp(F.avg_pool2d(x, size)) + self.mlp(F.max_pool2d(x, size))
        return x * torch.sigmoid(scores)[:, :, None, None]


class SpatialGate(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.bn = nn.Conv2d(2, 1, 7, padding=3, bias=False), nn.BatchNorm2d(1, momentum=0.01)

    def forward(self, x: Tensor) -> Tensor:
        both = torch.cat([x.max(1, keepdim=True).values, x.mean(1, keepdim=True)], 1)
        return x * torch.sigmoid(self.bn(self.conv(both)))


class CBAMBlock(nn.Module):
    """A block of a ResNet with both gates before the sum: convolutions of `widths` channels and `kernels`."""

    def __init__(self, before: int, widths: tuple[int, ...], kernels: tuple[int, ...], stride: int) -> None:
        super().__init__()
        self.layers, strided = len(widths), kernels.index(3)
        for at, ((have, want), kernel) in enumerate(zip(pairwise((before, *widths)), kernels, strict=True)):
            step = stride if at == strided else 1
            setattr(self, f"conv{at + 1}", nn.Conv2d(have, want, kernel, step, kernel // 2, bias=False))
            setattr(self, f"bn{at + 1}", nn.BatchNorm2d(want))
        self.channel_gate, self.spatial_gate = ChannelGate(widths[-1]), SpatialGate()
        self.downsample = nn.Sequential()
        if stride != 1 or before != widths[-1]:
            self.downsample = nn.Sequential(
                nn.Conv2d(before, widths[-1], 1, stride, bias=False), nn.BatchNorm2d(widths[-1])
            )

    def forward(self, x: Tensor) -> Tensor:
        y = x
        for at in range(1, self.layers + 1):
            y = self.get_submodule(f"bn{at}")(self.get_submodule(f"conv{at}")(y))
            y = F.relu(y) if at < self.layers else y
        return F.relu(self.spatial_gate(self.channel_gate(y)) + self.downsample(x))


class CBAMResNet(nn.Module):
    """github.com/Jongchan/attention-module, MODELS/model_resnet.py."""

    def __init__(self, depths: tuple[int, ...], *, bottleneck: bool) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)
        before = 64
        for at, depth in enumerate(depths):
            width, blocks = 64 * 2**at, []
            for block in range(depth):
                widths = (width, width, 4 * width) if bottleneck else (width, width)
                kernels = (1, 3, 1) if bottleneck else (3, 3)
                blocks.append(CBAMBlock(before, widths, kernels, 2 if at > 0 and block == 0 else 1))
                before = widths[-1]
            setattr(self, f"layer{at + 1}", nn.Sequential(*blocks))
        self.fc = nn.Linear(before, 1000)

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        for at in range(1, 5):
            x = self.get_submodule(f"layer{at}")(x)
        logits: Tensor = self.fc(x.mean((2, 3)))
        return logits


@pytest.mark.parametrize(("variant", "bottleneck"), [("cbam_resnet18", False), ("cbam_resnet50", True)])
def test_cbam_resnet_is_the_one_by_hand(variant: str, bottleneck: bool) -> None:
    ours, theirs = built(f"cbam_resnet:{variant}", depths=[1, 2, 1, 1]), CBAMResNet((1, 2, 1, 1), bottleneck=bottleneck)
    give_weights(ours, theirs)
    assert_same(ours, theirs, *noise((2, 3, 64, 64)), bits=False)


def test_cbam_resnets_have_the_counts_of_those_by_hand() -> None:
    """Table 4 prints 11.78M parameters for ResNet18 and 28.09M for ResNet50."""
    with torch.device("meta"):
        assert_same_counts("cbam_resnet:cbam_resnet18", CBAMResNet((2, 2, 2, 2), bottleneck=False), (3, 224, 224))
        assert_same_counts("cbam_resnet:cbam_resnet50", CBAMResNet((3, 4, 6, 3), bottleneck=True), (3, 224, 224))
    params = [counted(f"cbam_resnet:cbam_resnet{depth}").totals.params for depth in (18, 50)]
    assert [f"{count / 1e6:.2f}" for count in params] == ["11.78", "28.09"]


class STN(nn.Module):
    """pytorch.org/tutorials/intermediate/spatial_transformer_tutorial.html."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 10, 5), nn.Conv2d(10, 20, 5)
        self.fc1, self.fc2 = nn.Linear(320, 50), nn.Linear(50, 10)
        self.localization = nn.Sequential(
            nn.Conv2d(1, 8, 7), nn.MaxPool2d(2, 2), nn.ReLU(), nn.Conv2d(8, 10, 5), nn.MaxPool2d(2, 2), nn.ReLU()
        )
        self.fc_loc = nn.Sequential(nn.Linear(90, 32), nn.ReLU(), nn.Linear(32, 6))

    def forward(self, x: Tensor) -> Tensor:
        theta = self.fc_loc(self.localization(x).view(-1, 90)).view(-1, 2, 3)
        x = F.grid_sample(x, F.affine_grid(theta, list(x.size()), align_corners=False), align_corners=False)
        x = F.relu(F.max_pool2d(self.conv1(x), 2))
        x = F.relu(F.max_pool2d(self.conv2(x), 2))
        return F.log_softmax(self.fc2(F.relu(self.fc1(x.view(-1, 320)))), dim=1)


def without_transformer(key: str) -> str:
    """`transformer.fc_loc.0.bias` -> `fc_loc.0.bias`."""
    return key.removeprefix("transformer.")


def test_stn_is_the_tutorials() -> None:
    ours, theirs = built("stn"), STN()
    for module in ours.modules():
        if isinstance(module, nn.Dropout2d):
            module.p = 0.0
    give_weights(ours, theirs, without_transformer)
    assert_same(ours, theirs, *noise((3, 1, 28, 28)))


def test_stn_has_the_counts_of_the_tutorials() -> None:
    with torch.device("meta"):
        assert_same_counts("stn", STN(), (1, 28, 28))


def tower(features: int = 4096) -> nn.Sequential:
    layers: list[nn.Module] = []
    for before, after, kernel in ((1, 64, 10), (64, 128, 7), (128, 128, 4), (128, 256, 4)):
        layers += [nn.Conv2d(before, after, kernel), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*layers[:-1], nn.Flatten(), nn.Linear(9216, features), nn.Sigmoid())


class Siamese(nn.Module):
    def __init__(self, features: int = 4096) -> None:
        super().__init__()
        self.tower, self.score = tower(features), nn.Linear(features, 1)

    def forward(self, left: Tensor, right: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        one, other = self.tower(left), self.tower(right)
        return torch.sigmoid(self.score((one - other).abs())), one, other


def test_siamese_is_the_one_by_hand() -> None:
    ours, theirs = built("siamese", features=16), Siamese(16)
    give_weights(ours, theirs)
    left, right = noise((2, 1, 105, 105), (2, 1, 105, 105))
    assert_same(ours, theirs, left, right)
    with torch.no_grad():
        same, *_ = ours(left, left)
        assert torch.equal(same, torch.sigmoid(theirs.score.bias).expand(2, 1))


def test_siamese_counts_its_tower_once_and_runs_it_twice() -> None:
    with torch.device("meta"):
        assert_same_counts("siamese", Siamese(), (1, 105, 105), (1, 105, 105))
    assert counted("siamese").totals.params == 38_951_745


def squash(x: Tensor) -> Tensor:
    norm = (x**2).sum(-1, keepdim=True)
    return norm / (1 + norm) * x / (norm.sqrt() + 1e-8)


class CapsNet(nn.Module):
    """Procedure 1 of the paper, in a loop."""

    def __init__(self, routings: int) -> None:
        super().__init__()
        self.routings = routings
        self.conv1 = nn.Conv2d(1, 256, 9)
        self.primary = nn.ModuleDict({"conv": nn.Conv2d(256, 256, 9, stride=2)})
        self.digits = nn.Module()
        self.digits.weight = nn.Parameter(0.1 * torch.randn(1152, 10, 16, 8))

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        maps = self.primary["conv"](F.relu(self.conv1(image)))
        n, _, h, w = maps.shape
        u = squash(maps.view(n, 32, 8, h, w).permute(0, 1, 3, 4, 2).reshape(n, -1, 8))
        votes = (self.digits.get_parameter("weight")[None] @ u[:, :, None, :, None]).squeeze(-1)
        logits = votes.new_zeros(votes.shape[:3])
        for turn in range(self.routings):
            v = squash((logits.softmax(2)[..., None] * votes).sum(1))
            if turn < self.routings - 1:
                logits = logits + (v[:, None] * votes).sum(-1)
        return v.norm(dim=-1), v


@pytest.mark.parametrize("routings", [1, 3])
def test_capsnet_is_the_one_by_hand(routings: int) -> None:
    ours, theirs = built("capsnet", routings=routings), CapsNet(routings)
    give_weights(ours, theirs)
    assert_same(ours, theirs, *noise((2, 1, 28, 28)), bits=False)


def test_capsnet_has_the_parameters_of_the_one_by_hand() -> None:
    """Section 5: 8.2M parameters, of which the decoder, which is not here, has 1.4M."""
    decoder = sum(before * after + after for before, after in ((160, 512), (512, 1024), (1024, 784)))
    params = counted("capsnet").totals.params
    assert params == sum(parameter.numel() for parameter in CapsNet(3).parameters())
    assert f"{(params + decoder) / 1e6:.1f}" == "8.2"

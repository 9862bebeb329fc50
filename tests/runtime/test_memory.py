"""Peak memory is what lives at once: counted in bytes on modules small enough to count by hand."""

import pytest
import torch
from torch import Tensor, nn

from archspec.runtime.memory import measured_peak

KIB = 1024
X = torch.zeros(1, 1, 16, 16)  # 1 KiB


class Keeps(nn.Module):
    """Two values alive beside the one being made."""

    def forward(self, x: Tensor) -> Tensor:
        a = x + 1
        b = a + 1
        return a + b


class Frees(nn.Module):
    """One value alive beside the one being made."""

    def forward(self, x: Tensor) -> Tensor:
        x = x + 1
        x = x + 1
        return x + 1


class InPlace(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        x = x + 1
        return x.relu_()


class Views(nn.Module):
    """A view of a quarter keeps the whole alive."""

    def forward(self, x: Tensor) -> Tensor:
        x = (x + 1)[:, :, :8, :8]
        return x + 1


@pytest.mark.parametrize("device", ["cpu", "meta"])
@pytest.mark.parametrize(
    ("module", "expected"),
    [
        (Keeps(), 3 * KIB),
        (Frees(), 2 * KIB),
        (InPlace(), 1 * KIB),
        (Views(), 1 * KIB + KIB // 4),
        (nn.Identity(), 0),
        (nn.Conv2d(1, 2, 3, padding=1), 2 * KIB),
        (nn.Sequential(nn.ReLU(), nn.ReLU(), nn.ReLU()), 2 * KIB),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, nn.Module) else "",
)
def test_counts_what_lives_at_once(module: nn.Module, expected: int, device: str) -> None:
    assert measured_peak(module.to(device), (X.to(device),)).bytes == expected


def test_says_where_and_of_what() -> None:
    peak = measured_peak(nn.Sequential(nn.Conv2d(1, 1, 1), nn.BatchNorm2d(1)), (X,))
    assert peak.at == "1 aten.native_batch_norm.default"
    assert peak.live[:2] == (("0 aten.convolution.default", KIB), ("1 aten.native_batch_norm.default", KIB))

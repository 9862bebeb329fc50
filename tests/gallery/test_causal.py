"""Networks of causal convolutions against modules written by hand: the same weights, the same numbers."""

from functools import partial

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from tests.gallery.networks import counted
from tests.gallery.small import assert_counts, assert_same, built, noise, twin_of

TCN_SIZES = {"classes": 4, "levels": 3, "channels": 5, "kernel": 3}
WAVENET_SIZES = {"values": 9, "stacks": 1, "channels": 3, "skip_channels": 5}


class TemporalBlock(nn.Module):
    """Source: github.com/locuslab/TCN, TCN/tcn.py: padded on both sides, then cut on the right."""

    def __init__(self, before: int, channels: int, kernel: int, dilation: int) -> None:
        super().__init__()
        self.padding = (kernel - 1) * dilation
        self.conv1 = weight_norm(nn.Conv1d(before, channels, kernel, padding=self.padding, dilation=dilation))
        self.conv2 = weight_norm(nn.Conv1d(channels, channels, kernel, padding=self.padding, dilation=dilation))
        self.downsample = nn.Conv1d(before, channels, 1) if before != channels else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.conv1(x)[:, :, : -self.padding])
        y = F.relu(self.conv2(y)[:, :, : -self.padding])
        return F.relu(y + self.downsample(x))


class TCN(nn.Module):
    def __init__(self, classes: int, levels: int, channels: int, kernel: int) -> None:
        super().__init__()
        self.network = nn.Sequential(
            *(TemporalBlock(channels if level else 1, channels, kernel, 2**level) for level in range(levels))
        )
        self.linear = nn.Linear(channels, classes)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.linear(self.network(x)[:, :, -1])
        return logits


class WaveNet(nn.Module):
    """Source: van den Oord et al. (2016), equation 2 and figure 4; the last layer gives to the sum only."""

    def __init__(self, values: int, stacks: int, channels: int, skip_channels: int) -> None:
        super().__init__()
        self.causal = nn.Conv1d(values, channels, 2)
        self.layers = nn.ModuleList(nn.ModuleDict() for _ in range(10 * stacks))
        for number, layer in enumerate(self.layers):
            for name in ("filter", "gate"):
                layer.add_module(name, nn.Conv1d(channels, channels, 2, dilation=2 ** (number % 10)))
            layer.add_module("skip", nn.Conv1d(channels, skip_channels, 1))
            if number < len(self.layers) - 1:
                layer.add_module("dense", nn.Conv1d(channels, channels, 1))
        self.conv1 = nn.Conv1d(skip_channels, skip_channels, 1)
        self.conv2 = nn.Conv1d(skip_channels, values, 1)

    def forward(self, audio: Tensor) -> Tensor:
        x = self.causal(F.pad(audio[:, :, :-1], (2, 0)))
        total = torch.zeros((), device=audio.device)
        for number, layer in enumerate(self.layers.children()):
            parts = dict(layer.named_children())
            before = F.pad(x, (2 ** (number % 10), 0))
            gated = parts["filter"](before).tanh() * parts["gate"](before).sigmoid()
            total = total + parts["skip"](gated)
            x = x + parts["dense"](gated) if "dense" in parts else x
        logits: Tensor = self.conv2(F.relu(self.conv1(F.relu(total))))
        return logits


@pytest.mark.parametrize("length", [40, 9, 1])
def test_tcn_is_the_module_by_hand(length: int) -> None:
    theirs = TCN(**TCN_SIZES)
    ours = twin_of(theirs, "tcn", **TCN_SIZES)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert_same(ours, theirs, noise(2, 1, length))


def test_tcn_counts_are_those_of_the_module_by_hand() -> None:
    totals = counted("tcn").totals
    assert totals.params == sum(parameter.numel() for parameter in TCN(10, 8, 25, 7).parameters())
    first, others, shortcut, head = 1 * 25 * 7, 15 * 25 * 25 * 7, 1 * 25, 25 * 10
    assert totals.macs == 784 * (first + others + shortcut) + head


@pytest.mark.parametrize("length", [40, 1500, 1])
def test_wavenet_is_the_module_by_hand(length: int) -> None:
    theirs = WaveNet(**WAVENET_SIZES)
    ours = twin_of(theirs, "wavenet", **WAVENET_SIZES)
    assert sorted(ours.state_dict()) == sorted(theirs.state_dict())
    assert_same(ours, theirs, noise(2, 9, length))


def test_wavenet_counts_are_those_of_the_module_by_hand() -> None:
    assert_counts("wavenet", partial(WaveNet, 256, 5, 32, 512), (1, 256, 16000))


def test_wavenet_scores_a_sample_by_those_before_it() -> None:
    ours, audio = built("wavenet", **WAVENET_SIZES), noise(1, 9, 40)
    changed = audio.clone()
    changed[:, :, 20] += 1
    with torch.no_grad():
        before, after = ours(audio), ours(changed)
    assert torch.equal(before[:, :, :21], after[:, :, :21])
    assert not torch.equal(before[:, :, 21:], after[:, :, 21:])

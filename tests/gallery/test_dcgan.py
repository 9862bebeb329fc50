"""DCGAN and the networks of PyTorch's tutorial, written out here: the same state_dict, the same numbers."""

from itertools import pairwise

import pytest
import torch
from torch import nn

import archspec
from archspec.runtime.compare import randomise
from archspec.runtime.peer import make_peer, parse_peer
from tests.gallery.twins import twins_in

TWINS = twins_in("tests.gallery")
NOISE, WIDTH, CHANNELS = 100, 64, 3


def generator() -> nn.Sequential:
    layers: list[nn.Module] = []
    sizes = [NOISE, 8 * WIDTH, 4 * WIDTH, 2 * WIDTH, WIDTH]
    for at, (before, after) in enumerate(pairwise(sizes)):
        stride, padding = (1, 0) if at == 0 else (2, 1)
        layers += [
            nn.ConvTranspose2d(before, after, 4, stride, padding, bias=False),
            nn.BatchNorm2d(after),
            nn.ReLU(inplace=True),
        ]
    return nn.Sequential(*layers, nn.ConvTranspose2d(WIDTH, CHANNELS, 4, 2, 1, bias=False), nn.Tanh())


def discriminator() -> nn.Sequential:
    layers: list[nn.Module] = [nn.Conv2d(CHANNELS, WIDTH, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, inplace=True)]
    sizes = [WIDTH, 2 * WIDTH, 4 * WIDTH, 8 * WIDTH]
    for before, after in pairwise(sizes):
        layers += [
            nn.Conv2d(before, after, 4, 2, 1, bias=False),
            nn.BatchNorm2d(after),
            nn.LeakyReLU(0.2, inplace=True),
        ]
    return nn.Sequential(*layers, nn.Conv2d(8 * WIDTH, 1, 4, 1, 0, bias=False), nn.Sigmoid())


@pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])
@pytest.mark.parametrize("spec", TWINS)
def test_is_the_tutorials(spec: str, training: bool) -> None:
    ours, theirs = archspec.load(spec).build(), make_peer(parse_peer(TWINS[spec].peer))
    shape = {"dcgan_generator": (NOISE, 1, 1), "dcgan_discriminator": (CHANNELS, 64, 64)}[spec.partition(":")[0]]
    randomise(theirs)
    ours.load_state_dict({f"main.{key}": tensor for key, tensor in theirs.state_dict().items()})
    assert list(ours.state_dict()) == [f"main.{key}" for key in theirs.state_dict()]
    x = torch.randn(2, *shape, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        assert torch.equal(ours.train(training)(x), theirs.train(training)(x))

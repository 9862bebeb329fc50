"""Modules that torch lacks do what torchvision's and timm's of that name do, to the bit."""

from importlib import import_module
from types import ModuleType

import pytest
import torch
from torch import Tensor, nn

from archspec.values.shape import Shape
from tests.ops.oracle import make, module_of

IMAGE = Shape((6, 5, 7))


def with_the_state_of(peer: nn.Module, ours: nn.Module) -> nn.Module:
    """`ours` with the random parameters that `peer` gets."""
    for parameter in peer.parameters():
        nn.init.normal_(parameter)
    ours.load_state_dict(peer.state_dict())
    return ours


def seeded(module: nn.Module, x: Tensor) -> Tensor:
    torch.manual_seed(3)
    y: Tensor = module(x)
    return y


@pytest.mark.parametrize("fields", [{}, {"eps": 1e-6}, {"bias": False}, {"elementwise_affine": False}])
def test_layer_norm2d_is_torchvisions(torchvision: ModuleType, fields: dict[str, object]) -> None:
    peer = import_module("torchvision.models.convnext").LayerNorm2d(6, **fields)
    ours = with_the_state_of(peer, module_of(make("layer_norm2d", **fields), (IMAGE,)))
    x = torch.randn(2, *IMAGE.dims)
    assert torch.equal(ours(x), peer(x))
    assert ours(x).stride() == peer(x).stride()


@pytest.mark.parametrize("channels_last", [True, False])
def test_global_response_norm_is_timms(torchvision: ModuleType, channels_last: bool) -> None:
    grn = pytest.importorskip("timm.layers.grn")
    dim = IMAGE.dims[2 if channels_last else 0]
    peer = grn.GlobalResponseNorm(dim, channels_last=channels_last)
    ours = module_of(make("global_response_norm", channels_last=channels_last), (IMAGE,))
    assert not any(parameter.any() for parameter in ours.parameters())
    x = torch.randn(2, *IMAGE.dims)
    assert torch.equal(with_the_state_of(peer, ours)(x), peer(x))


@pytest.mark.parametrize("mode", ["row", "batch"])
@pytest.mark.parametrize("p", [0.0, 0.2, 0.9, 1.0])
def test_stochastic_depth_draws_what_torchvisions_draws(torchvision: ModuleType, p: float, mode: str) -> None:
    peer = torchvision.ops.StochasticDepth(p, mode).train()
    ours = module_of(make("stochastic_depth", p=p, mode=mode), (IMAGE,)).train()
    x = torch.randn(16, *IMAGE.dims)
    assert torch.equal(seeded(ours, x), seeded(peer, x))
    assert torch.equal(seeded(ours, x[0, 0]), seeded(peer, x[0, 0]))
    assert torch.equal(ours.eval()(x), x)


def test_channel_shuffle_is_what_shuffle_net_does(torchvision: ModuleType) -> None:
    peer = import_module("torchvision.models.shufflenetv2").channel_shuffle
    x = torch.randn(2, *IMAGE.dims)
    for groups in (1, 2, 3, 6):
        assert torch.equal(module_of(make("channel_shuffle", groups=groups), (IMAGE,))(x), peer(x, groups))

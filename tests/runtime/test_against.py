"""What is switched off so that two networks with the same weights can be compared in training."""

from types import ModuleType

import pytest
import torch
from torch import nn

from archspec.runtime.against import _stop_dropout
from archspec.values.shape import Shape
from tests.ops.oracle import make, module_of

X = torch.ones(8, 4, 2, 2)


def test_dropout_is_stopped_and_stochastic_depth_too(torchvision: ModuleType) -> None:
    ours = module_of(make("stochastic_depth", p=0.5), (Shape((4, 2, 2)),))
    theirs = torchvision.ops.StochasticDepth(0.5, "row")
    for dropout in (ours, theirs, nn.Dropout(0.5), nn.AlphaDropout(0.5), nn.Dropout2d(0.5)):
        module = nn.Sequential(dropout).train()
        assert not torch.equal(module(X), X)
        assert _stop_dropout(module)
        assert torch.equal(module(X), X)
        assert not _stop_dropout(module)


def test_timms_drop_path_is_stopped(torchvision: ModuleType) -> None:
    module = pytest.importorskip("timm.layers.drop").DropPath(0.5).train()
    assert _stop_dropout(module)
    assert torch.equal(module(X), X)

"""Which modules of torch.nn there is an op for."""

from types import ModuleType

import pytest
from torch import nn
from torch.nn import modules

from archspec.ops import OPS

FAMILIES = [
    modules.activation,
    modules.batchnorm,
    modules.channelshuffle,
    modules.conv,
    modules.distance,
    modules.dropout,
    modules.flatten,
    modules.fold,
    modules.instancenorm,
    modules.linear,
    modules.normalization,
    modules.padding,
    modules.pixelshuffle,
    modules.pooling,
    modules.rnn,
    modules.sparse,
    modules.upsampling,
]
# What a spec says in another way, or does not say.
ELSEWHERE = {
    "RNNBase": "what lstm, gru and rnn have in common",
    "RNNCellBase": "what lstm_cell, gru_cell and rnn_cell have in common",
    "UpsamplingNearest2d": "upsample",
    "UpsamplingBilinear2d": "upsample with mode: bilinear and align_corners: true",
}


def public(family: ModuleType) -> list[str]:
    """Names that torch.nn exports of one file, lazy forms apart: a spec infers what those wait for."""
    return [name for name in family.__all__ if hasattr(nn, name) and not name.startswith("Lazy")]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__.rpartition(".")[2])
def test_every_module_of_the_family_is_an_op(family: ModuleType) -> None:
    ops = {OPS[name].module.removeprefix("nn.") for name in OPS}
    names = public(family)
    assert names
    assert {name for name in names if name not in ops} == set(ELSEWHERE) & set(names)

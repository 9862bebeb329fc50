"""Specs with a twin in timm: from the same weights the same numbers, bit for bit.

Names are the papers' or the spec's own where timm's are history, so weights move across in their order.
"""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

import pytest
import torch
from torch import Tensor, nn

import archspec
from archspec.runtime.compare import randomise
from tests.gallery.test_timm_small import NAMES
from tests.gallery.twins import running, twins_in

pytestmark = pytest.mark.skipif(find_spec("timm") is None, reason="timm is the oracle")

ELSEWHERE = {"hrnet", *(spec.partition(":")[0] for spec in NAMES)}
TWINS = {spec: twin for spec, twin in twins_in("timm.models").items() if spec.partition(":")[0] not in ELSEWHERE}
SETTINGS = {"mobilenet_v1": {"act_layer": nn.ReLU}}  # as in the paper; timm has ReLU6, as TensorFlow's code
SIZES = [(96, 96), (131, 109)]


@pytest.fixture(scope="module")
def timm(torchvision: ModuleType) -> ModuleType:
    return import_module("timm")


def pair(timm: ModuleType, spec: str) -> tuple[nn.Module, nn.Module]:
    settings = {"drop_rate": 0.0, **SETTINGS.get(spec.partition(":")[0], {})}
    with torch.device("meta"):
        return archspec.load(spec).build(), timm.create_model(TWINS[spec].callable, **settings)


@pytest.fixture(params=running(TWINS.values()), scope="module")
def twins(request: pytest.FixtureRequest, timm: ModuleType) -> tuple[nn.Module, nn.Module]:
    """Ours and timm's, with the same random weights."""
    ours, theirs = pair(timm, request.param)
    theirs.to_empty(device="cpu")
    randomise(theirs)
    held = [tensor.clone() for tensor in theirs.state_dict().values()]
    ours.load_state_dict(dict(zip(ours.state_dict(), held, strict=True)), assign=True)
    for module in ours.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0
    return ours, theirs


def image(size: tuple[int, int]) -> Tensor:
    return torch.randn(2, 3, *size, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("spec", TWINS)
def test_state_dict_has_the_same_shapes_in_the_same_order(timm: ModuleType, spec: str) -> None:
    ours, theirs = (module.state_dict() for module in pair(timm, spec))
    assert [tensor.shape for tensor in ours.values()] == [tensor.shape for tensor in theirs.values()]
    if TWINS[spec].same_keys:
        assert list(ours) == list(theirs)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
def test_eval_outputs_are_equal(twins: tuple[nn.Module, nn.Module], size: tuple[int, int]) -> None:
    ours, theirs = (module.eval() for module in twins)
    with torch.no_grad():
        assert torch.equal(ours(image(size)), theirs(image(size)))


def test_train_outputs_and_statistics_are_equal_without_dropout(twins: tuple[nn.Module, nn.Module]) -> None:
    ours, theirs = (module.train() for module in twins)
    with torch.no_grad():
        assert torch.equal(ours(image(SIZES[0])), theirs(image(SIZES[0])))
    for our_buffer, their_buffer in zip(ours.buffers(), theirs.buffers(), strict=True):
        assert torch.equal(our_buffer, their_buffer)

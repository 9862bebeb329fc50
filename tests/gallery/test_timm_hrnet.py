"""HRNet and timm's: the same parameters in the same order, and from the same weights the same numbers, bit for bit.

The names differ: timm's fusion is a list of lists of lists, ours is named after what it makes.
"""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

import pytest
import torch
from torch import Tensor, nn

import archspec
from archspec.runtime.compare import output_differences, randomise
from archspec.runtime.peer import declare_torchvision_operators
from tests.gallery.twins import running, twins_in

pytestmark = pytest.mark.skipif(find_spec("timm") is None, reason="timm is the oracle")

TWINS = {spec: twin for spec, twin in twins_in("timm.models").items() if spec.startswith("hrnet:")}
SIZES = [(64, 64), (96, 160)]  # timm adds the maps as they are: both sides in multiples of 32


@pytest.fixture(scope="module")
def timm() -> ModuleType:
    declare_torchvision_operators()  # timm imports torchvision
    return import_module("timm")


@pytest.fixture(params=running(TWINS.values()), scope="module")
def twins(request: pytest.FixtureRequest, timm: ModuleType) -> tuple[nn.Module, nn.Module]:
    """Ours and timm's, with the same random weights."""
    ours, theirs = archspec.load(request.param).build(), timm.create_model(TWINS[request.param].callable)
    randomise(theirs)
    ours.load_state_dict(dict(zip(ours.state_dict(), theirs.state_dict().values(), strict=True)))
    return ours, theirs


@pytest.mark.parametrize("spec", TWINS)
def test_state_dict_has_the_same_shapes_in_the_same_order(timm: ModuleType, spec: str) -> None:
    with torch.device("meta"):
        ours, theirs = archspec.load(spec).build(), timm.create_model(TWINS[spec].callable)
    assert shapes(ours) == shapes(theirs)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
def test_eval_outputs_are_equal(twins: tuple[nn.Module, nn.Module], size: tuple[int, int]) -> None:
    ours, theirs = (module.eval() for module in twins)
    with torch.no_grad():
        assert_equal(ours(image(size)), theirs(image(size)))


def test_train_outputs_and_statistics_are_equal(twins: tuple[nn.Module, nn.Module]) -> None:
    ours, theirs = (module.train() for module in twins)
    with torch.no_grad():
        assert_equal(ours(image(SIZES[0])), theirs(image(SIZES[0])))
    for our, their in zip(ours.buffers(), theirs.buffers(), strict=True):
        assert torch.equal(our, their)


def shapes(module: nn.Module) -> list[tuple[str, torch.Size]]:
    """The last part of each key, and the shape of what it names."""
    return [(key.rpartition(".")[2], tensor.shape) for key, tensor in module.state_dict().items()]


def image(size: tuple[int, int]) -> Tensor:
    return torch.randn(2, 3, *size, generator=torch.Generator().manual_seed(1))


def assert_equal(ours: object, theirs: object) -> None:
    differences = output_differences(ours, theirs)
    assert not isinstance(differences, str), differences
    assert [difference for difference in differences if not difference.equal] == []

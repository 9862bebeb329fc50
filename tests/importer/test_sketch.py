"""Runs that compute nothing, and proofs at the size that costs least."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from archspec.importer.importing import import_module
from archspec.importer.inputs import batch_of
from archspec.importer.made import Log
from archspec.importer.opaque import Opaque
from archspec.importer.read import read, sketched
from archspec.importer.sketch import Sketch, Unsketched, memory, sketches
from archspec.importer.state import LARGE, Kept, as_it_is, draw, undrawn
from tests.importer import constructors, networks


def sketch(*shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return sketches({"x": torch.zeros(shape, dtype=dtype)})["x"]


def test_what_is_made_of_a_sketch_has_sizes_only() -> None:
    x = nn.Conv2d(3, 8, 3, 2)(sketch(2, 3, 9, 9))
    assert isinstance(x, Sketch)
    assert (tuple(x.shape), x.dtype, x.device.type) == ((2, 8, 4, 4), torch.float32, "cpu")


def test_what_is_made_of_its_sizes_is_a_tensor() -> None:
    made = torch.ones_like(sketch(2, 3))
    assert not isinstance(made, Sketch)
    assert torch.equal(made, torch.ones(2, 3))


def test_views_share_memory() -> None:
    x = sketch(2, 3, 4)
    assert memory(x) == memory(x.view(6, 4)) != memory(x[1:])
    assert memory(x) != memory(x + 1)


def test_numbers_of_other_types_are_other_arguments() -> None:
    x = sketch(3, dtype=torch.int64)
    assert [(x * number).dtype for number in (2, 2.0, True)] == [torch.int64, torch.float32, torch.int64]


@pytest.mark.parametrize(
    "asks",
    [lambda x: bool(x.sum() > 0), lambda x: torch.zeros(3).copy_(x), lambda x: x.nonzero()],
    ids=["decides", "copies", "counts"],
)
def test_a_run_that_needs_numbers_is_computed(asks: object) -> None:
    with pytest.raises((Unsketched, RuntimeError)):
        asks(sketch(3))  # type: ignore[operator]  # a function of the list above


def test_a_network_is_the_same_whether_it_is_computed_or_not() -> None:
    module = networks.UNet()
    kept, inputs = Kept(module), {"x": torch.zeros(1, 3, 8, 8)}
    one = sketched(kept, inputs, Log())
    assert one is not None
    two = read(kept, inputs, Opaque(Log()))
    assert [m.op for m in one.graph.members] == [m.op for m in two.graph.members]
    assert one.batch_in == two.batch_in


def test_a_module_keeps_no_sketch() -> None:
    module = constructors.Grown()
    assert sketched(Kept(module), {"x": torch.zeros(1, 3, 8, 8)}, Log()) is not None
    assert module.last == []
    assert not hasattr(module, "seen")
    assert int(module.norm.num_batches_tracked or 0) == 0


def test_training_is_proven_at_a_smaller_size_where_the_module_takes_one() -> None:
    lines = import_module(constructors.Grown(), {"x": torch.zeros(1, 3, 160, 160)}, Log()).report()
    assert "output in eval, batch 1: ok, equal to the last bit" in lines
    assert "output in training, batch 2, at 3x64x64: ok, equal to the last bit" in lines
    assert "output at 3x64x64: ok, equal to the last bit" in lines


def test_training_is_proven_at_the_one_size_that_a_module_takes() -> None:
    found = import_module(constructors.Fixed(), {"x": torch.zeros(1, 3, 160, 160)}, Log())
    assert "output in training, batch 2: ok, equal to the last bit" in found.report()
    assert found.proof.elsewhere == "refused by the module"


def test_samples_of_a_batch_are_the_same_whatever_their_number() -> None:
    inputs = {"x": torch.zeros(1, 3)}
    assert torch.equal(batch_of(inputs, 3)["x"][:1], batch_of(inputs, 1)["x"])


class Writing(nn.Module):
    """Writes into a weight behind autograd's back."""

    def __init__(self, width: int = 3) -> None:
        super().__init__()
        self.fc = nn.Linear(width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.fc.weight.data.mul_(2)
        return torch.as_tensor(self.fc(x))


class Outside(Writing):
    """Writes by another library than torch."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.fc.weight.detach().numpy()[0] = 2
        return torch.as_tensor(self.fc(x))


@pytest.mark.parametrize("kind", [Writing, Outside])
@pytest.mark.parametrize("width", [3, 200])
def test_a_module_is_restored_from_what_training_writes(kind: type[Writing], width: int) -> None:
    module = kind(width)
    before = module.fc.weight.detach().clone()
    kept = Kept(module)
    with kept.running(training=True):
        module(torch.ones(1, width))
        assert not torch.equal(module.fc.weight, before)
    assert torch.equal(module.fc.weight, before)


def test_no_parameter_is_copied_that_nothing_writes() -> None:
    module = nn.Sequential(nn.Conv2d(3, 200, 3), nn.BatchNorm2d(200), nn.Conv2d(200, 200, 3))
    found = import_module(module, {"input": torch.zeros(1, 3, 16, 16)}, Log())
    assert found.proof.exact
    large = [one for one in module.parameters() if one.numel() >= LARGE]
    assert large
    assert all(map(torch._C._is_cow_tensor, large))  # type: ignore[attr-defined]  # the stubs do not have it


@pytest.mark.parametrize(
    "made", [lambda: torch.zeros(200, 200, device="meta"), lambda: torch.from_numpy(np.zeros((200, 200), np.float32))]
)
def test_memory_that_torch_did_not_make_is_taken_too(made: Callable[[], torch.Tensor]) -> None:
    assert as_it_is(nn.Parameter(made())).shape == (200, 200)


def test_large_parameters_are_drawn_once_somebody_asks_for_their_numbers() -> None:
    with undrawn():
        small, large = nn.Linear(4, 4), nn.Linear(4, LARGE)
    assert small.weight.std() > 0
    draw(large)
    assert 0 < float(large.weight.detach().std()) < 1


def test_drawn_parameters_take_the_memory_of_the_largest() -> None:
    with undrawn():
        module = nn.Sequential(*(nn.Linear(200, 200) for _ in range(4)), nn.Linear(200, 400))
    draw(module)
    held = {one._cdata: one.nbytes() for one in (layer.get_parameter("weight").untyped_storage() for layer in module)}
    assert len(held) == 1
    assert max(held.values()) < 4 * (200 * 400 + LARGE + 1)

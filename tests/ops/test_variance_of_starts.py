"""The variance that an initialiser says is that of the numbers that torch draws."""

import pytest
import torch
from torch import nn

from archspec.ops.initialiser import INITIALISERS, Initialiser

SHAPE = (128, 64, 3, 3)
DRAWN: list[tuple[str, dict[str, object]]] = [
    ("normal", {"std": 0.02}),
    ("normal", {"mean": 1.0, "std": 0.5}),
    ("trunc_normal", {"std": 0.02}),
    ("uniform", {"a": -0.25, "b": 0.5}),
    ("xavier_normal", {"gain": 2.0}),
    ("xavier_uniform", {}),
    ("kaiming_normal", {"nonlinearity": "relu"}),
    ("kaiming_normal", {"nonlinearity": "tanh", "mode": "fan_out"}),
    ("kaiming_uniform", {"a": 5**0.5}),
    ("kaiming_uniform", {"nonlinearity": "selu"}),
    ("orthogonal", {"gain": 3.0}),
    ("sparse", {"sparsity": 0.25, "std": 0.1}),
]


def made(name: str, settings: dict[str, object]) -> Initialiser:
    return INITIALISERS[name].model_validate(settings)


@pytest.mark.parametrize(("name", "settings"), DRAWN)
def test_variance_is_that_of_torch(name: str, settings: dict[str, object]) -> None:
    torch.manual_seed(0)
    tensor = torch.empty(512, 512) if name == "sparse" else torch.empty(*SHAPE)
    getattr(nn.init, f"{name}_")(tensor, **settings)
    said = made(name, settings).variance(tuple(tensor.shape))
    assert said == pytest.approx(tensor.square().mean().item(), rel=0.03)


@pytest.mark.parametrize(
    ("name", "settings", "number"), [("zeros", {}, 0.0), ("ones", {}, 1.0), ("constant", {"val": 0.5}, 0.5)]
)
def test_what_is_one_number_says_so(name: str, settings: dict[str, object], number: float) -> None:
    tensor = torch.empty(4, 4)
    getattr(nn.init, f"{name}_")(tensor, **settings)
    assert made(name, settings).same == number
    assert bool((tensor == number).all())
    assert made("normal", {}).same is None


def test_a_truncation_that_bites_has_no_simple_variance() -> None:
    assert made("trunc_normal", {"std": 2.0}).variance(SHAPE) is None

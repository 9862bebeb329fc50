"""Networks of the gallery start as torchvision's do, from the same seed; the whole list is reference/starts.csv."""

from importlib.util import find_spec

import pytest
import torch
from torch import nn

from archspec.code.naming import root_class
from archspec.code.pytorch import emit
from archspec.runtime.build import load_class
from archspec.runtime.starts import differences, said_of
from tests.gallery.networks import network, reference, representatives, sampled
from tests.gallery.starts import alike, compared, held

SAMPLE = ("squeezenet:squeezenet1_1", "mobilenet_v3:mobilenet_v3_small", "regnet:regnet_y_400mf", "resnet:resnet18")


@pytest.mark.parametrize(
    "spec", [spec if spec in SAMPLE else pytest.param(spec, marks=pytest.mark.whole) for spec in compared()]
)
def test_parameters_start_as_torchvisions(spec: str) -> None:
    if find_spec("torchvision") is None:
        pytest.skip("torchvision is not installed")
    found = held(compared()[spec])
    row = next(row for row in reference("starts.csv") if row["spec"] == spec)
    assert found.wrong == ()
    assert (found.tensors, found.equal) == (int(row["tensors"]), int(row["equal"]))


@pytest.mark.parametrize("spec", sampled(representatives()))
def test_constructors_do_what_the_spec_says(spec: str) -> None:
    made = network(spec)
    kind: type[nn.Module] = load_class(emit(made), root_class(made))
    assert list(differences(made, kind)) == []


def test_most_start_bit_for_bit() -> None:
    rows = reference("starts.csv")
    assert {row["spec"] for row in rows} == compared().keys()
    assert sum(row["equal"] == row["tensors"] for row in rows) > len(rows) / 2


@pytest.mark.parametrize(
    ("spec", "least"), [("vgg:vgg16", 32), ("gpt:gpt2", 98), ("bert:bert_base", 149), ("dcgan_generator", 13)]
)
def test_a_published_initialisation_speaks_of_every_tensor(spec: str, least: int) -> None:
    assert said_of(network(spec)) >= least


def test_other_distributions_are_told_apart() -> None:
    torch.manual_seed(0)
    normal = torch.randn(4000)
    assert alike(normal, torch.randn(4000))
    assert not alike(normal, 1.3 * torch.randn(4000))
    assert not alike(normal, 3.4 * torch.rand(4000) - 1.7)
    assert not alike(torch.zeros(5), torch.ones(5))

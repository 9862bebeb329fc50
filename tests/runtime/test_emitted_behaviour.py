"""The emitted module does what PyTorch users do with one: compile, export, autocast, channels_last, train."""

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from archspec.runtime.checks import Setup, check_autocast, check_backward, check_channels_last
from archspec.runtime.compare import output_differences
from archspec.runtime.counters import named_outputs, random_inputs
from tests.runtime.gallery import module, network_at

# One network of each kind, at a small size that it takes.
SIZES = {
    "alexnet": 64,
    "vgg:vgg11": 32,
    "vgg:vgg11_bn": 32,
    "resnet:resnet18": 64,
    "resnet:resnet50": 64,
    "resnet:resnext50_32x4d": 64,
    "resnet_original:resnet18": 64,
    "resnet_original:resnet50": 64,
    "googlenet": 224,
    "googlenet_torchvision": 64,
    "fcn:fcn8s": 32,
    "fcn_resnet50:fcn_resnet50": 64,
    "unet:unet": 188,
    "unet:same": 64,
    "unet:upsample": 64,
    "unet:unpool": 64,
    "densenet:densenet121": 64,
    "mobilenet_v2": 64,
    "mobilenet_v3:mobilenet_v3_small": 64,
    "mnasnet:mnasnet0_5": 64,
    "efficientnet:b0": 64,
    "hrnet:hrnet_w18": 64,
    "csp_pan:n": 64,
    "hourglass:hourglass2": 128,
    "autoencoder": 28,
    "dcgan_generator:pytorch": 1,
    "dcgan_discriminator:pytorch": 64,
    "swin:swin_t": 64,
    "swin_v2:swin_v2_t": 64,
    "maxvit:maxvit_t": 64,
}


def small(spec: str) -> Setup:
    loaded = network_at(spec, (SIZES[spec], SIZES[spec]))
    return Setup(loaded, lambda device: module(spec, device), "cpu", torch.float32)


def assert_close(ours: object, theirs: object) -> None:
    differences = output_differences(ours, theirs)
    assert not isinstance(differences, str), differences
    assert [d for d in differences if not d.close] == []


@pytest.mark.parametrize("check", [check_autocast, check_channels_last, check_backward])
@pytest.mark.parametrize("spec", SIZES)
def test_runs(spec: str, check: object) -> None:
    assert callable(check)
    found = check(small(spec))
    assert found.passed, found


@pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])
@pytest.mark.parametrize("spec", SIZES)
def test_compiles_as_one_graph(spec: str, training: bool) -> None:
    setup = small(spec)
    built, inputs = setup.module().train(training), setup.inputs(batch=2)
    compiled = torch.compile(built, fullgraph=True, backend="eager" if training else "aot_eager")
    torch.compiler.reset()
    with torch.no_grad():
        torch.manual_seed(1)
        traced = compiled(*inputs)
        torch.manual_seed(1)
        assert_close(traced, built(*inputs))


@pytest.mark.parametrize("spec", SIZES)
def test_exports_with_an_open_batch(spec: str) -> None:
    setup = small(spec)
    built = setup.module()
    batch = torch.export.Dim("batch", min=2, max=64)
    with torch.no_grad():
        exported = torch.export.export(
            built, setup.inputs(batch=3), dynamic_shapes=[{0: batch} for _ in setup.network.graph.inputs]
        ).module()
        inputs = random_inputs(setup.network, batch=2, seed=1)
        assert_close(exported(*inputs), built(*inputs))


@pytest.mark.parametrize("spec", sorted(SIZES.keys() - {"dcgan_discriminator:pytorch"}))  # one class: its loss is zero
def test_a_few_steps_lower_the_loss(spec: str) -> None:
    setup = small(spec)
    size = 1 if spec.startswith("fcn:") else 2  # its padding of 100 makes every image a large one
    losses = train(setup.module().train(), setup.inputs(batch=size), steps=size)
    assert losses[-1] < losses[0], losses


def train(module: nn.Module, inputs: tuple[Tensor, ...], *, steps: int) -> Sequence[float]:
    """Losses before each step and after the last, always on the same batch and with the same dropout."""
    optimizer = torch.optim.SGD(module.parameters(), lr=0.005, momentum=0.9)
    losses = []
    for _ in range(steps + 1):
        torch.manual_seed(0)
        outputs = named_outputs(module(*inputs)).values()
        loss = torch.stack([cross_entropy(output, labels(output)) for output in outputs]).sum()
        losses.append(loss.item())
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
    return losses


def labels(output: Tensor) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    size = (output.shape[0], *output.shape[2:])
    return torch.randint(0, output.shape[1], size, generator=generator)

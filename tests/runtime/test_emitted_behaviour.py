"""The emitted module does what PyTorch users do with one: compile, export, autocast, channels_last, train."""

import math

import pytest
import torch
from torch import Tensor

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
    "unet:unpool": 32,
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
    "swin of five blocks": 64,
    "swin_v2:swin_v2_t": 64,
    "maxvit:maxvit_t": 64,
}
# What each run of the tests takes: plain, heads, residuals, skips with un-pooling, gates, numbered lists, windows.
SAMPLE = {
    "alexnet",
    "googlenet_torchvision",
    "resnet:resnet18",
    "unet:unpool",
    "mobilenet_v3:mobilenet_v3_small",
    "autoencoder",
    "swin of five blocks",
}
# Where a network is long, its shorter like: what it is made of is the same, and torch traces each part of it.
SHORTER = {"swin of five blocks": ("swin:swin_t", {"depths": "[2, 1, 1, 1]"})}
# Of the sample, what has nothing in training that another does not have: it compiles in inference each time, the others
# in training.
SAME_IN_TRAINING = {"mobilenet_v3:mobilenet_v3_small"}
TRACED = SAMPLE - {"googlenet_torchvision", "mobilenet_v3:mobilenet_v3_small"}  # these two take longest
SPECS = [pytest.param(spec, marks=[] if spec in SAMPLE else [pytest.mark.whole], id=spec) for spec in SIZES]


def small(spec: str) -> Setup:
    name, params = SHORTER.get(spec, (spec, {}))
    loaded = network_at(name, (SIZES[spec], SIZES[spec]), **params)
    return Setup(loaded, type(module(name, **params)), "cpu", torch.float32)


def assert_close(ours: object, theirs: object) -> None:
    differences = output_differences(ours, theirs)
    assert not isinstance(differences, str), differences
    assert [d for d in differences if not d.close] == []


@pytest.mark.parametrize("check", [check_autocast, check_channels_last, check_backward])
@pytest.mark.parametrize("spec", SPECS)
def test_runs(spec: str, check: object) -> None:
    assert callable(check)
    found = check(small(spec))
    assert found.passed, found


@pytest.mark.parametrize(
    ("spec", "training"),
    [
        pytest.param(spec, training, id=f"{spec}-{'train' if training else 'eval'}", marks=marks)
        for spec in SIZES
        for training in (False, True)
        for marks in [[] if spec in TRACED and training != (spec in SAME_IN_TRAINING) else [pytest.mark.whole]]
    ],
)
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


@pytest.mark.parametrize(
    "spec", [pytest.param(spec, marks=[] if spec in TRACED else [pytest.mark.whole], id=spec) for spec in SIZES]
)
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


@pytest.mark.parametrize("spec", SPECS)
def test_every_weight_learns(spec: str) -> None:
    """A loss that reads all outputs gives every weight of a layer a finite gradient that is not zero.

    Weights of one dimension are left out: the gradient of a bias before a batch norm is what rounding makes of zero.
    """
    setup = small(spec)
    built = setup.module().train()
    torch.manual_seed(0)  # which samples a stochastic depth leaves out of a block: not both of them
    outputs = named_outputs(built(*setup.inputs(batch=2))).values()
    torch.autograd.backward([(output * factors(output)).sum() for output in outputs])
    weights = {name: parameter for name, parameter in built.named_parameters() if parameter.dim() > 1}
    assert weights
    found = {name: 0.0 if weight.grad is None else weight.grad.norm().item() for name, weight in weights.items()}
    assert [name for name, norm in found.items() if not 0 < norm < math.inf] == []


def factors(output: Tensor) -> Tensor:
    """Random factors: what a batch norm or a softmax gives has sums, of squares too, that nothing changes."""
    return torch.randn(output.shape, generator=torch.Generator().manual_seed(0))

"""Specs with a twin in torchvision: the same state_dict, and from the same weights the same numbers, bit for bit."""

from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from types import ModuleType
from typing import Any
from unittest.mock import patch

import pytest
import torch
from torch import Tensor, nn

import archspec
from archspec.runtime.compare import output_differences, randomise
from archspec.runtime.peer import make_peer, parse_peer
from tests.gallery.networks import sampled
from tests.gallery.twins import running, twins_in

pytestmark = pytest.mark.skipif(find_spec("torchvision") is None, reason="torchvision is the oracle")

FPN = twins_in("torchvision.models.detection")
SAME_CALL = {**twins_in("torchvision.models"), **twins_in("torchvision.models.segmentation")}
TWINS = {**SAME_CALL, **FPN}
SIZES = [(64, 64), (97, 80)]
OTHER_SIZES = {
    "inception_v3": [(299, 299), (320, 307)],  # the least that its auxiliary head takes, and another
    "vit:vit_b_32": [(224, 224)] * 2,  # of one size alone, as is its position embedding
    "maxvit:maxvit_t": [(224, 224)] * 2,  # torchvision's takes one size alone
}
COMPUTED_BUFFERS = ("swin", "maxvit")  # these hold numbers that a module on the meta device does not have


@pytest.fixture(autouse=True, scope="module")
def regnet_widths_on_cpu(torchvision: ModuleType) -> Iterator[None]:
    """torchvision derives RegNet's widths with tensors whose values it reads, which a meta tensor has none of."""
    params = torchvision.models.regnet.BlockParams
    derive = params.from_init_params

    def derive_on_cpu(*args: Any, **settings: Any) -> Any:
        with torch.device("cpu"):
            return derive(*args, **settings)

    with patch.object(params, "from_init_params", derive_on_cpu):
        yield


def pair(spec: str) -> tuple[nn.Module, nn.Module]:
    with torch.device("meta"):
        return archspec.load(spec).build(), make_peer(parse_peer(TWINS[spec].peer))


# Beside the sample: tokens, a shuffle of channels, gates with stochastic depth.
MORE = ("vit:vit_b_32", "shufflenet_v2:shufflenet_v2_x1_0", "efficientnet:b0")


@pytest.fixture(params=sampled(running(SAME_CALL.values()), *MORE), scope="module")
def spec(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def twins(spec: str) -> tuple[nn.Module, nn.Module]:
    """Ours and torchvision's, with the same random weights."""
    ours, theirs = pair(spec)
    if spec.startswith(COMPUTED_BUFFERS):
        theirs = make_peer(parse_peer(TWINS[spec].peer))
    else:
        theirs.to_empty(device="cpu")
    randomise(theirs)
    held = dict(theirs.named_parameters()) | {name: buffer.clone() for name, buffer in theirs.named_buffers()}
    ours.load_state_dict(held, assign=True)
    return ours, theirs


def image(spec: str, number: int) -> Tensor:
    size = OTHER_SIZES.get(spec, SIZES)[number]
    return torch.randn(2, 3, *size, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("spec", sampled(SAME_CALL, *MORE))
def test_state_dict_has_the_same_keys_in_the_same_order_with_the_same_shapes(spec: str) -> None:
    ours, theirs = pair(spec)
    expected = {key: (tensor.shape, tensor.dtype) for key, tensor in theirs.state_dict().items()}
    found = {key: (tensor.shape, tensor.dtype) for key, tensor in ours.state_dict().items()}
    assert list(found.items()) == list(expected.items())


@pytest.mark.parametrize(
    "spec",
    sampled(
        [
            "alexnet",
            "googlenet_torchvision",
            "vgg:vgg11",
            "fcn_resnet50:fcn_resnet50",
            "deeplabv3:deeplabv3_resnet50",
            "deeplabv3_mobilenet_v3:deeplabv3_mobilenet_v3_large",
            "squeezenet:squeezenet1_0",
            "inception_v3",
            "mobilenet_v2",
            "mobilenet_v3:mobilenet_v3_small",
            "mnasnet:mnasnet0_5",
            *(f"efficientnet:b{size}" for size in range(8)),
            *(f"efficientnet_v2:{size}" for size in "sml"),
        ],
        *MORE,
    ),
)
def test_dropout_is_as_strong(spec: str) -> None:
    ours, theirs = ([dropout.p for dropout in dropouts(module)] for module in pair(spec))
    assert sorted(ours) == sorted(theirs)


@pytest.mark.parametrize("number", range(len(SIZES)))
def test_eval_outputs_are_equal(spec: str, twins: tuple[nn.Module, nn.Module], number: int) -> None:
    ours, theirs = (module.eval() for module in twins)
    with torch.no_grad():
        expected = theirs(image(spec, number))
        if isinstance(expected, dict):
            expected.pop("aux", None)  # torchvision's FCN computes it in eval too
        assert_equal(ours(image(spec, number)), expected)


def test_train_outputs_and_statistics_are_equal_without_dropout(spec: str, twins: tuple[nn.Module, nn.Module]) -> None:
    results = []
    for module in twins:
        for dropout in dropouts(module):
            dropout.p = 0
        torch.manual_seed(0)  # for stochastic depth
        with torch.no_grad():
            results.append(module.train()(image(spec, 0)))
    assert_equal(*results)
    for ours, theirs in zip(*(module.buffers() for module in twins), strict=True):
        assert torch.equal(ours, theirs)


def dropouts(module: nn.Module) -> list[nn.Dropout]:
    return [inner for inner in module.modules() if isinstance(inner, nn.Dropout)]


def assert_equal(ours: object, theirs: object) -> None:
    differences = output_differences(ours, theirs)
    assert not isinstance(differences, str), differences
    assert [difference for difference in differences if not difference.equal] == []


def test_googlenet_without_auxiliary_heads() -> None:
    ours = archspec.load("googlenet_torchvision", aux=False).build(device="meta")
    theirs = make_peer(parse_peer("torchvision.models:googlenet(aux_logits=False)"))
    assert list(ours.state_dict()) == list(theirs.state_dict())


def test_inception_v3_without_auxiliary_head() -> None:
    ours = archspec.load("inception_v3", aux=False).build(device="meta")
    theirs = make_peer(parse_peer("torchvision.models:inception_v3(aux_logits=False)"))
    assert list(ours.state_dict()) == list(theirs.state_dict())


def test_fcn_without_auxiliary_head() -> None:
    ours = archspec.load("fcn_resnet50", aux=False).build(device="meta")
    theirs = make_peer(parse_peer("torchvision.models.segmentation:fcn_resnet50(aux_loss=False)"))
    assert list(ours.state_dict()) == list(theirs.state_dict())


def test_densenet_with_dropout() -> None:
    ours = archspec.load("densenet", dropout=0.1).build(device="meta")
    theirs = make_peer(parse_peer("torchvision.models:densenet121(drop_rate=0.1)"))
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert {dropout.p for dropout in dropouts(ours)} == {0.1}
    assert len(dropouts(ours)) == 6 + 12 + 24 + 16  # theirs calls F.dropout in each layer


@pytest.mark.parametrize("spec", sampled(["swin:swin_t", "swin:swin_b", "swin_v2:swin_v2_s", "maxvit:maxvit_t"], *MORE))
def test_stochastic_depth_of_transformers_grows_as_torchvisions(spec: str) -> None:
    """Ours has a module for each of the two branches of a block, theirs calls one twice."""
    ours, theirs = pair(spec)
    rates = [module.p for module in theirs.modules() if type(module).__name__ == "StochasticDepth"]
    found = {name: module.p for name, module in ours.named_modules() if type(module).__name__ == "StochasticDepth"}
    assert {name for name, rate in found.items() if name.endswith("2") and rate != found[f"{name[:-1]}1"]} == set()
    assert [rate for name, rate in found.items() if not name.endswith("2") and rate] == [rate for rate in rates if rate]


@pytest.mark.parametrize("size", [64, pytest.param(96, marks=pytest.mark.whole)])
def test_vision_transformer_of_another_size(size: int) -> None:
    ours = archspec.load("vit:vit_b_32", size=size).build().eval()
    theirs = make_peer(parse_peer(f"torchvision.models:vit_b_32(image_size={size})")).eval()
    randomise(theirs)
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        assert torch.equal(ours(x), theirs(x))


@pytest.mark.parametrize(
    "spec", sampled(["efficientnet:b0", "efficientnet:b7", "efficientnet_v2:s", "efficientnet_v2:l"], *MORE)
)
def test_stochastic_depth_grows_as_torchvisions(spec: str) -> None:
    """Theirs has the module in every block and uses it where there is a shortcut."""
    ours, theirs = pair(spec)
    rates = {name: module.p for name, module in theirs.named_modules() if type(module).__name__ == "StochasticDepth"}
    found = {name: module.p for name, module in ours.named_modules() if type(module).__name__ == "StochasticDepth"}
    assert found
    for name, rate in found.items():
        assert rate == rates[name.replace("drop", "stochastic_depth")]


@pytest.mark.parametrize("spec", sampled(FPN))
def test_fpn_is_torchvisions(spec: str) -> None:
    """torchvision freezes the norms of a backbone of detectors; its state_dict has our keys where they are norms."""
    peer = parse_peer(FPN[spec].peer)
    arguments = {**peer.arguments, "norm_layer": nn.BatchNorm2d, "trainable_layers": 5}
    theirs = make_peer(replace(peer, arguments=arguments))
    ours = archspec.load(spec).build(device="meta")
    expected = {key: tensor.shape for key, tensor in theirs.state_dict().items()}
    assert list({key: tensor.shape for key, tensor in ours.state_dict().items()}.items()) == list(expected.items())
    randomise(theirs)
    ours.load_state_dict({key: tensor.clone() for key, tensor in theirs.state_dict().items()}, assign=True)
    for size in SIZES:
        x = torch.randn(2, 3, *size, generator=torch.Generator().manual_seed(1))
        for training in (False, True):
            with torch.no_grad():
                maps, their_maps = ours.train(training)(x), theirs.train(training)(x)
            assert_equal(tuple(maps), tuple(their_maps.values()))

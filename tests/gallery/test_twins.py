"""Specs with a twin in torchvision: the same state_dict, and from the same weights the same numbers, bit for bit."""

from collections.abc import Iterator
from importlib import import_module
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

pytestmark = pytest.mark.skipif(find_spec("torchvision") is None, reason="torchvision is the oracle")

CLASSIFIERS = {
    "alexnet": "alexnet",
    "googlenet_torchvision": "googlenet(aux_logits=True)",
    "mobilenet_v2": "mobilenet_v2",
    **{f"densenet:densenet{depth}": f"densenet{depth}" for depth in (121, 161, 169, 201)},
    **{f"efficientnet:b{size}": f"efficientnet_b{size}" for size in range(8)},
    **{f"efficientnet_v2:{size}": f"efficientnet_v2_{size}" for size in "sml"},
    **{f"mnasnet:mnasnet{factor}": f"mnasnet{factor}" for factor in ("0_5", "0_75", "1_0", "1_3")},
    **{f"mobilenet_v3:mobilenet_v3_{size}": f"mobilenet_v3_{size}" for size in ("large", "small")},
    **{f"vgg:vgg{depth}{norm}": f"vgg{depth}{norm}" for depth in (11, 13, 16, 19) for norm in ("", "_bn")},
    **{
        f"resnet:{variant}": variant
        for variant in (
            "resnet18",
            "resnet34",
            "resnet50",
            "resnet101",
            "resnet152",
            "resnext50_32x4d",
            "resnext101_32x8d",
            "resnext101_64x4d",
            "wide_resnet50_2",
            "wide_resnet101_2",
        )
    },
    "squeezenet:squeezenet1_0": "squeezenet1_0",
    "squeezenet:squeezenet1_1": "squeezenet1_1",
    "inception_v3": "inception_v3(aux_logits=True, transform_input=False)",
    **{
        f"regnet:regnet_{kind}_{size}": f"regnet_{kind}_{size}"
        for kind in "xy"
        for size in ("400mf", "800mf", "1_6gf", "3_2gf", "8gf", "16gf", "32gf")
    },
    "regnet:regnet_y_128gf": "regnet_y_128gf",
    **{f"vit:{variant}": variant for variant in ("vit_b_16", "vit_b_32", "vit_l_16", "vit_l_32", "vit_h_14")},
    **{f"swin:swin_{size}": f"swin_{size}" for size in "tsb"},
    **{f"swin_v2:swin_v2_{size}": f"swin_v2_{size}" for size in "tsb"},
    "maxvit:maxvit_t": "maxvit_t",
    **{f"shufflenet_v2:shufflenet_v2_x{width}": f"shufflenet_v2_x{width}" for width in ("0_5", "1_0", "1_5", "2_0")},
}
TWINS = {
    **{spec: f"torchvision.models:{call}" for spec, call in CLASSIFIERS.items()},
    **{
        f"fcn_resnet50:{variant}": f"torchvision.models.segmentation:{variant}(aux_loss=True)"
        for variant in ("fcn_resnet50", "fcn_resnet101")
    },
}
# One of each kind runs; the others differ from these in depth and width alone.
RUN = [
    "alexnet",
    "googlenet_torchvision",
    "vgg:vgg11",
    "vgg:vgg16_bn",
    "resnet:resnet18",
    "resnet:resnet34",
    "resnet:resnet50",
    "resnet:resnet152",
    "resnet:resnext50_32x4d",
    "resnet:wide_resnet50_2",
    "densenet:densenet121",
    "mobilenet_v2",
    "mobilenet_v3:mobilenet_v3_large",
    "mobilenet_v3:mobilenet_v3_small",
    "mnasnet:mnasnet0_5",
    "efficientnet:b0",
    "efficientnet:b5",
    "efficientnet_v2:s",
    "fcn_resnet50:fcn_resnet50",
    "squeezenet:squeezenet1_0",
    "squeezenet:squeezenet1_1",
    "inception_v3",
    "regnet:regnet_x_400mf",
    "regnet:regnet_x_8gf",  # its first stage is narrower than a group
    "regnet:regnet_y_400mf",
    "shufflenet_v2:shufflenet_v2_x1_0",
    "vit:vit_b_32",
    "swin:swin_t",
    "swin_v2:swin_v2_t",
    "maxvit:maxvit_t",
]
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


def pair(spec: str, twin: str, device: str) -> tuple[nn.Module, nn.Module]:
    with torch.device(device):
        return archspec.load(spec).build(), make_peer(parse_peer(twin))


@pytest.fixture(params=RUN, scope="module")
def spec(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def twins(spec: str) -> tuple[nn.Module, nn.Module]:
    """Ours and torchvision's, with the same random weights."""
    ours, theirs = pair(spec, TWINS[spec], "meta")
    if spec.startswith(COMPUTED_BUFFERS):
        theirs = make_peer(parse_peer(TWINS[spec]))
    else:
        theirs.to_empty(device="cpu")
    randomise(theirs)
    held = dict(theirs.named_parameters()) | {name: buffer.clone() for name, buffer in theirs.named_buffers()}
    ours.load_state_dict(held, assign=True)
    return ours, theirs


def image(spec: str, number: int) -> Tensor:
    size = OTHER_SIZES.get(spec, SIZES)[number]
    return torch.randn(2, 3, *size, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("spec", TWINS)
def test_state_dict_has_the_same_keys_in_the_same_order_with_the_same_shapes(spec: str) -> None:
    ours, theirs = pair(spec, TWINS[spec], "meta")
    expected = {key: (tensor.shape, tensor.dtype) for key, tensor in theirs.state_dict().items()}
    found = {key: (tensor.shape, tensor.dtype) for key, tensor in ours.state_dict().items()}
    assert list(found.items()) == list(expected.items())


@pytest.mark.parametrize(
    "spec",
    [
        "alexnet",
        "googlenet_torchvision",
        "vgg:vgg11",
        "fcn_resnet50:fcn_resnet50",
        "squeezenet:squeezenet1_0",
        "inception_v3",
        "mobilenet_v2",
        "mobilenet_v3:mobilenet_v3_small",
        "mnasnet:mnasnet0_5",
        *(f"efficientnet:b{size}" for size in range(8)),
        *(f"efficientnet_v2:{size}" for size in "sml"),
    ],
)
def test_dropout_is_as_strong(spec: str) -> None:
    ours, theirs = ([dropout.p for dropout in dropouts(module)] for module in pair(spec, TWINS[spec], "meta"))
    assert sorted(ours) == sorted(theirs)


@pytest.mark.parametrize("number", range(len(SIZES)))
def test_eval_outputs_are_equal(spec: str, twins: tuple[nn.Module, nn.Module], number: int) -> None:
    ours, theirs = (module.eval() for module in twins)
    with torch.no_grad():
        expected = theirs(image(spec, number))
        if isinstance(expected, dict):
            expected.pop("aux")  # torchvision's FCN computes it in eval too
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


@pytest.mark.parametrize("spec", ["swin:swin_t", "swin:swin_b", "swin_v2:swin_v2_s", "maxvit:maxvit_t"])
def test_stochastic_depth_of_transformers_grows_as_torchvisions(spec: str) -> None:
    """Ours has a module for each of the two branches of a block, theirs calls one twice."""
    ours, theirs = pair(spec, TWINS[spec], "meta")
    rates = [module.p for module in theirs.modules() if type(module).__name__ == "StochasticDepth"]
    found = {name: module.p for name, module in ours.named_modules() if type(module).__name__ == "StochasticDepth"}
    assert {name for name, rate in found.items() if name.endswith("2") and rate != found[f"{name[:-1]}1"]} == set()
    assert [rate for name, rate in found.items() if not name.endswith("2") and rate] == [rate for rate in rates if rate]


@pytest.mark.parametrize("size", [64, 96])
def test_vision_transformer_of_another_size(size: int) -> None:
    ours = archspec.load("vit:vit_b_32", size=size).build().eval()
    theirs = make_peer(parse_peer(f"torchvision.models:vit_b_32(image_size={size})")).eval()
    randomise(theirs)
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        assert torch.equal(ours(x), theirs(x))


@pytest.mark.parametrize("spec", ["efficientnet:b0", "efficientnet:b7", "efficientnet_v2:s", "efficientnet_v2:l"])
def test_stochastic_depth_grows_as_torchvisions(spec: str) -> None:
    """Theirs has the module in every block and uses it where there is a shortcut."""
    ours, theirs = pair(spec, TWINS[spec], "meta")
    rates = {name: module.p for name, module in theirs.named_modules() if type(module).__name__ == "StochasticDepth"}
    found = {name: module.p for name, module in ours.named_modules() if type(module).__name__ == "StochasticDepth"}
    assert found
    for name, rate in found.items():
        assert rate == rates[name.replace("drop", "stochastic_depth")]


@pytest.mark.parametrize("depth", [50, 101])
def test_fpn_is_torchvisions(torchvision: ModuleType, depth: int) -> None:
    """torchvision freezes the norms of a backbone of detectors; its state_dict has our keys where they are norms."""
    make = import_module("torchvision.models.detection.backbone_utils").resnet_fpn_backbone
    theirs = make(backbone_name=f"resnet{depth}", weights=None, norm_layer=nn.BatchNorm2d, trainable_layers=5)
    ours = archspec.load(f"fpn:fpn_resnet{depth}").build(device="meta")
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

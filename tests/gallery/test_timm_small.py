"""Specs with a twin in timm, run small: the same parameters and MACs at full size, the same numbers at a small one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

import pytest
import torch
from torch import nn

from archspec.design import Setting
from tests.gallery.by_hand import Rename, as_it_is, assert_same, assert_same_counts, built, give_weights, noise, shapes
from tests.gallery.networks import network
from tests.gallery.twins import twins_in

pytestmark = pytest.mark.skipif(find_spec("timm") is None, reason="timm is the oracle")


@dataclass(frozen=True, slots=True)
class Pair:
    """A network of the gallery and timm's.

    Attributes:
        spec: ours.
        name: theirs.
        ours: settings that make ours small.
        theirs: arguments that make theirs as small.
        always: arguments that theirs has at full size too.
        size: of a small image.
        rename: our key of the state_dict -> theirs.
        bits: outputs are equal to the last bit; else but for the order of summation.
        runs: outputs are compared; one of a structure is enough.
        small: what makes a small one of theirs, where the function of that name does not take the arguments.
    """

    spec: str
    name: str
    ours: Mapping[str, Setting] = field(default_factory=dict)
    theirs: Mapping[str, object] = field(default_factory=dict)
    always: Mapping[str, object] = field(default_factory=dict)
    size: tuple[int, int] = (64, 64)
    rename: Rename = as_it_is
    bits: bool = True
    runs: bool = True
    small: str = ""

    def make(self, timm: ModuleType) -> nn.Module:
        """Theirs, small."""
        arguments = {**self.always, **self.theirs}
        made: nn.Module
        if self.small:
            module, _, name = self.small.partition(":")
            made = getattr(import_module(f"timm.models.{module}"), name)(**arguments)
        else:
            made = timm.create_model(self.name, drop_rate=0.0, **arguments)
        return made


SHALLOW: dict[str, Setting] = {"depths": [1, 2, 1, 1]}
PAIRS = [
    Pair("inception_v4", "inception_v4", size=(75, 75)),
    Pair("res2net:res2net50_26w_4s", "res2net50_26w_4s", SHALLOW, {"layers": [1, 2, 1, 1]}),
    Pair("res2net:res2net101_26w_4s", "res2net101_26w_4s", runs=False),
    Pair("res2net:res2next50", "res2next50", SHALLOW, {"layers": [1, 2, 1, 1]}),
    Pair("ghostnet", "ghostnet_100"),
    *(
        Pair(
            f"convmixer:{name}",
            name,
            {"depth": 2, "width": 16},
            {"depth": 2, "dim": 16, "kernel_size": kernel, "act_layer": act},
            small="convmixer:ConvMixer",
            runs=runs,
        )
        for name, kernel, act, runs in (
            ("convmixer_1536_20", 9, nn.GELU, True),
            ("convmixer_768_32", 7, nn.ReLU, True),
            ("convmixer_1024_20_ks9_p14", 9, nn.GELU, False),
        )
    ),
    Pair("repvgg:repvgg_a0", "repvgg_a0"),
    Pair("repvgg:repvgg_b0", "repvgg_b0", runs=False),
    Pair("sk_resnet:skresnet18", "skresnet18", SHALLOW, {"layers": [1, 2, 1, 1]}),
    Pair("sk_resnet:skresnet34", "skresnet34", runs=False),
    Pair("poolformer:poolformer_s12", "poolformer_s12"),
    Pair("poolformer:poolformer_s24", "poolformer_s24", runs=False),
    Pair("poolformer:poolformer_m36", "poolformer_m36", runs=False),
    Pair("darknet53", "darknet53", {"slope": 0.01}),
    Pair("resnet_v2:resnetv2_50x1_bit", "resnetv2_50x1_bit", bits=False),
    Pair("resnet_v2:resnetv2_50x3_bit", "resnetv2_50x3_bit", runs=False),
    Pair("resnet_v2:resnetv2_101x1_bit", "resnetv2_101x1_bit", runs=False),
    Pair("mobilevit:mobilevit_s", "mobilevit_s", runs=False),
    Pair("mobilevit:mobilevit_xs", "mobilevit_xs", runs=False),
    Pair("mobilevit:mobilevit_xxs", "mobilevit_xxs", size=(64, 128), bits=False),
]
RUN = [pair for pair in PAIRS if pair.runs]
NAMES = [pair.spec for pair in PAIRS]
TWINS = {spec: twin for spec, twin in twins_in("timm.models").items() if spec in NAMES}


@pytest.fixture(scope="module")
def timm(torchvision: ModuleType) -> ModuleType:
    return import_module("timm")


@pytest.mark.parametrize("pair", PAIRS, ids=NAMES)
def test_counts_and_keys_are_timms(timm: ModuleType, pair: Pair) -> None:
    with torch.device("meta"):
        theirs = timm.create_model(pair.name, **pair.always)
        ours = built(pair.spec)
    assert shapes(ours, pair.rename) == shapes(theirs)
    if pair.rename is as_it_is:
        assert list(ours.state_dict()) == list(theirs.state_dict())
    loaded = network(pair.spec)
    (image,) = (loaded.shapes[id][0].dims for id in loaded.graph.inputs)
    assert_same_counts(pair.spec, theirs, image)


@pytest.mark.parametrize("pair", RUN, ids=[pair.spec for pair in RUN])
def test_outputs_are_timms(timm: ModuleType, pair: Pair) -> None:
    ours = built(pair.spec, **pair.ours)
    theirs = pair.make(timm)
    give_weights(ours, theirs, pair.rename)
    assert_same(ours, theirs, *noise((2, 3, *pair.size)), bits=pair.bits)


@pytest.mark.parametrize("spec", TWINS)
def test_twins_are_those_that_are_compared(spec: str) -> None:
    pair = next(pair for pair in PAIRS if pair.spec == spec)
    twin = TWINS[spec]
    assert (twin.callable, twin.same_keys, twin.runs) == (pair.name, True, pair.runs)
    assert twin.exact == pair.bits or not twin.runs
    assert pair.rename is as_it_is

"""A peer is named in one line, imported, and made without weights; a slip in the name is met with the nearest one."""

import pytest
from torch import nn

from archspec.runtime.peer import Peer, PeerError, make_peer, parse_peer


@pytest.mark.parametrize(
    ("text", "peer"),
    [
        ("torchvision.models:resnet50", Peer("torchvision.models", "resnet50", {})),
        ("torch:nn.ReLU()", Peer("torch", "nn.ReLU", {})),
        ("m:f(a=1, b=[2, 'x'], c=None)", Peer("m", "f", {"a": 1, "b": [2, "x"], "c": None})),
        ("m:f(a=-1.5)", Peer("m", "f", {"a": -1.5})),
    ],
)
def test_forms(text: str, peer: Peer) -> None:
    assert parse_peer(text) == peer


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("resnet50", "'resnet50' is not MODULE:CALLABLE or MODULE:CALLABLE(name=value, ...)"),
        (":resnet50", "':resnet50' is not MODULE:CALLABLE or MODULE:CALLABLE(name=value, ...)"),
        ("m:f(", "'m:f(' is not MODULE:CALLABLE or MODULE:CALLABLE(name=value, ...)"),
        ("m:a + b", "'m:a + b' is not MODULE:CALLABLE or MODULE:CALLABLE(name=value, ...)"),
        ("m:f(1)", "'m:f(1)': arguments are written name=value"),
        ("m:f(**a)", "'m:f(**a)': arguments are written name=value"),
        ("m:f(a=open('x'))", "\"m:f(a=open('x'))\": a is not a Python literal"),
    ],
)
def test_other_forms_are_refused(text: str, message: str) -> None:
    with pytest.raises(PeerError) as raised:
        parse_peer(text)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no_such_module:f", "no module no_such_module"),
        ("torch.nn:Convv2d", "torch.nn has no Convv2d; the nearest name is Conv2d"),
        ("torch.nn:Conv2d(depth=3)", "torch.nn:Conv2d: Conv2d.__init__() got an unexpected keyword argument 'depth'"),
        ("torch:pi", "torch:pi cannot be called"),
        ("builtins:dict", "builtins:dict makes a dict, not an nn.Module"),
    ],
)
def test_what_cannot_be_made_is_explained(text: str, message: str) -> None:
    with pytest.raises(PeerError) as raised:
        make_peer(parse_peer(text))
    assert str(raised.value) == message


def test_makes_torchvision_models_without_weights() -> None:
    model = make_peer(parse_peer("torchvision.models.segmentation:fcn_resnet50(num_classes=2)"))
    assert isinstance(model, nn.Module)


def test_leaves_slow_initialisation_out() -> None:
    assert isinstance(make_peer(parse_peer("torchvision.models:googlenet(num_classes=2)")), nn.Module)

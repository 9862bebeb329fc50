"""A peer is named in one line, imported, and made without weights; a slip in the name is met with the nearest one."""

from pathlib import Path

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
        ("some/my-net.py:Net(width=4)", Peer("some/my-net.py", "Net", {"width": 4})),
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


def test_makes_a_class_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "my-net.py"
    file.write_text("from torch import nn\n\n\nclass Net(nn.Linear):\n    pass\n")
    model = make_peer(parse_peer(f"{file}:Net(in_features=3, out_features=4)"))
    assert isinstance(model, nn.Linear)
    assert model.out_features == 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 / 0\n", "{file} does not import: ZeroDivisionError: division by zero\n  {file}:1 in <module>: 1 / 0"),
        ("raise SystemExit(3)\n", "{file} does not import: SystemExit: 3\n  {file}:1 in <module>: raise SystemExit(3)"),
        (
            "def Net():\n    return {}['x']\n",
            "{file}:Net makes no module: KeyError: 'x'\n  {file}:2 in Net: return {{}}['x']",
        ),
        ("", "{file} has no Net"),
        ("def f(:\n", "{file} does not import: SyntaxError: invalid syntax (net.py, line 1)"),
        (
            "import no_such_library\n",
            (
                "{file} does not import: ModuleNotFoundError: No module named 'no_such_library'\n"
                "  {file}:1 in <module>: import no_such_library"
            ),
        ),
    ],
)
def test_a_file_that_fails_is_shown_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "net.py"
    file.write_text(text)
    with pytest.raises(PeerError) as raised:
        make_peer(parse_peer(f"{file}:Net"))
    assert str(raised.value) == message.format(file=file)


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(PeerError) as raised:
        make_peer(parse_peer("nowhere/net.py:Net"))
    assert str(raised.value) == "there is no file nowhere/net.py"

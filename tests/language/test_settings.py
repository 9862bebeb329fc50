"""Variants, settings and input sizes given from outside, and the names under which specs are known."""

from pathlib import Path

import pytest

from archspec.diagnostics.diagnostic import SpecError
from archspec.gallery import gallery, resolve_spec
from archspec.pipeline import load_network, load_text

SPEC = """
archspec: 1
params: {width: 4, rate: 0.5, kind: a, sizes: [1, 2], deep: false}
variants: {wide: {width: 8}}
inputs: {image: [3, 8, 8]}
graph:
  conv: {op: conv2d, out_channels: $(width + len(sizes)), kernel_size: 1}
  drop: {op: dropout, p: $rate, when: $(deep and kind == 'a')}
"""


def fault(**given: object) -> tuple[str, str, str]:
    with pytest.raises(SpecError) as caught:
        load_text(SPEC, **given)  # type: ignore[arg-type]  # faults are what is tried
    (found,) = caught.value.diagnostics
    return found.code, found.message, found.help


@pytest.mark.parametrize(
    ("settings", "name", "expected"),
    [
        ({"width": "6"}, "width", 6),
        ({"width": 6}, "width", 6),
        ({"rate": "1"}, "rate", 1.0),
        ({"kind": "true"}, "kind", "true"),
        ({"sizes": "[1, 2, 3]"}, "sizes", (1, 2, 3)),
        ({"sizes": [4]}, "sizes", (4,)),
        ({"deep": "true"}, "deep", True),
    ],
)
def test_a_setting_is_yaml_or_a_value(settings: dict[str, object], name: str, expected: object) -> None:
    value = load_text(SPEC, settings=settings).params[name]
    assert (value, type(value)) == (expected, type(expected))


def test_settings_stand_over_the_variant_and_the_variant_over_defaults() -> None:
    assert load_text(SPEC).params["width"] == 4
    assert load_text(SPEC, variant="wide").params["width"] == 8
    assert load_text(SPEC, variant="wide", settings={"width": 5}).params["width"] == 5


def test_inputs_go_by_name_or_are_the_only_one() -> None:
    assert str(load_text(SPEC, inputs={"image": (1, 4, 6)}).shapes["conv"][0]) == "N x 6 x 4 x 6"
    assert str(load_text(SPEC, inputs={"": (1, 4, 6)}).shapes["conv"][0]) == "N x 6 x 4 x 6"


def test_what_the_spec_does_not_have() -> None:
    assert fault(variant="wiide") == ("unknown-variant", "Network has no variant wiide", "did you mean wide?")
    assert fault(settings={"witdh": 3}) == ("unknown-param", "Network has no param witdh", "did you mean width?")
    assert fault(inputs={"img": (3, 8, 8)})[0] == "unknown-input"


def test_what_does_not_fit() -> None:
    assert fault(settings={"width": "wide"})[:2] == ("wrong-type", "width takes an int, not the str 'wide'")
    assert fault(settings={"width": True})[:2] == ("wrong-type", "width takes an int, not a bool")
    assert fault(settings={"sizes": {"a": 1}})[0] == "wrong-type"
    assert fault(inputs={"image": (3, 0, 8)})[0] == "wrong-type"
    assert fault(inputs={"image": (8,)})[0] == "rank-mismatch"


def test_names_of_the_gallery_may_name_a_variant() -> None:
    assert load_network("resnet:resnet50").variant == "resnet50"
    assert load_network("resnet", variant="resnet34").variant == "resnet34"
    assert {entry.name for entry in gallery()} >= {"resnet", "vgg", "googlenet", "unet", "fcn", "alexnet"}


def test_a_path_may_name_a_variant(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(SPEC)
    assert load_network(path).variant == ""
    assert load_network(f"{path}:wide").params["width"] == 8


@pytest.mark.parametrize(
    ("name", "message", "help"),
    [
        ("resnt", "there is no spec resnt, neither a file nor in the gallery", "did you mean resnet?"),
        ("no/such.yaml", "there is no file no/such.yaml", ""),
    ],
)
def test_unknown_specs_offer_the_nearest(name: str, message: str, help: str) -> None:
    with pytest.raises(SpecError) as caught:
        resolve_spec(name)
    (found,) = caught.value.diagnostics
    assert (found.code, found.message, found.help) == ("spec-not-found", message, help)

"""Arguments of the imported module become params of its spec, where what is made follows from them."""

import pytest
import torch
from torch import nn

from archspec.code.naming import root_class
from archspec.code.pytorch import emit
from archspec.importer.command import imported
from archspec.importer.importing import Imported, Wish
from archspec.importer.refused import ImportFault
from archspec.pipeline import load_text
from archspec.runtime.build import load_class
from tests.importer import constructors

IMAGE = {"": ((3, 16, 16), "float")}
VECTOR = {"": ((4,), "float")}


def spec_of(name: str, wish: Wish | None = None, **settings: str) -> Imported:
    sizes = IMAGE if name == "ViT" else VECTOR
    return imported(f"tests.importer.constructors:{name}", settings, sizes, wish or Wish())


def params_of(text: str) -> str:
    return next((line for line in text.splitlines() if line.startswith("params: ")), "")


def test_arguments_of_a_transformer_are_params_throughout() -> None:
    found = spec_of("ViT", dim="16")
    assert found.proof.exact
    assert found.text.partition("\n\n")[0].partition("archspec: 1\n")[2] == (
        """\
name: ViT
doc: A vision transformer
params: {image_size: 16, patch_size: 4, num_classes: 10, dim: 16, depth: 3, heads: 2, dim_head: 8, mlp_ratio: 2.0,
         channels: 3, dropout: 0.0}
inputs: {img: [$channels, $image_size, $image_size]}"""
    )
    for said in (
        "pos_embedding: {op: parameter, shape: [1, $((image_size // patch_size) ** 2), $dim]",
        "patch: {op: conv2d, out_channels: $dim, kernel_size: $patch_size, stride: $patch_size}",
        "to_qkv: {op: linear, out_features: $(3 * heads * dim_head), bias: false}",
        "mul: {op: mul, other: $(dim_head**-0.5)}",
        "hidden: $(int(dim * mlp_ratio)),",
        "repeat: $depth}",
        "head: {op: linear, out_features: $num_classes}",
    ):
        assert said in found.text, said


@pytest.mark.parametrize(
    "settings", [{"depth": 5}, {"dim": 24, "heads": 4}, {"mlp_ratio": 3.0, "image_size": 32}], ids=str
)
def test_a_spec_with_other_params_is_the_module_made_with_them(settings: dict[str, float]) -> None:
    network = load_text(spec_of("ViT").text, settings=settings)
    made = load_class(emit(network), root_class(network))().eval()
    module = constructors.ViT(**settings).eval()  # type: ignore[arg-type]  # whatever the case says
    made.load_state_dict(module.state_dict(), strict=True)
    size = int(settings.get("image_size", 16))
    image = torch.randn(2, 3, size, size)
    assert torch.equal(made(image), module(image))


def test_heads_that_share_a_width_are_tried_with_values_that_divide_it(capsys: pytest.CaptureFixture[str]) -> None:
    found = imported("tests.importer.constructors:Split", {}, {"": ((5, 8), "float")}, Wish())
    assert params_of(found.text) == "params: {width: 8, heads: 4}"
    assert "inputs: {tokens: [5, $width]}" in found.text
    assert "unflattened_size: [$heads, $(tokens.features // heads)]" in found.text
    assert capsys.readouterr() == ("", "4 heads\n")


@pytest.mark.parametrize(
    ("form", "said"),
    [("power", "$((dim // heads) ** -0.5)"), ("root", "$(1 / (dim // heads) ** 0.5)")],
)
def test_roots_of_a_width_and_of_a_part_of_it_follow_from_arguments(form: str, said: str) -> None:
    found = imported("tests.importer.constructors:Scaled", {"form": form}, {"": ((5,), "int")}, Wish())
    assert params_of(found.text) == "params: {dim: 16, heads: 2}"
    assert f"other: {said}}}" in found.text
    assert "other: $(dim**0.5)}" in found.text
    assert "[3, $heads, $(dim // heads)]" in found.text


def test_lazy_layers_are_those_that_they_become(capsys: pytest.CaptureFixture[str]) -> None:
    found = imported("tests.importer.constructors:Lazy", {}, IMAGE, Wish())
    assert found.proof.exact
    assert params_of(found.text) == "params: {width: 8, classes: 3}"
    assert capsys.readouterr() == ("", "")


def test_lazy_layers_that_do_not_fit_are_no_fault_of_ours() -> None:
    with pytest.raises(ImportFault, match=r"Lazy does not run with x \(1, 5\): "):
        imported("tests.importer.constructors:Lazy", {}, {"": ((5,), "float")}, Wish())


def test_what_follows_by_no_expression_stays_a_number() -> None:
    """`(depth - 4) // 6` layers, and `squeeze ** 2 // 5` channels."""
    found = spec_of("Wide")
    assert params_of(found.text) == "params: {width: 12, bias: true}"
    assert "repeat: 2" in found.text
    assert "down: {op: linear, out_features: 16}" in found.text
    assert "norm: {op: layer_norm, when: $bias}" in found.text


def test_what_the_module_does_not_run_stands_in_no_spec() -> None:
    text = spec_of("Extra").text
    assert params_of(text) == "params: {width: 6}"
    assert "gate" not in text


def test_a_factory_hands_its_arguments_on_and_is_asked_for_no_weights() -> None:
    constructors.ASKED.clear()
    assert params_of(spec_of("extra").text) == "params: {width: 6}"
    assert len(constructors.ASKED) > 1
    assert not any(constructors.ASKED)


class Worded(nn.Module):
    """Arguments of forward whose names a spec cannot have."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, training: torch.Tensor, __: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return torch.as_tensor(self.fc(training) * mask + __)


def test_an_input_with_the_name_of_a_word_of_the_language_is_called_otherwise() -> None:
    sizes = dict.fromkeys(("training", "__", "mask"), ((4,), "float"))
    found = imported("tests.importer.test_params:Worded", {}, sizes, Wish())
    assert found.proof.exact
    assert "inputs: {training_input: [4], input: [4], mask: [4]}" in found.text


def test_fields_of_a_configuration_are_params() -> None:
    found = spec_of("configured")
    assert params_of(found.text) == "params: {width: 12, depth: 2, bias: true}"
    assert found.report()[-1] == "with other width, depth, bias: ok"
    network = load_text(found.text, settings={"width": 6, "depth": 3, "bias": False})
    made = load_class(emit(network), root_class(network))()
    made.load_state_dict(constructors.Configured(constructors.Config(6, 3, False)).state_dict(), strict=True)


def test_params_may_be_left_out() -> None:
    found = spec_of("ViT", Wish(params=False))
    assert params_of(found.text) == ""
    assert not any(line.startswith("with other") for line in found.report())


def test_the_report_says_which_arguments_were_tried() -> None:
    assert spec_of("Extra").report()[-1] == "with other width: ok"


class Chosen(nn.Module):
    """One of two layers, by an argument whose name a spec cannot have."""

    def __init__(self, x: int = 5, repeat: int = 6) -> None:
        super().__init__()
        self.one, self.two = nn.Linear(4, x), nn.Linear(x, repeat)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.as_tensor(self.two(self.one(x)))


def test_an_argument_with_the_name_of_an_input_or_a_key_stays_a_number() -> None:
    found = imported("tests.importer.test_params:Chosen", {}, VECTOR, Wish())
    assert found.proof.exact
    assert params_of(found.text) == ""

"""Arguments of the imported module become params of its spec, where what is made follows from them."""

import pytest
import torch
from torch import nn

from archspec.code.naming import root_class
from archspec.code.pytorch import emit
from archspec.diagnostics.diagnostic import SpecError
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


def made_with(name: str, text: str, settings: dict[str, object]) -> tuple[nn.Module, nn.Module]:
    """The source of a spec, and the module made with the same arguments, whose parameters it has."""
    network = load_text(text, settings=settings)
    made = load_class(emit(network), root_class(network))().eval()
    module = getattr(constructors, name)(**settings).eval()
    made.load_state_dict(module.state_dict(), strict=True)
    return made, module


def test_numbers_of_a_list_are_params_and_so_is_a_part_of_a_product() -> None:
    """Of `layers` a third number does nothing, and of `widths` the head reads the last."""
    found = imported("tests.importer.constructors:Staged", {}, IMAGE, Wish())
    assert params_of(found.text) == (
        "params: {layers: [2, 1], widths: {default: [16, 32], length: 2}, groups: 2, base_width: 32}"
    )
    assert "out_channels: $widths.0, kernel_size: 3}" in found.text
    assert "repeat: $layers.0}" in found.text
    assert "out_channels: $(base_width * x.channels // 64 * groups)" in found.text
    assert found.report()[-1] == "with other layers, widths, groups, base_width: ok"
    settings: dict[str, object] = {"layers": (3, 2), "widths": (24, 8), "groups": 4, "base_width": 64}
    made, module = made_with("Staged", found.text, settings)
    image = torch.randn(2, 3, 16, 16)
    assert torch.equal(made(image), module(image))


def test_a_list_of_another_length_is_refused_where_the_module_reads_its_length() -> None:
    text = imported("tests.importer.constructors:Staged", {}, IMAGE, Wish()).text
    with pytest.raises(SpecError, match="widths is a list of 2 items, not of 3"):
        load_text(text, settings={"widths": [8, 8, 8]})


def test_channels_of_a_sequence_are_compared_and_a_dilation_goes_with_a_kernel() -> None:
    found = imported("tests.importer.constructors:Temporal", {}, {"": ((4, 20), "float")}, Wish())
    assert params_of(found.text) == "params: {channels: {default: [8, 8, 16], length: 3}, kernel_size: 3}"
    assert "when: $(x.channels != channels)" in found.text
    made, module = made_with("Temporal", found.text, {"channels": (8, 4, 4), "kernel_size": 2})
    signal = torch.randn(2, 4, 20)
    assert torch.equal(made(signal), module(signal))


def test_a_list_that_cannot_be_said_throughout_stays_numbers() -> None:
    """No expression gives `sizes[1] ** 2 // 5`, so that the width `sizes[0]` is no param either."""
    found = spec_of("Halved")
    assert params_of(found.text) == "params: {width: 6}"


def test_lazy_layers_are_those_that_they_become(capsys: pytest.CaptureFixture[str]) -> None:
    found = imported("tests.importer.constructors:Lazy", {}, IMAGE, Wish())
    assert found.proof.exact
    assert params_of(found.text) == "params: {width: 8, classes: 3}"
    assert capsys.readouterr() == ("", "")


def test_lazy_layers_that_do_not_fit_are_no_fault_of_ours() -> None:
    with pytest.raises(ImportFault, match=r"Lazy does not run with x \(1, 5\): "):
        imported("tests.importer.constructors:Lazy", {}, {"": ((5,), "float")}, Wish())


def test_what_follows_by_no_expression_stays_a_number() -> None:
    """`squeeze ** 2 // 5` channels."""
    found = spec_of("Wide")
    assert params_of(found.text) == "params: {depth: 16, width: 12, bias: true}"
    assert "repeat: $((depth - 4) // 6)" in found.text
    assert "down: {op: linear, out_features: 16}" in found.text
    assert "norm: {op: layer_norm, when: $bias}" in found.text


def test_what_the_module_does_not_run_stands_in_no_spec() -> None:
    text = spec_of("Extra").text
    assert params_of(text) == "params: {width: 6}"
    assert "gate" not in text


def test_a_factory_hands_its_arguments_on_and_is_asked_for_no_weights() -> None:
    constructors.ASKED.clear()
    assert params_of(spec_of("renamed").text) == "params: {width: 6}"
    assert len(constructors.ASKED) > 1
    assert not any(constructors.ASKED)


def test_what_a_factory_only_makes_is_made_again_by_its_class() -> None:
    constructors.ASKED.clear()
    assert params_of(spec_of("extra").text) == "params: {width: 6}"
    assert constructors.ASKED == [False]
    found = imported("tests.importer.constructors:staged", {}, IMAGE, Wish())
    assert params_of(found.text) == (
        "params: {layers: [1, 2], widths: {default: [16, 32], length: 2}, groups: 2, base_width: 64}"
    )


def test_a_class_that_was_given_a_module_is_made_by_nobody_else() -> None:
    assert params_of(spec_of("shared").text) == ""


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

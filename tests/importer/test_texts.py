"""Texts and classes among the arguments of the imported module become params of its spec."""

import pytest
import torch
from torch import nn

from archspec.code.naming import root_class
from archspec.code.pytorch import emit
from archspec.diagnostics.diagnostic import SpecError
from archspec.importer.command import imported
from archspec.importer.importing import Imported, Wish
from archspec.importer.texts import choice
from archspec.pipeline import load_text
from archspec.runtime.build import load_class
from tests.importer import chosen
from tests.importer.test_params import params_of

IMAGE = {"": ((3, 16, 16), "float")}


def spec_of(name: str) -> Imported:
    return imported(f"tests.importer.chosen:{name}", {}, IMAGE, Wish())


def require_equal(text: str, settings: dict[str, object], module: nn.Module) -> None:
    """The source of a spec with these params gives what a module does."""
    network = load_text(text, settings=settings)
    made = load_class(emit(network), root_class(network))().eval()
    made.load_state_dict(module.eval().state_dict(), strict=True)
    image = torch.randn(2, 3, 16, 16)
    assert torch.equal(made(image), module(image)), settings


def test_texts_that_the_code_compares_are_params_with_choices() -> None:
    found = spec_of("Encoder")
    assert found.proof.exact
    assert found.text.partition("\n\n")[0].partition("params: ")[2] == (
        """\
{width: 8, norm: {default: batch, choices: [batch, instance, "none"]},
         act: {default: relu, choices: [relu, gelu, silu]}, pool: {default: max, choices: [max, avg]}, classes: 5}
inputs: {image: [3, 16, 16]}"""
    )
    for said in (
        "padding: 1, bias: $(norm == 'none')}",
        "norm: {op: $('batch_norm2d' if norm == 'batch' else 'instance_norm2d'), when: $(norm != 'none')}",
        "act: {op: $act}",
        "pool: {op: $('max_pool2d' if pool == 'max' else 'avg_pool2d'), kernel_size: 2}",
        "one: {block: stage, channels: $width, norm: $norm, act: $act}",
    ):
        assert said in found.text, said
    assert found.report()[-1] == "with other width, norm, act, pool, classes: ok"


def test_a_spec_with_another_text_is_the_module_made_with_it() -> None:
    text = spec_of("Encoder").text
    for norm in ("batch", "instance", "none"):
        for act in ("relu", "gelu", "silu"):
            for pool in ("max", "avg"):
                settings: dict[str, object] = {"norm": norm, "act": act, "pool": pool, "width": 4}
                require_equal(text, settings, chosen.Encoder(**settings))  # type: ignore[arg-type]


def test_a_text_of_which_something_cannot_be_said_is_no_choice() -> None:
    """A group norm wants groups, which no other norm takes."""
    with pytest.raises(SpecError, match="norm is one of batch, instance, none, not 'group'"):
        load_text(spec_of("Encoder").text, settings={"norm": "group"})


def test_a_class_of_torch_is_the_name_of_its_op() -> None:
    found = spec_of("Layered")
    assert params_of(found.text) == (
        "params: {width: 8, act_layer: {type: str, default: gelu}, norm_layer: {type: str, default: batch_norm2d}}"
    )
    assert "- {op: $norm_layer}" in found.text
    settings: dict[str, object] = {"act_layer": "silu", "norm_layer": "instance_norm2d"}
    require_equal(found.text, settings, chosen.Layered(act_layer=nn.SiLU, norm_layer=nn.InstanceNorm2d))


def test_functions_that_a_text_chooses_are_one_op() -> None:
    """What is added or multiplied stays as it is, and so do texts that nothing compares."""
    found = spec_of("Met")
    assert params_of(found.text) == "params: {act: {default: relu, choices: [relu, gelu, silu]}}"
    assert "activation: {op: $('relu' if act == 'relu' else 'gelu')}" in found.text
    require_equal(found.text, {"act": "gelu"}, chosen.Met(act="gelu"))


def test_what_is_none_may_be_a_number() -> None:
    """Without a dropout the module does not run one, so that it stays None."""
    found = spec_of("Mixer")
    assert params_of(found.text) == "params: {dim: 12, depth: 2, hidden: null, out: null}"
    assert "up: {op: linear, out_features: $(hidden if hidden != none else 4 * x.channels)}" in found.text
    assert "head: {op: linear, out_features: $(out if out != none else dim)}" in found.text
    require_equal(found.text, {"dim": 8, "hidden": 5}, chosen.Mixer(dim=8, hidden=5))
    require_equal(found.text, {"depth": 1, "out": 3}, chosen.Mixer(depth=1, out=3))


def test_numbers_of_a_pair_are_params_and_so_is_a_depth_that_counts_all_layers() -> None:
    found = spec_of("Windows")
    assert "patch: {default: [2, 2], length: 2}, depth: 16}" in params_of(found.text)
    assert "kernel_size: [$kernel.0, $kernel.1], padding: [$(kernel.0 // 2), $(kernel.1 // 2)]}" in found.text
    assert "kernel_size: [$patch.0, $patch.1], stride: [$patch.0, $patch.1]}" in found.text
    assert "repeat: $((depth - 4) // 6)}" in found.text
    settings: dict[str, object] = {"kernel": (7, 3), "patch": (4, 2), "depth": 10}
    require_equal(found.text, settings, chosen.Windows((7, 3), (4, 2), 10))


def matched(kind: str, level: str) -> nn.Module:
    """Never run, and read for what it compares."""
    match kind:
        case "plain" | "thin":
            return nn.Identity()
        case "wide":
            return nn.Linear(4, 8)
    return nn.Linear(4, 4) if level.lower() != "low" else nn.Identity()


def test_what_a_text_may_be_stands_in_the_code() -> None:
    kind = choice("kind", "plain", matched, nn.Identity())
    assert kind is not None
    assert kind.others == ("thin", "wide")
    level = choice("level", "high", matched, nn.Identity())
    assert level is not None
    assert level.others == ("low",)
    assert choice("title", "a net", matched, nn.Identity()) is None
    assert choice("norm", nn.Linear, matched, nn.Identity()) is None

"""Shapes in docstrings and comments: right for whatever the network's arguments are, not only for their defaults."""

import pytest

import archspec
from archspec.design import Setting
from tests.code.families import written as family

# Sizes inside of classes that do not take the argument by which they change.
OTHER: dict[str, dict[str, Setting]] = {
    "vae": {"size": 20, "latent": 7, "hidden": 30},
    "capsnet": {"classes": 4, "capsule": 6},
    "bert:bert_base": {"context": 100},
    "gpt:gpt2": {"context": 100},
    "detr": {"queries": 7},
    "mamba:small": {"states": 4, "kernel": 3},
    "tcn": {"kernel": 3, "channels": 5},
}


@pytest.mark.parametrize("spec", OTHER)
def test_no_shape_holds_for_the_default_of_an_argument_only(spec: str) -> None:
    """What is said of shapes is the same where another value is the default: the signature is all that differs."""
    ours, theirs = archspec.load(spec).source(), archspec.load(spec, **OTHER[spec]).source()  # type: ignore[arg-type]
    pairs = zip(ours.splitlines(), theirs.splitlines(), strict=True)
    assert all(" = " in one and ": int" in one for one, other in pairs if one != other)


def test_a_size_has_the_name_of_the_argument_that_it_is() -> None:
    source = archspec.load("capsnet").source()
    assert "    logits (N, 1152, classes), votes (N, 1152, classes, capsule)\n" in source
    assert "cos (L, C), sin (L, C), decay (heads, L, L) -> (N, L, width)" in family("retnet")
    assert "(N, 768, size // 32, size // 32)" in archspec.load("vit:vit_b_32").source()

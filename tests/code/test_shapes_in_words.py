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


STRIDED = """
archspec: 1
name: Strided
inputs: {image: [3, 32, 32]}
blocks:
  conv:
    params: {channels: int, kernel: 3, stride: 1, {more}}
    graph:
      - {op: conv2d, out_channels: $channels, kernel_size: $kernel, stride: {by}, padding: $(kernel // 2)}
      - relu
graph:
  a: {block: conv, channels: 8, stride: 2}
  b: {block: conv, channels: 16, kernel: 5}
  c: {block: conv, channels: 8, kernel: 1, {given}}
"""


def strided(by: str = "$stride", more: str = "", given: str = "") -> str:
    text = STRIDED.replace("{by}", by).replace(", {more}", more).replace(", {given}", given)
    return archspec.loads(text).source()


def test_a_size_is_an_inputs_by_the_argument_that_says_so() -> None:
    assert '"""(N, in_channels, H, W) -> (N, channels, H / stride, W / stride)."""' in strided()
    assert "(N, channels, ceil(H / stride), ceil(W / stride))" in strided(given=", stride: 3")


def test_no_argument_says_a_size_of_which_another_has_a_say() -> None:
    source = strided("$(stride if dilation == 1 else 1)", ", dilation: 1", ", stride: 2, dilation: 2")
    assert "stride: int" in source
    assert "/ stride" not in source


def test_the_number_of_a_value_says_its_size() -> None:
    assert "    -> (N, channels[to], H / 2**to, W / 2**to).\n" in archspec.load("hrnet").source()
    assert (
        "below (N, below_channels, H, W), *nodes (N, channels, 2 * H, 2 * W)\n"
        in archspec.load("unet_plusplus").source()
    )
    assert "*maps (N, channels, H, W) -> (N, channels, H, W)." in archspec.load("bifpn").source()


def test_a_part_that_is_no_whole_number_is_rounded_up() -> None:
    assert "(N, in_channels, H, W) -> (N, channels, ceil(H / 2), ceil(W / 2))." in archspec.load("xception").source()


def test_a_sum_of_arguments_is_told() -> None:
    assert "(N, in_channels, H, W) -> (N, n1x1 + n3x3 + n5x5 + proj, H, W)." in archspec.load("googlenet").source()


ROOTED = """
archspec: 1
name: Net
params: {stride: 4, size: 32}
inputs: {image: [3, $size, $size]}
blocks:
  conv:
    params: {channels: int}
    graph:
      conv: {op: conv2d, out_channels: $channels, kernel_size: 8, stride: $stride, padding: 2}
  scale:
    params: {shape: list}
    graph:
      gamma: {op: parameter, shape: $shape}
      scaled: {op: mul, from: [x, gamma]}
graph:
  a: {block: conv, channels: 8}
  first: {block: scale, shape: [8, 1, 1]}
  b: {block: conv, channels: 16}
  scale: {block: scale, shape: [16, 1, 1]}
  mean: {op: mean, dim: [2, 3]}
  fc: {op: linear, out_features: 10}
  last: {block: scale, shape: [10]}
"""


def test_no_ratio_is_told_that_holds_for_the_default_of_an_argument() -> None:
    source = archspec.loads(ROOTED).source()
    assert "stride: int = 4" in source
    assert "/ 4" not in source


def test_what_is_as_large_as_an_input_in_every_use_is_told_as_that() -> None:
    """Of two dimensions here and four there, no size has a name."""
    assert '"""(N, C, H, W) or (N, 10) -> (N, C, H, W) or (N, 10)."""' in archspec.loads(ROOTED).source()

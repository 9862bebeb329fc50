"""Findings stand where they are written, once for all uses; authors silence what they mean, and hear of it."""

from inspect import cleandoc

from archspec.lint.lint import Wish, lint
from archspec.pipeline import load_network, load_text
from tests.lint.specs import EVERY_RULE, linted, spec

BLOCK = """
archspec: 1
inputs: {{image: [16, 32, 32]}}{top}
blocks:
  unit:{block}
    graph:
      conv: {{op: conv2d, out_channels: 16, kernel_size: 1{conv}}}
      norm: batch_norm2d
graph:
  first: {{block: unit{first}}}
  rest: {{block: unit, repeat: 3{rest}}}
"""


def block(**silences: str) -> str:
    """A block of four uses whose convolution has a needless bias."""
    places = dict.fromkeys(("top", "block", "conv", "first", "rest"), "")
    return BLOCK.format(**{**places, **silences})


SILENCE = "lint: {ignore: [bias-before-norm]}"


def test_uses_of_a_block_are_one_finding() -> None:
    (found,) = linted(block())
    assert (found.span.line, found.span.column) == (6, 7)
    assert found.message == "conv adds a bias of 16 parameters, which norm takes away again"
    assert found.notes == ("in 4 uses: first.conv, rest.0.conv, rest.1.conv, ...",)


def test_a_member_of_a_list_is_called_with_its_list() -> None:
    (found,) = linted(
        spec("""
        body:
          graph:
            - {op: conv2d, out_channels: 16, kernel_size: 1}
            - batch_norm2d
    """)
    )
    assert found.message == "body.0 adds a bias of 16 parameters, which body.1 takes away again"


def test_a_silence_holds_for_a_member_a_block_a_use_and_a_spec() -> None:
    assert linted(block(conv=f", {SILENCE}")) == ()
    assert linted(block(block=f"\n    {SILENCE}")) == ()
    assert linted(block(top=f"\n{SILENCE}")) == ()
    (found,) = linted(block(rest=f", {SILENCE}"))
    assert found.notes == ()
    (found,) = linted(block(first=f", {SILENCE}"))
    assert found.notes == ("in 3 uses: rest.0.conv, rest.1.conv, rest.2.conv",)


def test_a_silence_that_keeps_nothing_silent_is_told() -> None:
    (found,) = linted(spec(f"conv: {{op: conv2d, out_channels: 16, kernel_size: 1, {SILENCE}}}"))
    assert (found.code, found.span.line, found.span.column) == ("unused-silence", 4, 72)
    assert found.message == "bias-before-norm has nothing to say here"


def test_a_silence_is_told_only_where_its_rule_ran() -> None:
    text = spec(f"conv: {{op: conv2d, out_channels: 16, kernel_size: 1, {SILENCE}}}")
    assert linted(text, Wish(select=("large-kernel",))) == ()
    assert linted(text, Wish(ignore=("bias-before-norm",))) == ()


def test_a_silence_of_no_rule_is_told() -> None:
    (found,) = linted(
        spec("conv: {op: conv2d, out_channels: 16, kernel_size: 1, lint: {ignore: [bias-before-batchnorm]}}")
    )
    assert (found.code, found.message) == ("unknown-rule", "there is no rule bias-before-batchnorm")
    assert found.help == "did you mean bias-before-norm?"


def test_logits_that_are_no_output_are_told() -> None:
    text = spec("scores: {op: linear, out_features: 10}", inputs="{features: [32]}", lint="{logits: [score]}")
    (found,) = linted(text)
    assert (found.code, found.message) == ("unknown-reference", "there is no output score")
    assert found.help == "the outputs are scores"


def test_variants_are_one_finding() -> None:
    text = """
    archspec: 1
    params: {width: 16}
    variants: {narrow: {width: 16}, wide: {width: 32}}
    inputs: {image: [16, 32, 32]}
    graph:
      conv: {op: conv2d, out_channels: $width, kernel_size: 1}
      norm: batch_norm2d
    """
    (found,) = lint([load_text(cleandoc(text), variant=variant) for variant in ("narrow", "wide")], EVERY_RULE)
    assert found.notes == ()


def test_a_finding_says_which_variants_have_it_where_some_do_not() -> None:
    networks = [load_network("vgg", variant=variant) for variant in ("vgg11", "vgg11_bn", "vgg13", "vgg13_bn")]
    (found,) = lint(networks, Wish(select=("bias-before-norm",)))
    assert found.notes[1:] == ("with vgg11_bn, vgg13_bn",)


def test_selected_rules_run_alone() -> None:
    text = block()
    assert linted(text, Wish(select=("large-kernel",))) == ()
    assert [found.code for found in linted(text, Wish(select=("bias-before-norm",)))] == ["bias-before-norm"]
    assert linted(text, Wish(ignore=("bias-before-norm",))) == ()


def test_advice_about_a_block_is_of_what_stands_in_it() -> None:
    assert linted(block(), Wish(block="first"))[0].notes == ()
    assert linted(block(), Wish(block="rest.1"))[0].notes == ()
    assert linted(block(), Wish(block="unit"))[0].notes == ("in 4 uses: first.conv, rest.0.conv, rest.1.conv, ...",)
    assert linted(block(), Wish(block="first/norm")) == ()

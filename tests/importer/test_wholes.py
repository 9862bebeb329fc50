"""Networks as a whole: stages with one head, copies, states as long as a text, families, and parts of wholes."""

import pytest

from archspec.cli.modules import variants_of
from archspec.graph.report import totals
from archspec.importer.command import family, imported
from archspec.importer.importing import Imported, Wish
from archspec.importer.refused import ImportFault
from archspec.pipeline import load_text

IMAGE = {"": ((3, 16, 16), "float")}
HERE = "tests.importer.wholes"


def spec_of(name: str, *dims: int, dtype: str = "float", wish: Wish | None = None, **settings: str) -> Imported:
    return imported(f"{HERE}:{name}", settings, {"": (dims, dtype)}, wish or Wish())


def params_of(found: Imported) -> str:
    return next((line for line in found.text.splitlines() if line.startswith("params: ")), "")


def test_of_equal_calls_of_a_head_inference_has_the_last() -> None:
    found = spec_of("Supervised", 3, 16, 16)
    assert found.proof.exact
    assert "head: {op: conv2d, when: training, from: relu1" in found.text
    assert "head3: {share: head, from: relu3}" in found.text
    assert "outputs: {out: head3, stages_0: head, stages_1: head1, stages_2: head2}" in found.text


def test_a_copy_was_made_with_what_its_original_was() -> None:
    found = spec_of("Encoder", 7, dtype="int")
    assert params_of(found) == "params: {d_model: 16, nhead: 4, d_hid: 24, depth: 2}"
    assert "self_attn: {op: multi_head_attention, num_heads: $nhead, dropout: 0.1}" in found.text


def test_two_rounds_are_a_repeat_where_an_argument_says_how_many() -> None:
    found = spec_of("Two", 8, 12)
    assert params_of(found) == "params: {dim: 8, depth: 2}"
    assert "repeat: $depth" in found.text


def test_a_size_that_the_author_leaves_to_torch_is_left_there() -> None:
    found = spec_of("Boxes", 3, 16, 16)
    assert "unflattened_size: [-1, $classes]" in found.text
    assert found.proof.elsewhere == "equal"


def test_no_smaller_and_no_larger_are_a_clamp() -> None:
    found = spec_of("Heads", 4)
    assert params_of(found) == "params: {dim: 6}"
    assert "clamp1: {op: clamp, min: -0.5}" in found.text


def test_recurrent_layers_are_recorded_without_being_computed() -> None:
    assert params_of(spec_of("Recurrent", 5, 4)) == "params: {hidden: 12}"


def test_a_state_is_as_long_as_the_text() -> None:
    found = spec_of("States", 8, dtype="int")
    assert found.proof.holds
    assert found.proof.elsewhere == "equal"
    assert "expand_as: {op: expand_as, from: [start, embed]}" in found.text


def test_a_number_that_inference_has_as_zero_drops_in_training() -> None:
    found = spec_of("Numbers", 5, 8)
    assert found.proof.exact
    assert "dropout_p: $p" in found.text
    assert "dropout: {op: dropout, p: $p}" in found.text


def test_two_wirings_of_a_class_are_two_blocks() -> None:
    found = spec_of("Flow", 6)
    assert found.proof.exact
    assert params_of(found) == "params: {dim: 6}"  # which 7 does not change, and 12 does, for an input as long
    assert "- {block: coupling}\n      - {block: coupling1}" in found.text


def test_what_torch_draws_as_no_op_does_is_named_with_its_line() -> None:
    with pytest.raises(ImportFault, match=r"wholes\.py:\d+\): bernoulli with one number for all.*\nhelp: draw it as"):
        spec_of("Dropped", 4)


def test_an_argument_that_goes_by_place_only_is_given_so() -> None:
    found = spec_of("by_place", 4, 12, width="4")
    assert params_of(found) == "params: {width: 4, depth: 2}"


# -- families


def test_modules_of_one_class_are_variants() -> None:
    texts = variants_of([f"{HERE}:small", f"{HERE}:large"])
    found = family(texts, {}, IMAGE, Wish())
    assert found.proof.exact
    assert "params: {widths: {default: [4, 8], length: 2}, act: " in found.text
    assert "variants: {small: {}, large: {widths: [8, 24]}}" in found.text
    assert totals(load_text(found.text, variant="large"))[0].params == 1976
    assert "expect: {small: {params: 408, macs: 11520}, large: {params: 1976, macs: 41472}}" in found.text


def test_an_argument_that_no_param_says_is_named() -> None:
    found = family({"one": f"{HERE}:small", "two": f"{HERE}:smooth"}, {}, IMAGE, Wish(params=False))
    assert not found.proof.holds
    (claim,) = [claim for claim in found.proof.claims if claim.name == "two: arguments"]
    assert claim.line() == "two: arguments: FAILED, no param says act"


def test_a_variant_may_be_otherwise_in_training_or_opaque_as_the_first_is() -> None:
    name = "tests.importer.calls:Drawing"
    found = family({"one": name, "two": f"{name}(latent=6)"}, {}, {"": ((16,), "float")}, Wish())
    assert found.proof.holds, found.report()
    assert "variants: {one: {}, two: {latent: 6}}" in found.text
    assert any(line.startswith("two: training: not so") for line in found.report())
    odd = family(dict.fromkeys(("one", "two"), "tests.importer.networks:Odd"), {}, {"": ((4,), "float")}, Wish())
    assert odd.proof.holds, odd.report()


def test_a_module_of_another_class_is_no_variant() -> None:
    with pytest.raises(ImportFault) as raised:
        family({"one": f"{HERE}:small", "two": f"{HERE}:Boxes"}, {}, IMAGE, Wish())
    said = (
        f"{HERE}:Boxes is no variant of {HERE}:small: it makes a Boxes, and {HERE}:small a Tower; import it by itself"
    )
    assert str(raised.value) == said


# -- parts


def test_a_part_is_imported_with_what_the_whole_gives_it() -> None:
    found = imported(f"{HERE}:Detector", {}, IMAGE, Wish(part="backbone"))
    assert found.proof.exact
    assert found.text.startswith(f"# Imported from {HERE}:Detector backbone: equal keys")
    assert "name: Tower\n" in found.text
    assert "inputs: {image: [3, 32, 32]}" in found.text


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ("backbon", "has no part backbon; there is backbone"),
        ("score.zz", "has no part score.zz; there is "),
        ("pair.unused", f"no run of {HERE}:Detector comes to pair.unused: name a part that it calls"),
        ("pair", f"no run of {HERE}:Detector comes to pair: name a part that it calls, such as pair.both"),
        ("pair.both", "pair.both is given maps, a list: name a part that is given tensors only"),
    ],
)
def test_a_part_that_cannot_be_imported_is_named(part: str, message: str) -> None:
    with pytest.raises(ImportFault) as raised:
        imported(f"{HERE}:Detector", {}, IMAGE, Wish(part=part))
    assert message in str(raised.value)


def test_a_part_needs_a_whole_that_runs() -> None:
    with pytest.raises(ImportFault, match=r"Tower does not run with image \(\d, 4, 32, 32\)"):
        imported(f"{HERE}:Detector", {}, {"": ((4, 16, 16), "float")}, Wish(part="backbone"))


def test_parts_of_a_family_are_variants() -> None:
    texts = {"small": f"{HERE}:Detector", "large": f"{HERE}:Detector(widths=[4,16])"}
    found = family(texts, {}, IMAGE, Wish(part="backbone"))
    assert found.proof.exact
    assert "variants: {small: {}, large: {widths: [4, 16]}}" in found.text

"""Calls of modules: with other arguments than before, with None, and of what is no network."""

from pathlib import Path

import pytest

from archspec.importer.command import imported
from archspec.importer.importing import Imported, Wish
from archspec.importer.refused import ImportFault

Sizes = dict[str, tuple[tuple[int, ...], str]]
BOTH: Sizes = {"a": ((5, 8), "float"), "b": ((5, 8), "float"), "mask": ((5, 5), "float")}


def spec_of(name: str, *size: int, sizes: Sizes | None = None) -> Imported:
    return imported(f"tests.importer.calls:{name}", {}, sizes or {"": (size, "float")}, Wish())


def test_a_module_that_is_called_with_a_mask_and_without_is_opaque() -> None:
    found = spec_of("BothWays", sizes=BOTH)
    assert found.proof.exact, found.report()
    assert "cross1: {share: cross, from: [b, a]}" in found.text
    assert [line for line in found.report() if line.startswith("opaque")] == [
        "opaque: cross: is called with 2 values, and elsewhere with 3"
    ]


def test_an_opaque_module_that_gives_other_sizes_when_it_is_called_again_is_refused() -> None:
    other = BOTH | {"b": ((6, 8), "float"), "mask": ((5, 6), "float")}
    with pytest.raises(ImportFault, match="cross: gives values of other sizes where it is called again"):
        spec_of("BothWays", sizes=other)


def test_rows_are_picked_for_each_sample_by_numbers_of_several_dimensions() -> None:
    found = spec_of("Grouping", 12, 3)
    assert found.proof.exact, found.report()
    assert not found.opaque
    assert "unflatten1: {op: unflatten, dim: 1, unflattened_size: [4, 3]}" in found.text


def test_a_call_with_none_for_what_has_no_default_is_not_opaque() -> None:
    with pytest.raises(ImportFault, match=r"inner .*: lets the data decide what runs"):
        spec_of("GivenNone", 4)


def test_noise_that_is_written_into_empty_memory_is_drawn() -> None:
    found = spec_of("Noisy", 3, 8, 8)
    assert found.proof.exact, found.report()
    assert not found.opaque
    assert "randn_like: randn_like" in found.text


def test_gradients_of_complex_weights_are_compared() -> None:
    found = spec_of("Operator", 4, 12)
    assert found.proof.holds, found.report()
    assert any(claim.name == "gradients" and claim.holds for claim in found.proof.claims)


def test_a_number_that_the_size_of_the_input_happens_to_be_is_not_that_size() -> None:
    text = spec_of("Halved", 3, 16).text
    assert "out_channels: $(width // 16)" in text
    assert "x.features" not in text


def test_a_module_that_is_called_with_other_numbers_has_those_of_each_call() -> None:
    found = spec_of("Scaled", 8)
    assert found.proof.exact, found.report()
    assert (
        """
  step: {block: step, other: 2.0, exponent: 2}
  step1: {share: step, other: 1.0}
  step2: {share: step, exponent: 3}
  step3: {share: step, other: 4.0}
  other: {block: step, from: step2, other: 1.0, exponent: 2}
"""
        in found.text
    )


def test_a_module_that_does_more_when_it_is_called_again_is_refused_with_what_would_do() -> None:
    with pytest.raises(ImportFault, match="step: does something else where it is called again\nhelp: do what differs"):
        spec_of("Flipped", 8)


def test_a_list_that_is_called_again_has_no_numbers_of_its_own() -> None:
    found = spec_of("Twins", sizes={"a": ((8,), "float"), "b": ((8,), "float")})
    assert "tower1: {share: tower, from: b}" in found.text


def test_of_several_sizes_that_differ_between_calls_the_unexplained_one_follows_from_the_rest() -> None:
    found = spec_of("Detector", 3, 32, 32)
    assert found.report()[-1] == "with other width, classes, anchors: ok"
    assert "unflattened_size: [-1, $classes]" in found.text
    assert "head1: {share: head, from: second}" in found.text


def test_a_module_that_training_does_otherwise_has_params() -> None:
    found = spec_of("Drawing", 16)
    assert "# In training the module does otherwise" in found.text
    assert "params: {width: 16, latent: 4}" in found.text


@pytest.mark.parametrize("name", ["compiled", "parallel"])
def test_what_torch_wraps_is_imported_as_what_is_inside(name: str) -> None:
    found = spec_of(name, 8)
    assert found.proof.exact, found.report()
    assert "name: Scaled" in found.text
    assert "params: {width: 8}" in found.text


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Variadic", "forward of Variadic names no input: import a module whose forward does"),
        ("Saying", "gives no tensor\nhelp: return a tensor, or a tuple"),
        (
            "Outside",
            "gives what was computed outside of torch, and is another for each sample\nhelp: compute it with torch",
        ),
        ("Ending", r"Ending does not run with x \(\d, 4\): SystemExit: 3\n.*calls.py:\d+ in forward: raise SystemExit"),
    ],
)
def test_what_is_no_network_is_said_with_what_would_do(name: str, said: str) -> None:
    with pytest.raises(ImportFault, match=said):
        spec_of(name, 4)


def test_a_script_that_reads_its_command_line_names_the_line(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text("import argparse\nparser = argparse.ArgumentParser()\nargs = parser.parse_args(['--no'])\n")
    with pytest.raises(ImportFault, match=r"does not import: SystemExit: 2\n  .*train.py:3 in <module>: args = "):
        imported(f"{script}:Net", {}, {"": ((3,), "float")}, Wish())


def test_a_module_that_is_called_again_with_another_number_says_it() -> None:
    found = spec_of("Stepping", 8)
    assert found.proof.exact, found.report()
    lines = [line.strip() for line in found.text.splitlines()]
    assert "stage: {block: stage, other: 0.5, negative_slope: 0.1}" in lines
    assert lines[lines.index("stage1: {share: stage, other: 0.75}") :][:3] == [
        "stage1: {share: stage, other: 0.75}",
        "stage2: {share: stage, other: 1.0}",
        "stage3: {share: stage, negative_slope: 0.3}",
    ]


def test_a_part_of_the_batch_of_which_only_the_dimensions_are_read_is_no_part_of_the_spec() -> None:
    found = spec_of("Responding", 3, 8, 8)
    assert found.proof.exact, found.report()
    assert "made: {op: mul, from: [conv, reshape2]}" in found.text

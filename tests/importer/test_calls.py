"""Calls with other arguments than before, with None, and with numbers that are written in place."""

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

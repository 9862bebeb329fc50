"""Decoders that are fed with what they gave, masks of samples, and values that are as long as others."""

import torch

from archspec.importer.command import imported
from archspec.importer.importing import Imported, Wish
from archspec.importer.nested import each

Sizes = dict[str, tuple[tuple[int, ...], str]]


def spec_of(name: str, sizes: Sizes) -> Imported:
    found = imported(f"tests.importer.decoders:{name}", {}, sizes, Wish())
    assert found.proof.holds, found.report()
    assert not found.opaque
    return found


def test_a_cell_that_is_given_its_state_as_its_input_too_is_one_cell_of_three_values() -> None:
    found = spec_of("Forecaster", {"": ((3, 8, 8), "float")})
    lines = [line.strip() for line in found.text.splitlines()]
    assert "cell: {block: conv_lstm_cell, from: [stem, zeros_like1, zeros_like2]}" in lines
    assert "cell1: {share: cell, from: [cell, cell, cell.c]}" in lines
    assert "output at 3x16x16: ok, equal to the last bit" in found.report()


def test_attention_takes_the_padding_of_each_sample() -> None:
    found = spec_of("Tagger", {"": ((6,), "int")})
    assert "key_padding_mask: src_key_padding_mask" in found.text
    assert any(line.startswith("output at 8: ok") for line in found.report())


def test_what_is_filled_like_a_value_is_as_large_as_that_is() -> None:
    found = spec_of("Filled", {"x": ((5, 6), "float"), "ids": ((5,), "int")})
    members = [line.strip() for line in found.text.splitlines()]
    assert "zeros_like: {op: zeros_like, from: ids}" in members
    assert "buffer" not in found.text


def test_what_is_repeated_as_often_as_an_input_is_long_says_so() -> None:
    found = spec_of("Beside", {"x": ((5, 6), "float"), "z": ((6,), "float")})
    assert "expanded: {op: expand, size: [$x.shape.0, -1]}" in found.text
    assert "repeated: {op: tile, dims: [$x.shape.0, 1]}" in found.text


def test_an_input_of_one_number_has_a_size_in_words() -> None:
    found = spec_of("Denoiser", {"x": ((3, 8, 8), "float"), "t": ((), "int")})
    assert "output at 3x16x16 and one number: ok, equal to the last bit" in found.report()


def test_lists_of_which_nothing_changes_are_the_same_lists() -> None:
    held = [torch.zeros(1), (1, {"a": 2})]
    assert each(held, lambda one: one) is held
    assert each(held, lambda one: 3 if one == 2 else one)[1] == (1, {"a": 3})


def test_layers_of_one_value_read_its_samples_once() -> None:
    found = spec_of("Characters", {"": ((4, 6), "int")})
    assert found.text.count("merge_batch") == 2, found.text  # the name and the op of one member


def test_a_param_for_a_table_is_called_values_and_lists_break_at_the_width_of_a_page() -> None:
    found = spec_of("Masks", {"": ((40,), "float")})
    assert "params: {values: list}" in found.text
    assert max(map(len, found.text.splitlines())) <= 120
    assert "\n         values: [0.25, 0.125, " in found.text

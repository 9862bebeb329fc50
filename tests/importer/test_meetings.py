"""Names that meet, outputs that are one value, and sizes and places that calls ask for are imported as a whole."""

import pytest
from torch import nn

from archspec.importer.named import Size
from tests.importer import meetings
from tests.importer.test_import import graph_of, imported

VECTOR, IMAGE, ODD = Size((4,)), Size((3, 8, 8)), Size((3, 9, 11))


@pytest.mark.parametrize(
    ("kind", "size"),
    [
        (meetings.NamedAlike, VECTOR),
        (meetings.OneForTwo, VECTOR),
        (meetings.OneValue, VECTOR),
        (meetings.Places, ODD),
        (meetings.Largest, IMAGE),
        (meetings.Asked, IMAGE),
        (meetings.Asked, ODD),
        (meetings.Functional, IMAGE),
        (meetings.Chosen, VECTOR),
    ],
)
def test_it_is_whole_and_proven(kind: type, size: Size) -> None:
    name = "features" if kind is meetings.NamedAlike else "x"
    found = imported(kind, None, **{name: size})
    assert found.proof.exact, found.report()
    assert not found.opaque


def test_modules_are_made_by_any_names_of_arguments_after_an_import_too() -> None:
    imported(meetings.Largest, x=IMAGE)
    assert isinstance(meetings.Choice(kind="tanh").act, nn.Tanh)


def test_an_input_gives_way_to_a_member() -> None:
    text = imported(meetings.NamedAlike, features=VECTOR).text
    assert "inputs: {features_input: [4]}" in text  # `x` is a member too


def test_outputs_that_are_one_value_keep_their_names() -> None:
    text = imported(meetings.OneValue, x=VECTOR).text
    assert "outputs: {logits: fc, dropped: drop, hidden: fc}" in text


def test_a_size_that_is_asked_for_is_that_of_a_value() -> None:
    lines = graph_of(imported(meetings.Places, x=ODD))
    assert "from: [max_unpool2d, pool.indices, conv]" in lines


def test_what_a_stride_took_is_put_on() -> None:
    assert "output_padding: 1" in graph_of(imported(meetings.Asked, x=IMAGE))
    assert "output_padding" not in graph_of(imported(meetings.Asked, x=ODD))

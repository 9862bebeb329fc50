"""Expressions as papers print them: a letter for the size of an input, whatever else is called so."""

import pytest

from archspec.figure.what.formula import Letters
from archspec.values.expression import Attribute, Binary, Expr, Literal, Name

CHANNELS = Attribute("x", "channels")


@pytest.mark.parametrize(
    ("expression", "printed"),
    [
        (CHANNELS, "C"),
        (Binary("*", Literal(4), CHANNELS), "4C"),
        (Binary("*", CHANNELS, Literal(4)), "4C"),
        (Binary("//", CHANNELS, Literal(4)), "C/4"),
        (Binary("+", CHANNELS, Name("growth")), "C+growth"),
        (Binary("*", Name("width"), Literal(4)), "width·4"),
        (Binary("*", Name("expand"), CHANNELS), "expand·C"),
        (Binary("//", Name("width"), Literal(2)), "width/2"),
        (Attribute("x", "width"), "W"),
        (Attribute("other", "channels"), "other.channels"),
    ],
)
def test_sizes_of_the_only_input_are_letters(expression: Expr, printed: str) -> None:
    assert Letters(("x",)).printed(expression) == printed


def test_several_inputs_are_told_apart() -> None:
    letters = Letters(("a", "b"))
    assert letters.printed(Binary("*", Attribute("b", "channels"), Literal(2))) == "2C(b)"
    assert letters.of("a.channels") == "C(a)"


def test_a_letter_that_means_something_else_is_left_to_that() -> None:
    assert Letters(("x",), {"C": 3}).printed(Binary("*", Literal(4), CHANNELS)) == "4*x.channels"

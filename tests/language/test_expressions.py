"""Expressions mean what Python means by them, within their bounds, and no text makes the parser stumble."""

import math
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from archspec.language.expression.evaluate import evaluate
from archspec.language.expression.grammar import MAX_DEPTH, MAX_INT, MAX_TEXT, names_in, parse_expression
from archspec.language.expression.words import ExpressionFault
from archspec.values.expression import Attribute, Binary, Index, List, Literal, Name, Unary, Value
from archspec.values.shape import Shape

NAMES: dict[str, Any] = {"width": 64, "depth": -3, "rate": 0.5, "deep": True, "depths": (3, 4, 6), "i": 1}
NUMBERS = st.one_of(
    st.integers(0, 1000).map(str),
    st.floats(0, 100, allow_nan=False).map(lambda x: f"{x:.3f}"),
    st.sampled_from(["width", "depth", "rate", "depths[0]", "depths[i]", "depths[-1]", "len(depths)"]),
    st.sampled_from(["sum(depths)", "sum(depths[1:])", "len(depths[:-1])", "sum(depths[i:2])", "len(depths[:])"]),
    st.sampled_from(["int(rate * 7)", "round(rate * 7)", "round(2.5)", "int(-2.7)"]),
    st.sampled_from(["floor(rate * 7)", "ceil(rate * 7)", "abs(depth)", "sqrt(width)", "log(rate)", "sqrt(depth)"]),
    st.sampled_from(["sum(depths * 2)", "sum([width] + depths)", "len([width, i] * i + depths)"]),
)


def numbers(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(inner, inner)
    return st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "//", "%"]), inner).map(" ".join),
        inner.map(lambda a: f"({a}) ** 2"),
        inner.map(lambda a: f"-({a})"),
        inner.map(lambda a: f"({a})"),
        pair.map(lambda ab: f"min({ab[0]}, {ab[1]})"),
        pair.map(lambda ab: f"max({ab[0]}, {ab[1]})"),
        st.tuples(inner, TRUTHS, inner).map(lambda abc: f"({abc[0]} if {abc[1]} else {abc[2]})"),
    )


ORDERS = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
COMPARISONS = st.one_of(
    st.tuples(NUMBERS, ORDERS, NUMBERS).map(" ".join),
    st.tuples(NUMBERS, ORDERS, NUMBERS, ORDERS, NUMBERS).map(" ".join),
    st.tuples(NUMBERS, st.sampled_from(["in depths", "not in depths", "in [64, -3]", "not in [1, rate]"])).map(
        " ".join
    ),
)
TRUTHS = st.recursive(
    st.one_of(COMPARISONS, st.sampled_from(["deep", "True", "False"])),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda abc: f"({' '.join(abc)})"),
        inner.map(lambda a: f"(not {a})"),
    ),
    max_leaves=4,
)
ARITHMETIC = st.recursive(NUMBERS, numbers, max_leaves=8)


def value(text: str) -> Value:
    return evaluate(parse_expression(text), NAMES)


@given(st.one_of(ARITHMETIC, TRUTHS))
def test_means_what_python_means(text: str) -> None:
    assume(len(text) < MAX_TEXT)
    builtins = {"min": min, "max": max, "len": len, "sum": sum, "int": int, "round": round, "abs": abs}
    builtins |= {"floor": math.floor, "ceil": math.ceil, "sqrt": math.sqrt, "log": math.log}
    listed = {**NAMES, "depths": list(NAMES["depths"])}
    try:
        expected = eval(text, {"__builtins__": builtins}, listed)
    except (ZeroDivisionError, OverflowError, ValueError):
        expected = None
    try:
        found = value(f"$({text})")
    except ExpressionFault as fault:
        out_of_bounds = fault.code == "expression-limit"
        assert expected is None or out_of_bounds
    else:
        assert (found, type(found)) == (expected, type(expected))


@given(st.text(st.sampled_from("$()[]., +-*/%<>=!'\"abi019\n\té\x00"), max_size=40))
def test_any_text_parses_or_has_a_fault_within_it(text: str) -> None:
    start = None
    try:
        parse_expression("$" + text)
    except ExpressionFault as fault:
        start = fault.start
    assert start is None or 0 <= start <= len(text) + 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$width", 64),
        ("$depths.0", 3),
        ("$depths.i", 4),
        ("$(depths.0 + depths[-1])", 9),
        ("$(x.channels // 2)", 32),
        ("$x.height", 28),
        ("$(x.width)", 14),
        ("$x.features", 14),
        ("$x.shape", (64, 28, 14)),
        ("$(x.shape.0)", 64),
        ("$([width, 2, 'a'])", (64, 2, "a")),
        ("$(none)", None),
        ("$(true and not false)", True),
        ("$('a' == \"a\")", True),
        ("$(1 == true)", False),
        ("$(2 ** 3 ** 2)", 512),
        ("$(-2 ** 2)", -4),
        ("$(7 // 2 * 2)", 6),
        ("$(6 / 3)", 2.0),
        ("$(1e3)", 1000.0),
        ("$(width if width > 8 and deep else 1 // 0)", 64),
        ("$(deep or 1 // 0 == 0)", True),
        ("$( width )", 64),
        ("$([width] * 2 + depths)", (64, 64, 3, 4, 6)),
        ("$(2 * [i])", (1, 1)),
        ("$('a' in ['a', 'b'])", True),
        ("$(1 in [true, 2])", False),
    ],
)
def test_value(text: str, expected: Value) -> None:
    found = evaluate(parse_expression(text), {**NAMES, "x": Shape((64, 28, 14))})
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("x", "channels"),
    [
        (Shape((28, 14, 64), channels_last=True), 64),
        (Shape((1, 196, 768), batch=0), 768),
        (Shape((16, 100)), 16),
        (Shape((64,)), 64),
    ],
)
def test_channels_are_where_the_shape_has_them(x: Shape, channels: int) -> None:
    assert evaluate(parse_expression("$x.channels"), {"x": x}) == channels


def test_height_and_width_of_an_image_with_its_channels_last() -> None:
    x = Shape((28, 14, 64), channels_last=True)
    assert evaluate(parse_expression("$([x.height, x.width])"), {"x": x}) == (28, 14)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$(a.0.1)", Index(Index(Name("a"), Literal(0)), Literal(1))),
        ("$(a.b)", Index(Name("a"), Name("b"))),
        ("$(x.channels)", Attribute("x", "channels")),
        ("$([1, 2])", Literal((1, 2))),
        ("$([1, a])", List((Literal(1), Name("a")))),
        ("$(a < b <= c)", Binary("and", Binary("<", Name("a"), Name("b")), Binary("<=", Name("b"), Name("c")))),
        ("$(a not in b)", Unary("not", Binary("in", Name("a"), Name("b")))),
        ("$(a - b - c)", Binary("-", Binary("-", Name("a"), Name("b")), Name("c"))),
    ],
)
def test_tree(text: str, expected: object) -> None:
    assert parse_expression(text) == expected


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ("$(a +)", "expression-syntax", (5, 6)),
        ("$(a", "expression-syntax", (1, 2)),
        ("$a + b", "expression-syntax", (3, 4)),
        ("$(a b)", "expression-syntax", (4, 5)),
        ("$('a)", "expression-syntax", (2, 3)),
        ("$(a & b)", "expression-syntax", (4, 5)),
        ("$(a in b in c)", "expression-syntax", (9, 11)),
        ("$(a < b in c in d)", "expression-syntax", (13, 15)),
        ("$(a not b)", "expression-syntax", (4, 7)),
        ("$(eval('1'))", "expression-syntax", (2, 6)),
        ("$(sum(1, 2))", "expression-syntax", (2, 11)),
        ("$(a[1:2:3])", "expression-syntax", (7, 8)),
        ("$(a[:)", "expression-syntax", (5, 6)),
        ("$(a.if)", "expression-syntax", (4, 6)),
        ("$", "expression-syntax", (0, 1)),
        ("$(9223372036854775808)", "expression-limit", (2, 21)),
        ("$(1e999)", "expression-limit", (2, 7)),
    ],
)
def test_fault_has_its_place(text: str, code: str, at: tuple[int, int]) -> None:
    with pytest.raises(ExpressionFault) as caught:
        parse_expression(text)
    assert (caught.value.code, (caught.value.start, caught.value.end)) == (code, at)


@pytest.mark.parametrize(
    "text",
    [
        "$(" + "(" * MAX_DEPTH + "1" + ")" * MAX_DEPTH + ")",
        "$(" + "-" * (MAX_DEPTH + 1) + "1)",
        "$(" + "not " * (MAX_DEPTH + 1) + "a)",
        "$(" + "a ** " * (MAX_DEPTH + 1) + "a)",
        "$(" + "a + " * MAX_DEPTH + "a + a)",
        "$(" + "a if b else " * MAX_DEPTH + "a)",
        "$(" + "1" * MAX_TEXT + ")",
        "$(" + "[" * 1000 + "]" * 900 + ")",
        "$(" + "1 < (1 if " * 20 + "a" + " else 2) < 3" * 20 + ")",
    ],
)
def test_size_is_bounded(text: str) -> None:
    with pytest.raises(ExpressionFault) as caught:
        parse_expression(text)
    assert caught.value.code == "expression-limit"


@pytest.mark.parametrize(
    "text", [f"$({MAX_INT - 1} + 1)", "$(2 ** 65)", "$(1e308 * 10)", "$(10 ** 20)", "$(0 - 2 ** 63 - 1)"]
)
def test_numbers_are_bounded(text: str) -> None:
    with pytest.raises(ExpressionFault) as caught:
        value(text)
    assert caught.value.code == "expression-limit"


def test_names_are_read_in_reading_order() -> None:
    assert names_in(parse_expression("$(a + x.channels * depths.i if b else c[0])")) == [
        "a",
        "x",
        "depths",
        "i",
        "b",
        "c",
    ]

"""What a text reads as: YAML 1.2's core schema, each value with its place."""

import gc
import math
from collections.abc import Iterator
from contextlib import suppress
from time import process_time

import pytest

from archspec.diagnostics.diagnostic import Diagnostic, Source, Span, SpecError
from archspec.diagnostics.lines import split_lines
from archspec.language.yaml.document import Mapping, Scalar, Sequence, Yaml
from archspec.language.yaml.parse import MAX_DEPTH, parse

pytestmark = pytest.mark.usefixtures("parser")


def plain_data(yaml: Yaml) -> object:
    if isinstance(yaml, Scalar):
        return yaml.value
    if isinstance(yaml, Sequence):
        return [plain_data(item) for item in yaml.items]
    return {key.text: plain_data(value) for key, value in yaml.entries}


def read(text: str) -> object:
    return plain_data(parse(Source("net.yaml", text)))


def scalars(yaml: Yaml) -> Iterator[Scalar]:
    if isinstance(yaml, Scalar):
        yield yaml
    elif isinstance(yaml, Sequence):
        for item in yaml.items:
            yield from scalars(item)
    else:
        for key, value in yaml.entries:
            yield key
            yield from scalars(value)


def at(span: Span) -> str:
    """What stands in the source at a span."""
    lines = split_lines(span.source.text)[span.line - 1 : span.end_line]
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return "\n".join(lines)


def only_fault(text: str) -> Diagnostic:
    with pytest.raises(SpecError) as caught:
        parse(Source("net.yaml", text))
    assert len(caught.value.diagnostics) == 1
    return caught.value.diagnostics[0]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[("3", 3), ("-3", -3), ("+3", 3), ("010", 10), ("0o10", 8), ("0x1F", 31), ("9223372036854775807", 2**63 - 1)],
        *[("1.5", 1.5), (".5", 0.5), ("1.", 1.0), ("1e-5", 1e-5), ("1E3", 1000.0), ("-.inf", -math.inf)],
        *[("true", True), ("True", True), ("FALSE", False), ("null", None), ("~", None), ("", None)],
        *[(word, word) for word in ("yes", "no", "on", "off", "y", "n", "tRUE", "nan", "inf")],
        *[
            (word, word)
            for word in ("1:30", "1_000", "2020-01-01", "0b11", "0O7", "-0x1", "1e", "+", ".", "$x", "1.2.3")
        ],
        *[("'3'", "3"), ('"true"', "true"), ("!!str 3", "3"), ("! 3", "3"), ("!!float 3", 3.0), ("!!int 0x10", 16)],
        *[("|\n  a\n  b\n", "a\nb\n"), (">\n  a\n  b\n", "a b\n"), ("a\n  b", "a b"), ('"\\u00e9"', "\u00e9")],
    ],
)
def test_scalar_resolves_by_the_core_schema(text: str, value: object) -> None:
    result = read(f"key: {text}")
    assert result == {"key": value}
    assert type(result["key"]) is type(value)


def test_nan_is_a_float() -> None:
    result = read("key: .nan")
    assert isinstance(result, dict)
    assert math.isnan(result["key"])


def test_equal_texts_of_other_kinds_do_not_mix() -> None:
    assert read("[1, 1.0, true, '1', '', ]") == [1, 1.0, True, "1", ""]


def test_unquoted_expressions_read_as_texts_inside_braces() -> None:
    entry = "{stride: $stride, when: $(stride != 1 or x.channels != planes), n: $(depths.0), w: $(a if b else c)}"
    assert read(entry) == {
        "stride": "$stride",
        "when": "$(stride != 1 or x.channels != planes)",
        "n": "$(depths.0)",
        "w": "$(a if b else c)",
    }


def test_expression_with_commas_reads_where_nothing_surrounds_it() -> None:
    assert read("width: $(min(a, b))") == {"width": "$(min(a, b))"}


def test_json_is_yaml() -> None:
    assert read('{"inputs":{"image":[3,224,224]}}') == {"inputs": {"image": [3, 224, 224]}}


def test_span_of_a_scalar_is_where_it_stands() -> None:
    entry = "\u00e9: {op: 'conv2d', k: \"a b\", e: ~}"
    text = f"\ufeffname: Net\ngraph:\n  {entry}\n  # note\n  list:\n    - &a [1, 22]\n\nend: *a\n"
    places = [(at(s.span), s.span.line, s.span.column) for s in scalars(parse(Source("net.yaml", text)))]
    assert places == [
        ("name", 1, 1),
        ("Net", 1, 7),
        ("graph", 2, 1),
        ("\u00e9", 3, 3),
        ("op", 3, 7),
        ("'conv2d'", 3, 11),
        ("k", 3, 21),
        ('"a b"', 3, 24),
        ("e", 3, 31),
        ("~", 3, 34),
        ("list", 5, 3),
        ("1", 6, 11),
        ("22", 6, 14),
        ("end", 8, 1),
        ("1", 6, 11),
        ("22", 6, 14),
    ]


def test_span_of_a_collection_ends_with_its_last_value() -> None:
    document = parse(
        Source("net.yaml", "graph:\n  a: {op: relu}\n  b:\n    - x\n\n# end\ndoc: |\n  text\n\n\nlast: |\n  text")
    )
    assert isinstance(document, Mapping)
    assert [at(value.span) for _, value in document.entries] == [
        "a: {op: relu}\n  b:\n    - x",
        "|\n  text",
        "|\n  text",
    ]


def test_span_of_an_alias_is_the_alias() -> None:
    document = parse(Source("net.yaml", "a: &x [1]\nb: *x\n"))
    assert isinstance(document, Mapping)
    assert [at(value.span) for _, value in document.entries] == ["&x [1]", "*x"]


def test_only_a_plain_scalar_on_one_line_is_plain() -> None:
    document = parse(Source("net.yaml", "[a, 'a', &x a, a\n a, *x]"))
    assert [(s.text, s.plain) for s in scalars(document)] == [
        ("a", True),
        ("a", False),
        ("a", True),
        ("a a", False),
        ("a", False),
    ]


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r", "\x85", "\u2028"])
def test_lines_count_as_the_renderer_counts_them(line_break: str) -> None:
    text = f"a: 1{line_break}{line_break}b: 2"
    spans = [s.span for s in scalars(parse(Source("net.yaml", text)))]
    assert [at(span) for span in spans] == ["a", "1", "b", "2"]
    assert spans[-1].line == 3


def test_deep_nesting_is_an_error() -> None:
    assert read("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    fault = only_fault("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))
    assert (fault.code, fault.message) == ("too-deep", "this is nested deeper than 100 levels")
    assert fault.span.column == MAX_DEPTH + 1


def test_deep_nesting_by_aliases_is_an_error() -> None:
    half = "a: &a " + "[" * 60 + "]" * 60
    assert only_fault(f"{half}\nb: {'[' * 60}*a{']' * 60}").code == "too-deep"


def test_exponential_aliases_are_an_error() -> None:
    lines = ["a0: &a0 [1, 2, 3]", *(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 50))]
    fault = only_fault("\n".join(lines))
    assert (fault.code, fault.message) == ("too-many-aliases", "aliases add more than 100,000 values to this spec")


def test_an_aliased_value_is_the_same_value() -> None:
    assert read("a: &a {x: [1]}\nb: *a\nc: [*a, *a]") == {
        "a": {"x": [1]},
        "b": {"x": [1]},
        "c": [{"x": [1]}, {"x": [1]}],
    }


def test_control_character_is_named() -> None:
    fault = only_fault("name: N\x07et")
    assert (fault.code, fault.message) == ("yaml-syntax", "the character U+0007 is not allowed in YAML")
    assert (fault.span.line, fault.span.column) == (1, 8)


def test_half_a_character_is_no_character() -> None:
    assert only_fault('name: "\\ud800"').code == "yaml-syntax"


@pytest.mark.parametrize(
    "text",
    [
        *("[" * 100_000, "{a: " * 100_000, "[\n" * 100_000, "? " * 100_000, "- " * 100_000, "a: [" * 100_000),
        *("&a " * 100_000, "*a " * 100_000, "!a " * 100_000, "%TAG !a! b\n" * 100_000, "a: " * 100_000),
        *("".join(f"%TAG !a{i}! b\n" for i in range(30_000)), "---\n" * 30_000, "[" + "$(a, " * 50_000 + "]"),
        *("a" * 1_000_000 + ": b: c", "[" + ", ".join(["$(" * 1000] * 30) + "]", '"' + "\\" * 999_999, "'" * 999_999),
    ],
    ids=lambda text: repr(text[:12]),
)
def test_hostile_text_is_read_or_refused_soon(text: str) -> None:
    began = process_time()
    with suppress(SpecError):
        parse(Source("net.yaml", text))
    assert process_time() - began < 5


def test_collector_runs_again_after_a_fault() -> None:
    only_fault("[")
    assert gc.isenabled()

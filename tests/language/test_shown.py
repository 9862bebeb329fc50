"""What a spec may not bring to a terminal, a source file or a picture: control characters and marks of direction."""

import ast
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import archspec
from archspec.diagnostics.diagnostic import Source
from archspec.language.yaml.document import Mapping, Scalar
from archspec.language.yaml.parse import parse


@pytest.mark.parametrize(
    ("written", "read", "plain"),
    [
        (r'"\e[31mred"', r"\x1b[31mred", False),
        (r'"\a\b\r\0"', r"\x07\x08\r\x00", False),
        (r'"\L\P\N"', r"\u2028\u2029\x85", False),
        (r'"\u202e"', r"\u202e", False),
        ("a\u202eb", r"a\u202eb", False),
        ("[a, 'c\u2066d']", "", False),
        (r'"a\tb\nc"', "a\tb\nc", False),
        ("\u05d0\u200d\u0301", "\u05d0\u200d\u0301", True),  # of words, and not of a terminal
    ],
)
def test_a_value_has_escapes_in_place_of_what_nobody_can_see(written: str, read: str, plain: bool) -> None:
    document = parse(Source("net.yaml", f"doc: {written}"))
    assert isinstance(document, Mapping)
    value = document.entries[0][1]
    if isinstance(value, Scalar):
        assert (value.text, value.value, value.plain) == (read, read, plain)
    else:
        assert "\u2066" not in str(getattr(value, "items", ()))


def test_names_have_escapes_too() -> None:
    with pytest.raises(archspec.SpecError) as caught:
        archspec.loads('archspec: 1\ninputs: {x: [8]}\ngraph: {"a\\eb": relu}\n')
    assert "\x1b" not in caught.value.diagnostics[0].message


def test_source_and_picture_of_such_a_doc_can_be_read(tmp_path: Path) -> None:
    design = archspec.loads(
        'archspec: 1\ndoc: "\\0\\e]0;title\\a\\r\\f \\\\ \\"\\"\\" \\L"\n'
        'params: {kind: "\\e"}\nvariants: {"v\\e": {}}\n'
        "inputs: {x: [8]}\ngraph: {r: relu}\n"
    )
    ast.parse(design.source())
    assert all(character.isprintable() or character == "\n" for character in design.source() + design.summary())
    for suffix in (".svg", ".html", ".tex", ".dot", ".mmd"):
        drawn = design.draw(tmp_path / f"net{suffix}").read_text("utf-8")
        assert not set(drawn) & {"\0", "\x1b", "\a", "\r", "\f"}
    ET.parse(tmp_path / "net.svg")

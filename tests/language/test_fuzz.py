"""Whatever the bytes: a tree or a SpecError, and places that hold."""

from hypothesis import example, given
from hypothesis import strategies as st

from archspec.diagnostics.codes import CODES
from archspec.diagnostics.diagnostic import Source, SpecError
from archspec.diagnostics.lines import split_lines
from archspec.diagnostics.render import FORMS, render
from archspec.language.yaml.document import Mapping, Scalar, Yaml
from archspec.language.yaml.parse import parse
from archspec.language.yaml.text import decode

PIECES = st.sampled_from(
    [
        *("a", "b", "op", "conv2d", "1", "-1.5", "true", "~", "$x", "$(a, b)", "$(x[0])", "<<", "\u00e9", "\U0001f600"),
        *(": ", ":", "- ", "-", ", ", ",", "? ", "[", "]", "{", "}", "'", '"', "|", ">", "&a ", "*a", "!!int ", "!b "),
        *("\n", "\n  ", "\n    ", "\t", " ", "#", " # c", "---", "\n---\n", "...", "%YAML 1.2\n", "\\", "\r\n", "\x85"),
    ]
)
YAML_LIKE = st.lists(PIECES, max_size=40).map("".join)


def check(text: str) -> None:
    try:
        document = parse(Source("net.yaml", text))
    except SpecError as error:
        check_messages(error)
    else:
        check_places(document)


def check_messages(error: SpecError) -> None:
    """Every mistake has an explained code, and every form can show it."""
    assert error.diagnostics
    assert all(diagnostic.code in CODES for diagnostic in error.diagnostics)
    assert all(render(error.diagnostics, form) for form in FORMS)


def check_places(document: Yaml) -> None:
    """Every plain scalar stands in the text where its span says."""
    pending = [document]
    while pending:
        yaml = pending.pop()
        if isinstance(yaml, Mapping):
            for entry in yaml.entries:
                pending += entry
        elif isinstance(yaml, Scalar):
            if yaml.plain:
                span = yaml.span
                line = split_lines(span.source.text)[span.line - 1]
                assert line[span.column - 1 : span.end_column - 1] == yaml.text
        else:
            pending += yaml.items


@given(YAML_LIKE)
@example("? ")
def test_pieces_of_yaml_parse_or_are_explained(text: str) -> None:
    check(text)


@given(st.text())
@example("\ud800")
@example("\x00")
@example("a: \ufeffb")
def test_any_text_parses_or_is_explained(text: str) -> None:
    check(text)


@given(st.binary())
@example(b"\xef\xbb\xbfa: 1")
@example(b"\xff\xfea\x00")
@example(b"a: \xc3")
def test_any_bytes_parse_or_are_explained(data: bytes) -> None:
    try:
        source = decode("net.yaml", data)
    except SpecError as error:
        check_messages(error)
    else:
        check(source.text)

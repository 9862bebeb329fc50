"""Reading bytes: what cannot be read says why."""

import io
import sys
from pathlib import Path

import pytest

from archspec.diagnostics.diagnostic import Source, SpecError
from archspec.diagnostics.full import render_full
from archspec.language.yaml.text import MAX_BYTES, decode, read


def said_of_bytes(data: bytes) -> str:
    with pytest.raises(SpecError) as caught:
        decode("net.yaml", data)
    return render_full(caught.value.diagnostics)


def said_of_path(path: str) -> str:
    with pytest.raises(SpecError) as caught:
        read(path)
    return render_full(caught.value.diagnostics)


def test_byte_order_mark_is_tolerated() -> None:
    assert decode("net.yaml", b"\xef\xbb\xbfname: Net") == Source("net.yaml", "name: Net")


def test_file_is_read_under_the_name_that_the_user_gave(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text("name: R\u00e9sNet", "utf-8")
    assert read(str(path)) == Source(str(path), "name: R\u00e9sNet")


def test_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"name: Net")))
    assert read("-") == Source("<stdin>", "name: Net")


def test_missing_file_is_a_diagnostic() -> None:
    assert said_of_path("no/such.yaml") == (
        "error[unreadable-file]: no/such.yaml cannot be read: no such file or directory\n --> no/such.yaml"
    )


def test_directory_is_a_diagnostic(tmp_path: Path) -> None:
    assert said_of_path(str(tmp_path)) == (
        f"error[unreadable-file]: {tmp_path} cannot be read: is a directory\n --> {tmp_path}"
    )


def test_path_with_a_zero_byte_is_a_diagnostic() -> None:
    assert said_of_path("a\0b").startswith("error[unreadable-file]: a\\x00b cannot be read: ")


def test_endless_file_is_a_diagnostic() -> None:
    assert said_of_path("/dev/zero") == "error[too-large]: /dev/zero is larger than 32 MiB\n --> /dev/zero"


def test_bytes_that_are_not_utf8_are_shown_where_they_stand() -> None:
    assert said_of_bytes("a: 1\nname: Ré".encode() + b"s\xe9au\n") == (
        "error[encoding]: byte 0xe9 is not UTF-8\n"
        " --> net.yaml:2:10\n"
        "  |\n"
        "2 | name: R\u00e9s\ufffdau\n"
        "  |          ^\n"
        "help: save the file as UTF-8"
    )


def test_utf16_is_named() -> None:
    assert said_of_bytes("name: Net".encode("utf-16")) == (
        "error[encoding]: net.yaml is UTF-16, and a spec is UTF-8\n --> net.yaml\nhelp: save the file as UTF-8"
    )


def test_the_largest_file_is_read() -> None:
    assert len(decode("net.yaml", b" " * MAX_BYTES).text) == MAX_BYTES

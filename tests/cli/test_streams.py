"""Standard streams that are closed, full or read no more: the exit code of docs/reference/cli.md, and one line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Run

FULL = "error: standard output cannot be written: No space left on device\n"
CLOSED = "error: standard output cannot be written: Bad file descriptor\n"


def shell(line: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Runs a line of bash in which `archspec` is this checkout's."""
    program = f'archspec() {{ "{sys.executable}" -m archspec "$@"; }}\nset -o pipefail\n{line}\n'
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        ["bash", "-c", program], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("line", "code", "stderr"),
    [
        ("archspec summary small.yaml > /dev/full", 2, FULL),
        ("archspec summary small.yaml >&-", 2, CLOSED),
        ("archspec check small.yaml --error-format json > /dev/full", 2, FULL),
        ("archspec list > /dev/full", 2, FULL),
        ("archspec draw --help > /dev/full", 2, FULL),
        ("archspec --version >&-", 2, CLOSED),
        ("archspec summary small.yaml | head -c 0", 141, ""),
        ("archspec --help | head -c 0", 141, ""),
        ("archspec check wrong.yaml 2>&-", 1, ""),
        ("archspec check wrong.yaml 2> /dev/full", 1, ""),
        ("archspec check small.yaml 2> /dev/full", 0, ""),
        ("archspec sumary small.yaml 2> /dev/full", 2, ""),
        ("archspec compile missing.yaml >&- 2>&-", 2, ""),
        ("archspec compile small.yaml > /dev/full 2> /dev/full", 2, ""),
        ("archspec compile small.yaml -o net.py >&- 2>&- <&-", 0, ""),
        (
            "archspec compile small.yaml -o /dev/full",
            2,
            "error: /dev/full cannot be written: No space left on device\n",
        ),
        ("archspec check wrong.yaml 2>&1 | head -c 0", 1, ""),
    ],
)
def test_a_stream_that_takes_nothing_ends_with_the_code_that_is_promised(
    small: Path, wrong: Path, line: str, code: int, stderr: str
) -> None:
    assert small.parent == wrong.parent
    done = shell(line, small.parent)
    assert (done.returncode, done.stderr) == (code, stderr)


def test_a_file_is_whole_though_no_stream_is_open(small: Path) -> None:
    shell("archspec compile small.yaml -o closed.py >&- 2>&- <&-; archspec compile small.yaml -o open.py", small.parent)
    assert (small.parent / "closed.py").read_text() == (small.parent / "open.py").read_text()


def test_closed_standard_input_is_a_spec_that_cannot_be_read(small: Path) -> None:
    done = shell("archspec check - <&-", small.parent)
    assert done.returncode == 2
    assert done.stderr.startswith("error[unreadable-file]: <stdin> cannot be read: bad file descriptor\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "no\x1b]0;x\a.yaml"),
        ("compile", "small.yaml", "-o", "no/\x1b[31m.py"),
        ("compile", "small.yaml", "-o", "\x1b[31m.py"),
        ("compile", "small.yaml", "--variant", "\x1b[31m"),
        ("compile", "small.yaml", "--set", "\x1b[31m=3"),
        ("compile", "small.yaml", "--set", "width=\x1b[31m"),
        ("compile", "small.yaml", "--input", "\x1b[31m"),
        ("compile", "small.yaml", "--ops", "\x1b[31m"),
        ("draw", "small.yaml", "-o", "a.\x1b[31m"),
        ("draw", "small.yaml", "--theme", "\x1b[31m"),
        ("draw", "small.yaml", "--expand", "\x1b[31m"),
        ("\x1b[31m",),
        ("--\x1b[31m",),
        ("ops", "\x1b[31m"),
        ("explain", "\x1b[31m"),
    ],
)
def test_no_message_has_control_characters(run: Run, small: Path, arguments: tuple[str, ...]) -> None:
    assert small.exists()
    result = run(*arguments)
    assert result.stderr
    assert all(character.isprintable() or character == "\n" for character in result.output)

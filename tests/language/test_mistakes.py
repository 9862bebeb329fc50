"""Mistakes in specs, as Markdown: a faulty line carries `# error: [code]` or `# warning: [code]`.

Nothing else is found. In `mistakes/*.md` every heading starts a case. A fenced yaml block is a file, named by the line
above it or else `net.yaml`, which is what is checked. A fenced text block after it is what the user reads, word for
word; `ARCHSPEC_UPDATE=1 pytest tests/language/test_mistakes.py` writes these anew, to be read in review.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from archspec.diagnostics.codes import CODES
from archspec.diagnostics.full import render_full
from archspec.pipeline import check

FOLDER = Path(__file__).parent / "mistakes"
FENCE = re.compile(
    r"(?:^`(?P<name>[\w./-]+)`:\n\n?)?^```(?P<kind>yaml|text)\n(?P<body>.*?)^```\n", re.MULTILINE | re.DOTALL
)
MARK = re.compile(r" +# (?P<severity>error|warning): (?P<codes>(?:\[[a-z-]+\] ?)+)$", re.MULTILINE)
BEFORE_THE_SPEC = {
    *("unreadable-file", "encoding", "too-large", "too-many-aliases", "yaml-syntax", "duplicate-key", "complex-key"),
    *("merge-key", "unknown-tag", "unknown-anchor", "number-too-large", "several-documents", "empty-document"),
}
SHAPES = {"size-not-divisible", "too-few-values"}  # of single ops, in tests/ops
LINT = {"unknown-rule", "unused-silence"}  # in tests/lint
ASKED = {"bad-range", "budget-unmet", "unknown-device"}  # of what is asked for, in tests/search and tests/speed
SIZES = {"unread-rows"}  # a warning, in tests/graph
THEMES = {"bad-color", "low-contrast", "type-size"}  # of theme files, in tests/figure


@dataclass(frozen=True)
class Case:
    title: str
    files: dict[str, str]
    message: str | None


def cases(path: Path) -> Iterator[Case]:
    for section in re.split(r"^(?=##? )", path.read_text("utf-8"), flags=re.MULTILINE):
        files: dict[str, str] = {}
        message = None
        for fence in FENCE.finditer(section):
            if fence["kind"] == "yaml":
                files[fence["name"] or "net.yaml"] = fence["body"]
            else:
                message = fence["body"]
        if files:
            yield Case(section.splitlines()[0].strip("# "), files, message)


def written(files: dict[str, str]) -> set[tuple[str, int, str, str]]:
    """What the marks in the files announce: file, line, severity, code."""
    found = set()
    for name, text in files.items():
        for number, line in enumerate(text.splitlines(), 1):
            if mark := MARK.search(line):
                for code in re.findall(r"\[([a-z-]+)\]", mark["codes"]):
                    found.add((name, number, mark["severity"], code))
    return found


ALL = [(path, case) for path in sorted(FOLDER.glob("*.md")) for case in cases(path)]


@pytest.mark.parametrize(("path", "case"), ALL, ids=[f"{path.stem}: {case.title}" for path, case in ALL])
def test_mistake(path: Path, case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in case.files.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(MARK.sub("", text), "utf-8")
    found = check("net.yaml")
    assert {(d.span.source.name, d.span.line, d.severity, d.code) for d in found} == written(case.files)
    if case.message is not None:
        message = render_full(found) + "\n"
        if os.environ.get("ARCHSPEC_UPDATE"):
            text = path.read_text("utf-8")
            path.write_text(text.replace(f"```text\n{case.message}```", f"```text\n{message}```", 1), "utf-8")
        else:
            assert message == case.message


def test_every_code_has_a_case() -> None:
    tried = {code for _, case in ALL for _, _, _, code in written(case.files)}
    assert set(CODES) - tried - BEFORE_THE_SPEC - SHAPES - THEMES - LINT - ASKED - SIZES == set()


def test_messages_blame_nobody() -> None:
    for _, case in ALL:
        assert not re.search(r"\b(invalid|please|failed to)\b", case.message or "", re.IGNORECASE)

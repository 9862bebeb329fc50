"""Every code block in README.md and docs/ runs.

`sh` blocks run under `sh -eu`, `python` blocks that follow one another in one new process, all blocks of a page in
order in one empty folder. Where each line of a `sh` block is a plain call of archspec, the calls run in this
process: of the time that a process takes, most is its start. A `yaml` block whose first line is a comment
`# NAME.yaml` is written to that file; one that starts with `archspec:` is checked. A block that sets up a machine
stands under `<!-- not run: REASON -->`.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet
from click.testing import CliRunner

from archspec.cli import main

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
CODE = re.compile(r"`[^`]*`")
BLOCK = re.compile(
    r"^(?P<skip><!-- not run: [^\n]+ -->\n+)?(?P<indent> *)```(?P<language>\w+)\n(?P<code>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
FRESH = get_context("forkserver")  # starting Python and loading torch takes most of what a page does


@dataclass(frozen=True)
class Block:
    language: str
    code: str
    line: int


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [
        Block(found["language"], found["code"], text.count("\n", 0, found.start("code")))
        for found in BLOCK.finditer(text)
        if not found["skip"]
    ]


def with_blocks() -> Iterator[ParameterSet]:
    """Pages with code. The gallery's pictures are drawn by tests/house/test_reference.py too."""
    for page in PAGES:
        marks = [pytest.mark.whole] if page.name == "gallery.md" else []
        if blocks(page):
            yield pytest.param(page, id=str(page.relative_to(ROOT)), marks=marks)


@pytest.mark.parametrize("page", list(with_blocks()))
def test_every_block_runs(page: Path, tmp_path: Path, environment: dict[str, str]) -> None:
    for python, group in groupby(blocks(page), key=lambda block: block.language == "python"):
        several = list(group)
        if python:
            done = _run_python(several, tmp_path, environment)
            assert done.returncode == 0, f"{page}\n{done.stdout}\n{done.stderr}"
        for block in () if python else several:
            told = _run(block, tmp_path, environment)
            if told is not None:
                assert told.returncode == 0, f"{page}:{block.line}\n{block.code}\n{told.stdout}\n{told.stderr}"


def _run_python(several: list[Block], folder: Path, environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """Runs blocks one after the other, each with names of its own, in a process that has torch and no more."""
    said = folder.with_suffix(".said")
    FRESH.set_forkserver_preload(["torch", __name__])
    process = FRESH.Process(target=_execute, args=(several, folder, environment, said))
    process.start()
    process.join()
    return subprocess.CompletedProcess("python", process.exitcode or 0, "", said.read_text(encoding="utf-8"))


def _execute(several: list[Block], folder: Path, environment: dict[str, str], said: Path) -> None:
    """A fault names the line of the page."""
    written = os.open(said, os.O_WRONLY | os.O_CREAT)
    os.dup2(written, 1)
    os.dup2(written, 2)
    os.environ.update(environment)
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    for block in several:
        exec(compile("\n" * block.line + block.code, "page", "exec"), {"__name__": "__main__"})


def _run(block: Block, folder: Path, environment: dict[str, str]) -> "subprocess.CompletedProcess[str] | None":
    match block.language:
        case "sh" if calls := _plain_calls(block.code):
            with chdir(folder):
                return _called(calls)
        case "sh":
            command = ["sh", "-euc", block.code]
        case "yaml" if named := re.match(r"# (\S+\.yaml)\n", block.code):
            (folder / named[1]).write_text(block.code, encoding="utf-8")
            return None
        case "yaml" if block.code.startswith("archspec:"):
            (folder / "page.yaml").write_text(block.code, encoding="utf-8")
            with chdir(folder):
                return _called([["check", "page.yaml"]])
        case _:
            return None
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def _plain_calls(code: str) -> list[list[str]]:
    """The arguments of archspec in each line; none where a line asks more of the shell than to split it into words."""
    lines = [line for line in code.splitlines() if line and not line.startswith("#")]
    if all(re.fullmatch(r"archspec( [\w./:=,-]+| '[^']*')+( +#.*)?", line) for line in lines):
        return [shlex.split(line, comments=True)[1:] for line in lines]
    return []


def _called(calls: list[list[str]]) -> "subprocess.CompletedProcess[str]":
    """Runs each call in this process, and ends with the first that fails."""
    for call in calls:
        done = CliRunner().invoke(main, call, prog_name="archspec")
        if done.exit_code:
            return subprocess.CompletedProcess(["archspec", *call], done.exit_code, done.stdout, done.stderr)
    return subprocess.CompletedProcess(["archspec"], 0)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """One in which `archspec` is this checkout's, installed or not."""
    scripts = tmp_path_factory.mktemp("bin")
    command = scripts / "archspec"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m archspec "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    path = os.pathsep.join([str(scripts), str(Path(sys.executable).parent), os.environ["PATH"]])
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}


def test_links_between_pages_lead_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in PAGES
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", CODE.sub("", page.read_text(encoding="utf-8")))
        if not (page.parent / target).exists()
    ]
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_do_not_talk_down(page: Path) -> None:
    prose = BLOCK.sub("", page.read_text(encoding="utf-8"))
    assert re.findall(r"\b(?:simply|just|obviously|of course)\b", prose, re.IGNORECASE) == []

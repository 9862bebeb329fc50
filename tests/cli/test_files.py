"""What commands write, and what they leave as it is."""

import os
import subprocess
import sys
from pathlib import Path
from shutil import which

import pytest

import archspec
from tests.cli.conftest import ROOT, Run

USER = """\
archspec: 1
use: {part: parts/part.yaml}
inputs: {x: [8]}
graph: {p: {block: part}}
"""
PART = "archspec: 1\ninputs: {x: [8]}\ngraph: {r: relu}\n"
OPS = """\
from archspec.ops.op import op
from archspec.ops.elementwise import Elementwise
"""
READ = "it was read to make this; name another file"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "parts").mkdir()
    files = {"net.yaml": USER, "parts/part.yaml": PART, "mine.yaml": "base: dark\n", "ops.py": OPS}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "link.svg").symlink_to("net.yaml")
    (tmp_path / "hard.svg").hardlink_to(tmp_path / "parts/part.yaml")
    (tmp_path / "theme.svg").hardlink_to(tmp_path / "mine.yaml")
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [
        ("compile", "net.yaml", "-o", "net.yaml"),
        ("compile", "net.yaml", "-o", "parts/../net.yaml"),
        ("compile", "net.yaml", "-o", "parts/part.yaml"),
        ("compile", "net.yaml", "--ops", "ops.py", "-o", "ops.py"),
        ("summary", "net.yaml", "-o", "link.svg"),
        ("draw", "net.yaml", "-o", "link.svg"),
        ("draw", "net.yaml", "-o", "hard.svg"),
        ("draw", "net.yaml", "--theme", "mine.yaml", "-o", "theme.svg"),
        ("diff", "net.yaml", "parts/part.yaml", "-o", "hard.svg"),
        ("diff", "parts/part.yaml", "parts/part.yaml", "--theme", "mine.yaml", "-o", "theme.svg"),
    ],
)
def test_what_was_read_is_not_written_over(run: Run, folder: Path, arguments: tuple[str, ...]) -> None:
    before = held(folder)
    result = run(*arguments)
    assert (result.exit_code, result.output) == (2, f"error: {arguments[-1]} cannot be written: {READ}\n")
    assert held(folder) == before


def held(folder: Path) -> dict[Path, bytes]:
    """The files, without the bytecode that Python keeps of own ops."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"}


@pytest.mark.parametrize("command", ["import", "compile", "draw"])
def test_the_file_of_a_module_is_not_written_over(run: Run, folder: Path, command: str) -> None:
    text = "from torch import nn\n\n\ndef net() -> nn.Module:\n    return nn.Sequential(nn.Linear(3, 3))\n"
    path = folder / "net.svg.py"
    path.write_text(text)
    (folder / "module.svg").hardlink_to(path)
    result = run(command, "net.svg.py:net", "--input", "3", "-o", "module.svg")
    assert result.exit_code == 2
    assert result.output.endswith(f"error: module.svg cannot be written: {READ}\n")
    assert path.read_text() == text


def test_what_standard_input_reads_is_not_written_over(folder: Path) -> None:
    line = f'"{sys.executable}" -m archspec compile - -o parts/part.yaml < parts/part.yaml'
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["bash", "-c", line], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (2, f"error: parts/part.yaml cannot be written: {READ}\n")
    assert (folder / "parts/part.yaml").read_text() == PART


def test_a_file_that_is_read_only_stays(run: Run, folder: Path) -> None:
    (folder / "old.py").write_text("kept")
    (folder / "old.py").chmod(0o444)
    result = run("compile", "net.yaml", "-o", "old.py")
    assert (result.exit_code, result.output) == (2, "error: old.py cannot be written: it is read-only\n")
    assert (folder / "old.py").read_text() == "kept"


def test_a_design_is_not_drawn_over_its_spec(folder: Path) -> None:
    design = archspec.load(folder / "net.yaml")
    with pytest.raises(ValueError, match="it was read to make this"):
        design.draw(folder / "link.svg")
    assert (folder / "net.yaml").read_text() == USER


def test_another_file_is_replaced_with_its_permissions(run: Run, folder: Path) -> None:
    (folder / "old.py").write_text("old")
    (folder / "old.py").chmod(0o640)
    (folder / "to.py").symlink_to("old.py")
    assert run("compile", "net.yaml", "-o", "to.py").exit_code == 0
    assert (folder / "to.py").is_symlink()
    assert (folder / "old.py").read_text().startswith("import torch")
    assert (folder / "old.py").stat().st_mode & 0o777 == 0o640
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("missing/net.py", "No such file or directory"),
        ("net.yaml/net.py", "Not a directory"),
        ("parts", "Is a directory"),
        ("a" * 300 + ".py", "File name too long"),
        ("circle.py", "Too many levels of symbolic links"),
        ("/dev/full", "No space left on device"),
    ],
)
def test_a_path_that_cannot_be_written_is_said(run: Run, folder: Path, path: str, reason: str) -> None:
    (folder / "circle.py").symlink_to("circle.py")
    result = run("compile", "net.yaml", "-o", path)
    assert (result.exit_code, result.output) == (2, f"error: {path} cannot be written: {reason}\n")


def test_a_long_name_that_the_system_takes_is_written(run: Run, folder: Path) -> None:
    name = "a" * 252 + ".py"
    assert run("compile", "net.yaml", "-o", name).exit_code == 0
    assert (folder / name).stat().st_size > 0


@pytest.mark.skipif(which("setpriv") is None and os.geteuid() == 0, reason="nothing is closed to this user")
def test_folders_that_may_not_be_entered_are_said(folder: Path) -> None:
    (folder / "closed").mkdir()
    (folder / "closed/net.yaml").write_text(PART)
    (folder / "closed").chmod(0)
    limited = ["setpriv", "--inh-caps=-all", "--bounding-set=-all"] if os.geteuid() == 0 else []

    def run(*arguments: str) -> tuple[int, str]:
        command = [*limited, sys.executable, "-m", "archspec", *arguments]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    denied = "error: closed/a.py cannot be written: Permission denied\n"
    assert run("compile", "net.yaml", "-o", "closed/a.py") == (2, denied)
    code, said = run("check", "closed/net.yaml")
    assert code == 2
    assert said.startswith("error[")
    assert len(said.splitlines()) == 3
    assert run("draw", "net.yaml", "--theme", "closed/mine.yaml")[0] == 2
    (folder / "closed").chmod(0o755)

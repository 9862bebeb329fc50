import ast
import stat
from pathlib import Path

import pytest

from tests.cli.conftest import Process, Run


def test_prints_source_on_stdout(run: Run, small: Path) -> None:
    result = run("compile", small)
    assert result.exit_code == 0, result.output
    names = {node.name for node in ast.parse(result.stdout).body if isinstance(node, ast.ClassDef)}
    assert names >= {"Small", "Unit"}


def test_writes_the_same_to_a_file_and_says_where(run: Run, small: Path) -> None:
    printed = run("compile", small).stdout
    result = run("compile", small, "-o", "small.py")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "wrote small.py\n")
    assert Path("small.py").read_text(encoding="utf-8") == printed


def test_reads_standard_input(run: Run, small: Path) -> None:
    result = run("compile", "-", stdin=small.read_text(encoding="utf-8"))
    assert result.exit_code == 0, result.output
    assert "class Small" in result.stdout


@pytest.mark.parametrize(
    ("spec", "options"), [("{}:wide", ()), ("{}", ("--variant", "wide")), ("{}", ("--set", "width=16"))]
)
def test_takes_a_variant_and_params(run: Run, small: Path, spec: str, options: tuple[str, ...]) -> None:
    result = run("compile", spec.format(small), *options)
    assert result.exit_code == 0, result.output
    assert "16" in result.stdout


def test_replaces_a_file_and_keeps_its_permissions(run: Run, small: Path) -> None:
    target = Path("small.py")
    target.write_text("old")
    target.chmod(0o640)
    assert run("compile", small, "-o", target).exit_code == 0
    assert target.read_text() != "old"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_writes_through_a_link(run: Run, small: Path) -> None:
    Path("real.py").write_text("old")
    Path("link.py").symlink_to("real.py")
    assert run("compile", small, "-o", "link.py").exit_code == 0
    assert Path("link.py").is_symlink()
    assert Path("real.py").read_text() != "old"


def test_leaves_nothing_behind_where_the_spec_is_wrong(run: Run, wrong: Path) -> None:
    Path("out.py").write_text("old")
    before = sorted(path.name for path in Path().iterdir())
    assert run("compile", wrong, "-o", "out.py").exit_code == 1
    assert Path("out.py").read_text() == "old"
    assert sorted(path.name for path in Path().iterdir()) == before


def test_says_that_a_folder_is_missing(run: Run, small: Path) -> None:
    result = run("compile", small, "-o", "nowhere/small.py")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "error: nowhere/small.py cannot be written: No such file or directory\n"


def test_says_that_the_target_is_a_folder(run: Run, small: Path) -> None:
    Path("folder").mkdir()
    result = run("compile", small, "-o", "folder")
    assert (result.exit_code, result.stderr) == (2, "error: folder cannot be written: Is a directory\n")


def test_writes_to_what_is_no_file(process: Process, small: Path) -> None:
    done = process("compile", str(small), "-o", "/dev/stdout")
    assert done.returncode == 0, done.stderr
    assert "class Small" in done.stdout


def test_is_the_same_whatever_the_hash_seed(process: Process, small: Path) -> None:
    sources = {process("compile", str(small), PYTHONHASHSEED=seed).stdout for seed in ("0", "1")}
    assert len(sources) == 1
    assert "class Small" in sources.pop()

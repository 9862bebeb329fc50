"""The source of every structure in the gallery, and of small specs that were once hard, kept whole.

Goldens are written by `pytest tests/code/test_goldens.py --regenerate-goldens`, read in review, and never edited by
hand. `cases/README.md` says which of them are known to be wrong.
"""

import difflib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from archspec.design import Design
from archspec.pipeline import load_network
from tests.gallery.networks import network, representatives

HERE = Path(__file__).parent
GOLDENS = HERE / "goldens"
CASES = HERE / "cases"
ENDING = ".py.txt"  # neither linter nor type checker takes a golden for code of ours


def golden_of_network(spec: str) -> Path:
    """Where the golden of `resnet:resnet18` is."""
    return GOLDENS / "gallery" / (spec.replace(":", ".") + ENDING)


def golden_of_case(case: str) -> Path:
    """Where the golden of the case `source/siamese` is."""
    return GOLDENS / "cases" / (case + ENDING)


def cases() -> list[str]:
    """Every case as KIND/NAME."""
    return sorted(path.relative_to(CASES).with_suffix("").as_posix() for path in CASES.rglob("*.yaml"))


def check(golden: Path, source: str, config: pytest.Config) -> None:
    """Compares a source with its golden, or writes the golden anew. No line ending is translated."""
    if config.getoption("regenerate_goldens"):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_bytes(source.encode())
        return
    name = golden.relative_to(HERE).as_posix()
    if not golden.exists():
        pytest.fail(f"there is no {name}: write it with --regenerate-goldens", pytrace=False)
    if (wanted := golden.read_bytes().decode()) != source:
        lines = difflib.unified_diff(
            wanted.splitlines(), source.splitlines(), name, f"{name}, as it is emitted", lineterm=""
        )
        pytest.fail("\n".join(lines) or f"{name} differs in line endings", pytrace=False)


@pytest.mark.parametrize("spec", representatives())
def test_source_of_a_network_is_its_golden(spec: str, pytestconfig: pytest.Config) -> None:
    check(golden_of_network(spec), Design(network(spec)).source(), pytestconfig)


@pytest.mark.parametrize("case", cases())
def test_source_of_a_case_is_its_golden(case: str, pytestconfig: pytest.Config) -> None:
    check(golden_of_case(case), Design(load_network(CASES / f"{case}.yaml")).source(), pytestconfig)


def test_every_golden_is_of_a_network_or_a_case(pytestconfig: pytest.Config) -> None:
    wanted = {*map(golden_of_network, representatives()), *map(golden_of_case, cases())}
    strayed = sorted({path for path in GOLDENS.rglob("*") if path.is_file()} - wanted)
    if pytestconfig.getoption("regenerate_goldens"):
        for path in strayed:
            path.unlink()
    else:
        assert [path.relative_to(HERE).as_posix() for path in strayed] == []


def test_the_formatter_changes_no_golden(tmp_path: Path) -> None:
    for golden in GOLDENS.rglob(f"*{ENDING}"):
        name = golden.relative_to(GOLDENS).as_posix().removesuffix(ENDING)
        (tmp_path / f"{name.replace('/', '.')}.py").write_bytes(golden.read_bytes())
    command = (sys.executable, "-m", "ruff", "format", "--diff", "--isolated", ".")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("case", cases())
def test_first_line_of_a_case_says_what_is_right(case: str) -> None:
    first = (CASES / f"{case}.yaml").read_text(encoding="utf-8").partition("\n")[0]
    assert re.fullmatch(r"# [A-Z`].{15,120}\.", first), first


def test_every_case_of_the_tables_is_a_file() -> None:
    text = (CASES / "README.md").read_text(encoding="utf-8")
    known_wrong, left_out = text.split("## Left out")
    rows = re.compile(r"^\| `(\w+/\w+)` \|", re.MULTILINE)
    assert set(rows.findall(known_wrong)) <= set(cases())
    assert set(rows.findall(left_out)).isdisjoint(cases())

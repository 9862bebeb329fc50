"""The emitted text: formatted, typed, deterministic, dependent on torch alone, one class for each block."""

import ast
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checkers import MYPY
from tests.gallery.networks import SAMPLE, sampled
from tests.runtime.gallery import network, representatives, source, specs

DIGESTS = """
import hashlib, json, sys
from archspec.code.pytorch import emit
from tests.gallery.networks import network
print(json.dumps({spec: hashlib.sha256(emit(network(spec)).encode()).hexdigest() for spec in sys.argv[1:]}))
"""
ROOT = Path(__file__).parents[2]
RULES = "A,ANN,ARG,B,C4,E,F,FLY,FURB,I,N,PERF,PIE,RUF,SIM,UP,W"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Path:
    """A folder with the source of each structure; with --whole, of every network."""
    folder = tmp_path_factory.mktemp("emitted")
    for spec in specs() if pytestconfig.getoption("whole") else representatives():
        (folder / f"{spec.replace(':', '_')}.py").write_text(source(spec))
    return folder


def run(*command: str, cwd: Path) -> None:
    done = subprocess.run([sys.executable, "-m", *command], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_ruff_finds_nothing(written: Path) -> None:
    run("ruff", "check", "--isolated", "--select", RULES, "--ignore", "N812", ".", cwd=written)


def test_the_formatter_changes_nothing(written: Path) -> None:
    run("ruff", "format", "--check", "--diff", "--isolated", ".", cwd=written)


def test_mypy_strict_finds_nothing(written: Path) -> None:
    run(*MYPY, ".", cwd=written)


@pytest.mark.parametrize("seed", ["0", pytest.param("1", marks=pytest.mark.whole)])
def test_the_text_is_the_same_in_another_process(seed: str, pytestconfig: pytest.Config) -> None:
    chosen = [spec for spec in representatives() if pytestconfig.getoption("whole") or spec in SAMPLE]
    done = subprocess.run(
        [sys.executable, "-c", DIGESTS, *chosen],
        cwd=ROOT,
        env={"PYTHONHASHSEED": seed, "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    here = {spec: hashlib.sha256(source(spec).encode()).hexdigest() for spec in chosen}
    assert json.loads(done.stdout) == here


@pytest.mark.parametrize("spec", sampled(specs()))
def test_imports_torch_and_the_standard_library_alone(spec: str) -> None:
    modules = set()
    for node in ast.walk(ast.parse(source(spec))):
        if isinstance(node, ast.Import):
            modules |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules.add((node.module or "").partition(".")[0])
    assert modules - set(sys.stdlib_module_names) == {"torch"}


@pytest.mark.parametrize("spec", sampled(specs()))
def test_names_no_device(spec: str) -> None:
    words = {"cuda", "cpu", "mps", "xpu", "device", "to"}
    # What is made beside an input is made where the input is.
    tree = ast.parse(re.sub(r"device=\w+\.device", "", source(spec)))
    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    used |= {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    used |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg}
    assert used & words == set()


@pytest.mark.parametrize("spec", sampled(specs()))
def test_has_one_class_for_each_block(spec: str) -> None:
    graph = network(spec).graph
    most = len({id(s.definition) for s in graph.scopes.values() if s.definition.kind != "repeat"})
    classes = [node.name for node in ast.parse(source(spec)).body if isinstance(node, ast.ClassDef)]
    assert len(classes) == len(set(classes))
    assert len(classes) <= most + 1  # the named tuple of outputs

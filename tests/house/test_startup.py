"""A process loads what its command needs: the families of ops that a spec names, and nothing else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from archspec.ops import OPS
from archspec.ops.index import INDEX

ROOT = Path(__file__).parents[2]
FAMILIES = set(INDEX.values())


def output_of(program: str, folder: Path) -> str:
    """What a process prints that runs `program`, and at its end the modules that it has loaded."""
    whole = f"""
import sys
try:
    {program}
except SystemExit as end:
    assert not end.code, end.code
print("LOADED", *sys.modules)
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", whole]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def loaded_by(program: str, folder: Path) -> set[str]:
    return set(output_of(program, folder).rpartition("LOADED")[2].split())


def families_loaded_by(program: str, folder: Path) -> set[str]:
    return {
        module.rpartition(".")[2] for module in loaded_by(program, folder) if module.startswith("archspec.ops.")
    } & FAMILIES


def command(*words: str) -> str:
    return f"from archspec.cli import main; main({list(words)!r})"


def test_index_is_what_the_families_declare() -> None:
    declared = {name: op.__module__.rpartition(".") for name, op in OPS.items()}
    assert {name: family for name, (package, _, family) in declared.items() if package == "archspec.ops"} == INDEX, (
        "run python docs/generate.py"
    )


def test_a_spec_loads_the_families_of_its_ops(tmp_path: Path) -> None:
    graph = "graph: [{op: conv2d, out_channels: 4, kernel_size: 3}, {op: relu}]"
    (tmp_path / "net.yaml").write_text(f"archspec: 1\ninputs: {{image: [3, 8, 8]}}\n{graph}\n")
    for words in (
        ("check", "net.yaml"),
        ("summary", "net.yaml"),
        ("compile", "net.yaml"),
        ("draw", "net.yaml", "-o", "x.svg"),
    ):
        families = families_loaded_by(command(*words), tmp_path)
        assert families == {"conv", "input", "rectifier"}, words


def test_an_op_that_an_expression_chooses_loads_its_family(tmp_path: Path) -> None:
    graph = "params: {act: gelu}\ngraph: [{op: $act}]"
    (tmp_path / "net.yaml").write_text(f"archspec: 1\ninputs: {{image: [3, 8, 8]}}\n{graph}\n")
    assert families_loaded_by(command("check", "net.yaml"), tmp_path) == {"activation", "input"}


@pytest.mark.parametrize("program", [command("ops"), command("schema"), "from archspec.ops import OPS; len(OPS)"])
def test_who_asks_for_all_ops_gets_every_family(program: str, tmp_path: Path) -> None:
    assert families_loaded_by(program, tmp_path) == FAMILIES


def test_importing_the_ops_declares_none(tmp_path: Path) -> None:
    assert families_loaded_by("import archspec.ops", tmp_path) == set()


def test_counts_load_no_comparison(tmp_path: Path) -> None:
    assert not {"archspec.compare", "archspec.diagnostics.full"} & loaded_by(command("summary", "alexnet"), tmp_path)


def test_process_never_looks_for_garbage(tmp_path: Path) -> None:
    watched = "import gc; from archspec.__main__ import run; gc.callbacks.append(lambda *_: print('COLLECTED'))"
    program = f"{watched}; sys.argv[1:] = ['summary', 'alexnet']; run()"
    assert "COLLECTED" not in output_of(program, tmp_path)

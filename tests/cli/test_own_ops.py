from pathlib import Path

from tests.cli.conftest import Process

OPS = """\
from typing import ClassVar

from archspec.ops.op import Op, op
from archspec.values.source import Operation, constant


@op
class Twice(Op):
    \"\"\"Doubles: (N, ...) -> (N, ...).\"\"\"

    name: ClassVar[str] = "twice"

    def expression(self, args, slots, xs):
        return Operation("*", constant(2), args[0])
"""
SPEC = """\
archspec: 1
name: Doubled
inputs: {image: [3, 8, 8]}
graph:
  conv: {op: conv2d, out_channels: 4, kernel_size: 3}
  twice: twice
"""


def test_a_file_declares_ops(process: Process, tmp_path: Path) -> None:
    (tmp_path / "my_ops.py").write_text(OPS)
    (tmp_path / "doubled.yaml").write_text(SPEC)
    without = process("check", "doubled.yaml")
    assert without.returncode == 1
    assert "error[unknown-op]" in without.stderr
    assert process("check", "doubled.yaml", "--ops", "my_ops.py").returncode == 0
    compiled = process("compile", "doubled.yaml", "--ops", "my_ops.py")
    assert compiled.returncode == 0, compiled.stderr
    assert "2 * " in compiled.stdout
    assert "twice" in process("ops", "--ops", "my_ops.py").stdout


def test_what_the_file_raises_is_said(process: Process, tmp_path: Path) -> None:
    (tmp_path / "my_ops.py").write_text("1 / 0\n")
    done = process("ops", "--ops", "my_ops.py")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: my_ops.py raised ZeroDivisionError: division by zero\n"


def test_a_name_that_archspec_has_is_taken(process: Process, tmp_path: Path) -> None:
    (tmp_path / "my_ops.py").write_text(OPS.replace('"twice"', '"conv2d"'))
    done = process("ops", "conv2d", "--ops", "my_ops.py")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: my_ops.py raised ValueError: op 'conv2d' is declared twice\n"

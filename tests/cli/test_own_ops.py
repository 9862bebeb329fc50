from os import pathsep
from pathlib import Path

import pytest

from archspec.ops import OPS as OP_CLASSES
from tests.cli.conftest import ROOT, Process, Run

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


def test_what_the_file_raises_is_said_with_its_line(process: Process, tmp_path: Path) -> None:
    (tmp_path / "my_ops.py").write_text("import math\n1 / 0\n")
    done = process("ops", "--ops", "my_ops.py")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "error: my_ops.py raised ZeroDivisionError: division by zero\n"
        "  --> my_ops.py:2\n"
        "help: mend my_ops.py, which --ops runs; docs/how-to/add-an-op.md has an op that works\n"
    )


def test_a_name_that_archspec_has_is_taken(process: Process, tmp_path: Path) -> None:
    (tmp_path / "my_ops.py").write_text(OPS.replace('"twice"', '"conv2d"'))
    done = process("ops", "conv2d", "--ops", "my_ops.py")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(
        "error: my_ops.py raised ValueError: op 'conv2d' is declared twice\n  --> my_ops.py:7\n"
    )


def test_an_op_without_a_form_is_told_at_its_class(process: Process, tmp_path: Path) -> None:
    (tmp_path / "my_ops.py").write_text(OPS.partition("    def expression")[0])
    done = process("ops", "--ops", "my_ops.py")
    assert done.returncode == 2
    assert done.stderr.startswith(
        "error: my_ops.py raised TypeError: Twice has no PyTorch form: set `module`, `function` or `holds`, or "
        "override `expression`\n  --> my_ops.py:7\n"
    )


FORM = 'return Operation("*", constant(2), args[0])'
RULES = {
    "infer raises": ("check", "def infer(self, xs):\n        return xs[7]", "infer: it raised IndexError: ", 17),
    "infer gives one shape": (
        "check",
        "def infer(self, xs):\n        return xs[0]",
        "infer: it gives a Shape, not a tuple of shapes, one per output",
        16,
    ),
    "infer gives too many": (
        "check",
        "def infer(self, xs):\n        return xs * 2",
        "infer: it gives 2 shapes, and the op has 1 outputs",
        16,
    ),
    "infer divides": (
        "check",
        "def infer(self, xs):\n        return (type(xs[0])((xs[0].dims[0] / 2,)),)",
        "infer: it gives a size of 2: sizes are whole numbers: divide with `//`",
        16,
    ),
    "infer raises a code of its own": (
        "check",
        "def infer(self, xs):\n        raise ShapeFault('odd', 'no')",
        "infer: it raises ShapeFault with 'odd', which is no code that `archspec explain` knows",
        17,
    ),
    "count gives a number": (
        "check",
        "def count(self, xs, ys):\n        return 4",
        "count: it gives an int, not a Cost",
        16,
    ),
    "parameters gives a list": (
        "check",
        "def parameters(self, xs):\n        return [3]",
        "parameters: it gives a list, not names with all sizes of a tensor, {'weight': (64, 3)}",
        16,
    ),
    "label raises": ("draw", "def label(self):\n        return self.missing", "label: it raised AttributeError: ", 17),
    "slots raises": ("compile", "def slots(self, xs):\n        return {}[1]", "slots: it raised KeyError: 1", 17),
    "a helper is no Python": (
        "compile",
        "def helpers(self):\n        return (Helper('f', 'def f(:\\n'),)",
        "helpers: it gives a Helper that is not Python: ",
        16,
    ),
}


@pytest.mark.parametrize(("command", "rule", "said", "line"), RULES.values(), ids=RULES)
def test_a_fault_in_a_rule_is_that_of_the_op(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, rule: str, said: str, line: int
) -> None:
    monkeypatch.setattr(OP_CLASSES, "_items", dict(OP_CLASSES.items()))  # what the file declares is gone after it
    (tmp_path / "my_ops.py").write_text(
        f"{OPS.replace('import Op, op', 'import Helper, Op, ShapeFault, op')}\n    {rule}\n"
    )
    (tmp_path / "doubled.yaml").write_text(SPEC)
    done = run(command, "doubled.yaml", "--ops", "my_ops.py", *(["-o", "x.svg"] if command == "draw" else []))
    assert done.exit_code == 2, done.stderr
    first, place, help = done.stderr.splitlines()
    assert first.startswith(f"error: op twice has a fault of its own in {said}"), first
    assert place == f"  --> my_ops.py:{line}"
    hook = said.partition(":")[0]
    assert help == f"help: mend `{hook}` of Twice; docs/reference/op-api.md says what every hook is given and gives"


def test_a_form_that_is_text_is_no_expression(process: Process, tmp_path: Path) -> None:
    (tmp_path / "my_ops.py").write_text(OPS.replace(FORM, 'return Operation("*", 2, args[0])'))
    (tmp_path / "doubled.yaml").write_text(SPEC)
    done = process("compile", "doubled.yaml", "--ops", "my_ops.py")
    assert done.returncode == 2
    assert done.stderr.startswith(
        "error: op twice has a fault of its own in expression: it gives an expression with an int in it; "
        "`constant(2)` is that of a number\n  --> my_ops.py:13\n"
    )


VALIDATOR = """\

    factor: int = 2

    @field_validator("factor")
    @classmethod
    def small(cls, value):
        return 1 // (value - value)
"""


def test_a_fault_outside_of_hooks_is_found_by_its_file(process: Process, tmp_path: Path) -> None:
    (tmp_path / "my_ops.py").write_text(f"from pydantic import field_validator\n{OPS}{VALIDATOR}")
    (tmp_path / "doubled.yaml").write_text(SPEC.replace("twice: twice", "twice: {op: twice, factor: 3}"))
    done = process("check", "doubled.yaml", "--ops", "my_ops.py")
    assert done.returncode == 2
    assert done.stderr == (
        "error: op twice has a fault of its own: it raised ZeroDivisionError: integer division or modulo by zero\n"
        "  --> my_ops.py:22\n"
        "help: docs/reference/op-api.md says what every hook is given and gives\n"
    )


def test_a_form_that_torch_refuses_may_be_the_op_s(process: Process, tmp_path: Path) -> None:
    missing = OPS.replace(FORM, 'return invoke("torch.no_such_function", args[0])').replace("constant\n", "invoke\n")
    (tmp_path / "my_ops.py").write_text(missing)
    (tmp_path / "doubled.yaml").write_text(SPEC)
    done = process("verify", "doubled.yaml", "--ops", "my_ops.py")
    assert done.returncode == 1
    assert done.stdout.endswith(
        ": what the spec describes, or your own op, twice, does not hold it. Change it, or what it is held against.\n"
    )


PACKAGE = """\
[archspec.ops]
my_ops = my_package
"""


def test_an_entry_point_that_raises_is_named(process: Process, tmp_path: Path) -> None:
    (tmp_path / "my_package.py").write_text("\n1 / 0\n")
    info = tmp_path / "my_package-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-package\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(PACKAGE)
    (tmp_path / "doubled.yaml").write_text(SPEC)
    done = process("check", "doubled.yaml", PYTHONPATH=f"{ROOT}{pathsep}{tmp_path}")
    assert done.returncode == 2
    assert done.stderr == (
        "error: the entry point my_ops = my_package of my-package raised ZeroDivisionError: division by zero\n"
        "  --> my_package.py:2\n"
        "help: mend the module that it names, or uninstall the package: its ops are offered to every spec\n"
    )

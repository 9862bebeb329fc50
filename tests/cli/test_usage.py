import subprocess
import sys
from pathlib import Path

import pytest

import archspec
from archspec import pipeline
from tests.cli.conftest import ROOT, Process, Run


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("sumary", "resnet"), "Did you mean 'summary'?"),
        (("summary",), "Missing argument 'SPEC'"),
        (("summary", "resnet", "--set", "classes"), "'classes' is not NAME=VALUE"),
        (("summary", "resnet", "--set", "classes=1", "--set", "classes=2"), "'classes' is set twice"),
        (("summary", "resnet", "--input", "3x0x4"), "'3x0x4' is not a size such as 3x224x224"),
        (("summary", "resnet", "--input", "image="), "is not a size such as 3x224x224"),
        (("summary", "resnet", "--input", "3x8x8", "--input", "image=3x8x8"), "each input is given once"),
        (("summary", "resnet", "--format", "xml"), "'xml' is not one of"),
        (("summary", "resnet", "--depth", "0"), "0 is not in the range"),
        (("check",), "Missing argument 'SPEC...'"),
        (("check", "resnet", "--error-format", "xml"), "'xml' is not one of"),
    ],
)
def test_wrong_usage_exits_with_2(run: Run, arguments: tuple[str, ...], says: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr


@pytest.mark.parametrize("command", ["compile", "draw", "summary", "verify"])
@pytest.mark.parametrize(
    ("options", "names"),
    [
        (("--variant", "wyde"), "wide"),
        (("--set", "widht=4"), "width"),
        (("--set", "width=four"), "width"),
        (("--set", "width=[1"), "width"),
        (("--input", "imag=3x8x8"), "image"),
    ],
)
def test_a_setting_that_does_not_fit_is_said_without_a_traceback(
    run: Run, small: Path, command: str, options: tuple[str, ...], names: str
) -> None:
    result = run(command, small, *options)
    assert result.exit_code in (1, 2)
    assert result.stdout == ""
    assert names in result.stderr
    assert "archspec itself" not in result.stderr


@pytest.mark.parametrize("command", ["compile", "draw", "summary", "verify"])
def test_a_wrong_spec_exits_with_1(run: Run, wrong: Path, command: str) -> None:
    result = run(command, wrong)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "error[unknown-op]" in result.stderr


def test_version(run: Run) -> None:
    assert run("--version").stdout == f"archspec {archspec.__version__}\n"


def test_help_names_every_command_in_order(run: Run) -> None:
    words = [
        line.split()[0] for line in run("--help").stdout.partition("Commands:")[2].splitlines() if line[2:3].strip()
    ]
    assert words == [
        "compile",
        "draw",
        "summary",
        "sizes",
        "memory",
        "receptive-field",
        "diff",
        "sweep",
        "solve",
        "time",
        "bench",
        "check",
        "lint",
        "verify",
        "import",
        "list",
        "ops",
        "explain",
        "schema",
        "init",
    ]


def test_a_fault_of_our_own_says_so(run: Run, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the sky fell")

    monkeypatch.setattr(pipeline, "read_network", fail)
    result = run("summary", small)
    assert (result.exit_code, result.stdout) == (70, "")
    assert result.stderr == (
        f"error: a fault in archspec {archspec.__version__} itself, not in your spec: RuntimeError: the sky fell\n"
        "Report it with the spec and the output of the same command under ARCHSPEC_DEBUG=1, which adds the traceback.\n"
    )
    assert "Traceback" in run("--debug", "summary", small).stderr


def test_an_interrupt_ends_quietly(run: Run, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "read_network", interrupt)
    result = run("summary", small)
    assert (result.exit_code, result.stdout, result.stderr) == (130, "", "interrupted\n")


def test_a_reader_that_goes_away_is_no_fault(tmp_path: Path) -> None:
    line = f"{sys.executable} -m archspec summary vgg:vgg11 --format json | head -c 1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "{"
    assert done.stderr == ""


def test_output_survives_an_encoding_that_lacks_characters(process: Process) -> None:
    done = process("summary", "vgg:vgg11", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("VGG")

"""`archspec lint`: what it prints, and its exit code."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

NET = """\
archspec: 1
inputs: {image: [16, 32, 32]}
graph:
  conv: {op: conv2d, out_channels: 16, kernel_size: 1}
  norm: batch_norm2d
"""


@pytest.fixture
def net() -> Path:
    path = Path("advised.yaml")
    path.write_text(NET, encoding="utf-8")
    return path


def test_findings_go_to_standard_output(run: Run, net: Path) -> None:
    result = run("lint", net)
    assert result.exit_code == 0
    assert (
        result.stdout
        == f"""\
warning[bias-before-norm]: conv adds a bias of 16 parameters, which norm takes away again
 --> {net}:4:3
  |
4 |   conv: {{op: conv2d, out_channels: 16, kernel_size: 1}}
  |   ^^^^
5 |   norm: batch_norm2d
  |   ---- takes the mean of each channel away
help: bias: false
"""
    )
    assert result.stderr == f"1 warning in {net}\n"


def test_a_network_without_findings(run: Run, small: Path) -> None:
    result = run("lint", small, "--strict")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "nothing to say\n")


def test_strict_exits_with_1(run: Run, net: Path) -> None:
    assert run("lint", net, "--strict").exit_code == 1


def test_other_forms(run: Run, net: Path) -> None:
    concise = run("lint", net, "--format", "concise")
    message = "conv adds a bias of 16 parameters, which norm takes away again"
    assert concise.stdout == f"{net}:4:3: warning[bias-before-norm] {message}\n"
    github = run("lint", net, "--format", "github")
    place = f"file={net},line=4,col=3,endLine=4,endColumn=7"
    assert github.stdout == f"::warning {place},title=bias-before-norm::{message}%0Ahelp: bias: false\n"
    (found,) = json.loads(run("lint", net, "--format", "json").stdout)
    assert (found["code"], found["severity"], found["help"]) == ("bias-before-norm", "warning", "bias: false")
    assert json.loads(run("lint", net, "--ignore", "bias-before-norm", "--format", "json").stdout) == []


def test_rules_are_chosen_by_name(run: Run, net: Path) -> None:
    assert run("lint", net, "--select", "large-kernel, heavy-layer").stdout == ""
    assert "bias-before-norm" in run("lint", net, "--select", "bias-before-norm").stdout
    result = run("lint", net, "--ignore", "bias-before-batchnorm")
    assert (result.exit_code, result.stderr) == (
        2,
        "error: there is no rule 'bias-before-batchnorm'; bias-before-norm is one\n",
    )


def test_every_variant_is_linted_where_none_is_named(run: Run) -> None:
    assert "bias-before-norm" in run("lint", "vgg").stdout
    assert "bias-before-norm" not in run("lint", "vgg:vgg16").stdout


def test_a_block_is_linted_alone(run: Run) -> None:
    assert run("lint", "alexnet/features", "--select", "heavy-layer").stdout == ""
    assert "heavy-layer" in run("lint", "alexnet/classifier", "--select", "heavy-layer").stdout
    assert run("lint", "alexnet/clasifier").stderr == "error: there is no block clasifier; classifier is one\n"


def test_a_wrong_spec_is_told_as_by_check(run: Run, wrong: Path) -> None:
    result = run("lint", wrong)
    assert result.exit_code == 1
    assert "error[unknown-op]" in result.stderr


def test_check_marks_pull_requests_too(run: Run, wrong: Path) -> None:
    lines = run("check", wrong, "--error-format", "github").stdout.splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["::error", "::error"]


def test_explains_a_rule(run: Run) -> None:
    result = run("explain", "uneven-overlap")
    assert result.stdout.startswith(
        "uneven-overlap: the stride of a transposed convolution does not divide its kernel\n"
    )
    assert "Source: Odena" in result.stdout
    assert "    graph:" in result.stdout

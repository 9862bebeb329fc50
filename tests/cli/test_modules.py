"""`--allow-modules`: shapes and counts of somebody's own module, found by running it; a spec by itself runs nothing."""

from pathlib import Path

import pytest
import torch

import archspec
from archspec.runtime.build import build
from tests.cli.conftest import Run

LAYERS = """\
from torch import nn

print("run")


class Block(nn.Module):
    def __init__(self, dim, wide=1):
        super().__init__()
        self.map = nn.Conv2d(dim, dim * wide, 3, stride=2, padding=1)

    def forward(self, x):
        x = self.map(x)
        return x, x.mean((2, 3))


class Broken(Block):
    def forward(self, x):
        raise ValueError("never")


class Flat(Block):
    def forward(self, x):
        return self.map(x).flatten(0, 1)


class Whole(Block):
    def forward(self, x):
        return self.map(x).argmax(1)


def number(dim):
    return dim
"""
SPEC = """\
archspec: 1
name: Net
inputs: {image: [3, 8, 8]}
graph:
  stem: {op: conv2d, out_channels: 4, kernel_size: 1}
  own: {op: module, target: "TARGET", args: [[dim, 4], [wide, 2]]}
  act: {op: relu, from: own}
outputs: {y: act, mean: own.1}
"""
HELP = "help: declare its outputs in place of running it: shapes: [[64, 14, 14]]"


@pytest.fixture
def net(run: Run, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A spec beside a package of a name of its own, as imports are remembered."""
    package = f"own_{abs(hash(request.node.name))}"
    (tmp_path / f"{package}.py").write_text(LAYERS)
    path = tmp_path / "net.yaml"
    path.write_text(SPEC.replace("TARGET", f"{package}:Block"))
    return path


def test_without_the_option_nothing_runs_and_the_cure_is_said(run: Run, net: Path) -> None:
    done = run("check", net)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "error[missing-option]: shapes of own_" in done.stderr
    assert "are left out, and a spec by itself runs no code to find them" in done.stderr
    assert "help: write the sizes of each output, shapes: [[64, 14, 14]], or let archspec run it: --allow-modules" in (
        done.stderr
    )


def test_with_it_a_run_finds_shapes_and_counts(run: Run, net: Path) -> None:
    assert run("check", net, "--allow-modules").exit_code == 0
    design = archspec.load(net, permit=archspec.Permit(modules=archspec.run_modules))
    network = design.network
    assert [str(shape) for shape in network.shapes["own"]] == ["N x 8 x 4 x 4", "N x 8"]
    own = 8 * 4 * 9
    assert network.costs["own"].params == own + 8
    assert network.costs["own"].macs == 4 * 4 * own
    assert "self.own = Block(dim=4, wide=2)" in design.source()


def test_they_are_those_of_the_built_module(run: Run, net: Path) -> None:
    design = archspec.load(net, permit=archspec.Permit(modules=archspec.run_modules))
    module = build(design.source(), "Net").eval()
    y, mean = module(torch.randn(3, 3, 8, 8))
    assert (tuple(y.shape), tuple(mean.shape)) == ((3, 8, 4, 4), (3, 8))
    assert sum(parameter.numel() for parameter in module.parameters()) == design.params


def test_verify_proves_a_network_that_holds_one(run: Run, net: Path) -> None:
    report = archspec.load(net, permit=archspec.Permit(modules=archspec.run_modules)).verify()
    assert report.passed, "\n".join(report.lines())
    assert {check.name for check in report.checks if check.status != "ok"} == {"fvcore"}


def test_verify_blames_the_spec_for_what_it_says_of_one(run: Run, net: Path) -> None:
    net.write_text(net.read_text().replace("[wide, 2]]", "[wide, 2]], shapes: [[8, 4, 4], [8]], params: 1"))
    done = run("verify", net, "--allow-modules")
    assert done.exit_code == 1
    assert "params         failed" in done.stdout
    assert "a fault of archspec" not in done.stdout
    assert "--allow-modules does" in run("verify", net).stdout


def test_another_size_is_run_at_its_own(run: Run, net: Path) -> None:
    design = archspec.load(net, inputs={"image": (3, 16, 12)}, permit=archspec.Permit(modules=archspec.run_modules))
    assert str(design.network.shapes["own"][0]) == "N x 8 x 8 x 6"


def test_what_is_declared_is_not_run(run: Run, net: Path) -> None:
    net.write_text(net.read_text().replace("[wide, 2]]", "[wide, 2]], shapes: [[1, 1, 1], [2]]"))
    done = run("check", net, "--allow-modules")
    assert (done.exit_code, "run" in done.stdout) == (0, False)


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("Broken", "bad-option", "does not run: ValueError: never"),
        ("Missing", "bad-option", "does not run: AttributeError: module "),
        ("Flat", "shape-mismatch", "gives (16, 4, 4) for 2 samples: an output has its batch first"),
        ("Whole", "wrong-type", "gives torch.int64, and an op module gives fractions"),
        ("number", "bad-option", "does not run: TypeError: number() got an unexpected keyword argument 'wide'"),
    ],
)
def test_what_does_not_run_is_told_at_the_target(run: Run, net: Path, name: str, code: str, said: str) -> None:
    net.write_text(net.read_text().replace(":Block", f":{name}").replace("own.1", "own"))
    done = run("check", net, "--allow-modules")
    assert done.exit_code == 1
    assert f"error[{code}]: own_" in done.stderr
    assert said in done.stderr
    assert (HELP in done.stderr) == (code == "bad-option")
    assert "net.yaml:6:" in done.stderr


def test_a_package_that_is_not_there_is_named(run: Run, net: Path) -> None:
    net.write_text(SPEC.replace("TARGET", "no_such_package.layers:Block"))
    done = run("check", net, "--allow-modules")
    assert "does not run: ModuleNotFoundError: No module named 'no_such_package'" in done.stderr

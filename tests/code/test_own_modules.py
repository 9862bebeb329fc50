"""A module of somebody's own package: the source imports it, and nothing of archspec runs it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

import archspec
from archspec.runtime.build import build

PACKAGE = """\
import torch
from torch import Tensor, nn


class Block(nn.Module):
    def __init__(self, dim: int, heads: int = 1) -> None:
        super().__init__()
        self.heads = heads
        self.map = nn.Conv2d(dim, dim, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.map(x)
        return x, x.mean((2, 3))
"""
SPEC = """\
archspec: 1
name: Net
inputs: {image: [3, 8, 8]}
graph:
  stem: {op: conv2d, out_channels: 4, kernel_size: 1}
  own: {op: module, target: my_own.layers:Block, args: [[dim, 4], [heads, 2]], shapes: [[4, 8, 8], [4]], params: 20}
  act: {op: relu, from: own}
outputs: {y: act, mean: own.1}
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The package, where Python finds it; nothing has imported it yet."""
    (tmp_path / "my_own").mkdir()
    (tmp_path / "my_own/layers.py").write_text(PACKAGE)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "my_own"]:
        del sys.modules[name]


def test_the_source_imports_it_and_runs_where_it_is(package: None) -> None:
    design = archspec.loads(SPEC)
    source = design.source()
    assert "from my_own.layers import Block\n" in source
    assert "self.own = Block(dim=4, heads=2)" in source
    module = build(source, "Net").eval()
    y, mean = module(torch.randn(2, 3, 8, 8))
    assert (tuple(y.shape), tuple(mean.shape)) == ((2, 4, 8, 8), (2, 4))
    assert sum(parameter.numel() for parameter in module.parameters()) == design.params


def test_a_spec_by_itself_does_not_run_it(package: None) -> None:
    design = archspec.loads(SPEC)
    said = "the source imports my_own.layers, and a spec by itself runs no code"
    with pytest.raises(PermissionError, match=said):
        design.build()
    report = design.verify()
    assert {(check.status, check.detail) for check in report.checks} == {
        ("skipped", (f"{said}: --allow-modules does",))
    }
    assert design.summary()
    assert not {name for name in sys.modules if name.startswith("my_own")}


def test_classes_of_one_name_have_two_and_the_network_another() -> None:
    text = SPEC.replace("name: Net", "name: Block").replace(
        "relu, from: own}", "relu, from: own}\n  more: {op: module, target: other:Block, shapes: [[4, 8, 8]]}"
    )
    source = archspec.loads(text.replace("y: act", "y: more")).source()
    assert "from my_own.layers import Block\nfrom other import Block as Block2\n" in source
    assert "class Block3(nn.Module):" in source


@pytest.mark.parametrize("target", ["os.system", "os:system; rm", "os:class", "a b:C", ":C", "a.:C"])
def test_a_target_is_a_class_and_its_module(target: str) -> None:
    text = f"archspec: 1\ninputs: {{x: [3]}}\ngraph: {{m: {{op: module, target: '{target}', shapes: [[3]]}}}}\n"
    with pytest.raises(archspec.SpecError, match="target is a class and its module, "):
        archspec.loads(text)


def test_an_argument_is_named_by_a_name_and_once() -> None:
    text = "archspec: 1\ninputs: {x: [3]}\ngraph: {m: {op: module, target: 'a:B', args: ARGS, shapes: [[3]]}}\n"
    with pytest.raises(
        archspec.SpecError, match=r"args is a list of names and values, \[\[dim, 64\], \[bias, false\]\]"
    ):
        archspec.loads(text.replace("ARGS", "[['x=1)', 2]]"))
    with pytest.raises(archspec.SpecError, match="args of a:B name one argument twice"):
        archspec.loads(text.replace("ARGS", "[[x, 1], [x, 2]]"))


FUNCTION = """\
archspec: 1
name: Net
inputs: {x: [4], y: [4]}
graph:
  put: {op: function, target: "torch:lerp", from: [x, y], args: [0.5], shapes: [[4]], GIVEN}
  end: {op: relu, from: put}
"""


def test_a_function_of_torch_is_called_with_its_inputs_where_they_stand() -> None:
    said = archspec.loads(FUNCTION.replace(", GIVEN", "")).source()
    assert "torch.lerp(x, y, 0.5)" in said
    said = archspec.loads(FUNCTION.replace("GIVEN", "at: [0, 2], options: [[wide, true]]")).source()
    assert "torch.lerp(x, 0.5, y, wide=True)" in said
    said = archspec.loads(FUNCTION.replace("GIVEN", "by_name: [end]")).source()
    assert "torch.lerp(x, 0.5, end=y)" in said


def test_a_function_is_not_run_by_a_spec_alone() -> None:
    design = archspec.loads(FUNCTION.replace(", GIVEN", ""))
    with pytest.raises(PermissionError, match="the source imports torch, and a spec by itself runs no code"):
        design.build()
    assert {check.status for check in design.verify().checks} == {"skipped"}


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("torch:lerp", "os:system", "target is a function of torch and its module, torch.special:erfcx"),
        ("torch:lerp", "torch.lerp", "target is a function of torch and its module, torch.special:erfcx"),
        ("GIVEN", "at: [0, 3]", "at of torch:lerp is to say where 2 of 3 arguments stand"),
        ("GIVEN", "at: [1]", "at of torch:lerp has a place for each or none"),
        ("GIVEN", "by_name: [a, b, c]", "by_name of torch:lerp names more inputs than it has"),
        ("GIVEN", "dtypes: [int, int]", "dtypes of torch:lerp has a place for each or none"),
    ],
)
def test_what_a_function_is_given_has_places(was: str, now: str, said: str) -> None:
    with pytest.raises(archspec.SpecError, match=said):
        archspec.loads(FUNCTION.replace(was, now).replace(", GIVEN", ""))

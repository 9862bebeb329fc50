"""`archspec import`, and a module where a command takes SPEC."""

import re
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner, Result

import archspec
from archspec.cli import main
from archspec.importer.endings import FILES
from tests.importer import networks

NET = """\
import torch
from torch import nn


class Net(nn.Module):
    \"\"\"Two images in one tower.\"\"\"

    def __init__(self, width, classes=2):
        super().__init__()
        self.tower = nn.Sequential(nn.Conv2d(3, width, 3), nn.ReLU())
        self.fc = nn.Linear(2 * width, classes)

    def forward(self, left, right):
        both = torch.cat([self.tower(left).mean((2, 3)), self.tower(right).mean((2, 3))], 1)
        return self.fc(both)


class Fails(nn.Module):
    def forward(self, x):
        return x @ x


class Decides(nn.Module):
    def forward(self, x):
        return x if x.sum() > 0 else -x


class Gives(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)
        self.register_buffer("anchors", torch.ones(3))

    def forward(self, x):
        return {"logits": self.fc(x), "anchors": self.anchors, "scale": torch.full((x.shape[0], 3), 0.5)}


def number():
    return 3


made = Net(3)
"""
SIZES = ("--input", "left=3x16x16", "--input", "right=3x16x16")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_model.py").write_text(NET, encoding="utf-8")
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words, prog_name="archspec")


def test_a_module_of_a_file_becomes_a_spec(folder: Path) -> None:
    done = run("import", "my_model.py:Net", "--set", "width=4", *SIZES, "-o", "net.yaml")
    assert done.exit_code == 0, done.stderr
    assert "wrote net.yaml" in done.stderr
    assert (
        (folder / "net.yaml").read_text(encoding="utf-8")
        == """\
# Imported from my_model.py:Net: equal keys, and equal outputs bit for bit, in inference and in training.
archspec: 1
name: Net
doc: Two images in one tower
params: {width: 4, classes: 2}
inputs: {left: [3, 16, 16], right: [3, 16, 16]}

graph:
  tower: {graph: [{op: conv2d, out_channels: $width, kernel_size: 3}, relu]}
  mean1: {op: mean, dim: [2, 3]}
  tower1: {share: tower, from: right}
  mean2: {op: mean, dim: [2, 3]}
  both: {op: concat, from: [mean1, mean2]}
  fc: {op: linear, out_features: $classes}

expect: {params: 130, macs: 42352}
"""
    )
    assert run("check", "net.yaml").exit_code == 0


def test_a_file_may_have_a_name_that_python_cannot_import(folder: Path) -> None:
    (folder / "my_model.py").rename(folder / "my-model.2.py")
    done = run("import", "my-model.2.py:Net(width=4)", *SIZES, "-o", "net.yaml")
    assert done.exit_code == 0, done.stderr


def test_outputs_that_no_member_makes_are_tensors_beside(folder: Path) -> None:
    done = run("import", "my_model.py:Gives", "--input", "4", "-o", "net.yaml")
    assert done.exit_code == 0, done.stderr
    assert "outputs: {logits: fc, anchors: anchors, scale:" in (folder / "net.yaml").read_text("utf-8")


def test_a_file_of_python_is_no_spec(folder: Path) -> None:
    assert "help: name what makes the module in it: my_model.py:CALLABLE" in run("draw", "my_model.py").stderr


def test_commands_take_a_module_in_place_of_a_spec(folder: Path) -> None:
    summary = run("summary", "my_model.py:Net", "--set", "width=4", *SIZES, "--format", "csv")
    assert summary.exit_code == 0, summary.stderr
    assert "tower" in summary.stdout
    drawn = run("draw", "my_model.py:Net", "--set", "width=4", *SIZES, "-o", "net.svg")
    assert drawn.exit_code == 0, drawn.stderr
    assert (folder / "net.svg").exists()


def test_a_name_of_the_gallery_comes_first() -> None:
    assert run("check", "resnet:resnet18").exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("my_model.py:Net",), "my_model.py:Net wants width: give --set width=..."),
        (("my_model.py:Net", "--set", "widht=4", "--set", "width=4"), "has no argument widht; did you mean width?"),
        (("my_model.py:Nett",), "my_model.py has no Nett; the nearest name is Net"),
        (
            ("torch.nn:Linear", "--set", "in_features=4", "--set", "out_features=2", "--input", "4"),
            "Linear is one layer, which a spec says as `op: linear`: import a module that holds it",
        ),
        (
            ("my_model.py:Net", "my_model.py:Net(width=4)"),
            "would both be the variant Net: give them names: first=my_model.py:Net second=my_model.py:Net(width=4)",
        ),
        (
            ("my_model.py:Net", "net.pt"),
            "net.pt is one of several, each of which is a variant: give it a name",
        ),
        (("my_model.py:Net", "--set", "width=4", *SIZES, "--part", "fcc"), "has no part fcc; there is fc"),
        (("my_model.py:made", "--set", "width=4"), "my_model.py:made is a module that was made already"),
        (("nowhere.py:Net",), "there is no file nowhere.py"),
        (("my_models:Net",), "no module my_models"),
        (("my_model.py:number",), "my_model.py:number makes an int, no nn.Module"),
        (
            ("my_model.py",),
            "is a file of Python: say what makes the module: my_model.py:Net, my_model.py:Fails,",
        ),
        (
            ("my_model.py:zzz",),
            "my_model.py has no zzz; its modules are my_model.py:Net, my_model.py:Fails,",
        ),
        (("my_model.py:Net(width=",), "'my_model.py:Net(width=' is not my_model.py:CALLABLE or"),
        (("my_model.py:Fails",), "my_model.py:Fails does not say what it takes: give --input 3x224x224"),
        (("my_model.py:Net", "--set", "width=4", "--input", "3x8x8"), "forward of Net takes right too"),
        (
            ("my_model.py:Net", "--set", "width=4", "--input", "up=3x8x8"),
            "forward of Net has no up; it takes left, right",
        ),
        (("my_model.py:Fails", "--input", "3x5x7"), "Fails does not run with x (3, 3, 5, 7): RuntimeError"),
        (("my_model.py:Decides", "--input", "4"), "lets the data decide what runs"),
    ],
)
def test_what_cannot_be_imported_is_said_in_a_line(folder: Path, words: tuple[str, ...], said: str) -> None:
    done = run("import", *words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_fault_in_forward_names_its_line(folder: Path) -> None:
    done = run("import", "my_model.py:Fails", "--input", "3x5x7")
    assert "my_model.py:20 in forward: return x @ x" in done.stderr


def test_a_live_module_becomes_a_design() -> None:
    design = archspec.from_module(networks.Plain().eval(), (3, 8, 8))
    assert (design.name, design.params) == ("Plain", 311)
    assert "class Plain(nn.Module)" in design.source()


@pytest.mark.parametrize(
    "inputs",
    [
        ((3, 8, 8), (3, 8, 8)),
        [torch.ones(2, 3, 8, 8), torch.zeros(3, 3, 8, 8)],
        {"left": (3, 8, 8), "right": torch.zeros(1, 3, 8, 8)},
    ],
    ids=["sizes", "tensors", "names"],
)
def test_several_inputs_stand_in_the_order_of_forward_or_by_name(inputs: object) -> None:
    design = archspec.from_module(networks.Siamese(4).eval(), inputs)
    assert {id: design.network.shapes[id][0].dims for id in design.network.graph.inputs} == {
        "left": (3, 8, 8),
        "right": (3, 8, 8),
    }
    assert archspec.from_module(networks.Plain().eval(), (torch.ones(1, 3, 8, 8),)).params == 311


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ("3x8x8", "or by their names; not str"),
        (((3, 8, 8), (3, 8, 8)), "Plain.forward takes 1 inputs, and 2 are given"),
        ((torch.ones(1, 3, 8, 8), None), "Plain.forward takes 1 inputs, and 2 are given"),
    ],
)
def test_what_is_no_input_is_said_without_its_values(inputs: object, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        archspec.from_module(networks.Plain().eval(), inputs)


@pytest.mark.parametrize("ending", FILES)
def test_a_file_with_a_model_where_a_spec_is_asked_for_is_one_to_import(folder: Path, ending: str) -> None:
    (folder / f"net{ending}").write_bytes(b"PK")
    assert f"help: archspec import net{ending} writes the model in it as a spec" in run("check", f"net{ending}").output


def test_the_source_of_a_module_has_its_arguments(folder: Path) -> None:
    done = run("compile", "my_model.py:Net", "--set", "width=4", *SIZES)
    assert done.exit_code == 0, done.stderr
    assert "def __init__(self, width: int = 4, classes: int = 2) -> None:" in done.stdout
    assert "nn.Linear(2 * width, classes)" in done.stdout


def test_a_family_is_written_with_its_variants(folder: Path) -> None:
    texts = ("small=my_model.py:Net(width=4)", "my_model.py:Net(width=6,classes=3)")
    done = run("import", *texts, *SIZES, "-o", "family.yaml")
    assert done.exit_code == 0, done.stderr
    assert "Net: strict load: ok" in done.stderr
    assert "variants: {small: {}, Net: {width: 6, classes: 3}}" in (folder / "family.yaml").read_text()


def test_a_part_is_written_by_itself(folder: Path) -> None:
    done = run("import", "my_model.py:Net(width=4)", *SIZES, "--part", "tower")
    assert done.exit_code == 0, done.stderr
    assert "inputs: {input: [3, 16, 16]}" in done.stdout

"""What the pages of docs/how-to/ promise of a new file: it is written into a copy of archspec, and nothing else is."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).parents[2]
FILE = re.compile(r"^```python\n(# (archspec/\S+\.py)\n.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Copy:
    """A copy of archspec that has the files of one page, and commands that run there."""

    folder: Path

    def add(self, page: str) -> "Copy":
        for name in ("archspec", "specs"):
            shutil.copytree(ROOT / name, self.folder / name)
        files = FILE.findall((ROOT / "docs/how-to" / page).read_text(encoding="utf-8"))
        assert files
        for text, path in files:
            assert not (self.folder / path).exists()
            (self.folder / path).write_text(text, encoding="utf-8")
        return self

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        environment = {**os.environ, "PYTHONPATH": str(self.folder), "COLUMNS": "100"}
        return subprocess.run(
            [sys.executable, *command], cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )

    def said(self, *arguments: str) -> str:
        """What a command prints."""
        done = self.run("-m", "archspec", *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def refused(self, *arguments: str) -> str:
        """What it says where it cannot do what it is asked for."""
        done = self.run("-m", "archspec", *arguments)
        assert (done.returncode, done.stdout) == (2, ""), done.stdout
        return done.stderr

    def written(self, *arguments: str, to: str) -> str:
        """What it writes into a file."""
        assert self.said(*arguments, "-o", to) == ""
        return (self.folder / to).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def formats(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return Copy(tmp_path_factory.mktemp("formats")).add("add-a-format.md")


def test_a_picture_that_its_reader_lays_out_is_one_file(formats: Copy) -> None:
    drawn = formats.written("draw", "resnet:resnet18", to="net.d2")
    assert 'n0: "image' in drawn
    assert "n0 -> n1\n" in drawn
    heated = formats.written("draw", "resnet:resnet18", "--heat", "macs", to="hot.d2")
    assert heated != drawn
    both = formats.written("diff", "resnet:resnet18", "resnet:resnet34", to="both.d2")
    assert "layer3" in both
    assert formats.refused("draw", "resnet:resnet18", "-o", "x.d2", "--width", "245pt") == (
        "error: --width has no meaning for .d2, which leaves the layout to D2\n"
    )


def test_a_picture_that_archspec_lays_out_is_one_file(formats: Copy) -> None:
    drawn = formats.written("draw", "resnet:resnet18", to="net.map")
    narrow = formats.written("draw", "resnet:resnet18", "--width", "245pt", to="narrow.map")
    both = formats.written("diff", "resnet:resnet18", "resnet:resnet34", to="both.map")
    for text in (drawn, narrow, both):
        areas = ET.fromstring(text.replace('">\n', '"/>\n').replace('"/>\n', '">\n', 1))
        assert any("layer3" in area.attrib["title"] for area in areas)
    assert drawn != narrow


def test_a_table_is_one_file(formats: Copy) -> None:
    rows = formats.said("summary", "resnet:resnet18", "--depth", "1", "--format", "latex").splitlines()
    assert rows[0] == r"conv1 & 64 x 112 x 112 & 9.41 k \\"
    differing = formats.said("diff", "resnet:resnet18", "resnet:resnet34", "--format", "latex")
    assert differing.startswith(r"layer1 & basic: 2 -> 3 blocks & +73.98 k \\")
    assert formats.written("diff", "resnet:resnet18", "resnet:resnet34", to="x.ltx") == differing


def test_help_and_messages_know_new_formats(formats: Copy) -> None:
    pictures = ".svg, .png, .pdf, .html, .tex, .tikz, .dot, .mmd, .d2, .map"
    assert f"chooses the format: {pictures}." in " ".join(formats.said("draw", "--help").split())
    assert "[text|json|csv|markdown|latex]" in formats.said("summary", "--help")
    help = " ".join(formats.said("diff", "--help").split())
    assert "[text|json|csv|markdown|latex]" in help
    assert ".txt, .md, .ltx, .json and .csv a table;" in help
    assert ".dot, .mmd, .d2 and .map a figure." in help
    assert formats.refused("draw", "unet", "-o", "x.gif") == (
        f"error: no picture format '.gif'; there are {pictures}\n"
    )


def test_a_design_knows_new_formats(formats: Copy) -> None:
    program = (
        "import archspec; design = archspec.load('vgg:vgg11'); "
        "design.draw('own.d2'); design.draw('own.map'); print(design.summary('latex', depth=1), end='')"
    )
    done = formats.run("-c", program)
    assert done.returncode == 0, done.stderr
    assert done.stdout == formats.said("summary", "vgg:vgg11", "--depth", "1", "--format", "latex")
    assert (formats.folder / "own.d2").exists()
    assert (formats.folder / "own.map").exists()


# -- measures ---------------------------------------------------------------------------------------------------------

BRANCHES = """
archspec: 1
name: Branches
params: {depth: 2}
variants: {plain: {}, deeper: {depth: 5}}
inputs: {image: [3, 8, 8]}
blocks:
  conv: {graph: {conv: {op: conv2d, out_channels: 4, kernel_size: 1}}}
graph:
  stem: {block: conv}
  left: {block: conv, repeat: $depth}
  right: {block: conv, from: stem}
  sum: {op: add, from: [left, right]}
  aux: {op: conv2d, out_channels: 2, kernel_size: 1, when: training}
outputs: {map: sum, aux: aux}
expect:
  plain: {deepest: 3, blocks: {left: {deepest: 2}, right: {deepest: 1}, sum: {deepest: 0}}}
  deeper: {deepest: 6}
"""


@pytest.fixture(scope="module")
def measures(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    made = Copy(tmp_path_factory.mktemp("measures")).add("add-a-measure.md")
    (made.folder / "net.yaml").write_text(BRANCHES, encoding="utf-8")
    return made


def test_a_new_measure_is_a_column_of_the_summary(measures: Copy) -> None:
    lines = measures.said("summary", "net.yaml").splitlines()
    assert lines[1].split() == ["block", "is", "output", "params", "MACs", "share", "depth"]
    depths = {line.split()[0]: line.split()[-1] for line in lines[3:]}
    assert (depths["stem"], depths["left"], depths["right"], depths["sum"]) == ("1", "2", "1", "0")
    assert "depth   3 ops with parameters on the longest way through" in lines
    table = measures.said("summary", "net.yaml", "--format", "markdown").splitlines()
    assert table[0].endswith("| share | depth |")
    assert table[-2].endswith("|  | **3** |")
    assert table[-1].startswith("| **training adds** |")
    assert table[-1].endswith("|  | **1** |")


def test_a_new_measure_is_a_key_of_the_data(measures: Copy) -> None:
    document = json.loads(measures.said("summary", "net.yaml", "--format", "json"))
    assert (document["totals"]["deepest"], document["totals"]["train_only"]["deepest"]) == (3, 1)
    assert {block["path"]: block["deepest"] for block in document["blocks"]}["left"] == 2
    rows = list(csv.DictReader(io.StringIO(measures.said("summary", "net.yaml", "--format", "csv"))))
    assert {row["path"]: row["deepest"] for row in rows}["left"] == "2"


def test_a_new_measure_is_a_heat(measures: Copy) -> None:
    drawn = measures.written("draw", "net.yaml", "--heat", "deepest", to="hot.svg")
    assert "depth: 0 to 2 a box" in drawn
    assert (
        "Colour by params, macs, activations, deepest, peak_memory, receptive_field, saved_memory, stride or time."
        in " ".join(measures.said("draw", "--help").split())
    )
    assert measures.refused("draw", "net.yaml", "-o", "x.svg", "--heat", "depth") == (
        "error: no heat 'depth'; "
        "there are params, macs, activations, deepest, peak_memory, receptive_field, saved_memory, stride and time\n"
    )


def test_a_new_measure_can_be_expected(measures: Copy) -> None:
    assert measures.said("check", "net.yaml") == ""
    wrong = BRANCHES.replace("deepest: 6", "deepest: 7").replace("left: {deepest: 2}", "left: {deepest: 9}")
    (measures.folder / "wrong.yaml").write_text(wrong, encoding="utf-8")
    done = measures.run("-m", "archspec", "check", "wrong.yaml")
    assert done.returncode == 1
    assert "deepest of deeper is 6, not 7" in done.stderr
    assert "deepest of left of plain is 2, not 9" in done.stderr
    assert '"deepest"' in measures.said("schema")


def test_the_page_states_what_holds(measures: Copy) -> None:
    page = (ROOT / "docs/how-to/add-a-measure.md").read_text(encoding="utf-8")
    found = re.search(r"^```text\n(expect:\n.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert found is not None
    spec = (ROOT / "specs/resnet.yaml").read_text(encoding="utf-8").partition("\nexpect:")[0]
    stated = found[1].replace("expect:\n", "expect:\n  variant: resnet18\n")
    lines = stated.splitlines()
    case = "\n".join([lines[0], "  - " + lines[1].strip(), *(f"    {line.strip()}" for line in lines[2:])])
    (measures.folder / "stated.yaml").write_text(f"{spec}\n{case}\n", encoding="utf-8")
    assert measures.said("check", "stated.yaml") == ""


def test_a_new_measure_is_compared(measures: Copy) -> None:
    pair = ("diff", "net.yaml:plain", "net.yaml:deeper")
    lines = measures.said(*pair).splitlines()
    assert lines[2].split() == ["block", "what", "params", "MACs", "depth"]
    assert lines[4].split()[-4:] == ["2", "->", "5", "+3"]
    assert "depth   3 -> 6, +3 (+100.0 %)" in lines
    document = json.loads(measures.said(*pair, "--format", "json"))
    assert document["difference"]["deepest"] == 3
    assert document["after"]["totals"]["deepest"] == 6
    joined = document["rows"][-1]
    assert (joined["times"], joined["after"]["deepest"]) == (3, 3)
    rows = list(csv.DictReader(io.StringIO(measures.said(*pair, "--format", "csv"))))
    assert rows[0]["deepest_difference"] == "3"
    assert "| +3 |" in measures.said(*pair, "--format", "markdown")
    assert "+3 depth (+100.0 %)" in measures.written(*pair, to="both.svg")


def test_a_new_measure_is_on_the_page(measures: Copy) -> None:
    page = measures.written("draw", "net.yaml", to="net.html")
    found = re.search(r'<script[^>]* id="data"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert found is not None
    data = json.loads(found[1])
    assert data["measures"] == [["depth", "ops with parameters on the longest way through", 3]]
    paths: dict[int, str] = {}
    for entry in data["entries"]:
        paths.setdefault(entry[1], entry[0])
    figures = {paths[item]: values for item, values in enumerate(data["figures"]) if item in paths}
    assert figures["left"] == [2]
    assert figures["sum"] == [0]

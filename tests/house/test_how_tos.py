"""What the pages of docs/how-to/ promise of a new file: it is written into a copy of archspec, and nothing else is."""

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

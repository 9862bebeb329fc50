"""What is generated is fresh, and what is said twice says the same."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import archspec
from archspec.cli import main
from archspec.cli.summary import summary
from archspec.conventions.known import conventions
from archspec.gallery import gallery
from archspec.language import keys
from archspec.language.advice_keys import Advice
from archspec.language.fact_keys import Facts
from archspec.language.figure_keys import OpFigure
from archspec.tables.tables import forms
from archspec.values.cost import CONVENTIONS
from docs.generate import MODELS, PICTURES, drawings, drawn, texts
from docs.zoo import zoo_head, zoo_row
from tests.examples import one_in
from tests.gallery.networks import FEW, sampled, specs

ROOT = Path(__file__).parents[2]


STALE = "run python docs/generate.py"
ZOO = ROOT / "docs/reference/zoo.md"


@pytest.mark.whole
def test_the_command_finds_all_fresh() -> None:
    command = [sys.executable, "docs/generate.py", "--check"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", [path for path in texts() if path != ZOO], ids=lambda path: path.name)
def test_generated_texts_are_fresh(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == texts()[path](), STALE


def test_pages_show_all_pictures_there_are() -> None:
    assert {path.name for path in PICTURES.glob("*")} == {f"{name}.svg" for name in drawings()}, STALE


@pytest.mark.parametrize("name", one_in(4, drawings()))
def test_a_picture_is_fresh(name: str) -> None:
    assert (PICTURES / f"{name}.svg").read_text(encoding="utf-8") == drawn(drawings()[name]), STALE


def test_the_table_of_networks_has_a_line_for_each() -> None:
    page = ZOO.read_text(encoding="utf-8")
    assert page.startswith(zoo_head()), STALE
    lines = page.removeprefix(zoo_head()).splitlines()
    assert [line.split("`")[1] for line in lines] == specs(), STALE


@pytest.mark.parametrize("spec", sampled(specs(), sample=FEW))
def test_lines_of_the_table_of_networks_are_fresh(spec: str) -> None:
    name, _, variant = spec.partition(":")
    (entry,) = (entry for entry in gallery() if entry.name == name)
    assert zoo_row(entry, variant) in ZOO.read_text(encoding="utf-8").splitlines(keepends=True), STALE


def test_every_key_is_in_the_reference() -> None:
    page = (ROOT / "docs/reference/language.md").read_text(encoding="utf-8")
    closed = (keys.Closed, Advice, Facts, OpFigure)
    models = {name for name, model in MODELS.items() if isinstance(model, type) and issubclass(model, closed)}
    entries = {model.__name__ for model in keys.ENTRIES.values()}
    assert set(re.findall(r"^<!-- keys: (\w+) -->$", page, re.MULTILINE)) == models - {"Closed", "Facts"} | entries | {
        "EntryModel"
    }


def test_changelog_starts_with_this_version() -> None:
    changelog = (ROOT / "docs/changelog.md").read_text(encoding="utf-8")
    first = re.search(r"^## (\S+)", changelog, re.MULTILINE)
    assert first is not None
    assert first[1] == archspec.__version__


def test_summary_offers_every_format_and_convention() -> None:
    choices = {option.name: getattr(option.type, "choices", None) for option in summary.params}
    assert tuple(choices["form"] or ()) == tuple(forms())
    assert tuple(choices["convention"] or ()) == (*CONVENTIONS, *conventions())


def test_every_command_is_in_the_reference() -> None:
    page = (ROOT / "docs/reference/cli.md").read_text(encoding="utf-8")
    assert re.findall(r"^## archspec ([\w-]+)", page, re.MULTILINE) == list(main.commands)

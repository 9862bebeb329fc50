"""What is generated is fresh, and what is said twice says the same."""

import os
import re
import subprocess
import sys
from pathlib import Path

import archspec
from archspec.cli import main
from archspec.cli.summary import summary
from archspec.language import keys
from archspec.tables.tables import forms
from archspec.values.cost import CONVENTIONS

ROOT = Path(__file__).parents[2]


def test_generated_pages_are_fresh() -> None:
    command = [sys.executable, "docs/generate.py", "--check"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_key_is_in_the_reference() -> None:
    page = (ROOT / "docs/reference/language.md").read_text(encoding="utf-8")
    models = {name for name, model in vars(keys).items() if isinstance(model, type) and issubclass(model, keys.Closed)}
    entries = {model.__name__ for model in keys.ENTRIES.values()}
    assert set(re.findall(r"^<!-- keys: (\w+) -->$", page, re.MULTILINE)) == models - {"Closed"} | entries | {
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
    assert tuple(choices["convention"] or ()) == tuple(CONVENTIONS)


def test_every_command_is_in_the_reference() -> None:
    page = (ROOT / "docs/reference/cli.md").read_text(encoding="utf-8")
    assert re.findall(r"^## archspec (\w+)", page, re.MULTILINE) == list(main.commands)

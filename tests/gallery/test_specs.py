"""Every spec of the gallery passes `check` in every variant: the expected facts hold and nothing in it is unused."""

from pathlib import Path

import pytest
import yaml

from archspec.pipeline import check
from tests.gallery.networks import ROOT

SPECS = sorted((ROOT / "specs").glob("*.yaml"))
LINES = 120  # a page


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_passes_check_without_a_warning(path: Path) -> None:
    assert check(path) == ()


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_fits_on_a_page(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert len(lines) <= LINES
    assert max(map(len, lines)) <= 120


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_expects_facts_of_every_variant(path: Path) -> None:
    spec = yaml.safe_load(path.read_text())
    facts = spec["expect"]
    named = {fact.get("variant") for fact in facts} if isinstance(facts, list) else set(facts)
    assert spec.get("variants", {}).keys() <= named

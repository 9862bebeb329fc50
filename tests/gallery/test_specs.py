"""Every spec of the gallery passes `check` in every variant: the expected facts hold and nothing in it is unused."""

from pathlib import Path

import pytest
import yaml

from archspec.pipeline import check
from tests.gallery.networks import ROOT, representatives, represented, sampled, specs, variants

SPECS = sorted((ROOT / "specs").glob("*.yaml"))
LINES = 125  # a page, and what its tensors start with


# Networks that leave out a row and a column at the size that their paper states, and do so there too.
LOSE_ROWS = {"capsnet", "conformer", "squeezenet", "stn", "unet", "unet_3d"}


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_passes_check_without_a_warning(path: Path) -> None:
    found = check(path)
    assert {one.code for one in found} == ({"unread-rows"} if path.stem in LOSE_ROWS else set())


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


@pytest.mark.parametrize("spec", sampled(variants()))
def test_representatives_are_one_of_each_structure(spec: str) -> None:
    listed = [name for name in representatives() if name.partition(":")[0] == spec]
    assert listed == represented(spec), "run python -m tests.gallery.networks"


def test_every_spec_is_represented() -> None:
    listed = dict.fromkeys(name.partition(":")[0] for name in representatives())
    assert list(listed) == list(variants()), "run python -m tests.gallery.networks"
    assert set(representatives()) <= set(specs())

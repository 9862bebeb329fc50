"""Whatever a spec holds, checking it ends in diagnostics and never in anything else."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archspec.diagnostics.codes import CODES
from archspec.diagnostics.full import render_full
from archspec.pipeline import check

GALLERY = Path(__file__).parents[2] / "specs"
SPECS = [yaml.safe_load((GALLERY / f"{name}.yaml").read_text("utf-8")) for name in ("unet", "vgg", "alexnet")]
WORDS = [
    *("x", "image", "relu", "conv2d", "add", "conv1.indices", "training"),
    *("$x", "$(i + 1)", "$(x.channels / 0)", "", "$"),
]
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 70), st.floats(), st.sampled_from(WORDS), st.text(max_size=3)
)
KEYS = st.sampled_from(
    ["op", "block", "graph", "from", "when", "repeat", "first", "last", "share", "outputs", "inputs", "flat", "params"]
)
JUNK = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS | st.text(max_size=2), inner, max_size=2),
    max_leaves=4,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container with each of its keys or indices."""
    found: list[tuple[Any, Any]] = []
    open_ = [value]
    while open_:
        here = open_.pop()
        keys = list(here) if isinstance(here, dict) else range(len(here)) if isinstance(here, list) else []
        for key in keys:
            found.append((here, key))
            open_.append(here[key])
    return found


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """A gallery spec with some values replaced, dropped, added or moved."""
    spec = deepcopy(draw(st.sampled_from(SPECS)))
    for _ in range(draw(st.integers(1, 3))):
        container, key = draw(st.sampled_from(places(spec)))
        change = draw(st.sampled_from(["replace", "drop", "add", "copy"]))
        if change == "replace":
            container[key] = draw(JUNK)
        elif change == "copy":
            other, name = draw(st.sampled_from(places(spec)))
            container[key] = deepcopy(other[name])
        elif change == "drop":
            del container[key]
        elif isinstance(container, dict):
            container[draw(KEYS)] = draw(JUNK)
    return spec


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("damaged") / "net.yaml"


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(spec=damaged() | JUNK)
def test_damaged_spec_ends_in_diagnostics(spec: Any, path: Path) -> None:
    path.write_text(yaml.safe_dump(spec, sort_keys=False, allow_unicode=True), "utf-8")
    found = check(path)
    assert all(diagnostic.code in CODES for diagnostic in found)
    render_full(found)


@given(st.binary(max_size=200))
def test_any_bytes_end_in_diagnostics(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    assert check(path)

"""The wheel holds what an installed archspec needs, and nothing else."""

import subprocess
import zipfile
from pathlib import Path, PurePosixPath

import pytest
from hatchling.builders.wheel import WheelBuilder

import archspec

ROOT = Path(__file__).parents[2]
INFO = f"archspec-{archspec.__version__}.dist-info"
ABOUT_THE_WHEEL = {
    f"{INFO}/METADATA",
    f"{INFO}/RECORD",
    f"{INFO}/WHEEL",
    f"{INFO}/entry_points.txt",
    f"{INFO}/licenses/LICENSE",
    f"{INFO}/licenses/archspec/figure/look/fonts/OFL.txt",
}
KINDS = {".py", ".typed", ".js", ".css", ".html", ".ttf", ".yaml"}
TEXTS = {"OFL.txt", "README.md"}  # what the typeface comes with


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    [built] = WheelBuilder(str(ROOT)).build(directory=str(tmp_path_factory.mktemp("wheel")), versions=["standard"])
    with zipfile.ZipFile(built) as wheel:
        return set(wheel.namelist())


def test_gallery_ships_in_the_package(names: set[str]) -> None:
    shipped = {name for name in names if name.startswith("archspec/specs/")}
    assert shipped == {
        f"archspec/specs/{path.relative_to(ROOT / 'specs')}" for path in (ROOT / "specs").rglob("*.yaml")
    }


def test_every_module_ships(names: set[str]) -> None:
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "archspec").rglob("*.py")}
    assert modules <= names
    assert "archspec/py.typed" in names


def test_wheel_is_what_git_tracks(names: set[str]) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("no git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "archspec", "specs"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    tracked = {name for name in listed.stdout.split("\0") if name}
    in_wheel = {f"archspec/{name}" if name.startswith("specs/") else name for name in tracked}
    assert names == in_wheel | ABOUT_THE_WHEEL


def test_no_leftover_ships(names: set[str]) -> None:
    """What git tracks by mistake, such as `forward.py.orig`, is of no kind that the package is made of."""
    paths = map(PurePosixPath, names - ABOUT_THE_WHEEL)
    assert [str(path) for path in paths if path.suffix not in KINDS and path.name not in TEXTS] == []

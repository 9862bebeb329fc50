"""The wheel holds what an installed archspec needs, and nothing else."""

import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[2]


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


def test_nothing_else_ships(names: set[str]) -> None:
    assert {name.split("/")[0] for name in names} == {"archspec", f"archspec-{_version()}.dist-info"}


def _version() -> str:
    import archspec

    return archspec.__version__

"""A registry whose things stand in the modules of a package imports a module when one of its things is asked for."""

import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path

import pytest

from archspec.registry import Registry

Make = Callable[[Mapping[str, str]], Registry[str]]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Makes the registry `tools` of a package with the modules `saws`, `files` and `shared`, given its index."""
    folder = tmp_path / "tools"
    folder.mkdir()
    (folder / "__init__.py").write_text("REGISTRY = None\n")
    (folder / "saws.py").write_text("import tools\ntools.REGISTRY.add('jigsaw', 'a jigsaw')\n")
    (folder / "files.py").write_text("import tools\ntools.REGISTRY.add('rasp', 'a rasp')\n")
    (folder / "shared.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))

    def registry(index: Mapping[str, str]) -> Registry[str]:
        tools = import_module("tools")
        made: Registry[str] = Registry("tool", package="tools", index=index)
        monkeypatch.setattr(tools, "REGISTRY", made)
        return made

    yield registry
    for module in [name for name in sys.modules if name.partition(".")[0] == "tools"]:
        del sys.modules[module]


def loaded() -> set[str]:
    return {name.partition(".")[2] for name in sys.modules if name.startswith("tools.")}


def test_an_indexed_name_imports_its_module(make: Make) -> None:
    registry = make({"jigsaw": "saws", "rasp": "files"})
    assert (registry.get("jigsaw"), loaded()) == ("a jigsaw", {"saws"})
    assert (registry["rasp"], loaded()) == ("a rasp", {"saws", "files"})


def test_a_name_that_the_index_lacks_is_found(make: Make) -> None:
    registry = make({"jigsaw": "saws"})
    assert registry.get("rasp") == "a rasp"
    assert loaded() == {"saws", "files", "shared"}


@pytest.mark.parametrize("home", ["chisels", "saws", "shared"])
def test_a_name_that_has_moved_is_found(make: Make, home: str) -> None:
    assert make({"rasp": home})["rasp"] == "a rasp"


def test_an_unknown_name_is_none_and_the_nearest_is_offered(make: Make) -> None:
    registry = make({"jigsaw": "saws", "rasp": "files"})
    assert registry.get("gimlet") is None
    assert "gimlet" not in registry
    assert registry.nearest("jigsow") == "jigsaw"
    with pytest.raises(KeyError):
        registry["gimlet"]


def test_all_of_them_are_listed(make: Make) -> None:
    registry = make({"jigsaw": "saws"})
    assert (sorted(registry), len(registry)) == (["jigsaw", "rasp"], 2)
    assert dict(make({}).items()) == {}, "the modules have declared theirs already, elsewhere"


@pytest.mark.parametrize("first", ["jigsaw", "rasp"])
def test_the_order_is_the_same_whatever_was_asked_for_first(make: Make, first: str) -> None:
    registry = make({"rasp": "files", "jigsaw": "saws"})
    assert registry.get(first) is not None
    assert list(registry) == ["rasp", "jigsaw"]


def test_a_name_of_a_module_that_is_not_loaded_is_taken(make: Make) -> None:
    registry = make({"jigsaw": "saws"})
    with pytest.raises(ValueError, match="tool 'jigsaw' is declared twice"):
        registry.add("jigsaw", "another")


def test_what_a_module_needs_and_is_not_there_is_not_hidden(make: Make, tmp_path: Path) -> None:
    (tmp_path / "tools/awls.py").write_text("import no_such_module\n")
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        make({"awl": "awls"}).get("awl")

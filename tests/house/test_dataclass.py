"""Our `dataclass` makes what the standard library's makes, for less."""

import ast
import copy
import dataclasses
import pickle
from dataclasses import field, replace
from pathlib import Path
from typing import Any

import pytest

from archspec.values import dataclass as ours

PACKAGE = Path(__file__).parents[2] / "archspec"
OF_USERS = ("design.py", "graph/network.py")
"""Where what users hold is declared: these refuse to be set at run time as well."""


class Shape:
    """The body that both decorators are given."""

    height: int
    width: int = 4
    names: tuple[str, ...] = field(default_factory=tuple)
    note: str = field(default="", compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.height < 0:
            raise ValueError("height")


class One:
    only: float


class Written:
    """Says itself how it compares and prints."""

    size: int

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self.size % 10 == other.size % 10

    def __hash__(self) -> int:
        return self.size % 10

    def __repr__(self) -> str:
        return "written"


def made(decorator: Any, body: type, **options: bool) -> Any:
    """A fresh class of this body, as the decorator declares it."""
    kept = {name: value for name, value in body.__dict__.items() if name not in ("__dict__", "__weakref__")}
    if body is Shape:  # a field is used up by the class that it is declared in
        kept["names"], kept["note"] = field(default_factory=tuple), field(default="", compare=False, repr=False)
    return decorator(**options)(type(body.__name__, (), kept))


OPTIONS: list[dict[str, bool]] = [
    {"frozen": True, "slots": True},
    {"frozen": True, "slots": True, "eq": False},
    {"slots": True},
    {"frozen": True},
    {},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_values_behave_as_those_of_the_standard_library(options: dict[str, bool]) -> None:
    said = []
    for decorator in (dataclasses.dataclass, ours.dataclass):
        shape = made(decorator, Shape, **options)
        one, other, third = shape(3, note="a"), shape(3, note="b"), shape(3, 5, names=("n",))
        told: list[object] = [repr(one).rpartition(".")[2], one == other, one == third, one == (3, 4, ()), one != third]
        told += [shape.__match_args__, [part.name for part in dataclasses.fields(one)], hasattr(one, "__dict__")]
        told += [replace(one, width=9).width, copy.deepcopy(third).names, shape.__hash__ is None]
        if shape.__hash__ is not None:
            told += [hash(one) == hash(other), len({one, other, third}), hash(one) == hash(third)]
        with pytest.raises(ValueError, match="height"):
            shape(-1)
        said.append(told)
    assert said[0] == said[1]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_one_field_and_what_a_class_says_itself(options: dict[str, bool]) -> None:
    nan = float("nan")
    said = []
    for decorator in (dataclasses.dataclass, ours.dataclass):
        one, written = made(decorator, One, **options), made(decorator, Written, **options)
        told = [one(1.0) == one(1.0), one(nan) == one(nan), repr(one(2.0)).rpartition(".")[2]]
        told += [repr(written(1)), written(1) == written(11), hash(written(12)), len({written(1), written(21)})]
        said.append(told)
    assert said[0] == said[1]


def test_values_are_pickled_and_a_value_inside_itself_prints() -> None:
    extent = Extent(2, [])
    assert pickle.loads(pickle.dumps(extent)) == extent
    extent.held.append(extent)
    assert repr(extent) == "Extent(size=2, held=[...])"


@ours.dataclass(frozen=True, slots=True)
class Extent:
    size: int
    held: list["Extent"]


def test_the_package_declares_its_classes_so() -> None:
    theirs = [
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "dataclasses"
        if any(name.name == "dataclass" for name in node.names)
    ]
    assert sorted(theirs) == sorted([*OF_USERS, "values/dataclass.py"])

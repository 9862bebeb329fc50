"""The page `Op API` tells every hook of Op, and no other."""

import re
from pathlib import Path

from pydantic import BaseModel

from archspec.ops.op import Op
from archspec.ops.unsaid import Unsaid

PAGE = (Path(__file__).parents[2] / "docs/reference/op-api.md").read_text(encoding="utf-8")


def hooks() -> set[str]:
    """What a class of an op may say: all that Op has and pydantic's own model does not."""
    own = (*vars(Op), *vars(Unsaid), *Op.__class_vars__)
    return {name for name in own if not name.startswith("_")} - {*vars(BaseModel)}


def told(page: str) -> list[str]:
    """The hooks that its tables tell: the first column of those headed by `hook`."""
    tables = re.findall(r"^\| hook \|.*\n\|[ :|-]+\n((?:\|.*\n)+)", page, re.MULTILINE)
    return [name for table in tables for name in re.findall(r"^\| `(\w+)(?:\([\w, ]*\))?` \|", table, re.MULTILINE)]


def test_the_page_tells_every_hook_once() -> None:
    assert sorted(told(PAGE)) == sorted(hooks())


def test_a_hook_that_is_left_out_is_missed() -> None:
    assert set(told(PAGE.replace("| `workspace` |", "| workspace |"))) == hooks() - {"workspace"}

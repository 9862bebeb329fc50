"""The work for a page grows as its network does: counted in calls, since seconds differ from run to run."""

import sys
from collections.abc import Callable
from functools import partial
from types import FrameType

import pytest

from archspec.figure.wishes import Wishes
from archspec.page.html import render
from archspec.pipeline import load_text

HEADER = "archspec: 1\nname: Many\ninputs: {image: [4, 8, 8]}\n"
LAYER = "op: conv2d, out_channels: 4, kernel_size: 1"


def in_a_row(count: int) -> str:
    """Layers behind one another, of which no two that follow are alike."""
    layers = "".join(f"  c{i}: {{op: conv2d, out_channels: {8 + i}, kernel_size: 1}}\n" for i in range(count))
    return f"{HEADER}graph:\n{layers}"


def side_by_side(count: int) -> str:
    """Layers that read one value, and a block that has a layer for each of theirs and adds these up."""
    layers = "".join(f"  c{i}: {{from: image, {LAYER}}}\n" for i in range(count))
    block = f"{{inputs: [maps.*], graph: {{units: {{each: maps, {LAYER}}}, sum: {{op: add, from: units.*}}}}}}"
    given = ", ".join(f"c{i}" for i in range(count))
    return f"{HEADER}blocks: {{gather: {block}}}\ngraph:\n{layers}  g: {{block: gather, from: [{given}]}}\n"


def calls(work: Callable[[], object]) -> int:
    """How many functions and generators are entered."""
    found = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal found
        found += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return found


@pytest.mark.parametrize("spec", [in_a_row, side_by_side])
def test_twice_as_many_layers_are_twice_the_work(spec: Callable[[int], str]) -> None:
    page_of(spec(3))  # what is imported or kept at first is no work of the others
    few, many, most = (calls(partial(page_of, spec(count))) for count in (100, 300, 500))
    assert most - many <= 1.15 * (many - few)


def page_of(text: str) -> bytes:
    return render(load_text(text), Wishes())

"""Equal blocks in a row are drawn once, whether a `repeat` wrote them or their author did."""

import pytest

from archspec.figure.diagram import Box
from archspec.figure.place.fit import fitted
from archspec.figure.what.runs import runs
from archspec.pipeline import load_text

HEAD = """archspec: 1
inputs: {x: [8, 16, 16], y: [8, 16, 16]}
blocks:
  pair:
    params: {kernel: 3}
    inputs: [x, y]
    graph:
      a: {op: conv2d, from: x, out_channels: 8, kernel_size: $kernel, padding: same}
      b: {op: add, from: [a, y]}
      c: {op: conv2d, from: y, out_channels: 8, kernel_size: 1}
    outputs: {left: b, right: c}
graph:
"""
ROW = """  p1: {block: pair, from: [x, y]}
  p2: {block: pair, from: [p1.left, p1.right]}
  p3: {block: pair, from: [p2.left, p2.right]}
outputs: {left: p3.left, right: p3.right}
"""
MISSES = {
    "it reads the outputs in another order": ROW.replace("[p2.left, p2.right]", "[p2.right, p2.left]"),
    "something else reads the one before it": ROW.replace("p3.right}", "p3.right, more: p2.left}"),
    "it has another kernel": ROW.replace("p3: {block: pair,", "p3: {block: pair, kernel: 5,"),
    "it shares its parameters": ROW.replace("p3: {block: pair,", "p3: {share: p2,"),
}


def test_a_run_is_found_without_a_repeat() -> None:
    found = runs(load_text(HEAD + ROW))
    assert found.members == {"p1": ("p1", "p2", "p3")}
    assert found.first("p3/a") == "p1/a"


@pytest.mark.parametrize("why", MISSES)
def test_the_third_is_not_of_the_run_where(why: str) -> None:
    assert runs(load_text(HEAD + MISSES[why])).members == {"p1": ("p1", "p2")}


def test_a_value_that_all_read_is_read_once() -> None:
    """An encoder's memory, which every layer of a decoder reads."""
    row = "  p1: {block: pair, from: [x, y]}\n  p2: {block: pair, from: [p1.left, y]}\n"
    net = load_text(HEAD + row + "  p3: {block: pair, from: [p2.left, y]}\noutputs: {out: p3.left}\n")
    assert runs(net).members == {"p1": ("p1", "p2", "p3")}
    edges = [(edge.tail, edge.head) for edge in fitted(net).panels[0].edges]
    assert len(edges) == len(set(edges))


def test_the_counts_of_a_run_are_those_of_all_and_its_frame_says_how_many() -> None:
    made = fitted(load_text(HEAD + ROW))
    drawn: dict[str, Box] = {box.id: box for box in made.panels[0].boxes}
    assert not {"p2/a", "p3/a"} & drawn.keys()
    assert drawn["p1/a"].params == 3 * (8 * 8 * 9 + 8)
    assert drawn["p1/a"].nodes == ("p1/a", "p2/a", "p3/a")
    assert [(group.title, group.repeat) for group in made.panels[0].groups] == [("p1\N{EN DASH}3", 3)]

"""Equal blocks in a row are drawn once, whether a `repeat` wrote them or their author did."""

import pytest

from archspec.figure.diagram import Box
from archspec.figure.place.fit import fitted
from archspec.figure.what.depict import diagram
from archspec.figure.what.runs import runs
from archspec.pipeline import load_network, load_text

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


STAGES = """archspec: 1
inputs: {image: [16, 32, 32]}
blocks:
  unit:
    params: {channels: int, stride: 1, kernel: 3}
    graph:
      conv: {op: conv2d, out_channels: $channels, kernel_size: $kernel, stride: $stride, padding: $(kernel // 2)}
      relu: relu
      last: {op: conv2d, out_channels: $channels, kernel_size: 1}
      add: {op: add, from: [last, x], when: $(stride == 1 and x.channels == channels)}
graph:
  a1: {block: unit, channels: 16}
  a2: {block: unit, channels: 16}
  b1: {block: unit, channels: 32, stride: 2}
  b2: {block: unit, channels: 32}
  b3: {block: unit, channels: 32}
  c1: {block: unit, channels: 64, stride: 2}
"""


def test_a_flat_list_of_blocks_becomes_its_stages() -> None:
    """As in MobileNetV2's table: the first of a stage has its stride and other channels, and no sum."""
    net = load_text(STAGES)
    assert runs(net).members == {"a1": ("a1", "a2"), "b1": ("b1", "b2", "b3")}
    assert runs(net).stages == {"b1"}
    drawn = {box.id: box for box in fitted(net).panels[0].boxes}
    assert (drawn["b1"].repeat, drawn["b1"].title) == (3, "b1\N{EN DASH}3")
    assert drawn["b1"].details == ("unit", "32\N{EN DASH}32", "first /2")
    assert drawn["b1"].params == sum(net.costs[id].params for id in net.graph.nodes if id.startswith("b"))


def test_blocks_that_differ_in_more_than_a_stride_are_no_stage() -> None:
    found = runs(load_text(STAGES.replace("channels: 32, stride: 2", "channels: 32, stride: 2, kernel: 5")))
    assert found.members == {"a1": ("a1", "a2"), "b2": ("b2", "b3")}


def test_outputs_that_all_blocks_of_a_run_give_are_one() -> None:
    """Stacked hourglasses: each gives its heat maps."""
    text = HEAD + ROW.replace("outputs: {left", "outputs: {r1: p1.right, r2: p2.right, left")
    net = load_text(text)
    assert runs(net).members == {"p1": ("p1", "p2", "p3")}
    outputs = [box.title for box in fitted(net).panels[0].boxes if box.kind == "output"]
    assert sorted(outputs) == ["left", "r1 \N{EN DASH} right"]


def test_a_card_says_what_its_blocks_take_in_turn() -> None:
    """Swin's windows: every second block shifts them."""
    made = fitted(load_network("swin"))
    turns = [box.details[-1] for box in made.panels[0].boxes if box.repeat > 1]
    assert turns == ["shift 0 | 3", "shift 0 | 3", "shift 0 | 3", "shift 0 | 3"]


def test_mobilenet_v2_is_the_table_of_its_paper() -> None:
    """Table 2: n is 1, 2, 3, 4, 3, 3, 1; s is 2 in four of the seven."""
    boxes = [box for box in fitted(load_network("mobilenet_v2")).panels[0].boxes if box.kind == "block"]
    assert [box.repeat for box in boxes] == [1, 2, 3, 4, 3, 3, 1]
    assert ["first /2" in box.details for box in boxes] == [False, True, True, True, False, True, False]


def test_a_block_of_branches_is_a_picture_of_its_own() -> None:
    """GoogLeNet's modules: each has bands of its own, though some follow each other with the same channels."""
    assert {"Mixed_5c", "Mixed_6c", "Mixed_7b"}.isdisjoint(runs(load_network("inception_v3")).members)
    bands = [box for box in fitted(load_network("inception_v3")).panels[0].boxes if box.form == "bands"]
    assert len(bands) >= 8


def test_the_strip_of_costs_has_one_part_for_what_is_drawn_as_one() -> None:
    conv = "{op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}"
    row = "".join(f"  conv{number}: {conv}\n  relu{number}: relu\n" for number in range(1, 31))
    last = "  last: {op: conv2d, out_channels: 4, kernel_size: 1}\n"
    made = diagram(load_text(f"archspec: 1\ninputs: {{x: [8, 16, 16]}}\ngraph:\n{row}{last}"))
    for bar in made.bars:
        assert [name for name, _, _ in bar.parts] == ["conv1\N{EN DASH}30", "last"]
        assert sum(share for _, share, _ in bar.parts) == pytest.approx(1.0)


def test_three_equal_blocks_of_branches_in_a_row_are_drawn_once() -> None:
    """Inception-v4 as its paper has it: 4 times A, 7 times B, 3 times C."""
    boxes = fitted(load_network("inception_v4"), width=504.0).panels[0].boxes
    assert {box.what: box.repeat for box in boxes if box.repeat > 1} == {
        "inception_a": 4,
        "inception_b": 7,
        "inception_c": 3,
    }

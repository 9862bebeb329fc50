"""Equal branches side by side are drawn once, with their number; what differs in any way is drawn as it is."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from archspec.compare.difference import comparison, tabulate
from archspec.figure.diagram import Diagram
from archspec.figure.place.drawing import draw
from archspec.figure.place.fit import Limits, fitted
from archspec.figure.scene import Text
from archspec.figure.what.depict import diagram
from archspec.figure.what.difference_figure import difference_figure, worth_opening
from archspec.pictures import render
from archspec.pipeline import load_text
from tests.figure.geometry import faults, overlap, span

CONV = "op: conv2d, out_channels: 8, kernel_size: 3, padding: 1"
HEAD = "archspec: 1\nname: Net\ninputs: {x: [8, 16, 16]}\n"


def network(branches: Sequence[str], join: str = "concat", more: str = "") -> str:
    """Branches of one op each, `a0`, `a1`, ..., that a join reads together with what `more` names."""
    read = ", ".join([*(f"a{at}" for at in range(len(branches))), *filter(None, [more])])
    ops = "".join(f"  a{at}: {{{op}, from: x}}\n" for at, op in enumerate(branches))
    return f"{HEAD}graph:\n{ops}  join: {{op: {join}, from: [{read}]}}\n  out: {{{CONV}, from: join}}\n"


def made(text: str, width: float = 0.0, *, upright: bool = False) -> Diagram:
    return fitted(load_text(text), width=width, limits=Limits(upright=upright))


def ids(shown: Diagram) -> list[str]:
    return [box.id for box in shown.panels[0].boxes if box.nodes and box.kind != "input"]


@pytest.mark.parametrize("upright", [False, True])
@pytest.mark.parametrize("width", [504.0, 245.0])
@pytest.mark.parametrize("join", ["concat", "add"])
def test_equal_branches_are_one_card_with_their_number(join: str, width: float, *, upright: bool) -> None:
    shown = made(network([CONV] * 32, join, "x"), width, upright=upright)
    assert ids(shown) == ["a0", "join", "out"]
    [card] = [box for box in shown.panels[0].boxes if box.id == "a0"]
    assert (card.repeat, card.params, card.details) == (32, 32 * 584, ("8", "in parallel"))
    assert len(card.nodes) == 32
    assert [edge.kind for edge in shown.panels[0].edges if edge.tail == "x" and edge.head == "join"] == [
        "residual" if join == "add" else "skip"
    ]
    assert not any("in a row" in key.label for key in shown.legend)
    assert shown.bars[0].parts[0][0] == "a0\N{EN DASH}31"
    assert draw(shown).height < 400
    assert faults(shown) == []


def test_branches_of_several_boxes_have_a_frame_with_their_number() -> None:
    branches = "".join(f"  a{at}: {{{CONV}, from: x}}\n  b{at}: {{{CONV}, dilation: 2}}\n" for at in range(6))
    shown = made(f"{HEAD}graph:\n{branches}  join: {{op: concat, from: [{', '.join(f'b{n}' for n in range(6))}]}}\n")
    [frame] = shown.panels[0].groups
    assert (frame.title, frame.repeat, ids(shown)) == ("in parallel", 6, ["a0", "b0", "join"])
    assert any(line.strip() == "in parallel, 6" for line in draw(shown).outline)
    assert faults(shown) == []


PATHS = """blocks:
  path:
    graph:
      - {op: conv2d, out_channels: 8, kernel_size: 1}
      - {op: max_pool2d, kernel_size: 3, stride: 1, padding: 1}
"""


@pytest.mark.parametrize(("count", "title"), [(4, "way1\N{EN DASH}4, in parallel"), (32, "way1\N{EN DASH}32")])
def test_blocks_are_called_from_the_first_to_the_last(count: int, title: str) -> None:
    """Four are open, in a frame, and thirty-two are closed, as a card."""
    names = [f"way{at}" for at in range(1, count + 1)]
    uses = "".join(f"  {name}: {{block: path, from: x}}\n" for name in names)
    shown = made(f"{HEAD}{PATHS}graph:\n{uses}  join: {{op: add, from: [{', '.join(names)}]}}\n")
    titles = {group.title: group.repeat for group in shown.panels[0].groups}
    titles |= {box.title: box.repeat for box in shown.panels[0].boxes if box.repeat > 1}
    assert titles == {title: count}


def test_blocks_whose_names_do_not_run_are_called_after_the_first() -> None:
    names = ["red", "green", "blue", "grey", "pink", "black", "white"]
    uses = "".join(f"  {name}: {{block: path, from: x}}\n" for name in names)
    shown = made(f"{HEAD}{PATHS}graph:\n{uses}  join: {{op: add, from: [{', '.join(names)}]}}\n")
    assert [box.title for box in shown.panels[0].boxes if box.repeat > 1] == ["red and 6 more"]


def test_branches_of_one_op_with_many_outputs_are_equal() -> None:
    ops = "".join(f"  a{at}: {{op: conv2d, out_channels: 2, kernel_size: 1, from: parts.{at}}}\n" for at in range(4))
    parts = "  parts: {op: chunk, chunks: 4, dim: 1}\n"
    shown = made(f"{HEAD}graph:\n{parts}{ops}  join: {{op: concat, from: [a0, a1, a2, a3]}}\n")
    assert ids(shown) == ["parts", "a0", "join"]
    assert [edge.label for edge in shown.panels[0].edges if edge.tail == "parts"] == ["4 outputs"]


@pytest.mark.parametrize(
    "branches",
    [
        [CONV] * 3,
        [CONV.replace("padding: 1", f"padding: {rate}, dilation: {rate}") for rate in (1, 2, 4, 8)],
        [CONV, CONV, CONV, f"{CONV}, bias: false"],
        [CONV, CONV, CONV, f"{CONV}, groups: 2"],
        [f"{CONV}, figure: {{label: {name}}}" for name in ("Red", "Green", "Blue", "Depth")],
        [CONV, CONV, CONV, f"{CONV}, freeze: true"],
    ],
    ids=["few", "dilations", "bias", "groups", "labels", "frozen"],
)
def test_what_differs_is_drawn_one_by_one(branches: Sequence[str]) -> None:
    assert len(ids(made(network(branches)))) == len(branches) + 2


def test_a_block_in_a_branch_of_several_boxes_is_called_from_the_first_to_the_last_too() -> None:
    """Experts, each weighed by a part of what a router gives."""
    weights = "".join(f"  way{at}: {{block: path, from: x}}\n" for at in range(8))
    weights += "".join(
        f"  t{at}: {{op: tanh, from: parts.{at}}}\n  w{at}: {{op: mul, from: [way{at}, t{at}]}}\n" for at in range(8)
    )
    parts = "  gate: {op: conv2d, out_channels: 8, kernel_size: 1}\n  parts: {op: chunk, chunks: 8, dim: 1}\n"
    shown = made(
        f"{HEAD}{PATHS}graph:\n{parts}{weights}  sum: {{op: add, from: [{', '.join(f'w{n}' for n in range(8))}]}}\n"
    )
    assert [(group.title, group.repeat) for group in shown.panels[0].groups] == [("in parallel", 8)]
    assert [box.title for box in shown.panels[0].boxes if box.kind == "block"] == ["way0\N{EN DASH}7"]
    marks = draw(shown).marks
    [words] = [
        shape for mark in marks for shape in mark.shapes if isinstance(shape, Text) and shape.text == "8 outputs"
    ]
    [left, top, right, bottom] = next(span(mark.shapes[0]) for mark in marks if mark.kind == "frame")
    for side in ((left, top, left, bottom), (right, top, right, bottom), (left, top, right, top)):
        assert not overlap(span(words), side, slack=0.0)  # no word stands on the side of a frame


def test_what_is_read_elsewhere_too_is_no_branch() -> None:
    text = network([CONV] * 4).replace("  out:", "  sum: {op: add, from: [a3, x]}\n  out:")
    assert set(ids(made(text + "outputs: {one: out, two: sum}\n"))) == {"a0", "a1", "a2", "a3", "join", "sum", "out"}
    assert ids(made(network([CONV] * 5) + "outputs: {one: out, two: a4}\n")) == ["a0", "a4", "join", "out"]


def test_branches_that_read_different_values_are_no_equals() -> None:
    text = network([CONV] * 4).replace("  a0:", "  y: tanh\n  a0:", 1)
    assert ids(made(text.replace(f"a3: {{{CONV}, from: x}}", f"a3: {{{CONV}, from: y}}"))) == [
        "y",
        "a0",
        "a1",
        "a2",
        "a3",
        "join",
        "out",
    ]


def test_branches_in_a_branch_are_drawn_once_too() -> None:
    lines = []
    for outer in range(4):
        lines += [f"  o{outer}i{at}: {{{CONV}, from: x}}" for at in range(4)]
        lines += [f"  s{outer}: {{op: add, from: [{', '.join(f'o{outer}i{at}' for at in range(4))}]}}"]
    lines += ["  join: {op: concat, from: [s0, s1, s2, s3]}"]
    shown = made(f"{HEAD}graph:\n" + "\n".join(lines) + "\n")
    assert ids(shown) == ["o0i0", "s0", "join"]
    [inner] = [box for box in shown.panels[0].boxes if box.id == "o0i0"]
    assert (inner.repeat, inner.params, [group.repeat for group in shown.panels[0].groups]) == (4, 16 * 584, [4])
    assert faults(shown) == []


@pytest.mark.parametrize("count", [3, 5, 12, 40])
def test_a_sum_of_many_branches_that_differ_is_without_faults(count: int) -> None:
    """What meets a sign from below comes in lines beside each other, or in one where they would reach beyond it."""
    branches = [CONV.replace("padding: 1", f"padding: {rate}, dilation: {rate}") for rate in range(1, count + 1)]
    for upright in (False, True):
        assert faults(made(network(branches, "add"), upright=upright)) == []


def test_the_styles_of_every_op_draw_every_branch() -> None:
    shown = fitted(load_text(network([CONV] * 8)), style="graph")
    assert len(ids(shown)) == 10


PAIRS = "".join(f"  a{at}: {{{CONV}, from: x}}\n  b{at}: {{{CONV}, dilation: 2}}\n" for at in range(6))
FRAMED = f"{HEAD}graph:\n{PAIRS}  join: {{op: concat, from: [{', '.join(f'b{n}' for n in range(6))}]}}\n"


def test_a_frame_says_its_number_among_solids_and_in_formats_without_pills() -> None:
    shown = fitted(load_text(FRAMED), style="volumes")
    assert [(group.title, group.repeat) for group in shown.panels[0].groups] == [("in parallel", 6)]
    assert faults(shown) == []
    for suffix in (".mmd", ".dot"):
        assert "in parallel ×6" in render(diagram(load_text(FRAMED), style="plain"), suffix).decode()


def test_what_is_left_of_branches_is_called_after_the_first_and_stands_on_no_residual_edge() -> None:
    """One of them is opened by itself, so that the names of the others do not run."""
    uses = "".join(f"  way{at}: {{block: path, from: x}}\n" for at in range(9))
    text = f"{HEAD}{PATHS}graph:\n{uses}  join: {{op: add, from: [{', '.join(f'way{n}' for n in range(9))}, x]}}\n"
    shown = fitted(load_text(text), expand=["way3"])
    assert [box.title for box in shown.panels[0].boxes if box.repeat > 1] == ["way0 and 7 more"]
    assert [name for name, *_ in shown.bars[0].parts] == ["way0 and 7 more", "way3"]
    assert {(edge.tail, edge.head) for edge in shown.panels[0].edges if edge.kind == "residual"} == {("x", "join")}


def test_a_difference_shows_every_branch() -> None:
    """One of them may have changed and the others not."""
    one, other = network([CONV] * 6), network([*[CONV] * 5, f"{CONV}, dilation: 1, bias: false"])
    compared = comparison(load_text(one), load_text(other))
    made = difference_figure(compared, tabulate(compared), worth_opening(compared))
    assert [len(ids(replace(made, panels=(panel,)))) for panel in made.panels] == [8, 8]

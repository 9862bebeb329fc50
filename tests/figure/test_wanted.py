"""What the author of a spec asks of its figures: never needed, always obeyed."""

import re

import pytest

from archspec.diagnostics.diagnostic import SpecError
from archspec.figure.diagram import Diagram, Group, Style, level_row
from archspec.figure.look.theme import LIGHT
from archspec.figure.place.drawing import draw
from archspec.figure.place.fit import Limits, fitted
from archspec.figure.scene import Circle, Polygon, Text
from archspec.figure.what.depict import Page, diagram
from archspec.figure.what.fold import DrawError
from archspec.figure.what.some_frames import only
from archspec.pipeline import load_text
from tests.figure.geometry import faults

U = """
archspec: 1
inputs: {image: [3, 32, 32]}
graph:
  e1: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1, figure: {group: Encoder}}
  p1: {op: max_pool2d, kernel_size: 2, figure: {group: Encoder}}
  e2: {op: conv2d, out_channels: 16, kernel_size: 3, padding: 1, figure: {group: Encoder}}
  p2: {op: max_pool2d, kernel_size: 2}
  e3: {op: conv2d, out_channels: 32, kernel_size: 3, padding: 1}
  u2: {op: conv_transpose2d, out_channels: 16, kernel_size: 2, stride: 2, figure: {group: Decoder}}
  c2: {op: concat, from: [e2, u2], figure: {group: Decoder}}
  d2: {op: conv2d, out_channels: 16, kernel_size: 3, padding: 1, figure: {group: Decoder}}
  u1: {op: conv_transpose2d, out_channels: 8, kernel_size: 2, stride: 2, figure: {group: Decoder}}
  c1: {op: concat, from: [e1, u1], figure: {group: Decoder}}
  d1: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1, figure: {group: Decoder}}
  out: {op: conv2d, out_channels: 2, kernel_size: 1}
"""
CONV = "{op: conv2d, out_channels: 8, kernel_size: 3, padding: 1"


def drawn(graph: str, blocks: str = "") -> Diagram:
    return diagram(load_text(f"archspec: 1\nname: Net\ninputs: {{x: [8, 16, 16]}}\n{blocks}graph:\n{graph}"))


def titles(made: Diagram, panel: int = 0) -> dict[str, str]:
    return {box.id: box.title for box in made.panels[panel].boxes if box.nodes}


def lines(made: Diagram) -> set[tuple[str, str]]:
    return {(edge.tail, edge.head) for edge in made.panels[0].edges}


def test_a_label_is_what_an_op_a_block_and_the_one_box_of_a_block_are_called() -> None:
    made = drawn(
        f"  a: {CONV}, figure: {{label: Stem}}}}\n"
        f"  b: {{graph: [{CONV}}}, relu], figure: {{label: Unit}}}}\n"
        f"  c: {{graph: [{CONV}}}, softmax2d, {CONV}}}], figure: {{label: Body, opened: false}}}}\n"
    )
    assert titles(made) == {"x": "x", "a": "Stem", "b/0": "Unit", "c": "Body"}
    assert [box.details[0] for box in made.panels[0].boxes if box.id == "a"] == ["8"]


def test_a_block_says_what_all_of_its_uses_are_called_and_a_use_what_it_is() -> None:
    pool = "{op: max_pool2d, kernel_size: 3, stride: 1}"
    blocks = f"blocks: {{unit: {{figure: {{label: Unit}}, graph: [{CONV}}}, {pool}, {CONV}}}]}}}}\n"
    made = drawn("  a: {block: unit, repeat: 3}\n  b: {block: unit, figure: {label: Last, opened: false}}\n", blocks)
    assert titles(made)["b"] == "Last"
    assert made.panels[1].title == "Unit"


@pytest.mark.parametrize(
    ("opened", "budget", "closed"), [("true", 1, False), ("false", 32, True), ("null", 1, True), ("null", 32, False)]
)
def test_a_block_is_open_or_closed_as_asked_whatever_the_page(opened: str, budget: int, *, closed: bool) -> None:
    inner = f"{CONV}}}, {{op: max_pool2d, kernel_size: 2}}, {CONV}, stride: 2}}"
    text = f"  a: {{graph: [{inner}], figure: {{opened: {opened}}}}}\n  b: {CONV}}}\n"
    network = load_text(f"archspec: 1\nname: Net\ninputs: {{x: [8, 16, 16]}}\ngraph:\n{text}")
    assert ("a" in titles(diagram(network, page=Page(budget=budget)))) == closed


def test_what_is_hidden_has_no_box_lines_run_past_it_and_the_last_line_says_so() -> None:
    made = drawn(
        f"  a: {CONV}}}\n  b: {{op: layer_norm2d, figure: {{hidden: true}}}}\n"
        f"  c: {{op: softmax2d, figure: {{hidden: true, label: gate}}}}\n  d: {CONV}, stride: 2}}\n"
    )
    assert set(titles(made)) == {"x", "a", "d"}
    assert lines(made) == {("x", "a"), ("a", "d"), ("d", "output@d")}
    assert "Not shown, as the spec asks: b and gate." in made.footnotes
    assert not any("LN" in line for box in made.panels[0].boxes for line in box.details)


def test_a_hidden_block_and_a_hidden_output_leave_what_they_read() -> None:
    made = drawn(
        f"  a: {CONV}}}\n  b: {{graph: [{CONV}, stride: 2}}, tanh, {CONV}}}], figure: {{hidden: true}}}}\n"
        "  c: {op: add, from: [a, a]}\noutputs: {one: b, two: c}\n"
    )
    assert ("a", "output@one") in lines(made)
    assert "b" not in " ".join(titles(made))


def test_a_hidden_member_of_a_block_is_hidden_where_the_block_is_drawn_in_detail() -> None:
    blocks = (
        f"blocks: {{unit: {{graph: {{n: {{op: softmax2d, figure: {{hidden: true}}}}, a: {CONV}}}, b: tanh, "
        f"c: {CONV}}}, d: {{op: add, from: [x, c]}}}}}}}}\n"
    )
    made = drawn("  a: {block: unit, repeat: 4}\n", blocks)
    panel = made.panels[1]
    assert not any(box.id.endswith("/n") for box in panel.boxes)
    assert {edge.kind for edge in panel.edges if edge.head.endswith("/d")} == {"flow", "residual"}


def test_a_hidden_op_that_another_holds_is_not_said_there() -> None:
    made = drawn(f"  a: {CONV}}}\n  b: {{op: sigmoid, figure: {{hidden: true}}}}\n  c: {CONV}}}\n")
    assert all("sigmoid" not in line for box in made.panels[0].boxes for line in box.details)


def frames(made: Diagram, panel: int = 0) -> dict[str, list[str]]:
    """Title of a frame -> what stands in it."""
    shown = made.panels[panel]
    return {
        group.title: [box.id for box in shown.boxes if group.id in box.groups] for group in shown.groups if group.asked
    }


def test_a_group_is_a_frame_round_what_is_written_one_behind_the_other() -> None:
    group = "figure: {group: Stem}"
    made = drawn(
        f"  a: {CONV}, {group}}}\n  b: {{op: tanh, {group}}}\n  c: {CONV}}}\n  d: {CONV}, figure: {{group: Head}}}}\n"
    )
    assert frames(made) == {"Stem": ["a"], "Head": ["d"]}  # tanh is said in the box of `a`
    assert made.panels[0].boxes[1].says == ("a", "b")
    assert [box.id for box in made.panels[0].boxes if box.nodes] == ["x", "a", "c", "d"]  # equal, and yet not one box


def test_what_is_in_another_frame_is_not_said_in_a_box_of_this_one() -> None:
    made = drawn(f"  a: {CONV}, figure: {{group: One}}}}\n  b: {{op: tanh, figure: {{group: Two}}}}\n")
    assert frames(made) == {"One": ["a"], "Two": ["b"]}


@pytest.mark.parametrize("width", [504.0, 245.0])
@pytest.mark.parametrize("upright", [False, True])
def test_a_group_has_its_frame_on_every_page(width: float, *, upright: bool) -> None:
    """A U has rows, and its frames stand over them; each holds its own and nothing else."""
    made = fitted(load_text(U), width=width, limits=Limits(upright=upright))
    assert set(frames(made)) == {"Encoder", "Decoder"}
    assert (made.panels[0].arrangement == "levels") != upright
    assert faults(made) == []
    said = {shape.text for mark in draw(made).marks for shape in mark.shapes if isinstance(shape, Text)}
    assert {"Encoder", "Decoder"} <= said


def test_a_group_in_a_block_has_its_frame_where_the_block_is_drawn_in_detail() -> None:
    pool = "{op: max_pool2d, kernel_size: 3, stride: 1, padding: 1, figure: {group: Pool}}"
    blocks = f"blocks: {{unit: {{graph: [{CONV}}}, {pool}, {CONV}}}]}}}}\n"
    made = drawn("  a: {block: unit, repeat: 5}\n", blocks)
    assert list(frames(made, 1)) == ["Pool"]


NESTED = f"""
  a: {CONV}}}
  p: {{op: max_pool2d, kernel_size: 2}}
  b:
    figure: {{group: Outer}}
    graph:
      c: {CONV}}}
      d: {CONV}, figure: {{group: Inner}}}}
      e: {CONV}}}
  u: {{op: upsample, scale_factor: 2}}
  s: {{op: add, from: [a, u]}}
"""


@pytest.mark.parametrize("upright", [False, True])
def test_a_group_in_a_group_stays_in_it_on_every_page(*, upright: bool) -> None:
    network = load_text(f"archspec: 1\nname: Net\ninputs: {{x: [8, 16, 16]}}\ngraph:\n{NESTED}")
    made = fitted(network, width=504.0, limits=Limits(upright=upright))
    groups = {group.id: group for group in made.panels[0].groups}
    around = groups["group@b/d"].parent
    assert groups["group@b"].parent == ""
    assert around == "group@b" or groups[around].parent == "group@b"  # b has a frame where it is open
    assert faults(made) == []


def test_some_of_the_frames_stand_in_the_nearest_that_is_there() -> None:
    paint = LIGHT.frame
    nested = [Group(id, id, id[:-1], False, paint) for id in ("a", "ab", "abc", "abcd")]
    assert [(one.id, one.parent) for one in only(nested, {"a", "abcd"})] == [("a", ""), ("abcd", "a")]


SIDE = f"""
  stem: {CONV}}}
  body: {CONV}}}
  pool: {{op: max_pool2d, kernel_size: 2, from: stem, figure: {{row: 1}}}}
  side: {{graph: [{CONV}}}, softmax2d, {CONV}}}], figure: {{row: 1, opened: true}}}}
  up: {{op: upsample, scale_factor: 2}}
  sum: {{op: add, from: [body, up]}}
"""


@pytest.mark.parametrize("width", [504.0, 245.0])
def test_a_row_is_where_a_member_and_all_in_it_stand(width: float) -> None:
    """Of a pool, too, which is an arrow elsewhere; a row has the name of the maps that nobody moved there."""
    text = SIDE.replace("kernel_size: 2", "kernel_size: 3, stride: 1, padding: 1").replace(
        "scale_factor: 2", "size: 16"
    )
    made = fitted(load_text(f"archspec: 1\ninputs: {{x: [8, 16, 16]}}\ngraph:{text}"), width=width)
    [main, *_] = made.panels
    assert main.arrangement == "levels"
    rows = {box.id: level_row(box) for box in main.boxes}
    assert {id: row for id, row in rows.items() if row} == {"pool": 1, "side/0": 1, "side/2": 1}
    assert main.levels == ((0, "16²"),)
    assert faults(made) == []


def test_a_row_of_a_figure_that_has_rows_keeps_its_name() -> None:
    made = fitted(load_text(U.replace("padding: 1, figure: {group: Decoder}}", "padding: 1, figure: {row: 2}}", 1)))
    [main, *_] = made.panels
    assert {box.id: level_row(box) for box in main.boxes if box.moved} == {"d2": 2}
    assert main.levels == ((0, "32²"), (1, "16²"), (2, "8²"))
    assert faults(made) == []


@pytest.mark.parametrize(
    ("row", "upright", "words"),
    [
        (9, False, ":4:3: a asks for row 9, and the last row of the figure is 0; ask for one from 0 to 1"),
        (2, False, ":4:3: a asks for row 2, and the last row of the figure is 0; ask for one from 0 to 1"),
        (1, True, ":4:3: a asks for row 1, and a figure from top to bottom has no rows; leave out --orientation"),
    ],
)
@pytest.mark.parametrize("style", ["figure", "volumes", "graph"])
def test_a_row_that_a_figure_cannot_have_is_refused_where_it_is_asked_for(
    row: int, style: Style, words: str, *, upright: bool
) -> None:
    text = f"archspec: 1\ninputs: {{x: [8, 16, 16]}}\ngraph:\n  a: {CONV}, figure: {{row: {row}}}}}\n"
    with pytest.raises(DrawError, match=re.escape(words)):
        fitted(load_text(text), style=style, limits=Limits(upright=upright))


def test_a_row_below_one_that_is_asked_for_may_be_asked_for_too() -> None:
    made = drawn(f"  a: {CONV}}}\n  b: {CONV}, figure: {{row: 2}}}}\n  c: {CONV}, figure: {{row: 1}}}}\n")
    assert [box.level for box in made.panels[0].boxes if box.moved] == [2, 1]


GLYPHS = f"""
  down: {{graph: [{CONV}, stride: 2}}, {CONV}}}, tanh], figure: {{glyph: down, opened: false}}}}
  up: {{graph: [{{op: upsample, scale_factor: 2}}, {CONV}}}], figure: {{glyph: up, label: Decoder, opened: false}}}}
  bar: {CONV}, figure: {{glyph: bar, label: z}}}}
  sign: {{op: sub, from: [bar, x], figure: {{glyph: sign, label: "-"}}}}
  act: {{op: tanh, figure: {{glyph: sign, label: t}}}}
  box: {{op: add, from: [act, x], figure: {{glyph: box}}}}
  a: {CONV}}}
  b: {CONV}, figure: {{glyph: sign, label: conv}}}}
"""


@pytest.mark.parametrize("width", [504.0, 245.0])
@pytest.mark.parametrize("upright", [False, True])
def test_a_glyph_is_what_a_member_is_drawn_as(width: float, *, upright: bool) -> None:
    made = fitted(
        load_text(f"archspec: 1\ninputs: {{x: [8, 16, 16]}}\ngraph:{GLYPHS}"),
        width=width,
        limits=Limits(upright=upright),
    )
    shown = {box.id: box for box in made.panels[0].boxes if box.nodes}
    assert list(shown) == ["x", "down", "up", "bar", "sign", "act", "box", "a", "b"]  # no tanh in another's box
    forms = {id: shown[id].form for id in ("down", "up", "bar", "sign", "act", "box", "b")}
    assert forms == dict.fromkeys(("down", "up", "box"), "text") | {"bar": "bar"} | dict.fromkeys(
        ("sign", "act", "b"), "sign"
    )
    assert (shown["down"].slant, shown["up"].slant, shown["box"].slant) == ("down", "up", "")
    marks = {mark.id: mark for mark in draw(made).marks}
    assert all(any(isinstance(shape, Polygon) for shape in marks[f"b-{id}"].shapes) for id in ("down", "up"))
    assert next(shape.text for shape in marks["b-sign"].shapes if isinstance(shape, Text)) == "-"
    assert any(isinstance(shape, Circle) for shape in marks["b-act"].shapes)
    said = [shape.text for shape in marks["b-b"].shapes if isinstance(shape, Text)]
    assert said[:2] == ["conv", "8"]  # its channels and its counts stand below it
    assert ("584" in " ".join(said)) != any(line.startswith("Left out for want of room") for line in made.footnotes)
    assert faults(made) == []


def test_a_glyph_stands_among_solids_too() -> None:
    text = f"archspec: 1\ninputs: {{x: [8, 16, 16]}}\ngraph:{GLYPHS}"
    made = fitted(load_text(text), style="volumes")
    forms = {box.id: box.form for box in made.panels[0].boxes if box.nodes}
    wanted = {"down": "text", "up": "text", "box": "text", "bar": "bar", "sign": "sign", "act": "sign", "b": "sign"}
    assert forms == {"x": "volume", "a": "volume"} | wanted
    assert faults(made) == []


def test_a_glyph_of_a_slab_or_a_pool_of_a_u_is_no_slab_and_no_arrow() -> None:
    text = U.replace("kernel_size: 2, figure: {group: Encoder}", "kernel_size: 2, figure: {glyph: box}")
    made = fitted(
        load_text(text.replace("padding: 1, figure: {group: Decoder}", "padding: 1, figure: {glyph: box}", 1))
    )
    forms = {box.id: box.form for box in made.panels[0].boxes}
    assert (forms["p1"], forms["d2"], forms["d1"]) == ("text", "text", "slab")
    assert faults(made) == []


def test_the_legend_has_no_copied_map_where_the_joins_have_another_glyph() -> None:
    kept, other = load_text(U), load_text(re.sub(r"(op: concat, .*), figure: .*", r"\1, figure: {glyph: bar}}", U))
    forms = [{box.form for box in fitted(one).panels[0].boxes} for one in (kept, other)]
    words = [{key.label for key in fitted(one).legend} for one in (kept, other)]
    assert ["copy" in form for form in forms] == [True, False]
    assert ["copied feature map" in said for said in words] == [True, False]


@pytest.mark.parametrize(
    ("written", "code", "words"),
    [
        ("{op: relu, figure: {lable: x}}", "unknown-key", "did you mean label?"),
        ("{op: relu, figure: {opened: true}}", "unknown-key", "opened"),
        ("{op: relu, figure: {hidden: often}}", "wrong-type", "true or false"),
        ("{op: relu, figure: {glyph: star}}", "wrong-type", "one of box, down, up, bar, sign"),
        ("{op: relu, figure: {row: -1}}", "wrong-type", "a whole number from 0 on"),
        ("{op: relu, figure: {row: true}}", "wrong-type", "a whole number from 0 on"),
        ("{op: relu, figure: {group: [a]}}", "wrong-type", "text"),
        ("{op: relu, figure: {group: ''}}", "wrong-type", "text of one letter or more, or left out"),
        ("{op: relu, figure: {label: ' '}}", "wrong-type", "text of one letter or more, or left out"),
        ("{op: relu, figure: wide}", "wrong-type", "mapping"),
    ],
)
def test_what_is_no_wish_is_refused_at_its_place(written: str, code: str, words: str) -> None:
    with pytest.raises(SpecError) as caught:
        drawn(f"  a: {written}\n")
    [fault] = caught.value.diagnostics
    assert fault.code == code
    assert words in f"{fault.message} {fault.help}"
    assert fault.span.line == 5

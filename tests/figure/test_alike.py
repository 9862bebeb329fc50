"""What is alike is said once: uses that differ in numbers, columns in step, branches that differ in one number."""

import pytest

from archspec.figure.diagram import Diagram, Panel
from archspec.figure.place.drawing import draw
from archspec.figure.place.fit import fitted
from archspec.figure.scene import Text
from archspec.figure.what.captions import DASH
from archspec.figure.what.runs import runs
from archspec.pipeline import load_text
from tests.figure.geometry import faults

HEAD = "archspec: 1\nname: Net\ninputs: {x: [8, 64, 64]}\n"
CONV = "op: conv2d, kernel_size: 3, padding: 1"
NESTED = f"""{HEAD}blocks:
  level:
    params: {{height: int, mid: int}}
    graph:
      pool: {{op: max_pool2d, kernel_size: 2}}
      down: {{{CONV}, out_channels: $mid}}
      norm: batch_norm2d
      deeper: {{block: level, height: $(height - 1), mid: $mid, when: $(height > 1)}}
      up: {{op: upsample, scale_factor: 2}}
      out: {{{CONV}, out_channels: $mid}}
  unit:
    params: {{height: int, mid: int}}
    graph:
      first: {{{CONV}, out_channels: $mid}}
      act: relu
      deeper: {{block: level, height: $height, mid: $mid}}
      last: {{{CONV}, out_channels: $mid}}
      sum: {{op: add, from: [last, act]}}
graph:
  a: {{block: unit, height: 5, mid: 8}}
  b: {{block: unit, height: 5, mid: 16}}
  c: {{block: unit, height: 4, mid: 16}}
  d: {{block: unit, height: 4, mid: 32}}
  e: {{block: unit, height: 3, mid: 32}}
  f: {{block: unit, height: 3, mid: 64}}
  g: {{block: unit, height: 2, mid: 64}}
"""


def made(text: str, width: float = 504.0) -> Diagram:
    return fitted(load_text(text), width=width)


def panels(shown: Diagram, title: str) -> list[Panel]:
    return [panel for panel in shown.panels[1:] if panel.title == title]


@pytest.mark.parametrize("width", [504.0, 245.0])
def test_uses_that_differ_only_in_what_is_closed_are_one_panel(width: float) -> None:
    """The units of U2-Net have other heights, which no box of theirs shows."""
    shown = made(NESTED, width)
    [unit] = panels(shown, "unit")
    assert unit.subtitle.startswith("a and 6 more like it")
    assert unit.table is not None
    assert dict(unit.table.rows)["height"] == ("5", "5", "4", "4", "3", "3", "2")
    assert all(not box.counts for box in unit.boxes if box.kind == "block")
    assert faults(shown) == []


STEPS = f"""{HEAD}blocks:
  step:
    params: {{t: int}}
    graph:
      at: {{op: mul, other: $t}}
      conv: {{{CONV}, out_channels: 8}}
      sum: {{op: add, from: [x, conv]}}
graph:
"""


def test_columns_that_go_up_by_one_are_said_from_the_first_to_the_last() -> None:
    """Each of the thirty steps of RNNSearch has a number: three tables said nothing else."""
    uses = "".join(f"  steps.{at}: {{block: step, t: {at + 2}}}\n" for at in range(12))
    [step] = panels(made(STEPS + uses), "step")
    assert step.table is None
    assert step.subtitle.endswith(f": t 2{DASH}13 in steps.0{DASH}11")


def test_columns_out_of_step_are_said_one_by_one() -> None:
    uses = "".join(f"  steps.{at}: {{block: step, t: {2 * at}}}\n" for at in range(12))
    [step] = panels(made(STEPS + uses), "step")
    assert step.table is not None
    assert step.table.columns == tuple(f"steps.{at}" for at in range(12))


def bank(count: int, kernels: tuple[int, ...] = ()) -> str:
    uses = "".join(
        f"  banks.{at}: {{block: bank, kernel: {kernels[at] if kernels else at + 1}, from: x}}\n" for at in range(count)
    )
    return f"""archspec: 1
inputs: {{x: [16, 50]}}
blocks:
  bank:
    params: {{kernel: int}}
    graph:
      pad: {{op: pad, pad: "$([(kernel - 1) // 2, kernel // 2])"}}
      conv: {{op: conv1d, out_channels: 16, kernel_size: $kernel}}
      act: relu
      last: {{op: conv1d, out_channels: 16, kernel_size: 1}}
graph:
{uses}  joined: {{op: concat, from: banks.*}}
  out: {{op: conv1d, out_channels: 8, kernel_size: 1}}
"""


@pytest.mark.parametrize("width", [504.0, 245.0])
def test_branches_that_differ_in_one_number_are_a_card_that_says_it(width: float) -> None:
    shown = made(bank(16), width)
    [card] = [box for box in shown.panels[0].boxes if box.repeat > 1]
    assert (card.title, card.repeat, card.parallel) == (f"banks.0{DASH}15", 16, True)
    assert f"kernel 1{DASH}16" in card.details
    assert card.params == sum(16 * 16 * kernel + 16 + 16 * 16 + 16 for kernel in range(1, 17))
    assert draw(shown).height < 400
    assert faults(shown) == []


def test_branches_whose_numbers_take_a_line_of_their_own_are_drawn_one_by_one() -> None:
    shown = made(bank(12, (1, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)))
    assert not any(box.parallel for box in shown.panels[0].boxes)


def test_a_kernel_of_many_values_goes_by_its_param_and_a_padding_by_what_it_is() -> None:
    """`k=1 or k=2 or ...` and a row of pairs said less in more words; a padding of nothing is no crop."""
    [panel] = panels(made(bank(16)), "bank")
    said = [(box.title, box.details[0]) for box in panel.boxes if box.nodes]
    assert said[:2] == [("pad", "padding ((kernel-1)//2,kernel//2)"), ("k=kernel", "16")]
    assert panel.subtitle.endswith(f": kernel 1{DASH}16 in banks.0{DASH}15")


CELLS = f"""{HEAD}blocks:
  cell:
    inputs: [x, before]
    params: {{c: int}}
    graph:
      a: {{op: conv2d, out_channels: $c, kernel_size: 1, from: x}}
      b: {{op: conv2d, out_channels: $c, kernel_size: 1, from: before}}
      c3: {{{CONV}, out_channels: $c, from: a}}
      d3: {{{CONV}, out_channels: $c, from: b}}
      out: {{op: concat, from: [a, b, c3, d3]}}
    outputs: [out, x]
graph:
  stem: {{{CONV}, out_channels: 16}}
  cells1: {{block: cell, c: 16, repeat: 4, from: [stem, stem]}}
  more: {{block: cell, c: 32, from: [cells1, cells1.x]}}
  out: {{op: conv2d, out_channels: 8, kernel_size: 1}}
"""


def test_a_repeat_of_cells_that_end_in_a_concatenation_is_no_block_of_branches() -> None:
    """NASNet: the parts of `cells1` stood in a row, and the cell itself was opened nowhere."""
    shown = made(CELLS, 245.0)
    assert panels(shown, "cells1") == []
    assert any("4\N{MIDDLE DOT}16" in box.details for box in shown.panels[0].boxes) or panels(shown, "cell")


PAIRS = f"""{HEAD}blocks:
  dual:
    inputs: [a, b]
    graph:
      both: {{op: concat, from: [a, b]}}
      one: {{{CONV}, out_channels: 8}}
      norm: batch_norm2d
      two: {{{CONV}, out_channels: 8}}
      sum: {{op: add, from: [two, a]}}
      grown: {{op: concat, from: [b, two]}}
    outputs: {{a: sum, b: grown}}
graph:
  stem: {{{CONV}, out_channels: 8}}
  s1: {{block: dual, repeat: 5, from: [stem, stem]}}
  p1: {{block: dual, repeat: 5, from: [s1.a, s1.b]}}
  s2: {{block: dual, repeat: 7, from: [p1.a, p1.b]}}
  all: {{op: concat, from: [s2.a, s2.b]}}
  out: {{op: conv2d, out_channels: 8, kernel_size: 1}}
"""


@pytest.mark.parametrize("width", [504.0, 245.0, 180.0, 160.0])
def test_several_values_on_one_line_are_counted_where_there_is_no_room_for_words(width: float) -> None:
    """From stack to stack of DPN run two values; a line without a word looked like one."""
    shown = made(PAIRS, width)
    several = [edge for edge in shown.panels[0].edges if edge.values > 1]
    marks = {mark.id: mark for mark in draw(shown).marks if mark.kind.startswith("edge")}
    said = [
        {shape.text for shape in mark.shapes if isinstance(shape, Text)} & {"2", "2 outputs"} for mark in marks.values()
    ]
    assert len(several) == len([texts for texts in said if texts]) > 1
    assert faults(shown) == []


HEADS = f"""{HEAD}blocks:
  side:
    inputs: [x, like]
    graph:
      conv: {{{CONV}, out_channels: 1}}
      up: {{op: upsample, from: [conv, like]}}
graph:
  a: {{{CONV}, out_channels: 8}}
  b: {{{CONV}, out_channels: 16}}
  c: {{{CONV}, out_channels: 24}}
  d: {{{CONV}, out_channels: 32}}
  e: {{{CONV}, out_channels: 40}}
  f: {{{CONV}, out_channels: 48}}
  g: {{{CONV}, out_channels: 56}}
  first: {{{CONV}, out_channels: 1}}
  side.0: {{block: side, from: [a, first]}}
  side.1: {{block: side, from: [b, first]}}
  side.2: {{block: side, from: [f, first]}}
  all: {{op: concat, from: [first, side.0, side.1, side.2]}}
  out: {{op: conv2d, out_channels: 1, kernel_size: 1}}
"""


def test_equal_heads_that_one_concatenation_reads_have_lines_of_one_kind() -> None:
    """Of the six side outputs of U2-Net one was near enough to the main way to be none."""
    edges = made(HEADS).panels[0].edges
    assert {edge.kind for edge in edges if edge.tail.startswith("side") and edge.head == "all"} == {"skip"}


def test_an_identity_has_no_box_behind_another() -> None:
    """The heads of imported networks end in `nn.Identity()`, where others have an activation."""
    shown = made(f"{HEAD}graph:\n  conv: {{{CONV}, out_channels: 8}}\n  same: identity\n  act: relu\n")
    assert [box.id for box in shown.panels[0].boxes if box.nodes] == ["x", "conv"]
    assert any("Identity is not shown" in note for note in shown.footnotes)


def test_blocks_that_differ_in_a_rate_of_dropout_are_one_in_a_row() -> None:
    """Stochastic depth has another rate in each block of a stage, which no box says."""
    text = f"""{HEAD}blocks:
  unit:
    params: {{p: float}}
    graph:
      conv: {{{CONV}, out_channels: 8}}
      norm: batch_norm2d
      again: {{{CONV}, out_channels: 8}}
      drop: {{op: stochastic_depth, p: $p}}
      sum: {{op: add, from: [x, drop]}}
graph:
"""
    uses = "".join(f"  u{at}: {{block: unit, p: {at / 10}}}\n" for at in range(6))
    assert runs(load_text(text + uses)).members == {"u0": tuple(f"u{at}" for at in range(6))}

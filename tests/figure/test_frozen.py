"""What is frozen is marked, and a key says what the mark is."""

import pytest

from archspec.figure.diagram import Box, Diagram
from archspec.figure.place.drawing import draw
from archspec.figure.place.fit import Limits, fitted
from archspec.figure.scene import Circle
from archspec.page.format import FORMAT as PAGE
from archspec.page.page import page
from archspec.pictures import picture
from archspec.pipeline import load_text
from tests.figure.geometry import faults

TEXT = """
archspec: 1
inputs: {{tokens: [16, 64]}}
blocks:
  layer:
    graph:
      norm: layer_norm
      attn: {{op: multi_head_attention, num_heads: 4}}
      add: {{op: add, from: [x, attn]}}
graph:
  first: {{op: linear, out_features: 64, freeze: true}}
  second: {{op: linear, out_features: 64}}
  body: {{block: layer, repeat: 6, freeze: {freeze}}}
  pool: {{op: mean, dim: 1}}
  head: {{op: linear, out_features: 10}}
"""
KEY = "frozen: its parameters do not learn"


def made(freeze: str, *, upright: bool = False) -> Diagram:
    return fitted(load_text(TEXT.format(freeze=freeze)), width=504.0, limits=Limits(upright=upright))


def boxes(drawn: Diagram) -> dict[str, Box]:
    return {box.id: box for box in drawn.panels[0].boxes}


def test_a_member_that_does_not_learn_is_marked_and_equal_ones_that_do_stand_apart() -> None:
    shown = boxes(made("false"))
    assert [name for name, box in shown.items() if box.frozen] == ["first"]
    assert shown["second"].repeat == 1


def test_a_block_of_which_all_is_frozen_is_marked() -> None:
    assert boxes(made("true"))["body"].frozen


def test_a_block_of_which_some_is_frozen_says_so() -> None:
    body = boxes(made("$(i < 2)"))["body"]
    assert not body.frozen
    assert "partly frozen" in body.details
    [panel] = made("$(i < 2)").panels[1:]
    assert not any(box.frozen for box in panel.boxes)  # it draws all six


@pytest.mark.parametrize("upright", [False, True])
def test_the_mark_is_a_flake_and_has_a_key(upright: bool) -> None:
    drawn = made("true", upright=upright)
    assert [key.label for key in drawn.legend if key.sample == "flake"] == [KEY]
    assert faults(drawn) == []
    marked = {mark.id for mark in draw(drawn).marks if any(isinstance(shape, Circle) for shape in mark.shapes)}
    assert {"b-first", "b-body"} <= marked
    assert "b-second" not in marked
    assert any("frozen" in line for line in draw(drawn).outline)


HELD = """
archspec: 1
inputs: {image: [3, 16, 16]}
graph:
  conv: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1, freeze: true}
  relu: relu
  place: {op: parameter, shape: [8, 16, 16], freeze: true}
  add: {op: add, from: [relu, place]}
  free: {op: parameter, shape: [8, 16, 16]}
  sum: {op: add, from: [add, free]}
  last: {op: conv2d, out_channels: 4, kernel_size: 3, stride: 2, padding: 1}
"""


@pytest.mark.parametrize("upright", [False, True])
def test_a_parameter_that_does_not_learn_is_marked_before_its_name(upright: bool) -> None:
    drawn = fitted(load_text(HELD), limits=Limits(upright=upright))
    assert faults(drawn) == []
    marks = {mark.id: mark.shapes for mark in draw(drawn).marks}
    assert any(isinstance(shape, Circle) for shape in marks["b-place"])
    assert not any(isinstance(shape, Circle) for shape in marks["b-free"])


def test_a_solid_says_in_words_that_it_is_frozen() -> None:
    drawn = fitted(load_text(HELD), style="volumes")
    solids = {box.id: box.solid for box in drawn.panels[0].boxes if box.solid is not None}
    assert [name for name, solid in solids.items() if "frozen" in solid.beside] == ["conv", "place"]
    assert faults(drawn) == []


def test_what_is_frozen_nowhere_has_no_key() -> None:
    drawn = fitted(load_text(TEXT.format(freeze="false").replace(", freeze: true", "")))
    assert not any(key.sample == "flake" for key in drawn.legend)


def test_the_page_says_it_of_what_is_chosen() -> None:
    network = load_text(TEXT.format(freeze="true"))
    settings = {entry.path: entry.settings for entry in page(network).entries}
    assert settings["first"].endswith(", frozen")
    assert "frozen" not in settings["second"]
    assert "frozen" in settings["body"]
    assert KEY in picture(network, PAGE.suffixes[0]).decode()

"""What a network is given and what it gives: inputs in the row of their size, outputs in the order of the spec."""

from itertools import permutations

import pytest

from archspec.figure.diagram import level_row
from archspec.figure.place.drawing import draw, place
from archspec.figure.place.fit import fitted
from archspec.figure.scene import Text
from archspec.pipeline import load_text

HEADS = """
archspec: 1
inputs: {{x: [16, 8, 8]}}
graph:
  stem: {{op: conv2d, out_channels: 16, kernel_size: 3, padding: 1}}
  a: {{op: conv2d, out_channels: 2, kernel_size: 1, from: stem}}
  b: {{op: conv2d, out_channels: 4, kernel_size: 1, from: stem}}
  c: {{op: conv2d, out_channels: 8, kernel_size: 1, from: stem}}
outputs: [{}, {}, {}]
"""
PYRAMID = """
archspec: 1
inputs: {c3: [8, 32, 32], c4: [16, 16, 16], c5: [32, 8, 8], code: [7]}
graph:
  p3: {op: conv2d, out_channels: 8, kernel_size: 1, from: c3}
  p4: {op: conv2d, out_channels: 8, kernel_size: 1, from: c4}
  p5: {op: conv2d, out_channels: 8, kernel_size: 1, from: c5}
  u5: {op: upsample, scale_factor: 2}
  m4: {op: add, from: [p4, u5]}
  u4: {op: upsample, scale_factor: 2}
  m3: {op: add, from: [p3, u4]}
  up: {op: upsample, scale_factor: 2, from: m3}
  gate: {op: linear, out_features: 8, from: code}
outputs: [up, m3, m4, gate]
"""


@pytest.mark.parametrize("order", list(permutations("abc")))
def test_outputs_of_one_depth_stand_in_the_order_of_the_spec(order: tuple[str, ...]) -> None:
    shown = place(fitted(load_text(HEADS.format(*order))))[0]
    outputs = sorted((box for box in shown.boxes if box.box.kind == "output"), key=lambda box: box.y)
    assert tuple(box.box.title for box in outputs) == order


def test_each_map_that_is_given_has_the_row_of_its_size() -> None:
    made = fitted(load_text(PYRAMID))
    [main] = [panel for panel in made.panels if panel.arrangement == "levels"]
    rows = dict(main.levels)
    inputs = {box.id: rows.get(level_row(box)) for box in main.boxes if box.kind == "input"}
    assert inputs == {"c3": "32²", "c4": "16²", "c5": "8²", "code": "32²"}
    assert {box.id: rows[level_row(box)] for box in main.boxes if box.id in ("m3", "m4")} == {"m3": "32²", "m4": "16²"}
    said = {
        shape.text
        for mark in draw(made).marks
        if mark.kind == "level"
        for shape in mark.shapes
        if isinstance(shape, Text)
    }
    assert {"64²", "×2", "1", "1/2", "1/4"} <= said

"""Levels: at which resolution each op stands, and what a row is called."""

from archspec.figure.place.fit import fitted
from archspec.figure.what.levels import levels
from archspec.pipeline import load_text

IDLE = """
archspec: 1
name: Levels
inputs: {image: [1, 32, 32]}
blocks:
  layer:
    graph:
      idle: {op: parameter, shape: [24], kept: true}
      norm: {op: batch_norm2d, from: x}
      conv: {op: conv2d, out_channels: 24, kernel_size: 3, padding: 1}
      act: relu
      sum: {op: add, from: [act, x]}
graph:
  patches: {op: conv2d, out_channels: 24, kernel_size: 16, stride: 16}
  layers: {block: layer, repeat: 2}
  norm: {op: batch_norm2d}
  up: {op: conv_transpose2d, out_channels: 16, kernel_size: 4, stride: 4}
  whole: {op: conv_transpose2d, out_channels: 1, kernel_size: 4, stride: 4}
outputs: {made: whole, code: layers.1}
"""


def test_what_nobody_reads_has_the_level_of_what_comes_behind_it() -> None:
    """At the level of the image it drew the frame of its block over all rows."""
    assert levels(load_text(IDLE))["layers/0/idle"] == 4


def test_an_output_that_stands_in_another_row_does_not_name_it() -> None:
    """`32²` is not the resolution of what is there, four times as coarse."""
    assert fitted(load_text(IDLE)).panels[0].levels == ((4, "2²"),)

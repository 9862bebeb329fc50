"""Every view says which member a second use is the same as, by its path: of a block once, and not of all in it."""

import csv as stdlib_csv
import json as stdlib_json
from io import StringIO

import pytest

from archspec.design import Design
from archspec.figure.what.depict import diagram
from archspec.graph.network import Network
from archspec.graph.report import report
from archspec.page.page import page
from archspec.pipeline import load_text
from archspec.tables.tables import summary_table

TOWERS = """
archspec: 1
name: Net
inputs: {left: [1, 8, 8], right: [1, 8, 8]}
blocks:
  tower:
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 3}
      pool: {op: adaptive_avg_pool2d, output_size: 1}
      flatten: flatten
      fc: {op: linear, out_features: 8}
graph:
  tower1: {block: tower, from: left}
  tower2: {block: tower, from: right, share: tower1}
  diff: {op: sub, from: [tower1, tower2]}
  one: {op: linear, out_features: 8}
  two: {op: linear, out_features: 8, share: one}
"""
SHARED = {
    "tower2": "tower1",
    "tower2/conv": "tower1/conv",
    "tower2/fc": "tower1/fc",
    "two": "one",
}
SAID = {"tower2": "tower1", "two": "one"}


@pytest.fixture(scope="module")
def net() -> Network:
    return load_text(TOWERS)


def test_a_closed_block_and_an_op_say_it_in_the_figure(net: Network) -> None:
    drawn = {box.id: box for box in diagram(net, depth=1).panels[0].boxes}
    assert {id for id, box in drawn.items() if "shares" in " ".join(box.details)} == {"tower2", "two"}
    assert drawn["tower2"].details[-1] == "shares tower1"
    assert drawn["two"].details == ("8", "shares one")


def test_the_frame_of_an_open_block_says_it_for_all_that_is_in_it(net: Network) -> None:
    panel = diagram(net, depth=3).panels[0]
    assert [group.title for group in panel.groups] == ["tower1", "tower2, shares tower1"]
    assert {box.id: box.shares for box in panel.boxes if box.shares} == {"two": ("shares one",)}


TWICE = """
archspec: 1
inputs: {x: [8, 8]}
blocks:
  three:
    graph:
      one: {op: linear, out_features: 8}
      two: {op: linear, out_features: 8}
      again: {op: linear, out_features: 8, share: one}
      out: {op: matmul, from: [again, x]}
  single: {graph: {fc: {op: linear, out_features: 8}, act: relu}}
graph:
  a: {block: three, from: x}
  b: {block: three, share: a, from: x}
  sum: {op: add, from: [a, b]}
  c: {block: single}
  d: {block: single, share: c}
"""


def test_a_second_use_is_drawn_as_the_first_one_is() -> None:
    panel = diagram(load_text(TWICE), depth=3).panels[0]
    drawn = {box.id: (box.title, box.details, box.repeat) for box in panel.boxes if box.kind == "op"}
    first = {id[2:]: said for id, said in drawn.items() if id.startswith("a/")}
    assert first == {id[2:]: said for id, said in drawn.items() if id.startswith("b/")}
    assert drawn["b/one"][2] == 2
    assert drawn["b/again"][1] == ("8", "shares one")


def test_a_box_says_it_for_the_block_that_it_is_all_of() -> None:
    panel = diagram(load_text(TWICE), depth=3).panels[0]
    assert {box.id: box.shares for box in panel.boxes if box.id in ("c/fc", "d/fc")} == {
        "c/fc": (),
        "d/fc": ("shares c",),
    }


def test_uses_in_a_row_are_not_taken_for_modules_of_their_own() -> None:
    ops = ", ".join(f"{name}: {{op: linear, out_features: 8, share: one}}" for name in ("two", "three"))
    net = load_text(f"archspec: 1\ninputs: {{x: [8]}}\ngraph: {{one: {{op: linear, out_features: 8}}, {ops}}}")
    boxes = [box for box in diagram(net).panels[0].boxes if box.kind == "op"]
    assert [(box.id, box.repeat, box.shares) for box in boxes] == [("one", 1, ()), ("two", 2, ("shares one",))]


def test_the_entries_of_the_page_say_it(net: Network) -> None:
    said = {entry.path: entry.settings for entry in page(net).entries if "shares" in entry.settings}
    assert said.keys() == SAID.keys()
    assert all(settings.endswith(f"shares {SAID[path]}") for path, settings in said.items())


@pytest.mark.parametrize(("form", "words"), [("text", ", shares {}"), ("markdown", " (shares {}) |")])
def test_tables_to_read_say_it(net: Network, form: str, words: str) -> None:
    lines = summary_table(net, form, depth=2).splitlines()
    said = [line for line in lines if "shares" in line]
    assert len(said) == len(SAID)
    for line, owner in zip(said, SAID.values(), strict=True):
        assert words.format(owner) in line


def test_tables_to_compute_with_say_it(net: Network) -> None:
    blocks = stdlib_json.loads(summary_table(net, "json"))["blocks"]
    assert {block["path"]: block["share"] for block in blocks if block["share"]} == SHARED
    lines = stdlib_csv.DictReader(StringIO(summary_table(net, "csv")))
    assert {line["path"]: line["share"] for line in lines if line["share"]} == SHARED


LOOP = """
archspec: 1
name: Net
inputs: {x: [8]}
graph:
  one: {op: linear, out_features: 8}
  loop: {share: one, repeat: 3}
"""


def test_a_sequence_of_one_module_says_it_once() -> None:
    network = load_text(LOOP)
    rows = {row.path: row for row in report(network).rows}
    assert {path: row.second_use_of for path, row in rows.items() if row.second_use_of} == {"loop": "one"}
    assert {path: row.share for path, row in rows.items() if row.share} == {f"loop/{i}": "one" for i in range(3)}
    said = [" ".join(box.details) for box in diagram(network).panels[0].boxes if box.id.startswith("loop")]
    assert said == ["8 shares one"]
    assert Design(network).params == 72

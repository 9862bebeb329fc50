"""Several blocks that come again and again are drawn once, in a frame that says how often they are there."""

from dataclasses import replace

import pytest

from archspec.figure.look.theme import LIGHT
from archspec.figure.place.fit import fitted
from archspec.figure.what.depict import setting_of
from archspec.figure.what.panels import panel
from archspec.figure.what.runs import runs
from archspec.page.parts import all_open
from archspec.pipeline import load_network, load_text

HEAD = """archspec: 1
inputs: {x: [8, 64], memory: [8, 64]}
blocks:
  read:
    inputs: [x, memory]
    params: {wide: 32}
    graph:
      first: {op: linear, from: x, out_features: $wide}
      gelu: gelu
      second: {op: linear, out_features: 64}
      more: {op: linear, from: memory, out_features: 64}
      add: {op: add, from: [second, more]}
  think:
    graph:
      a: {op: linear, out_features: 16}
      relu: relu
      b: {op: linear, out_features: 64}
      add: {op: add, from: [x, b]}
graph:
"""
OWN = """  r1: {block: read, from: [x, memory]}
  t1: {block: think}
  r2: {block: read, from: [t1, memory]}
  t2: {block: think}
  r3: {block: read, from: [t2, memory]}
  t3: {block: think}
  r4: {block: read, from: [t3, memory]}
  t4: {block: think}
"""
SHARED = """  r1: {block: read, from: [x, memory]}
  t1: {block: think}
  r2: {share: r1, from: [t1, memory]}
  t2: {share: t1}
  r3: {share: r1, from: [t2, memory]}
  t3: {share: t1}
  r4: {share: r1, from: [t3, memory]}
  t4: {share: t1}
"""
MISSES = {
    "something else reads the round before": OWN + "  add: {op: add, from: [t4, r3]}\n",
    "the network gives what is in the round before": OWN + "outputs: {out: t4, more: r3}\n",
    "it has other params": OWN.replace("r4: {block: read,", "r4: {block: read, wide: 48,"),
    "it reads something else": OWN.replace("[t3, memory]", "[t3, x]"),
    "it shares its parameters": OWN.replace("t4: {block: think}", "t4: {share: t3}"),
    "it alone is asked to be in a frame": OWN.replace(
        "t4: {block: think}", "t4: {block: think, figure: {group: Last}}"
    ),
}


def test_rounds_with_parameters_of_their_own_are_one_frame() -> None:
    found = runs(load_text(HEAD + OWN))
    assert found.rounds == {"r1": ("r1", "t1"), "t1": ("r1", "t1")}
    assert found.members == {"r1": ("r1", "r2", "r3", "r4"), "t1": ("t1", "t2", "t3", "t4")}


def test_rounds_that_use_parameters_again_begin_behind_those_that_own_them() -> None:
    assert runs(load_text(HEAD + SHARED)).members == {"r2": ("r2", "r3", "r4"), "t2": ("t2", "t3", "t4")}


def test_two_rounds_are_spelled_out() -> None:
    """Four boxes, or two in a frame: GhostNet's last four blocks, of which each second excites its channels."""
    assert not runs(load_network("ghostnet")).rounds


def test_one_block_that_is_used_again_and_again_is_a_run() -> None:
    text = "  t1: {block: think}\n" + "".join(f"  t{n}: {{share: t1}}\n" for n in (2, 3, 4))
    assert runs(load_text(HEAD + text)).members == {"t2": ("t2", "t3", "t4")}


@pytest.mark.parametrize("why", MISSES)
def test_the_last_is_none_of_the_rounds_where(why: str) -> None:
    assert runs(load_text(HEAD + MISSES[why])).members == {"r1": ("r1", "r2", "r3"), "t1": ("t1", "t2", "t3")}


def test_the_frame_says_how_often_and_the_boxes_what_they_share() -> None:
    """Perceiver: the first reading has parameters of its own, and six rounds use those of the second again."""
    network = load_network("perceiver", variant="imagenet")
    panel = fitted(network).panels[0]
    (frame,) = panel.groups
    assert (frame.words, frame.id) == ("in turn ×6", "round@read3")
    inside = [box for box in panel.boxes if frame.id in box.groups]
    assert [(box.title, box.repeat, box.details[-1]) for box in inside] == [
        ("read3\N{EN DASH}8", 1, "shares read2"),
        ("think3\N{EN DASH}8", 1, "shares think1"),
    ]
    assert sum(box.macs for box in panel.boxes) == sum(cost.macs for cost in network.costs.values())
    assert [(edge.tail, edge.head) for edge in panel.edges if "read3" in (edge.tail, edge.head)] == [
        ("pixels", "read3"),
        ("think2", "read3"),
        ("read3", "think3"),
    ]


def test_the_frame_round_an_open_block_of_a_round_says_what_it_shares() -> None:
    """A block of which few are used again is drawn open, and then no box says whose parameters they are."""
    network = load_text(HEAD + SHARED)
    shown = panel(setting_of(network, LIGHT), replace(all_open(network.graph), runs=runs(network)))
    assert {group.words for group in shown.groups} >= {
        "in turn ×3",
        "r2\N{EN DASH}4, shares r1",
        "t2\N{EN DASH}4, shares t1",
    }


def test_a_block_that_is_used_again_in_many_rounds_stays_closed() -> None:
    shown = fitted(load_network("perceiver", variant="small")).panels[0]
    assert [box.title for box in shown.boxes if box.kind == "block" and "read3" in box.id] == ["read3\N{EN DASH}8"]

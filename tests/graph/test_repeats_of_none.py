"""What a repeat of no parts stands for: what its first part would have been given for what it hands on."""

import pytest

from archspec.graph.graph import Local, Ref
from tests.graph.specs import network


@pytest.mark.parametrize(
    ("target", "reads", "kept"),
    [
        ("block: cell", "[words, memory]", "memory"),
        ("block: $kind", "[words, memory]", "memory"),
        ("block: cell", "{memory: memory, words: words}", "memory"),
        ("block: cell", "{memory: memory}", "memory"),
        ("block: $('cell' if i == 0 else 'cell')", "[words, memory]", "words"),
        ("share: once", "[words, once]", "once"),
        ("inputs: [a, b], graph: {sum: {op: add, from: [a, b]}}, outputs: {b: sum}", "[words, memory]", "memory"),
        ("inputs: [a, b], graph: {sum: {op: add, from: [a, b]}}", "[words, memory]", "words"),
        ("op: add", "[words, memory]", "words"),
    ],
)
def test_a_repeat_of_no_parts_gives_what_its_first_part_would_hand_on(target: str, reads: str, kept: str) -> None:
    text = f"""
    params: {{depth: 0, kind: cell}}
    blocks:
      cell:
        inputs: [words, memory]
        graph: {{sum: {{op: add, from: [words, memory]}}, act: relu}}
        outputs: {{memory: act}}
    graph:
      words: relu
      memory: tanh
      once: {{block: cell, from: [words, memory]}}
      cells: {{{target}, from: {reads}, repeat: $depth}}
      out: relu
    """
    made = network(text).graph
    assert made.scopes[""].absent["cells"].reads == (Local(kept),)
    assert made.nodes["out"].inputs == (Ref("once/act" if kept == "once" else kept),)

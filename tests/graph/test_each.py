"""Members for each of several values, one module for all of them, and joins of a single value."""

import pytest

from archspec.graph.graph import Ref
from tests.graph.specs import network
from tests.graph.test_expand import inputs_of


@pytest.mark.parametrize("op", ["add", "mul", "concat"])
def test_a_join_of_any_number_of_values_is_the_value_where_there_is_one(op: str) -> None:
    text = """
    blocks: {fuse: {inputs: [maps.*], graph: {join: {op: OP, from: maps.*}, act: relu}}}
    graph: {one: {block: fuse, from: image}, two: {block: fuse, from: [one, image]}, rest: {op: relu, repeat: 3}}
    outputs: [rest, two]
    """.replace("OP", op)
    found = inputs_of(text)
    assert "one/join" not in found
    assert (found["one/act"], found["two/join"]) == (["image"], ["one/act", "image"])


def test_a_stack_of_one_value_has_a_dimension_more() -> None:
    text = """
    blocks: {fuse: {inputs: [maps.*], graph: {join: {op: stack, from: maps.*}}}}
    graph: {one: {block: fuse, from: image}}
    """
    assert network(text).shape(Ref("one/join")).dims == (1, 3, 32, 32)


EACH = """
    blocks: {stage: {graph: {conv: {op: conv2d, out_channels: 3, kernel_size: 1}}}}
    graph:
      stages: {block: stage, repeat: 2}
      convs: {op: conv2d, each: stages, out_channels: $(3 * (i + 1)), kernel_size: 1}
      more: {op: relu, each: ["convs.1:", image]}
      parts: {op: chunk, from: convs.1, chunks: 3, dim: 1}
      acts: {op: relu, each: parts, from: [parts.i]}
      sum: {op: add, from: [acts.*, parts.*]}
    outputs: [sum, more.*, convs.0]
"""


def test_a_member_stands_for_each_part_of_a_repeat_each_value_of_an_op_or_all_of_a_list() -> None:
    found = inputs_of(EACH)
    assert [found[f"convs.{i}"] for i in range(2)] == [["stages/0/conv"], ["stages/1/conv"]]
    assert [found[f"more.{i}"] for i in range(2)] == [["convs.1"], ["image"]]
    parts = ["parts", "parts.1", "parts.2"]
    assert [found[f"acts.{i}"] for i in range(3)] == [[part] for part in parts]
    assert found["sum"] == ["acts.0", "acts.1", "acts.2", *parts]
    graph = network(EACH).graph
    assert [output.name for output in graph.outputs] == ["sum", "more_0", "more_1", "convs_0"]


def test_share_makes_one_module_of_all_that_each_makes() -> None:
    head = "{op: conv2d, each: [image, image, image], share: true, out_channels: 2, kernel_size: 1}"
    made = network(
        f"graph: {{head: {head}, again: {{share: head, from: image}}, sum: {{op: add, from: [head.*, again]}}}}"
    )
    owners = {id: node.share for id, node in made.graph.nodes.items() if node.op.name == "conv2d"}
    assert owners == {"head": "", "head_1": "head", "head_2": "head", "again": "head"}

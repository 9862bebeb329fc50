"""The walker's answers about what stands where."""

import pytest

from archspec.graph.graph import Local, Ref, Scope
from archspec.graph.walk import (
    ancestors,
    at,
    children,
    default_output,
    home,
    inside,
    level,
    moved,
    part,
    standing,
    sums,
    through,
    within,
)
from tests.graph.specs import network

NESTED = """
blocks:
  cell: {graph: {conv: {op: conv2d, out_channels: 3, kernel_size: 1}, act: {op: relu, when: false}}}
  stage: {graph: {first: {block: cell}, rest: {block: cell, repeat: 2}}}
graph: {stem: relu, body: {block: stage}, end: relu}
"""


def test_inside_is_in_writing_order_and_a_scope_before_what_is_in_it() -> None:
    graph = network(NESTED).graph
    ids = ["first", "first/conv", "rest", "rest/0", "rest/0/conv", "rest/1", "rest/1/conv"]
    assert [member.id for member in inside(graph, graph.scopes["body"])] == [f"body/{id}" for id in ids]
    assert [member.id for member in inside(graph, graph.scopes[""], depth=2)] == [
        "stem",
        "body",
        "body/first",
        "body/rest",
        "end",
    ]
    assert [member.id for member in children(graph, graph.scopes["body"])] == ["body/first", "body/rest"]


def test_what_is_around() -> None:
    graph = network(NESTED).graph
    node = at(graph, "body/rest/1/conv")
    assert home(node) == "body/rest/1"
    assert list(ancestors(graph, home(node))) == ["body/rest/1", "body/rest", "body"]
    assert isinstance(at(graph, "body/rest"), Scope)
    with pytest.raises(KeyError):
        at(graph, "body/none")


def test_left_out_members_stand_for_what_they_pass_on() -> None:
    graph = network(NESTED).graph
    assert standing(graph.scopes["body/first"], Local("act")) == Local("conv")
    assert default_output(graph, graph.scopes["body/first"]) == Ref("body/first/conv")
    assert default_output(graph, graph.scopes["body"]) == Ref("body/rest/1/conv")


@pytest.mark.parametrize(
    ("path", "scope", "is_within"),
    [("a/b", "a", True), ("a", "a", False), ("ab/c", "a", False), ("a", "", True), ("", "", False)],
)
def test_within(path: str, scope: str, is_within: bool) -> None:
    assert within(path, scope) is is_within


def test_paths() -> None:
    assert [level(path) for path in ("", "a", "a/b")] == [0, 1, 2]
    assert [part("", "a/b"), part("a", "a/b/c"), part("a", "a/b")] == ["a", "a/b", "a/b"]


def test_sums_count_a_scope_and_all_that_is_inside() -> None:
    graph = network(NESTED).graph
    found = sums(graph, {"": 1, "body/first": 10, "body/rest/0": 100, "body/rest/1": 100})
    assert {id: found[id] for id in ("", "body", "body/first", "body/rest")} == {
        "": 211,
        "body": 210,
        "body/first": 10,
        "body/rest": 200,
    }


@pytest.mark.parametrize(
    ("path", "scope", "other", "there"),
    [
        ("a/0/conv", "a/0", "b", "b/conv"),
        ("a", "a", "b", "b"),
        ("conv", "", "b", "b/conv"),
        ("a/conv", "a", "", "conv"),
    ],
)
def test_a_place_is_the_same_one_in_another_scope(path: str, scope: str, other: str, there: str) -> None:
    assert moved(path, scope, other) == there


def test_a_name_leads_through_blocks_to_its_node() -> None:
    text = (
        "graph: {a: {graph: {b: {graph: [relu]}, c: {op: relu, when: false}}}, d: {graph: [{op: relu, when: false}]}}"
    )
    graph = network(text).graph
    assert [member.id for member in through(graph, "", Local("a"))] == ["a", "a/b", "a/b/0"]
    assert [member.id for member in through(graph, "", Local("d"))] == ["d", "a", "a/b", "a/b/0"]

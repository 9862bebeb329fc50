"""Specs drawn at random, and what one edit of each makes different."""

from collections.abc import Callable
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from archspec.compare.difference import difference
from archspec.compare.table import Counts
from archspec.graph.network import Network
from archspec.graph.report import totals
from archspec.pipeline import load_text
from tests.code.drawn_specs import specs
from tests.compare.differences import leaves, rows, said
from tests.examples import examples


def built(spec: dict[str, Any]) -> Network:
    return load_text(yaml.safe_dump(spec, sort_keys=False))


def with_graph(spec: dict[str, Any], edit: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    return {**spec, "graph": edit(spec["graph"])}


def renamed(spec: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    def other(value: Any) -> Any:
        return new if value == old else value

    graph = {
        other(name): {key: other(value) if key in ("from", "share") else value for key, value in entry.items()}
        for name, entry in spec["graph"].items()
    }
    return {**spec, "graph": graph, "outputs": {name: other(value) for name, value in spec["outputs"].items()}}


@given(specs(), st.data())
@settings(max_examples=examples(60))
def test_an_added_op_is_the_only_difference(spec: dict[str, Any], data: st.DataObject) -> None:
    stages = [name for name in spec["graph"] if name.startswith("stage")]
    behind = data.draw(st.sampled_from(stages[:-1]))

    def insert(graph: dict[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name, entry in graph.items():
            made[name] = entry
            if name == behind:
                made["new"] = {"op": "batch_norm2d"}
        return made

    longer = with_graph(spec, insert)
    before, after = built(spec), built(longer)
    assert rows(difference(before, after)) == [("added", "new", "batch norm")]
    assert rows(difference(after, before)) == [("removed", "new", "batch norm")]


@given(specs())
@settings(max_examples=examples(60))
def test_a_changed_setting_is_the_only_difference(spec: dict[str, Any]) -> None:
    larger = with_graph(spec, lambda graph: {**graph, "stem": {**graph["stem"], "kernel_size": 5, "padding": 2}})
    found = difference(built(spec), built(larger))
    assert rows(found) == [("changed", "stem", "5×5 conv: kernel_size 3 -> 5, padding 1 -> 2")]
    assert found.ops.affected == 0


@given(specs(), st.data())
@settings(max_examples=examples(60))
def test_a_renamed_member_is_the_only_difference(spec: dict[str, Any], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([name for name in spec["graph"] if name not in ("aux", "head")]))
    found = difference(built(spec), built(renamed(spec, name, "other")))
    assert [(row.status, row.before, row.after) for row in found.rows] == [("renamed", name, "other")]
    assert found.rows[0].rows == ()
    assert found.facts == ()


@given(specs(), specs())
@settings(max_examples=examples(40))
def test_any_two_specs_add_up_and_mirror(one: dict[str, Any], other: dict[str, Any]) -> None:
    first, second = built(one), built(other)
    forth, back = difference(first, second), difference(second, first)
    change = Counts(*totals(second)) - Counts(*totals(first))
    assert sum((row.difference for row in leaves(forth.rows)), Counts()) == change
    assert said(forth, mirrored=False) == said(back, mirrored=True)

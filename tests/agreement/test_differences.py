"""A difference says of every member what the tables of the two networks say, and its figure marks what it lists."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from archspec.compare.changes import Comparison
from archspec.compare.difference import comparison, tabulate
from archspec.compare.table import Counts, Difference, Ops, Row
from archspec.figure.what.difference_marks import Look, Marks
from archspec.graph.network import Network
from archspec.graph.walk import within
from archspec.page.page import page
from archspec.pipeline import load_text
from tests.agreement.networks import few_names, load, names
from tests.agreement.told import nodes_inside, told
from tests.code.drawn_specs import specs
from tests.examples import examples


@pytest.fixture(autouse=True, scope="module")
def each_alone() -> Iterator[None]:
    """Rows as they are found: one for each member, before several alike in a row become one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("archspec.compare.rows.joined", iter)
        patch.setattr("archspec.compare.rows.shortened", lambda row: row)
        yield


def _members(found: Difference) -> dict[tuple[str, str], Row]:
    """The rows of members, by their paths before and after; not those for what only follows."""
    return {(row.before, row.after): row for _, row in found.walk() if row.status != "affected"}


def _cost(counts: Counts) -> tuple[int, int]:
    both = counts.always + counts.training
    return both.params, both.macs


def assert_rows_say_what_the_tables_say(compared: Comparison, found: Difference) -> None:
    """Shape, counts and whether it is for training only, before and after, of each member that has a row."""
    sides = told(compared.first), told(compared.second)
    for paths, row in _members(found).items():
        for path, side, counts, shape in zip(paths, sides, row.counts, row.shapes, strict=True):
            wanted = (side[path].shape, side[path].params, side[path].macs) if path else (None, 0, 0)
            assert (shape, *_cost(counts)) == wanted, paths
        assert row.train_only is all(side[path].train_only for path, side in zip(paths, sides, strict=True) if path)
        alone = "added" if not row.before else "removed" if not row.after else None
        if row.status == "moved":
            assert alone, paths
            assert row.elsewhere in sides[bool(row.before)], paths
            continue
        assert (row.status if row.status in ("added", "removed") else None) == alone, paths
        if alone is None:
            moved = row.before.rpartition("/")[2] != row.after.rpartition("/")[2]
            assert row.status == ("changed" if row.changes else "renamed" if moved else "inside"), paths
            assert row.rows or row.status != "inside", paths


def assert_what_has_no_row_is_the_same(compared: Comparison, found: Difference) -> None:
    """A member without a row is the same in both tables, unless an op that changes elsewhere resize is in it."""
    members, pairs, back = _members(found), compared.match.pairs, compared.match.back
    first, second = told(compared.first), told(compared.second)
    inside = nodes_inside(compared.first)
    given = {"", *compared.first.graph.inputs, *compared.second.graph.inputs}
    moved = compared.match.moved
    for id in first.keys() - pairs.keys() - given:
        assert ((id, "") in members) is _listed(_around(compared.first, id), pairs, moved.keys()), id
    for id in second.keys() - back.keys() - given:
        assert (("", id) in members) is _listed(_around(compared.second, id), back, moved.values()), id
    for id, other in pairs.items():
        if id in given or (id, other) in members:
            continue
        if not any(node in compared.affected for node in inside.get(id, [id])):
            assert first[id] == second[other], id
        if id in compared.first.graph.nodes:
            assert compared.first.graph.nodes[id].op == compared.second.graph.nodes[other].op, id


def _listed(around: str, paired: Mapping[str, str], moved: Iterable[str]) -> bool:
    """Whether a table lists what is in a scope and in one network only: it is in both, or holds what moved."""
    return around in paired or any(within(id, around) for id in moved)


def _around(net: Network, id: str) -> str:
    return net.graph.nodes[id].scope if id in net.graph.nodes else net.graph.scopes[id].parent


def assert_marks_say_what_the_rows_say(compared: Comparison, found: Difference) -> None:
    """The looks of ops add up to the table's numbers, and each closed block and each op is marked as its row has it."""
    members = _members(found)
    for second, net in ((False, compared.first), (True, compared.second)):
        marks = Marks(compared, second=second)
        there = compared.match.back if second else compared.match.pairs
        nodes = [id for id in net.graph.nodes if id not in net.graph.inputs]
        looks = Counter(marks.look(id) for id in nodes)
        alone: Look = "added" if second else "removed"
        assert (looks["changed"], looks[alone]) == (found.ops.changed, found.ops.added if second else found.ops.removed)
        follows = [id for id in nodes if marks.look(id) == "affected" and there[id] == id]
        assert len(follows) == found.ops.affected
        inside = nodes_inside(net)
        shown = page(net).light
        for box in (*shown.closed.values(), *(box for box in shown.panel.boxes if len(box.nodes) == 1)):
            if box.kind != "input":
                ops = inside.get(box.id, [box.id])
                assert marks.of(box).look == _wanted(members, box.id, there.get(box.id), ops, marks), box.id


def _wanted(members: Mapping[tuple[str, str], Row], id: str, other: str | None, ops: list[str], marks: Marks) -> Look:
    """How the box of a member should look, by its row."""
    if other is None:
        moved = marks.elsewhere.keys()
        if id in moved or any(within(id, each) for each in moved):
            return "moved"
        return "added" if marks.second else "removed"
    row = members.get((other, id) if marks.second else (id, other))
    if row is None:
        return "affected" if any(marks.look(op) == "affected" for op in ops) else "same"
    return "renamed" if row.status == "renamed" and not row.rows else "changed"


def assert_differences_agree(first: Network, second: Network) -> None:
    compared = comparison(first, second)
    found = tabulate(compared)
    assert_rows_say_what_the_tables_say(compared, found)
    assert_what_has_no_row_is_the_same(compared, found)
    assert_marks_say_what_the_rows_say(compared, found)


def assert_no_difference_from_itself(net: Network) -> None:
    compared = comparison(net, net)
    found = tabulate(compared)
    assert (found.rows, found.facts, found.ops) == ((), (), Ops())
    assert {Marks(compared, second=True).look(id) for id in net.graph.nodes} <= {"same"}
    assert_marks_say_what_the_rows_say(compared, found)


EDITS = ("op", "width", "extra", "longer", "left out", "more", "fewer", "chosen", "turned", "always")


def edited(spec: dict[str, Any], edit: str, data: st.DataObject) -> dict[str, Any]:
    """The spec with one edit: of an op, of the use of a block, a block, a repeat, the input or a condition."""
    other = deepcopy(spec)
    stages = [name for name in other["graph"] if name.startswith("stage")]
    stage = other["graph"][data.draw(st.sampled_from(stages))]
    block = other["blocks"][data.draw(st.sampled_from(list(other["blocks"])))]["graph"]
    match edit:
        case "op":
            other["graph"]["stem"] |= {"kernel_size": 5, "padding": 2}
        case "width":
            stage["width"] = 3
        case "extra":
            stage["extra"] = not stage.get("extra", True)
        case "longer":
            stage["repeat"] = stage.get("repeat", 1) + data.draw(st.integers(1, 2))
        case "left out":
            stage["when"] = False
        case "more":
            block["more"] = "batch_norm2d"
        case "fewer":
            block.pop("out_relu", None)
        case "turned":  # other shapes, and counts that are the same
            other["inputs"]["image"] = [3, 4, 16]
        case "always":
            other["graph"].get("aux", {}).pop("when", None)
        case "chosen":
            stage["block"] = data.draw(st.sampled_from(list(other["blocks"])))
    return other


@pytest.mark.parametrize("name", few_names())
def test_difference_of_two_networks_says_what_their_tables_say(name: str) -> None:
    """Each beside the next, which in the gallery is often another variant of the same spec."""
    all_names = names()
    net, other = load(name), load(all_names[(all_names.index(name) + 1) % len(all_names)])
    assert_no_difference_from_itself(net)
    assert_differences_agree(net, other)


@pytest.mark.parametrize("edit", EDITS)
@settings(max_examples=examples(15))
@given(spec=specs(), data=st.data())
def test_difference_of_one_edit_says_what_the_tables_say(edit: str, spec: dict[str, Any], data: st.DataObject) -> None:
    other = edited(spec, edit, data)
    before, after = (load_text(yaml.safe_dump(each, sort_keys=False)) for each in (spec, other))
    assert_differences_agree(before, after)

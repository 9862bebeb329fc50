"""What a difference says, held against totals counted apart from it and against edits made on purpose."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import permutations, product
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from archspec.gallery import gallery
from archspec.ir.network import Network
from archspec.pipeline import load_network, load_text
from archspec.views.difference import Difference, Row, difference
from archspec.views.difference_table import Counts
from archspec.views.difference_words import change_words, fact_words, headline, row_words
from archspec.views.report import totals
from tests.gallery.networks import representatives
from tests.passes.specs import network
from tests.program.drawn_specs import specs

ENTRIES = {entry.name: [f"{entry.name}:{variant}" for variant in entry.variants] or [entry.name] for entry in gallery()}
# Within a spec, each structure beside each other one, and the first variant beside the last; across specs, each one
# beside some others, near in the alphabet and far.
STRUCTURES = {name: [spec for spec in variants if spec in representatives()] for name, variants in ENTRIES.items()}
WITHIN = [pair for chosen in STRUCTURES.values() for pair in product(chosen, repeat=2)]
ENDS = [pair for variants in ENTRIES.values() for pair in permutations((variants[0], variants[-1]))]
ONE_EACH = [chosen[-1] for chosen in STRUCTURES.values()]
ACROSS = [(spec, ONE_EACH[(at + step) % len(ONE_EACH)]) for at, spec in enumerate(ONE_EACH) for step in (1, 5, 12)]
PAIRS = list(dict.fromkeys([*WITHIN, *ENDS, *ACROSS]))


@cache
def load(spec: str) -> Network:
    return load_network(spec)


def rows(found: Difference) -> list[tuple[str, str, str]]:
    """Status, path and words of every row but those that only hold others."""
    return [(row.status, row.path, row_words(row)) for _, row in found.walk() if row.status != "inside"]


def leaves(rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        if row.rows:
            yield from leaves(row.rows)
        else:
            yield row


def edited(before: str, after: str, **options: Any) -> Difference:
    return difference(network(before, **options), network(after, **options))


# -- sums -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", sorted({one for one, _ in PAIRS}))
def test_rows_add_up_to_the_difference_of_the_totals(spec: str) -> None:
    for one, other in PAIRS:
        if one != spec:
            continue
        found = difference(load(one), load(other))
        change = Counts(*totals(load(other))) - Counts(*totals(load(one)))
        assert sum((row.difference for row in leaves(found.rows)), Counts()) == change, (one, other)
        assert sum((row.difference for row in found.rows), Counts()) == change, (one, other)
        assert found.after.totals - found.before.totals == change
        for _, row in found.walk():
            if row.rows:
                assert sum((inner.difference for inner in row.rows), Counts()) == row.difference, (one, other, row.path)


@pytest.mark.parametrize("spec", sorted({one for one, _ in PAIRS}))
def test_every_op_is_counted_once(spec: str) -> None:
    for one, other in PAIRS:
        if one != spec:
            continue
        first, second = load(one).graph, load(other).graph
        found = difference(load(one), load(other))
        ops = found.ops
        both = ops.changed + ops.renamed + ops.affected + found.same
        assert ops.removed + both == len(first.nodes) - len(first.inputs)
        assert ops.added + both == len(second.nodes) - len(second.inputs)
        assert sum(row.ops.added for row in leaves(found.rows)) == ops.added


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_a_cut_table_still_adds_up(depth: int) -> None:
    found = difference(load("resnet:resnet34"), load("resnet:resnet50"))
    cut = found.down_to(depth)
    assert max(level for level, _ in cut.walk()) == depth
    assert sum((row.difference for row in leaves(cut.rows)), Counts()) == found.after.totals - found.before.totals


def test_opens_as_many_levels_as_fit() -> None:
    found = difference(load("googlenet"), load("googlenet_torchvision"))
    assert {level for level, _ in found.fitting().walk()} == {1}
    assert {level for level, _ in found.fitting(100).walk()} == {1}
    assert sum(1 for _ in found.fitting(1).walk()) == len(found.rows)


# -- equal, and the other way round -----------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", sorted({one for one, _ in PAIRS}))
def test_a_network_does_not_differ_from_itself(spec: str) -> None:
    found = difference(load(spec), load(spec))
    assert found.empty
    assert (found.rows, found.facts) == ((), ())
    assert found.same == len(load(spec).graph.nodes) - len(load(spec).graph.inputs)


MIRRORED = {"added": "removed", "removed": "added"}


def said(found: Difference, *, mirrored: bool) -> Counter[object]:
    def one(row: Row) -> object:
        step = -1 if mirrored else 1
        changes = tuple((c.kind, c.name, (c.before, c.after)[::step]) for c in row.changes)
        status = MIRRORED.get(row.status, row.status) if mirrored else row.status
        paths, counts, shapes = (row.before, row.after), row.counts, row.shapes
        return status, paths[::step], counts[::step], shapes[::step], changes, row.times, row.kind

    return Counter(one(row) for row in leaves(found.rows))


@pytest.mark.parametrize("spec", sorted({one for one, _ in PAIRS}))
def test_the_other_way_round_says_the_opposite(spec: str) -> None:
    for one, other in PAIRS:
        if one == spec:
            forth, back = difference(load(one), load(other)), difference(load(other), load(one))
            assert said(forth, mirrored=False) == said(back, mirrored=True), (one, other)


def test_two_ways_to_one_network_are_no_difference() -> None:
    found = difference(load("resnet:resnet34"), load_network("resnet", settings={"depths": (3, 4, 6, 3)}))
    assert found.empty
    assert found.facts == ()
    unused = edited(
        "params: {a: 1}\ngraph: {c: {op: conv2d, out_channels: $(4 * a), kernel_size: 1}}",
        "params: {a: 4}\ngraph: {c: {op: conv2d, out_channels: $a, kernel_size: 1}}",
    )
    assert unused.empty
    assert [fact_words(fact) for fact in unused.facts] == ["param a 1 -> 4"]


# -- the gallery, in words --------------------------------------------------------------------------------------------


def test_a_longer_repeat_is_one_change_and_one_addition() -> None:
    found = difference(load("resnet:resnet50"), load("resnet:resnet101"))
    assert rows(found) == [
        ("changed", "layer3", "bottleneck: 6 -> 23 blocks"),
        ("added", "layer3/6-22", "bottleneck"),
    ]
    assert found.rows[0].rows[0].times == 17
    assert [fact_words(fact) for fact in found.facts] == ["param depths [3, 4, 6, 3] -> [3, 4, 23, 3]"]
    assert headline(found) == "ResNet: resnet50 -> resnet101"


def test_equal_changes_in_a_row_are_one_row() -> None:
    found = difference(load("vgg:vgg11"), load("vgg:vgg11_bn"))
    assert rows(found) == [
        ("added", "features/stage1-2/convs/0/bn", "batch norm"),
        ("added", "features/stage3-5/convs/0-1/bn", "batch norm"),
    ]
    assert [row.times for row in leaves(found.rows)] == [2, 6]


def test_ops_on_other_sizes_are_said_once_a_block() -> None:
    found = difference(load("resnet:resnet50"), load("resnet:resnext50_32x4d"))
    assert rows(found)[:4] == [
        ("changed", "layer1/0-2", "bottleneck: width 64 -> 128"),
        ("changed", "layer1/0-2/conv1", "1×1 conv: out_channels 64 -> 128"),
        ("changed", "layer1/0-2/conv2", "3×3 conv: out_channels 64 -> 128, groups 1 -> 32"),
        ("affected", "layer1/0-2", "15 unchanged ops on other sizes"),
    ]


def test_networks_of_two_files_are_told_apart_by_their_files() -> None:
    found = difference(load("googlenet"), load("googlenet_torchvision"))
    assert headline(found) == "GoogLeNet: googlenet.yaml -> googlenet_torchvision.yaml"
    facts = [fact_words(fact) for fact in found.facts]
    assert facts == [
        "output aux1 1000, only before",
        "output aux2 1000, only before",
        "output aux_logits2 1000, only after",
        "output aux_logits1 1000, only after",
    ]
    assert [row.after for row in found.rows if row.status == "renamed"] == ["maxpool1-3"]


# -- one edit, one row ------------------------------------------------------------------------------------------------

CHAIN = """
graph:
  a: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
  b: batch_norm2d
  c: relu
  d: {op: conv2d, out_channels: 4, kernel_size: 1}
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("  c: relu", "  c: relu\n  new: dropout", [("added", "new", "dropout, 0.5")]),
        ("  b: batch_norm2d\n", "", [("removed", "b", "batch norm")]),
        ("kernel_size: 1", "kernel_size: 1, bias: false", [("changed", "d", "1×1 conv: bias true -> false")]),
        ("c: relu", "c: silu", [("changed", "c", "ReLU -> SiLU")]),
        ("c: relu", "act: relu", [("renamed", "act", "ReLU: was c")]),
        ("c: relu", "c: {op: relu, from: a}", [("removed", "b", "batch norm")]),
        (
            "kernel_size: 3, padding: 1",
            "kernel_size: [3, 5], padding: [1, 2], padding_mode: reflect",
            [
                (
                    "changed",
                    "a",
                    "3×5 conv: kernel_size 3 -> [3, 5], padding 1 -> [1, 2], padding_mode zeros -> reflect",
                )
            ],
        ),
    ],
    ids=["added", "removed", "setting", "op", "renamed", "bypassed", "lists"],
)
def test_an_edit_is_said_as_it_was_made(old: str, new: str, expected: list[tuple[str, str, str]]) -> None:
    found = edited(CHAIN, CHAIN.replace(old, new))
    assert sorted(rows(found)) == sorted(expected)


def test_an_op_that_reads_something_else_says_so() -> None:
    both = CHAIN + "outputs: {y: d, z: b}"
    assert rows(edited(both, both.replace("c: relu", "c: {op: relu, from: a}"))) == [
        ("changed", "c", "ReLU: reads b -> a"),
    ]


def test_what_follows_is_no_change() -> None:
    found = edited(CHAIN, CHAIN.replace("out_channels: 8", "out_channels: 16"))
    assert rows(found) == [
        ("changed", "a", "3×3 conv: out_channels 8 -> 16"),
        ("affected", "", "3 unchanged ops on other sizes"),
    ]
    assert (found.ops.changed, found.ops.affected, found.same) == (1, 3, 0)


BLOCKS = """
blocks:
  unit:
    params: {width: int}
    graph:
      conv: {op: conv2d, out_channels: $width, kernel_size: 3, padding: 1}
      relu: relu
graph:
  stem: {block: unit, width: 4}
  body: {block: unit, width: 4, repeat: 3}
  left: {block: unit, width: 4, from: stem}
  sum: {op: add, from: [body, left]}
"""


def test_a_renamed_block_is_found_by_what_is_in_it() -> None:
    found = edited(BLOCKS, BLOCKS.replace("left", "side"))
    assert rows(found) == [("renamed", "side", "unit: was left")]
    assert found.ops.renamed == 2


def test_a_block_under_another_name_is_no_row() -> None:
    found = edited(BLOCKS, BLOCKS.replace("unit", "pair"))
    assert found.rows == ()
    assert not found.empty
    assert [fact_words(fact) for fact in found.facts] == ["block unit -> pair"]


def test_a_join_says_what_it_reads_besides() -> None:
    joined = BLOCKS.replace("[body, left]", "[body, left, stem]")
    assert rows(edited(BLOCKS, joined)) == [("changed", "sum", "add: also reads stem")]
    assert rows(edited(joined, BLOCKS)) == [("changed", "sum", "add: no longer reads stem")]


def test_a_block_says_what_it_reads() -> None:
    found = edited(BLOCKS, BLOCKS.replace("from: stem", "from: image"))
    assert ("changed", "left", "unit: reads stem -> image, output 4 x 32 x 32 -> 4 x 32 x 32") not in rows(found)
    assert rows(found) == [("changed", "left", "unit: reads stem -> image")]


def test_sharing_and_training_are_said_once() -> None:
    shared = BLOCKS.replace("from: stem}", "from: stem, share: stem}")
    assert rows(edited(BLOCKS, shared, inputs="{image: [4, 32, 32]}")) == [
        ("changed", "left", "unit: own parameters -> shares stem"),
    ]
    heads = BLOCKS + "  aux: {block: unit, width: 4, from: stem}\noutputs: {sum: sum, aux: aux}\n"
    training = heads.replace("from: stem}\noutputs", "from: stem, when: training}\noutputs")
    found = edited(heads, training)
    assert rows(found) == [("changed", "aux", "unit: always -> in training only")]
    assert [fact_words(fact) for fact in found.facts] == ["output aux always -> in training only"]
    change = found.after.totals - found.before.totals
    assert (change.always.params, change.training.params) == (-148, 148)


LIST = """
graph:
  - {op: conv2d, out_channels: 8, kernel_size: 3}
  - relu
  - {op: conv2d, out_channels: 16, kernel_size: 3}
  - relu
  - {op: conv2d, out_channels: 32, kernel_size: 3}
"""


def test_an_item_put_into_a_list_renumbers_those_behind_it() -> None:
    longer = LIST.replace("  - relu\n", "  - batch_norm2d\n  - relu\n", 1)
    found = edited(LIST, longer)
    assert rows(found) == [("added", "1", "batch norm"), ("renamed", "2-5", "was 1-4")]
    assert rows(edited(longer, LIST)) == [("removed", "1", "batch norm"), ("renamed", "1-4", "was 2-5")]


def test_a_list_of_the_same_types_is_compared_place_by_place() -> None:
    found = edited(LIST, LIST.replace("out_channels: 8,", "out_channels: 16,"))
    assert rows(found)[0] == ("changed", "0", "3×3 conv: out_channels 8 -> 16")
    assert len(found.rows) == 2


def test_inputs_and_names_are_facts() -> None:
    before = network(CHAIN)
    after = load_text("archspec: 1\nname: Other\ninputs: {picture: [3, 16, 16]}\n" + CHAIN)
    found = difference(before, after)
    assert [fact_words(fact) for fact in found.facts] == [
        "name Net -> Other",
        "input image 3 x 32 x 32, only before",
        "input picture 3 x 16 x 16, only after",
        "output d 4 x 32 x 32 -> 4 x 16 x 16",
    ]
    assert rows(found) == [("affected", "", "4 unchanged ops on other sizes")]


def test_an_op_and_a_block_of_one_name_do_not_correspond() -> None:
    wrapped = CHAIN.replace("c: relu", "c: {graph: [relu, relu]}")
    assert rows(edited(CHAIN, wrapped)) == [("removed", "c", "ReLU"), ("added", "c", "2 ops")]


def test_an_output_that_comes_from_elsewhere_is_a_fact() -> None:
    found = edited(CHAIN + "outputs: {y: d, z: c}", CHAIN + "outputs: {y: d, z: b}")
    assert [fact_words(fact) for fact in found.facts] == ["output z from c -> b"]
    assert not found.empty


@pytest.mark.parametrize("kind", ["reads", "gives"])
def test_words_of_wiring(kind: Any) -> None:
    from archspec.views.difference_wiring import Change

    assert change_words(Change(kind, "", ("a",), ("b",))) == f"{kind} a -> b"
    assert change_words(Change(kind, "", (), ("b", "c"))) == f"also {kind} b, c"
    assert change_words(Change(kind, "", ("a",), ())) == f"no longer {kind} a"


# -- drawn specs, edited ----------------------------------------------------------------------------------------------


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
@settings(max_examples=60)
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
@settings(max_examples=60)
def test_a_changed_setting_is_the_only_difference(spec: dict[str, Any]) -> None:
    larger = with_graph(spec, lambda graph: {**graph, "stem": {**graph["stem"], "kernel_size": 5, "padding": 2}})
    found = difference(built(spec), built(larger))
    assert rows(found) == [("changed", "stem", "5×5 conv: kernel_size 3 -> 5, padding 1 -> 2")]
    assert found.ops.affected == 0


@given(specs(), st.data())
@settings(max_examples=60)
def test_a_renamed_member_is_the_only_difference(spec: dict[str, Any], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([name for name in spec["graph"] if name not in ("aux", "head")]))
    found = difference(built(spec), built(renamed(spec, name, "other")))
    assert [(row.status, row.before, row.after) for row in found.rows] == [("renamed", name, "other")]
    assert found.rows[0].rows == ()
    assert found.facts == ()


@given(specs(), specs())
@settings(max_examples=40)
def test_any_two_specs_add_up_and_mirror(one: dict[str, Any], other: dict[str, Any]) -> None:
    first, second = built(one), built(other)
    forth, back = difference(first, second), difference(second, first)
    change = Counts(*totals(second)) - Counts(*totals(first))
    assert sum((row.difference for row in leaves(forth.rows)), Counts()) == change
    assert said(forth, mirrored=False) == said(back, mirrored=True)

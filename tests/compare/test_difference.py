"""What a difference says, held against totals counted apart from it and against edits made on purpose."""

from functools import cache
from itertools import permutations, product

import pytest

from archspec.compare.difference import difference
from archspec.compare.table import Counts, Difference
from archspec.compare.words import fact_words, headline
from archspec.graph.report import totals
from archspec.pipeline import load_network
from tests.compare.differences import edited, leaves, load, rows, said
from tests.examples import one_in
from tests.gallery.networks import FEW, representatives, sampled, variants

# Within a spec, each structure beside each other one, and the first variant beside the last; across specs, each one
# beside some others, near in the alphabet and far.
STRUCTURES = {name: [spec for spec in specs if spec in representatives()] for name, specs in variants().items()}
WITHIN = [pair for chosen in STRUCTURES.values() for pair in product(chosen, repeat=2)]
ENDS = [pair for specs in variants().values() for pair in permutations((specs[0], specs[-1]))]
ONE_EACH = [chosen[-1] for chosen in STRUCTURES.values()]
ACROSS = [(spec, ONE_EACH[(at + step) % len(ONE_EACH)]) for at, spec in enumerate(ONE_EACH) for step in (1, 5, 12)]
PAIRS = list(dict.fromkeys([*WITHIN, *ENDS, *ACROSS]))
FIRSTS = sorted({one for one, _ in PAIRS})


@cache
def compared(one: str, other: str) -> Difference:
    return difference(load(one), load(other))


# -- sums -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", sampled(FIRSTS, sample=FEW))
def test_rows_add_up_to_the_difference_of_the_totals(spec: str) -> None:
    for one, other in PAIRS:
        if one != spec:
            continue
        found = compared(one, other)
        change = Counts(*totals(load(other))) - Counts(*totals(load(one)))
        assert sum((row.difference for row in leaves(found.rows)), Counts()) == change, (one, other)
        assert sum((row.difference for row in found.rows), Counts()) == change, (one, other)
        assert found.after.totals - found.before.totals == change
        for _, row in found.walk():
            if row.rows:
                assert sum((inner.difference for inner in row.rows), Counts()) == row.difference, (one, other, row.path)


@pytest.mark.parametrize("spec", sampled(FIRSTS, sample=FEW))
def test_every_op_is_counted_once(spec: str) -> None:
    for one, other in PAIRS:
        if one != spec:
            continue
        first, second = load(one).graph, load(other).graph
        found = compared(one, other)
        ops = found.ops
        both = ops.changed + ops.renamed + ops.moved + ops.affected + found.same
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
    found = difference(load("resnet:resnet50"), load("resnet:resnext50_32x4d"))
    assert {level for level, _ in found.fitting(1000).walk()} == {1, 2}
    assert list(found.fitting(1000).walk()) == list(found.walk())
    assert sum(1 for _ in found.fitting(1).walk()) == len(found.rows)


def test_opens_the_first_of_each_kind_of_block_where_not_all_fit() -> None:
    found = difference(load("googlenet"), load("googlenet_torchvision")).fitting()
    assert sum(1 for _ in found.walk()) <= 40
    opened = [row.path for _, row in found.walk() if row.rows]
    assert opened == ["conv1", "conv2", "inception3a", "aux1-2", "aux1-2/conv"]


# -- equal, and the other way round -----------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", one_in(3, FIRSTS))
def test_a_network_does_not_differ_from_itself(spec: str) -> None:
    found = difference(load(spec), load(spec))
    assert found.empty
    assert (found.rows, found.facts) == ((), ())
    assert found.same == len(load(spec).graph.nodes) - len(load(spec).graph.inputs)


@pytest.mark.parametrize("spec", sampled(FIRSTS, sample=FEW))
def test_the_other_way_round_says_the_opposite(spec: str) -> None:
    for one, other in PAIRS:
        if one == spec:
            forth, back = compared(one, other), compared(other, one)
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

"""What other people's models have: each kind is a spec as a whole, and proven."""

import pytest
import torch
from torch import nn

from archspec.importer.importing import Imported, Wish, import_module
from archspec.importer.made import logged
from archspec.importer.named import Size
from archspec.importer.opaque import maker_of
from archspec.importer.prove import equal
from archspec.importer.state import Kept
from tests.importer import edges, kinds
from tests.importer.test_import import graph_of, imported

IMAGE = Size((3, 8, 8))

WHOLE = {
    "Fused": (kinds.Fused, Size((4,))),
    "Gap": (kinds.Gap, Size((4,))),
    "Tables": (kinds.Tables, Size((2, 30, 30))),
    "Frames": (kinds.Frames, Size((5, 3, 8, 8))),
    "Lines": (kinds.Lines, Size((5, 6, 4))),
    "Resized": (kinds.Resized, IMAGE),
    "Unread": (kinds.Unread, Size((4,))),
    "Again": (kinds.Again, Size((4,))),
    "Uneven": (kinds.Uneven, Size((5, 4))),
    "Slopes": (kinds.Slopes, Size((2, 3, 4))),
    "Handed": (kinds.Handed, Size((4,))),
    "Written": (kinds.Written, Size((3, 4))),
    "Lent": (kinds.Lent, Size((4,))),
    "Stages": (kinds.Stages, Size((4,))),
    "Patches": (kinds.Patches, IMAGE),
    "Pairs": (kinds.Pairs, Size((5, 3))),
    "Routed": (edges.Routed, Size((6,))),
    "Emptied": (edges.Emptied, Size((4,))),
    "Given": (edges.Given, Size((4,))),
    "Prefixed": (edges.Prefixed, Size((3, 4))),
    "Underscored": (edges.Underscored, Size((4,))),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_kind_is_whole_and_proven_to_the_last_bit(name: str) -> None:
    kind, size = WHOLE[name]
    found = imported(kind, x=size)
    assert found.proof.exact, found.report()
    assert not found.opaque


def test_members_of_lists_in_a_list_have_their_names_where_others_read_several() -> None:
    lines = graph_of(imported(kinds.Fused, x=Size((4,)))).splitlines()
    members = [line.split(":")[0].strip() for line in lines if line[:2] == "  " and line[2] != " "]
    assert members == ["mul", "fuse.0.0", "fuse.0.1", "add1", "fuse.1.0", "fuse.1.1", "add2", "concat"]


def test_what_nobody_calls_in_a_list_is_an_identity() -> None:
    assert "change: {graph: [identity, identity, {graph: " in graph_of(imported(kinds.Gap, x=Size((4,))))


def test_a_norm_with_a_weight_and_no_bias_is_one_without_either_times_the_weight() -> None:
    found = imported(kinds.Scales, x=IMAGE)
    assert found.proof.holds
    assert found.text.count("op: group_norm, num_groups: 1, affine: false") == 1


def test_one_number_stands_for_all_dimensions_where_a_field_takes_that_and_nowhere_else() -> None:
    found = imported(kinds.OneDimension, x=Size((4,)))
    assert found.proof.exact, found.report()
    assert [line.strip() for line in graph_of(found).splitlines() if "op: " in line] == [
        "- {op: linear, out_features: 16}",
        "- {op: unflatten, dim: 1, unflattened_size: [4, 4]}",
        "- {op: conv1d, out_channels: 2, kernel_size: 3, padding: 1}",
        "- {op: max_pool1d, kernel_size: 2, padding: 1}",
    ]


def test_many_numbers_are_packed() -> None:
    assert imported(kinds.Tables, x=Size((2, 30, 30))).text.count("op: packed_buffer") == 3


def test_what_is_made_one_with_the_batch_is_merged_and_split() -> None:
    found = graph_of(imported(kinds.Frames, x=Size((5, 3, 8, 8))))
    assert found.count("merge_batch: ") == found.count("op: split_batch") == 1
    assert "{op: split_batch, size: 5}" in found


def test_what_nothing_reads_is_kept() -> None:
    found = graph_of(imported(kinds.Unread, x=Size((4,))))
    assert "mask: {op: parameter, kept: true, shape: [1, 4]}" in found
    assert "num_batches_tracked: {op: buffer, kept: true, shape: [], dtype: int}" in found


def part_of_a_whole(*, strict: bool = False) -> Imported:
    torch.manual_seed(0)
    with logged() as log:
        module = kinds.curved(4)
    wish = Wish(name="curved", maker=maker_of(kinds.curved, {"dim": 4}), strict=strict)
    return import_module(module, {"input": torch.zeros(1, 4)}, log, wish)


def test_what_cannot_be_made_again_is_a_part_of_what_made_it() -> None:
    found = part_of_a_whole()
    assert found.proof.exact, found.report()
    said = 'op: module, target: "tests.importer.kinds:curved", args: [[dim, 4]], shapes: [[4]], part: "1"'
    assert said in found.text
    assert (found.share.params, found.share.macs) == (0.5, 0.5)


@pytest.mark.parametrize("factory", [lambda: None, nn.Linear.forward])
def test_what_no_source_can_import_makes_nothing(factory: object) -> None:
    assert maker_of(factory, {}) is None


def test_what_no_spec_says_makes_nothing() -> None:
    assert maker_of(kinds.curved, {"dim": object()}) is None


ELSEWHERE = {
    "equal": kinds.Whole,
    "refused by both": kinds.Flat,
    "other": kinds.Cut,
    "refused by the module": kinds.Strict,
    "declared only": kinds.Windowed,
}


@pytest.mark.parametrize("word", ELSEWHERE)
def test_a_second_size_is_tried(word: str) -> None:
    found = imported(ELSEWHERE[word], x=IMAGE)
    assert found.proof.exact, found.report()
    assert found.proof.elsewhere == word
    told = "At another size it may be otherwise" in found.text
    assert told == (word in ("other", "declared only"))


def test_a_function_of_parameters_alone_is_opaque_and_has_no_batch() -> None:
    found = imported(edges.Smoothed, x=IMAGE)
    assert found.proof.exact, found.report()
    assert [one.reason for one in found.opaque] == ["interpolate with antialias"]
    said = 'table: {op: function, from: positions, target: "torch.nn.functional:interpolate", '
    assert f"{said}shapes: [[1, 3, 8, 8]]," in graph_of(found)


def test_the_gradients_of_all_parameters_are_compared() -> None:
    assert "gradients: ok, 4 equal to the last bit" in imported(edges.Emptied, x=Size((4,))).report()
    found = imported(edges.Stopped, x=Size((4,)))
    assert found.proof.holds, found.report()
    said = "# Its gradients are otherwise: frozen.weight has one, and in the module it has none."
    assert found.text.splitlines()[1] == said


def test_a_module_holds_after_each_run_what_it_held_before() -> None:
    module = edges.Counted()
    before = {key: tensor.clone() for key, tensor in module.state_dict().items()}
    kept = Kept(module)
    for training in (True, True, False):
        with kept.running(training=training):
            module(torch.ones(2, 4))
        assert all(torch.equal(tensor, before[key]) for key, tensor in module.state_dict().items())
        assert module.training


def test_numbers_that_are_none_are_alike_only_where_both_are() -> None:
    none, one = torch.tensor([1.0, torch.nan, torch.inf]), torch.tensor([1.0, 2.0, torch.inf])
    assert equal([none], [none.clone()]).exact
    assert not equal([one], [none]).holds
    assert not equal([none], [one]).holds

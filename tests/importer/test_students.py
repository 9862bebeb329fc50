"""What students' networks have: each kind is a spec as a whole, and proven."""

import pytest
import torch

import archspec
from archspec.importer.importing import Wish
from archspec.importer.named import Size
from archspec.importer.refused import Refused
from tests.importer import recurrent, students
from tests.importer.test_import import graph_of, imported

IMAGE = Size((3, 8, 8))

WHOLE = {
    "Draws": (students.Draws, {"x": Size((4,))}),
    "Uniform": (students.Uniform, {"x": Size((3, 4))}),
    "Rows": (students.Rows, {"x": Size((4,))}),
    "Repeated": (students.Repeated, {"x": Size((4,))}),
    "Gates": (students.Gates, {"x": IMAGE}),
    "Codes": (students.Codes, {"x": Size((4, 8))}),
    "Near": (students.Near, {"x": Size((4,)), "y": Size((4,))}),
    "Turned": (students.Turned, {"x": IMAGE}),
    "Normed": (students.Normed, {"x": IMAGE}),
    "Ways": (students.Ways, {"x": Size((4,))}),
    "Masked": (students.Masked, {"x": Size((5, 4))}),
    "Waves": (students.Waves, {"x": Size((4,))}),
    "Unrolled": (recurrent.Unrolled, {"x": Size((3, 4))}),
    "Pairs": (students.Pairs, {"left": IMAGE, "right": IMAGE}),
    "WrittenThrough": (students.WrittenThrough, {"x": Size((6,))}),
    "Sliced": (students.Sliced, {"x": Size((4,))}),
    "Refined": (recurrent.Refined, {"x": Size((4,))}),
    "Body": (students.Body, {"tokens": Size((7,), "int")}),
    "Backwards": (students.Backwards, {"x": IMAGE}),
    "Hidden": (recurrent.Hidden, {"x": Size((5, 4))}),
    "Autoregressive": (students.Autoregressive, {"x": IMAGE}),
    "Straight": (students.Straight, {"x": Size((4,))}),
    "Branches": (students.Branches, {"x": IMAGE}),
    "Padded": (students.Padded, {"x": IMAGE}),
    "HandedOn": (recurrent.HandedOn, {"x": Size((4,))}),
    "Positions": (students.Positions, {"x": Size((5, 8))}),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_kind_is_whole_and_proven_to_the_last_bit(name: str) -> None:
    kind, sizes = WHOLE[name]
    found = imported(kind, None, **sizes)
    assert found.proof.exact, found.report()
    assert not found.opaque


def test_what_training_does_otherwise_is_said_and_the_spec_is_that_of_inference() -> None:
    found = imported(students.Sampled, x=Size((4,)))
    assert found.proof.exact, found.report()
    assert [line[2:] for line in found.text.splitlines() if line[:1] == "#"] == [
        "Imported from tests.importer.students:Sampled: equal keys, and equal outputs bit for bit, in inference.",
        "In training the module does otherwise: it computes in another way what decoder.0 reads.",
    ]
    assert (
        "weight: {op: parameter, kept: true, shape: [2, 4]" in found.text
    )  # of `spread`, which inference does not use
    with pytest.raises(Refused, match=r"it computes in another way what decoder\.0 reads"):
        imported(students.Sampled, Wish(strict=True), x=Size((4,)))


def test_a_constant_of_one_number_is_that_number() -> None:
    said = graph_of(imported(students.Uniform, x=Size((3, 4))))
    assert "where: {op: where, from: [gt, x], other: -9000000000000000.0}" in said
    assert "mul: {op: mul, from: add2, other: 0.5}" in said
    assert "buffer" not in said
    assert said.count("op: add") == 2  # what a sum begins with adds nothing


def test_what_an_operand_repeats_anyway_is_not_repeated_before() -> None:
    assert "expand" not in graph_of(imported(students.Gates, x=IMAGE))


@pytest.mark.filterwarnings("ignore:.*weight_norm:FutureWarning")
def test_a_weight_that_a_hook_makes_is_made_in_the_spec() -> None:
    found = imported(students.Hooked, x=Size((3, 8)))
    assert found.proof.holds, found.report()
    assert not found.opaque
    assert "vector_norm: {op: vector_norm, from: weight_v, dim: [1, 2], keepdim: true}" in found.text


def test_what_nobody_reads_is_told_from_what_is_missing() -> None:
    found = imported(students.Ways, x=Size((4,)))
    assert "macs: ok, 48, and the module does 16 more that nothing reads" in found.report()


def test_a_mask_is_made_where_the_module_makes_it_and_given_to_those_that_read_it() -> None:
    assert graph_of(imported(students.Masked, x=Size((5, 4)))).partition("\ngraph:\n")[2] == (
        """\
  full1: {op: full, persistent: false, size: [5, 5], fill_value: -.inf}
  full2: {op: full, persistent: false, size: [5, 5], fill_value: 1.0}
  triu1: {op: triu, from: full1, diagonal: 1}
  triu2: {op: triu, from: full2, diagonal: 1}
  ne: {op: ne, other: 0}
  layers: {block: reader, from: [x, triu1, ne], repeat: 2}
"""
    )


def test_a_table_that_is_made_twice_is_one() -> None:
    assert graph_of(imported(students.Waves, x=Size((4,)))).count("op: buffer") == 1


def test_what_a_module_is_given_first_is_an_input_as_later() -> None:
    said = graph_of(imported(recurrent.Unrolled, x=Size((3, 4))))
    assert "cell: {block: cell, from: [select1, expand1, expand2]}" in said
    assert "cell1: {share: cell, from: [select2, cell, cell.c]}" in said


def test_inputs_behind_each_other_are_merged_before_a_list_and_split_behind_it() -> None:
    said = graph_of(imported(students.Pairs, left=IMAGE, right=IMAGE))
    members = [line.split(":")[0].strip() for line in said.splitlines() if line[:2] == "  " and line[2] != " "]
    assert members[:4] == ["stack", "merge_batch", "tower", "split_batch"]


def test_what_runs_between_the_modules_of_a_mapping_stands_in_it() -> None:
    found = imported(students.Body, tokens=Size((7,), "int"))
    assert found.proof.elsewhere == "equal"
    assert graph_of(found).partition("graph:\n")[2] == (
        """\
  body:
    graph:
      wte: {op: embedding, num_embeddings: 2, embedding_dim: 4}
      positions: {op: positions, from: x}
      unsqueeze: {op: unsqueeze, dim: 0}
      wpe: {op: embedding, num_embeddings: 9, embedding_dim: 4}
      add: {op: add, from: [wte, wpe]}
      drop: dropout
      layers: {graph: [{op: linear, out_features: 4}, {op: linear, out_features: 4}]}
"""
    )


def test_a_vector_weighs_a_number_bounds_and_a_pool_of_all_is_adaptive() -> None:
    found = imported(students.Weighing, x=Size((6, 4)))
    assert found.proof.holds, found.report()
    said = graph_of(found)
    assert "{op: sum, dim: 2}" in said
    assert "{op: maximum, from: [x, mul" in said
    assert "max: 0.5}" in said
    assert "{op: adaptive_max_pool1d, " in said


def test_gradients_pass_where_they_do_in_the_module() -> None:
    torch.manual_seed(0)
    module, x = students.Straight(), torch.randn(3, 4)
    made = archspec.loads(imported(students.Straight, x=Size((4,))).text).build()
    made.load_state_dict(module.state_dict())
    for one in (module, made):
        first, second = one(x)
        (first.square().sum() + second.square().sum()).backward()
    for mine, theirs in zip(made.parameters(), module.parameters(), strict=True):
        assert mine.grad is not None
        assert theirs.grad is not None
        assert torch.equal(mine.grad, theirs.grad)


def test_one_sample_without_its_batch_is_said_to_be_that() -> None:
    found = imported(students.Squeezing, x=Size((4,)))
    assert found.proof.exact, found.report()
    assert (
        "output in eval, batch 1: ok, equal to the last bit; the module gives one sample without the batch"
        in found.report()
    )
    assert "One sample comes without its batch there, and with it here." in found.text.partition("\narchspec")[0]


def test_a_variance_with_its_mean_is_two_ops() -> None:
    found = imported(students.Standardizing, x=Size((3, 6, 6)))
    assert found.proof.holds, found.report()
    assert not found.opaque, found.report()
    said = graph_of(found)
    assert "var: {op: var, from: weight, dim: [1, 2, 3], keepdim: true, correction: 0}" in said
    assert "mean: {op: mean, from: weight, dim: [1, 2, 3], keepdim: true}" in said
    assert "std: {op: std, dim: [2, 3], keepdim: true}" in said

"""Facts of ops that pictures, checks and memory bounds read from the classes, and no list of names elsewhere."""

import pytest

from archspec.ops import OPS, Op, Role

CLASSES = [OPS[name] for name in OPS]


@pytest.mark.parametrize("op", CLASSES, ids=lambda op: op.name)
def test_inputs_that_give_a_size_are_inputs(op: type[Op]) -> None:
    assert op.size_inputs <= set(op.input_names)
    assert ("like" in op.size_inputs) == ("like" in op.input_names)


def test_what_joins_its_inputs_to_one_value() -> None:
    assert {op.name: op.joins for op in CLASSES if op.joins} == {"add": "sum", "mul": "product", "concat": "concat"}


def test_only_transposed_convolutions_look_like_something_else() -> None:
    looks = {op.name: op.drawn_as for op in CLASSES if op.drawn_as is not None}
    weights = ("", "functional_", "dynamic_")  # of its own, given, and one for each sample
    assert looks == {f"{of}conv_transpose{rank}d": Role.UPSAMPLE for of in weights for rank in (1, 2, 3)}


def test_a_spec_names_every_op_but_that_of_its_inputs() -> None:
    assert [op.name for op in CLASSES if not op.written] == ["input"]


def test_norms_with_an_abbreviation_are_said_in_short() -> None:
    shorts = {
        op.name: label.short
        for op in CLASSES
        if op.role is Role.NORM and not any(field.is_required() for field in op.model_fields.values())
        for label in [op().caption]
    }
    assert {name: short for name, short in shorts.items() if short} == {
        **{f"batch_norm{rank}d": "BN" for rank in (1, 2, 3)},
        **{f"instance_norm{rank}d": "IN" for rank in (1, 2, 3)},
        **dict.fromkeys(("layer_norm", "layer_norm2d"), "LN"),
        "sync_batch_norm": "BN",
    }

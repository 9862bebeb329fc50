"""`resizes` is held to the shape rule: no other field may change a size that is not the number of channels."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from archspec.ops import OPS, Op, ShapeFault
from archspec.values.shape import Shape
from tests.ops.draws import DRAWS

CHANNELS = {"out_channels", "out_features", "embedding_dim"}  # change the channels, whichever dimension they are
DIMENSIONS = {"dim", "dims"}  # say which dimension is meant: no size of the network is ever written there


def inferred(name: str, fields: dict[str, Any], xs: tuple[Shape, ...]) -> tuple[Op, tuple[Shape, ...]] | None:
    try:
        op = OPS[name](**fields)
        return op, op.infer(xs)
    except (ShapeFault, ValidationError):
        return None


def other_values(value: object) -> list[object]:
    """Numbers beside a field's own."""
    if isinstance(value, bool):  # a flag follows from no size
        return []
    if isinstance(value, int):
        return [value + 1, value - 1, value * 2]
    if isinstance(value, tuple) and all(type(item) is int for item in value):
        return [tuple(item + 1 for item in value), tuple(item - 1 for item in value)]
    return []


@pytest.mark.parametrize("name", DRAWS)
def test_only_fields_that_say_so_change_a_size(name: str) -> None:
    silent = set(OPS[name].model_fields) - OPS[name].resizes - CHANNELS - DIMENSIONS

    @settings(max_examples=25)
    @given(DRAWS[name].both(), st.data())
    def holds(drawn: tuple[dict[str, Any], tuple[Shape, ...]], data: st.DataObject) -> None:
        fields, xs = drawn
        made = inferred(name, fields, xs)
        if made is None or made[0].holds or not silent:
            return
        field = data.draw(st.sampled_from(sorted(silent)))
        for value in other_values(getattr(made[0], field)):
            changed = inferred(name, {**fields, field: value}, xs)
            assert changed is None or changed[1] == made[1], f"{field}: {value} changes {made[1]} to {changed[1]}"

    holds()

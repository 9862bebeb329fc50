"""Every op takes what torch takes, fractions, integers or truth values, and gives what torch gives."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from archspec.ops import OPS, Op, ShapeFault
from archspec.values.shape import DType, Shape
from tests.examples import examples
from tests.ops.draws_tensors import NAMES, uses
from tests.ops.oracle import function_of, has_function, has_module, module_of, run_all

KINDS: dict[torch.dtype, DType] = {torch.float32: "float", torch.int64: "int", torch.bool: "bool"}
READING = tuple(name for name in NAMES if OPS[name].input_names or OPS[name].variadic)

# Where torch takes other kinds for some settings: where nothing is dropped, or a factor has one element. A `c0` of
# whole numbers is added to fractions, but not by the kernels that a graphics card has for it.
STRICTER = {
    *(name for name in NAMES if "dropout" in name),
    *(name for name in NAMES if name.startswith(("functional_conv", "dynamic_conv", "cross"))),  # integers by integers
    *("stochastic_depth", "einsum", "matmul", "functional_linear", "fold", "unfold", "lstm", "lstm_cell"),
    "pairwise_distance",
    *("bucketize", "searchsorted"),  # truth values between fractions
    *("bernoulli", "full_like", "take_along_dim", "scatter", "scatter_add"),
    *("bucketize", "searchsorted"),  # fractions between truth values, which torch compares as numbers
}

DIVIDING = {"fmod", "remainder"}  # by 0, which an input of integers holds here

DRAWN = settings(
    max_examples=examples(18),
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)


def forms(op: Op, xs: tuple[Shape, ...]) -> Iterator[Callable[..., Any]]:
    """What emitted code may write for the op, in inference and in training."""
    if has_module(op, xs):
        yield module_of(op, xs).eval()
        yield module_of(op, xs).train()
    if has_function(op):
        yield function_of(op, xs)


@pytest.mark.parametrize("name", READING)
def test_kinds_of_numbers_are_those_of_torch(name: str) -> None:
    @DRAWN
    @given(uses(name), st.lists(st.sampled_from(["float", "int", "bool"]), min_size=8, max_size=8))
    def check(use: tuple[Op, tuple[Shape, ...]], kinds: list[DType]) -> None:
        op, drawn = use
        assume(fits(op, drawn))
        xs = tuple(replace(x, dtype=kind) if x.dtype == "float" else x for x, kind in zip(drawn, kinds, strict=False))
        assume(name not in DIVIDING or all(x.dtype == "float" for x in xs[not getattr(op, "number_first", False) :]))
        ys = outputs(op, xs)
        if isinstance(ys, ShapeFault):
            assert (ys.code, bool(ys.help)) == ("wrong-type", True)
            assert name in STRICTER or refused(op, xs)
            return
        wanted = [y.dtype for port, y in zip(op.ports, ys, strict=True) if port not in op.ports_on_demand]
        for form in forms(op, xs):
            assert [KINDS[y.dtype] for y in run_all(form, xs, 2)] == wanted

    def fits(op: Op, xs: tuple[Shape, ...]) -> bool:
        ys = outputs(op, xs)
        return not isinstance(ys, ShapeFault) and all(min(y.dims, default=1) > 0 for y in ys) and not refused(op, xs)

    check()


def outputs(op: Op, xs: tuple[Shape, ...]) -> tuple[Shape, ...] | ShapeFault:
    """The shapes of the outputs, or why there are none."""
    try:
        return op.outputs(xs)
    except ShapeFault as fault:
        return fault


def refused(op: Op, xs: tuple[Shape, ...]) -> bool:
    """Whether torch stops in one form of the op at least."""
    return any(not runs(form, xs) for form in forms(op, xs))


def runs(form: Callable[..., Any], xs: tuple[Shape, ...]) -> bool:
    try:
        run_all(form, xs, 2)
    except (RuntimeError, ValueError, TypeError, IndexError, AssertionError):
        return False
    return True

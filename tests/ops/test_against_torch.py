"""Every op, with drawn settings and inputs, says what torch does."""

import pytest
import torch
from fvcore.nn import FlopCountAnalysis
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from archspec.ops import OPS, Op, ShapeFault
from archspec.values.shape import Shape
from tests.examples import examples
from tests.ops.draws_functions import COMPARISONS, INDEXED, LOGICAL, OVER_ONE, REDUCTIONS, SCANS
from tests.ops.draws_tensors import NAMES, uses
from tests.ops.oracle import (
    Wrapped,
    function_of,
    has_function,
    has_module,
    module_of,
    own_name,
    run,
    run_all,
    runnable,
    size,
    values,
)

# Where a spec is held to more than torch asks for, by the codes of the faults.
STRICTER: dict[str, set[str]] = {
    # The batch stays as it is, and samples apart.
    **{name: {"bad-option"} for name in ("softmax", "log_softmax", "flatten", "unflatten", "transpose", "permute")},
    **{name: {"bad-option"} for name in ("narrow", "concat", "softmin", "gumbel_softmax", "glu")},
    "clamp": {"bad-option"},  # torch gives the greatest value alone
    **{name: {"bad-option", "rank-mismatch"} for name in ("mean", "sum", "amax")},
    # The batch, sizes of 0, and cuts with any mode but constant; `reflection_pad2d` shows the rest.
    "pad": {"rank-mismatch", "size-below-one", "bad-padding"},
    # Sizes of 0.
    **{name: {"size-below-one"} for name in NAMES if name.startswith(("conv_transpose", "max_unpool"))},
    "crop": {"shape-mismatch", "rank-mismatch"},
    # An image is an image: torch takes any number of dimensions here.
    **{name: {"rank-mismatch"} for name in ("pixel_unshuffle", "dropout1d", "dropout2d", "dropout3d")},
    **{name: {"rank-mismatch"} for name in ("softmax2d", "fold", "global_response_norm")},
    **{name: {"rank-mismatch", "size-below-one"} for name in NAMES if name.startswith(("zero_pad", "constant_pad"))},
    **{f"fractional_max_pool{rank}d": {"rank-mismatch", "size-below-one", "bad-option"} for rank in (2, 3)},
    **{name: {"rank-mismatch"} for name in ("adaptive_avg_pool2d", "adaptive_avg_pool3d")},
    # Runs in inference, and stops in training.
    **{f"instance_norm{rank}d": {"too-few-values"} for rank in (1, 2, 3)},
    # One meaning: not a size and a `like` both, and no reference that is the smallest in height and another in width.
    "upsample": {"bad-option"},
    "add": {"shape-mismatch", "missing-option", "bad-option", "rank-mismatch"},
    # Another input or a number, not both; and torch meets a batch of 1 with anything.
    **{name: {"missing-option", "bad-option", "rank-mismatch"} for name in ("sub", "mul", "div")},
    **{name: {"missing-option", "bad-option", "rank-mismatch"} for name in ("fmod", "remainder", *COMPARISONS)},
    **{name: {"rank-mismatch"} for name in ("maximum", "minimum", "atan2", *LOGICAL)},
    **{name: {"bad-option"} for name in ("topk", "sort", "argsort", "renorm", *SCANS)},
    # Nothing is left, or a number that is none.
    **{name: {"bad-option", "rank-mismatch"} for name in (*OVER_ONE, *REDUCTIONS)},
    **{name: {"bad-option"} for name in ("flip", "repeat_interleave")},
    # A value without a batch gains no dimension, and the two of a matrix are no batch.
    **{name: {"rank-mismatch"} for name in ("tile", "tril", "triu", "outer")},
    # An index has the dimensions and the batch of its value, or serves all samples.
    **{name: {"rank-mismatch", "bad-option", "shape-mismatch", "wrong-type"} for name in INDEXED},
    "arange": {"size-below-one"},
    "kthvalue": {"bad-option", "rank-mismatch"},
    # Boundaries for each sample are searchsorted's.
    "bucketize": {"rank-mismatch"},
    "searchsorted": {"shape-mismatch"},
    "where": {"missing-option", "bad-option", "rank-mismatch"},
    # One dimension for a count; torch makes a float of 0.5 whatever it is to hold.
    "buffer": {"rank-mismatch", "bad-option", "shape-mismatch"},
    # A number that does nothing.
    "parameter": {"bad-option"},
    # Nothing is left of a dimension, or of all.
    "slice": {"size-below-one", "bad-option"},
    **{name: {"rank-mismatch", "bad-option"} for name in ("select", "vector_norm")},
    # A sample is more than one number; samples stay whole.
    "merge_batch": {"rank-mismatch"},
    "split_batch": {"shape-mismatch"},
    # All of a dimension, in as many parts as are named.
    "split": {"bad-option"},
    "chunk": {"size-not-divisible", "bad-option"},
    "unbind": {"shape-mismatch", "rank-mismatch", "bad-option"},
    "squeeze": {"shape-mismatch", "rank-mismatch", "bad-option"},
    **{name: {"bad-option"} for name in ("unsqueeze", "stack", "roll", "normalize", "sliding_window")},
    "expand": {"missing-option", "bad-option", "shape-mismatch", "rank-mismatch"},
    # Heads are the same everywhere, and masks are added.
    "scaled_dot_product_attention": {"shape-mismatch", "wrong-type", "bad-option", "rank-mismatch"},
    # A mask of its own beside is_causal, and more keys than queries there.
    "multi_head_attention": {"rank-mismatch", "bad-option", "shape-mismatch"},
    # The batch stays as it is.
    **{name: {"bad-option", "rank-mismatch"} for name in ("cosine_similarity", "pairwise_distance")},
    # A dropout that does nothing.
    **{name: {"bad-option"} for name in ("lstm", "gru", "rnn")},
    # Samples stay apart, and a vector is no matrix.
    "matmul": {"rank-mismatch"},
    "einsum": {"rank-mismatch", "bad-option", "shape-mismatch"},
    "index": {"rank-mismatch"},
    "masked_fill": {"rank-mismatch"},
    **{name: {"rank-mismatch", "bad-option", "shape-mismatch"} for name in ("window_partition", "window_reverse")},
    "window_mask": {"rank-mismatch", "bad-option"},
    "relative_coords_table": {"bad-option"},
    "sinusoidal_table": {"bad-option"},
}
COUNTED = (
    "functional_conv",
    "dynamic_conv",
    "lstm",
    "gru",
    "rnn",
    "conv",
    "linear",
    "matmul",
    "einsum",
    "multi_head",
    "scaled_dot",
)
TORCH_ERRORS = (RuntimeError, ValueError, IndexError, TypeError, AssertionError, ShapeFault)


def bounded(number: int) -> settings:
    return settings(
        max_examples=examples(number),
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
    )


def inferred(op: Op, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
    """Output shapes, for settings that fit."""
    try:
        return op.infer(xs)
    except ShapeFault:
        assume(False)
        raise


def test_every_op_is_drawn() -> None:
    assert {*NAMES, "input", "module", "function"} == set(OPS)  # the last two give what is declared


@pytest.mark.parametrize("name", NAMES)
def test_shapes_and_faults_are_those_of_torch(name: str) -> None:
    @bounded(40)
    @given(uses(name))
    def check(use: tuple[Op, tuple[Shape, ...]]) -> None:
        op, xs = use
        try:
            ys = op.infer(xs)
        except ShapeFault as fault:
            if not stricter_than_torch(fault):
                with pytest.raises(TORCH_ERRORS):
                    run_at_batches(op, xs)
            return
        given = [y for port, y in zip(op.ports, ys, strict=True) if port not in op.ports_on_demand]
        for batch, shapes in run_at_batches(op, xs).items():
            assert shapes == [size(y, batch) for y in given]

    def run_at_batches(op: Op, xs: tuple[Shape, ...]) -> dict[int, list[tuple[int, ...]]]:
        module = runnable(op, xs)
        return {batch: [tuple(y.shape) for y in run_all(module, xs, batch)] for batch in (1, 2, 3)}

    def stricter_than_torch(fault: ShapeFault) -> bool:
        return fault.code in STRICTER.get(name, set())

    check()


@pytest.mark.parametrize("name", NAMES)
def test_both_forms_give_the_same_values(name: str) -> None:
    @bounded(15)
    @given(uses(name))
    def check(use: tuple[Op, tuple[Shape, ...]]) -> None:
        op, xs = use
        inferred(op, xs)
        assume(has_module(op, xs) and has_function(op))
        by_module, by_function = run(module_of(op, xs), xs, 2), run(function_of(op, xs), xs, 2)
        torch.testing.assert_close(by_module, by_function, rtol=0, atol=0, equal_nan=True)

    if OPS[name].module and not OPS[name].stateful:
        check()


@pytest.mark.parametrize("name", [name for name in NAMES if OPS[name].stateful])
def test_parameters_and_buffers_are_those_of_the_module(name: str) -> None:
    @bounded(25)
    @given(uses(name))
    def check(use: tuple[Op, tuple[Shape, ...]]) -> None:
        op, xs = use
        inferred(op, xs)
        module = module_of(op, xs)
        learned = {own_name(name): tuple(p.shape) for name, p in module.named_parameters()}
        stored = {own_name(name): tuple(t.shape) for name, t in module.state_dict().items()}
        assert list(op.parameters(xs).items()) == list(learned.items())
        assert list(op.buffers(xs).items()) == [item for item in stored.items() if item[0] not in learned]

    check()


@pytest.mark.parametrize("name", NAMES)
def test_macs_are_half_of_flop_counter_mode(name: str) -> None:
    @bounded(15 if name.startswith(COUNTED) else 3)
    @given(uses(name))
    def check(use: tuple[Op, tuple[Shape, ...]]) -> None:
        op, xs = use
        ys = inferred(op, xs)
        counter = FlopCounterMode(display=False)
        with counter:
            run(runnable(op, xs), xs, 1)
        assert 2 * op.cost(xs, ys).macs == counter.get_total_flops()

    check()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [name for name in NAMES if "max_unpool" not in name])  # torch.jit cannot trace it
def test_the_fvcore_column_is_what_fvcore_counts(name: str) -> None:
    counted = name.startswith((*COUNTED, "upsample", "add", "concat")) or "norm" in name or "adaptive" in name

    @bounded(10 if counted else 2)
    @given(uses(name), st.booleans())
    def check(use: tuple[Op, tuple[Shape, ...]], functional: bool) -> None:
        op, xs = use
        ys = inferred(op, xs)
        assume(getattr(op, "persistent", True))  # torch.jit traces nothing that hangs on no input and no state
        module = Wrapped(function_of(op, xs)) if functional and has_function(op) else runnable(op, xs)
        analysis = FlopCountAnalysis(module.eval(), tuple(values(xs, 1)))
        analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False).tracer_warnings("none")
        assert op.cost(xs, ys).fvcore == analysis.total()

    check()

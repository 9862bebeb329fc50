"""What emitted code relies on: joins at other sizes, un-pooling, and what autograd keeps."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from archspec.ops import OPS
from archspec.values.expression import Literal, Name
from archspec.values.printing import text
from archspec.values.shape import Shape
from tests.ops.draws import DRAWS
from tests.ops.draws_functions import ANGLES, ROUNDINGS
from tests.ops.draws_functions import FUNCTIONS as ELEMENTARY
from tests.ops.oracle import Wrapped, function_of, given_slots, make, module_of

IMAGE = Shape((4, 6, 6))
FIELDS: dict[str, dict[str, object]] = {
    "softmax": {"dim": 1},
    "softmin": {"dim": 1},
    "glu": {"dim": 1},
    "threshold": {"threshold": 0.5, "value": 0.2},
    "pow": {"exponent": 2},
    "clamp": {"min": -1.0},
    "log_softmax": {"dim": 1},
    "local_response_norm": {"size": 3},
    "group_norm": {"num_groups": 2},
    "max_pool2d": {"kernel_size": 2},
    "avg_pool2d": {"kernel_size": 2},
    "adaptive_avg_pool2d": {"output_size": 2},
    "adaptive_max_pool2d": {"output_size": 2},
    "lp_pool2d": {"norm_type": 2.0, "kernel_size": 2},
    "fractional_max_pool2d": {"kernel_size": 2, "output_size": 3},
    "unfold": {"kernel_size": 2},
    "channel_shuffle": {"groups": 2},
    "circular_pad2d": {"padding": 1},
    "reflection_pad2d": {"padding": 1},
    "stochastic_depth": {"p": 0.5},
    "conv2d": {"out_channels": 4, "kernel_size": 3},
    "conv_transpose2d": {"out_channels": 4, "kernel_size": 3},
    "linear": {"out_features": 3},
    "upsample": {"scale_factor": 2},
    "pixel_shuffle": {"upscale_factor": 2},
    "mean": {"dim": 1},
    **{name: {"dim": 1} for name in ("amin", "logsumexp", "std", "var", "norm", "prod", "cumsum", "cumprod")},
    "logcumsumexp": {"dim": 1},
    "flip": {"dims": 1},
    "tile": {"dims": (2,)},
    "repeat_interleave": {"repeats": 2, "dim": 1},
    "pad": {"pad": (1, 1)},
    "renorm": {"p": 2.0, "dim": 0, "maxnorm": 0.5},
}
PLAIN = ["relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "sigmoid", "tanh", "hardswish"]
OTHERS = ["hardsigmoid", "hardtanh", "softplus", "prelu", "batch_norm2d", "instance_norm2d", "layer_norm"]
SHRINKING = ["celu", "rrelu", "softsign", "log_sigmoid", "hardshrink", "softshrink", "tanhshrink", "softmax2d"]
FUNCTIONS = ["exp", "log", "sqrt", "rsqrt", "abs", "square", *ANGLES, *ELEMENTARY, *ROUNDINGS, "round", "tril", "triu"]
NORMS = ["rms_norm", "layer_norm2d", "global_response_norm"]
DIFFERENTIABLE = [*PLAIN, *OTHERS, *SHRINKING, *FUNCTIONS, *NORMS, *FIELDS]


def backward_survives_a_change(forward: nn.Module | Wrapped, x: Tensor) -> bool:
    """Whether the output may be overwritten before the backward pass."""
    changed = forward(x * 1).mul_(2).sum()
    try:
        changed.backward()
    except RuntimeError:
        return False
    return True


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_saves_output_says_what_autograd_keeps(name: str) -> None:
    op = make(name, **FIELDS.get(name, {}))
    forms: list[nn.Module] = [module_of(op, (IMAGE,)).train()] if op.module else [Wrapped(function_of(op, (IMAGE,)))]
    if op.inplace:
        changing = text(op.expression((Name("a"),), {**given_slots(op, (IMAGE,)), "inplace": Literal(True)}, (IMAGE,)))
        forms.append(Wrapped(eval(f"lambda a: {changing}", {"F": F, "torch": torch})))
    x = torch.randn(2, *IMAGE.dims, requires_grad=True)
    assert op.saves_output == (not all(backward_survives_a_change(form, x) for form in forms))


@pytest.mark.parametrize("name", [name for name in DRAWS if OPS[name].inplace])
def test_in_place_forms_give_the_same_values(name: str) -> None:
    op = make(name, **FIELDS.get(name, {}))
    x, xs = torch.randn(2, 3), (Shape((3,)),)
    printed = text(op.expression((Name("a"),), {**given_slots(op, xs), "inplace": Literal(True)}, xs))
    changing = eval(f"lambda a: {printed}", {"F": F})
    assert torch.equal(function_of(op, xs)(x), changing(x.clone()))


@pytest.mark.parametrize("sizes", [((9, 9), (5, 6)), ((12, 8), (7, 8)), ((8, 8), (8, 8))])
@pytest.mark.parametrize("align", ["crop", "pad", "resize"])
def test_joins_hold_at_other_sizes_than_the_declared(align: str, sizes: tuple[tuple[int, int], ...]) -> None:
    declared = (Shape((2, 10, 10)), Shape((3, 6, 6)))
    join = function_of(make("concat", align=align), declared)
    a, b = torch.randn(1, 2, *sizes[0]), torch.randn(1, 3, *sizes[1])
    wanted = make("concat", align=align).infer((Shape((2, *sizes[0])), Shape((3, *sizes[1]))))
    assert tuple(join(a, b).shape[1:]) == wanted[0].dims


def test_crop_takes_the_middle_or_the_window_at_the_offset() -> None:
    big, small = torch.arange(81.0).reshape(1, 1, 9, 9), torch.zeros(1, 1, 5, 4)
    shapes = (Shape((1, 9, 9)), Shape((1, 5, 4)))
    middle = function_of(make("add", align="crop"), shapes)(big, small)
    assert torch.equal(middle, big[:, :, 2:7, 2:6])
    window = function_of(make("add", align="crop", offset=(1, 3)), shapes)(big, small)
    assert torch.equal(window, big[:, :, 1:6, 3:7])


def test_padding_puts_the_odd_row_after() -> None:
    big, small = torch.zeros(1, 1, 4, 5), torch.ones(1, 1, 3, 3)
    joined = function_of(make("add", align="pad"), (Shape((1, 4, 5)), Shape((1, 3, 3))))(big, small)
    assert torch.equal(joined, F.pad(small, (1, 1, 0, 1)))


@pytest.mark.parametrize("align", ["crop", "pad", "resize"])
def test_joins_export_with_open_sizes(align: str) -> None:
    shapes = (Shape((2, 16, 16)), Shape((2, 12, 12)))
    module = Wrapped(function_of(make("concat", align=align), shapes))
    inputs = (torch.randn(2, 2, 16, 16), torch.randn(2, 2, 12, 12))
    # A named Dim with a range needs a linear rule, which the middle of a size, a division by 2, is not.
    exported = torch.export.export(module, inputs, dynamic_shapes={"xs": ({2: torch.export.Dim.AUTO}, {})})
    for height in (15, 20):
        other = (torch.randn(2, 2, height, 16), inputs[1])
        assert torch.equal(exported.module()(*other), module(*other))


def test_un_pooling_puts_values_back_at_any_size() -> None:
    x = torch.randn(1, 2, 7, 6)
    pool, unpool = make("max_pool2d", kernel_size=2), make("max_unpool2d", kernel_size=2)
    values, indices = F.max_pool2d(x, 2, return_indices=True)
    shapes = (*pool.infer((Shape((2, 7, 6)),)), Shape((2, 7, 6)))
    y = function_of(unpool, shapes)(values, indices, x)
    assert tuple(y.shape[1:]) == unpool.infer(shapes)[0].dims == (2, 7, 6)
    assert torch.equal(y[y != 0], x[y != 0])


def test_option_a_shortcut_subsamples_and_pads_channels() -> None:
    x = Shape((16, 8, 8))
    (halved, _) = make("max_pool2d", kernel_size=1, stride=2).infer((x,))
    (widened,) = make("pad", pad=(0, 0, 0, 0, 8, 8)).infer((halved,))
    assert widened == Shape((32, 4, 4))


@pytest.mark.parametrize("average", [True, False])
def test_attention_keeps_the_weights_of_each_head(average: bool) -> None:
    xs = (Shape((5, 8)),)
    op = make("multi_head_attention", num_heads=2, need_weights=True, average_attn_weights=average)
    module = module_of(op, xs).train()
    for port, place in (("", 0), ("weights", 1)):
        changed = module(torch.randn(2, 5, 8, requires_grad=True) * 1)[place].mul_(2).sum()
        if op.keeps(port):
            with pytest.raises(RuntimeError, match="modified by an inplace operation"):
                changed.backward()
        else:
            changed.backward()
    assert [op.keeps(port) for port in op.ports] == [False, not average]

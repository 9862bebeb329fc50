"""Settings and inputs drawn for every op, those that do not fit included."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from archspec.ops import OPS, ShapeFault
from archspec.values.shape import Shape
from tests.ops.strategies import (
    FLAG,
    NUMBER,
    PAD_MODES,
    PARAMETRIZATIONS,
    Draw,
    Fields,
    Matched,
    anything,
    broadcast,
    image,
    ints,
    joined,
    one,
    optional,
    per_dimension,
    shapes,
    side_by_side,
    unbatched,
)


def conv(rank: int) -> Draw:
    fields = optional(
        {"out_channels": ints(1, 6), "kernel_size": per_dimension(rank, 1, 4)},
        stride=per_dimension(rank, 1, 3),
        padding=per_dimension(rank, 0, 3) | st.sampled_from(["same", "valid"]),
        dilation=per_dimension(rank, 1, 2),
        groups=ints(1, 3),
        bias=FLAG,
        padding_mode=PAD_MODES,
        parametrization=PARAMETRIZATIONS,
    )
    return Draw(fields, one(image(rank)))


def conv_transpose(rank: int) -> Draw:
    fields = optional(
        {"out_channels": ints(1, 6), "kernel_size": per_dimension(rank, 1, 4)},
        stride=per_dimension(rank, 1, 3),
        padding=per_dimension(rank, 0, 2),
        output_padding=per_dimension(rank, 0, 2),
        groups=ints(1, 3),
        bias=FLAG,
        dilation=per_dimension(rank, 1, 2),
        parametrization=PARAMETRIZATIONS,
    )
    return Draw(fields, one(image(rank, high=5)))


def max_pool(rank: int) -> Draw:
    fields = optional(
        {"kernel_size": per_dimension(rank, 1, 4)},
        stride=per_dimension(rank, 1, 4),
        padding=per_dimension(rank, 0, 2),
        dilation=per_dimension(rank, 1, 2),
        ceil_mode=FLAG,
    )
    return Draw(fields, one(image(rank)))


def avg_pool(rank: int) -> Draw:
    divisor: dict[str, SearchStrategy[Any]] = {} if rank == 1 else {"divisor_override": ints(1, 5)}
    fields = optional(
        {"kernel_size": per_dimension(rank, 1, 4)},
        stride=per_dimension(rank, 1, 4),
        padding=per_dimension(rank, 0, 2),
        ceil_mode=FLAG,
        count_include_pad=FLAG,
        **divisor,
    )
    return Draw(fields, one(image(rank)))


def adaptive(rank: int) -> Draw:
    size = ints(1, 7)
    kept = st.none() | size if rank > 1 else size
    return Draw(optional({"output_size": size | st.tuples(*[kept] * rank)}), one(image(rank)))


def batch_norm(*ranks: int) -> Draw:
    fields = optional(eps=NUMBER, momentum=st.none() | st.floats(0, 1), affine=FLAG, track_running_stats=FLAG)
    return Draw(fields, one(st.sampled_from(ranks).flatmap(image)))


def instance_norm(rank: int) -> Draw:
    fields = optional(eps=NUMBER, momentum=st.floats(0, 1), affine=FLAG, track_running_stats=FLAG)
    return Draw(fields, one(image(rank, high=4)))


def elementwise(**fields: SearchStrategy[Any]) -> Draw:
    return Draw(optional(**fields), anything())


def aligned(**others: SearchStrategy[Any]) -> Draw:
    fields = optional(align=st.sampled_from(["strict", "crop", "pad", "resize"]), **others)
    crops = optional({"align": st.just("crop")}, offset=ints(0, 2) | st.tuples(ints(0, 2), ints(0, 2)))
    return Draw(fields | crops, joined(3, unequal=True))


NUMBERS = st.none() | ints(-2, 3) | st.sampled_from([0.125, -1.5])


def arithmetic(most: int) -> Draw:
    return Draw(optional(other=NUMBERS), joined(most, unequal=False) | broadcast(most))


@st.composite
def unpooled(draw: st.DrawFn, rank: int) -> tuple[Shape, ...]:
    x = draw(image(rank, high=5))
    indices = Shape(x.dims, dtype="int")
    if not draw(FLAG):
        return x, indices
    return x, indices, draw(shapes(ints(1, 3), *[ints(1, 12)] * rank))


def max_unpool(rank: int) -> Draw:
    fields = optional(
        {"kernel_size": per_dimension(rank, 1, 3)}, stride=per_dimension(rank, 1, 3), padding=per_dimension(rank, 0, 1)
    )
    return Draw(fields, unpooled(rank))


def lp_pool(rank: int) -> Draw:
    size = ints(1, 4) if rank == 1 else per_dimension(rank, 1, 4)
    powers = st.sampled_from([1.0, 2.0, 3.0])
    fields = optional({"norm_type": powers, "kernel_size": size}, stride=size, ceil_mode=FLAG)
    return Draw(fields, one(image(rank)))


def fractional_max_pool(rank: int) -> Draw:
    kernel: Fields = {"kernel_size": per_dimension(rank, 1, 3)}
    ratio = st.floats(0.05, 0.95)
    size = {"output_size": per_dimension(rank, 1, 6)}
    ratios = {"output_ratio": ratio | st.tuples(*[ratio] * rank)}
    fields = optional({**kernel, **size}) | optional({**kernel, **ratios}) | optional(kernel, **size, **ratios)
    return Draw(fields, one(image(rank)))


def sliding() -> Fields:
    """The optional fields of `fold` and `unfold`."""
    return {
        "dilation": per_dimension(2, 1, 2),
        "padding": per_dimension(2, 0, 2),
        "stride": per_dimension(2, 1, 3),
    }


@st.composite
def folded(draw: st.DrawFn) -> tuple[Fields, tuple[Shape, ...]]:
    """Settings of `fold` with the columns that `unfold` makes of such an image, other columns now and then."""
    settings = draw(optional({"kernel_size": per_dimension(2, 1, 3)}, **sliding()))
    size = draw(per_dimension(2, 1, 7))
    height, width = size if isinstance(size, tuple) else (size, size)
    try:
        (columns,) = OPS["unfold"](**settings).infer((Shape((draw(ints(1, 3)), height, width)),))
    except ShapeFault:
        columns = Shape((4, 9))
    if not draw(ints(0, 4)):
        columns = draw(shapes(ints(1, 8), ints(1, 9)) | anything().map(lambda xs: xs[0]))
    return {"output_size": size, **settings}, (columns,)


@st.composite
def upsampled(draw: st.DrawFn) -> tuple[Shape, ...]:
    x = draw(image(draw(ints(1, 3)), high=5))
    like = st.tuples(*[ints(1, 7)] * len(x.dims)).map(Shape)
    if not draw(ints(0, 4)):
        x = Shape((draw(ints(1, 2)), *x.dims), batch=0)
    return (x, draw(like)) if not draw(ints(0, 3)) else (x,)


def upsample() -> Draw:
    modes = st.sampled_from(["nearest", "linear", "bilinear", "bicubic", "trilinear", "area", "nearest-exact"])
    factor = st.sampled_from([2, 0.5, 1.5, 0.3, 3])
    others: Fields = {"mode": modes, "align_corners": FLAG}
    size = optional({"size": per_dimension(2, 1, 7)}, **others)
    scale = optional({"scale_factor": factor | st.tuples(factor, factor)}, recompute_scale_factor=FLAG, **others)
    return Draw(size | scale | optional(**others), upsampled())


def pad() -> Draw:
    modes = st.sampled_from(["constant", "reflect", "replicate", "circular"])
    fields = optional({"pad": st.lists(ints(0, 3) | ints(-2, 3), min_size=1, max_size=8).map(tuple)}, mode=modes)
    grows = optional({"pad": st.tuples(*[ints(0, 4)] * 4)}, mode=modes)
    value = optional({"pad": st.tuples(*[ints(-1, 3)] * 6), "value": NUMBER})
    return Draw(fields | grows | value, one(image(2, high=5)))


@st.composite
def cropped(draw: st.DrawFn) -> tuple[Shape, ...]:
    x = draw(image(draw(ints(1, 3))))
    return x, Shape((draw(ints(1, 3)), *(draw(ints(1, size + draw(ints(0, 1)))) for size in x.spatial)))


def border(rank: int, low: int = 0, **required: SearchStrategy[Any]) -> Draw:
    sides = ints(low, 4)
    fields = optional({"padding": sides | st.tuples(*[sides] * (2 * rank)), **required})
    return Draw(fields, one(image(rank, high=5)))


def parameter_fields() -> SearchStrategy[Fields]:
    sizes: Fields = {"shape": st.lists(ints(1, 4), max_size=3).map(tuple)}
    inits = st.sampled_from(["zeros", "ones", "normal", "trunc_normal", "uniform", 0.5, 1])
    normal = optional({**sizes, "init": st.sampled_from(["normal", "trunc_normal"])}, mean=NUMBER, std=NUMBER)
    uniform = optional({**sizes, "init": st.just("uniform")}, low=NUMBER, high=NUMBER)
    return optional(sizes, init=inits) | normal | uniform


def buffer_fields() -> SearchStrategy[Fields]:
    inits = st.sampled_from(["zeros", "ones", "arange", 0.5, 1])
    sizes: Fields = {"shape": st.lists(ints(1, 4), max_size=3).map(tuple)}
    kinds: Fields = {"dtype": st.sampled_from(["int", "float", "bool"]), "persistent": FLAG}
    return optional(sizes, init=inits, **kinds) | optional(buffer_of_numbers(), **kinds)


def buffer_of_numbers() -> Fields:
    number = st.sampled_from([0, 1, 2, 0.5])
    rows = st.lists(st.tuples(number, number), min_size=1, max_size=3).map(tuple)
    shapes_of_six = st.sampled_from([(1,), (2,), (3, 2), (2, 1), (2, 2), (1, 2)])
    return {"shape": shapes_of_six, "init": rows | st.lists(number, min_size=1, max_size=4).map(tuple)}


def reduction() -> Draw:
    dims = ints(-3, 4) | st.tuples(ints(-3, 3), ints(1, 3))
    return Draw(optional({"dim": dims}, keepdim=FLAG), anything() | unbatched())


def one_dimension() -> Draw:
    return Draw(optional({"dim": ints(-4, 4)}), anything())


def permutations() -> SearchStrategy[Fields]:
    whole = st.permutations([0, 1, 2, 3]) | st.just([0, -1, 1, 2])
    return optional({"dims": (whole | ints(1, 3).flatmap(lambda rank: st.permutations(range(rank)))).map(tuple)})


def sizes() -> SearchStrategy[tuple[int, ...]]:
    return st.lists(st.sampled_from([-1, 1, 2, 3, 4, 6]), min_size=1, max_size=3).map(tuple)


DRAWS: dict[str, Draw | Matched] = {
    **{f"conv{rank}d": conv(rank) for rank in (1, 2, 3)},
    **{f"conv_transpose{rank}d": conv_transpose(rank) for rank in (1, 2, 3)},
    "linear": Draw(optional({"out_features": ints(1, 6)}, bias=FLAG, parametrization=PARAMETRIZATIONS), anything()),
    "batch_norm1d": batch_norm(0, 1),
    "batch_norm2d": batch_norm(2),
    "batch_norm3d": batch_norm(3),
    "sync_batch_norm": batch_norm(0, 1, 2, 3),
    "cross_map_lrn2d": Draw(optional({"size": ints(1, 5)}, alpha=NUMBER, beta=NUMBER, k=NUMBER), one(image(2))),
    **{f"instance_norm{rank}d": instance_norm(rank) for rank in (1, 2, 3)},
    "group_norm": Draw(optional({"num_groups": ints(1, 4)}, eps=NUMBER, affine=FLAG), anything()),
    "layer_norm": Draw(
        optional(
            normalized_shape=ints(1, 5) | st.tuples(ints(1, 5), ints(1, 5)),
            eps=NUMBER,
            elementwise_affine=FLAG,
            bias=FLAG,
        ),
        anything(),
    ),
    "rms_norm": Draw(
        optional(
            normalized_shape=ints(1, 5) | st.tuples(ints(1, 5), ints(1, 5)),
            eps=st.none() | NUMBER,
            elementwise_affine=FLAG,
        ),
        anything(),
    ),
    "layer_norm2d": Draw(optional(eps=NUMBER, elementwise_affine=FLAG, bias=FLAG), one(image(2))),
    "global_response_norm": Draw(optional(eps=NUMBER, channels_last=FLAG), one(image(2))),
    "local_response_norm": Draw(optional({"size": ints(1, 5)}, alpha=NUMBER, beta=NUMBER, k=NUMBER), anything()),
    **{name: elementwise() for name in ("relu", "relu6", "selu", "silu", "mish", "sigmoid", "tanh")},
    **{name: elementwise() for name in ("hardswish", "hardsigmoid", "identity")},
    **{name: elementwise() for name in ("softsign", "log_sigmoid", "tanhshrink")},
    **{name: elementwise() for name in ("exp", "log", "sqrt", "rsqrt", "abs", "square")},
    "pow": Draw(optional({"exponent": ints(-2, 3) | st.sampled_from([0.5, 1.5])}), anything()),
    "clamp": elementwise(min=st.floats(-2, 1), max=st.floats(-1, 2)),
    "nan_to_num": elementwise(nan=NUMBER, posinf=NUMBER, neginf=NUMBER),
    "leaky_relu": elementwise(negative_slope=NUMBER),
    "rrelu": elementwise(lower=st.floats(0, 0.6), upper=st.floats(0.2, 1)),
    "threshold": Draw(optional({"threshold": st.floats(-1, 1), "value": NUMBER}), anything()),
    "elu": elementwise(alpha=NUMBER),
    "celu": elementwise(alpha=NUMBER | st.just(0.0)),
    "hardshrink": elementwise(lambd=NUMBER),
    "softshrink": elementwise(lambd=NUMBER),
    "glu": elementwise(dim=ints(-4, 4)),
    "gelu": elementwise(approximate=st.sampled_from(["none", "tanh"])),
    "hardtanh": elementwise(min_val=st.floats(-2, 1), max_val=st.floats(-1, 2)),
    "softplus": elementwise(beta=NUMBER, threshold=NUMBER),
    "prelu": elementwise(num_parameters=ints(1, 5), init=NUMBER),
    "softmax": one_dimension(),
    "log_softmax": one_dimension(),
    "softmin": one_dimension(),
    "softmax2d": elementwise(),
    **{f"max_pool{rank}d": max_pool(rank) for rank in (1, 2, 3)},
    **{f"avg_pool{rank}d": avg_pool(rank) for rank in (1, 2, 3)},
    **{f"adaptive_avg_pool{rank}d": adaptive(rank) for rank in (1, 2, 3)},
    **{f"adaptive_max_pool{rank}d": adaptive(rank) for rank in (1, 2, 3)},
    **{f"lp_pool{rank}d": lp_pool(rank) for rank in (1, 2, 3)},
    **{f"fractional_max_pool{rank}d": fractional_max_pool(rank) for rank in (2, 3)},
    **{f"max_unpool{rank}d": max_unpool(rank) for rank in (1, 2, 3)},
    "unfold": Draw(optional({"kernel_size": per_dimension(2, 1, 4)}, **sliding()), one(image(2))),
    "fold": Matched(folded()),
    "channel_shuffle": Draw(optional({"groups": ints(1, 3)}), anything()),
    "upsample": upsample(),
    "pixel_shuffle": Draw(optional({"upscale_factor": ints(1, 3)}), one(shapes(ints(1, 18), ints(1, 3), ints(1, 3)))),
    "pixel_unshuffle": Draw(optional({"downscale_factor": ints(1, 3)}), one(image(2))),
    "pad": pad(),
    "flatten": Draw(optional(start_dim=ints(-3, 4), end_dim=ints(-3, 4)), anything() | unbatched()),
    "unflatten": Draw(optional({"dim": ints(-3, 3), "unflattened_size": sizes()}), anything() | unbatched()),
    "reshape": Draw(optional({"shape": sizes()}), anything() | unbatched()),
    "permute": Draw(permutations(), one(image(2)) | unbatched()),
    "transpose": Draw(optional({"dim0": ints(-3, 3), "dim1": ints(-3, 3)}), anything() | unbatched()),
    **{name: reduction() for name in ("mean", "sum", "amax")},
    **{f"{kind}_pad{rank}d": border(rank) for kind in ("reflection", "replication", "circular") for rank in (1, 2, 3)},
    **{f"zero_pad{rank}d": border(rank, low=-2) for rank in (1, 2, 3)},
    **{f"constant_pad{rank}d": border(rank, low=-2, value=NUMBER) for rank in (1, 2, 3)},
    "narrow": Draw(optional({"dim": ints(-3, 3), "start": ints(0, 3), "length": ints(1, 4)}), anything()),
    **{f"dropout{rank}d": Draw(optional(p=st.floats(0, 1)), one(image(rank))) for rank in (1, 2, 3)},
    "dropout": elementwise(p=st.floats(0, 1)),
    "alpha_dropout": elementwise(p=st.floats(0, 1)),
    "feature_alpha_dropout": elementwise(p=st.floats(0, 1)),
    "stochastic_depth": Draw(optional({"p": st.floats(0, 1)}, mode=st.sampled_from(["row", "batch"])), anything()),
    "crop": Draw(optional(offset=ints(0, 2) | st.tuples(ints(0, 2), ints(0, 2))), cropped()),
    "concat": aligned(dim=ints(-3, 3)) | Draw(optional(dim=ints(-3, 3)), side_by_side()),
    "maximum": Draw(optional(), joined(2, unequal=False) | broadcast(2, least=2)),
    "minimum": Draw(optional(), joined(2, unequal=False) | broadcast(2, least=2)),
    "parameter": Draw(parameter_fields(), st.just(())),
    "buffer": Draw(buffer_fields(), st.just(())),
    "add": aligned() | arithmetic(3),
    "sub": arithmetic(2),
    "mul": arithmetic(4),
    "div": arithmetic(2),
}

"""Settings and inputs drawn for every op, those that do not fit included."""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from archspec.ops import OPS, Op, ShapeFault
from archspec.values.shape import Shape

Fields = dict[str, Any]


@dataclass(frozen=True)
class Draw:
    """A strategy of fields and one of inputs; `others` are tried as often."""

    fields: SearchStrategy[Fields]
    inputs: SearchStrategy[tuple[Shape, ...]]
    others: "tuple[Draw, ...]" = ()

    def __or__(self, other: "Draw") -> "Draw":
        return Draw(self.fields, self.inputs, (*self.others, other))

    def both(self) -> SearchStrategy[tuple[Fields, tuple[Shape, ...]]]:
        """Fields with inputs."""
        return st.one_of(st.tuples(self.fields, self.inputs), *(other.both() for other in self.others))


@dataclass(frozen=True)
class Matched:
    """A strategy of fields together with inputs, for ops whose random settings would rarely fit."""

    pairs: SearchStrategy[tuple[Fields, tuple[Shape, ...]]]

    def both(self) -> SearchStrategy[tuple[Fields, tuple[Shape, ...]]]:
        """Fields with inputs."""
        return self.pairs


def optional(required: Fields | None = None, /, **others: SearchStrategy[Any]) -> SearchStrategy[Fields]:
    """Fields, of which `others` may be left out."""
    return st.fixed_dictionaries(required or {}, optional=others)


def ints(low: int, high: int) -> SearchStrategy[int]:
    return st.integers(low, high)


def per_dimension(rank: int, low: int, high: int) -> SearchStrategy[int | tuple[int, ...]]:
    """One number, or one for each dimension."""
    return st.one_of(ints(low, high), st.tuples(*[ints(low, high)] * rank))


def shapes(*sizes: SearchStrategy[int]) -> SearchStrategy[Shape]:
    return st.tuples(*sizes).map(Shape)


def image(rank: int, low: int = 1, high: int = 9) -> SearchStrategy[Shape]:
    """(C, ...) of `rank` spatial dimensions; another rank now and then."""
    high = min(high, {1: 12, 2: 9, 3: 6}.get(rank, 9))
    fitting = shapes(ints(1, 6), *[ints(low, high)] * rank)
    return st.integers(0, 9).flatmap(
        lambda k: fitting if k else shapes(ints(1, 6), *[ints(low, high)] * (rank % 3 + 1))
    )


def one(x: SearchStrategy[Shape]) -> SearchStrategy[tuple[Shape, ...]]:
    return st.tuples(x)


def anything() -> SearchStrategy[tuple[Shape, ...]]:
    """One input of one to four dimensions."""
    return one(ints(1, 4).flatmap(lambda rank: shapes(*[ints(1, 5)] * rank)))


def unbatched() -> SearchStrategy[tuple[Shape, ...]]:
    """One input without a batch."""
    return one(st.lists(ints(1, 5), min_size=1, max_size=4).map(lambda dims: Shape(tuple(dims), batch=0)))


FLAG = st.booleans()
PAIR = st.tuples(ints(1, 4), ints(1, 4))
NUMBER = st.floats(0.01, 3.0).map(lambda x: round(x, 3)) | ints(1, 3)
PAD_MODES = st.sampled_from(["zeros", "reflect", "replicate", "circular"])


def conv(rank: int) -> Draw:
    fields = optional(
        {"out_channels": ints(1, 6), "kernel_size": per_dimension(rank, 1, 4)},
        stride=per_dimension(rank, 1, 3),
        padding=per_dimension(rank, 0, 3) | st.sampled_from(["same", "valid"]),
        dilation=per_dimension(rank, 1, 2),
        groups=ints(1, 3),
        bias=FLAG,
        padding_mode=PAD_MODES,
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


@st.composite
def joined(draw: st.DrawFn, most: int, unequal: bool) -> tuple[Shape, ...]:
    """Inputs of a join: equal but for one dimension now and then."""
    first = draw(image(draw(ints(1, 3)), high=5))
    xs = [first]
    for _ in range(draw(ints(1, most - 1))):
        dims = list(first.dims)
        for axis in draw(st.sets(ints(0, len(dims) - 1), max_size=2 if unequal else 1)):
            dims[axis] = draw(ints(1, 5))
        xs.append(Shape(tuple(dims)))
    return tuple(xs)


def aligned(**others: SearchStrategy[Any]) -> Draw:
    fields = optional(align=st.sampled_from(["strict", "crop", "pad", "resize"]), **others)
    crops = optional({"align": st.just("crop")}, offset=ints(0, 2) | st.tuples(ints(0, 2), ints(0, 2)))
    return Draw(fields | crops, joined(3, unequal=True))


@st.composite
def broadcast(draw: st.DrawFn, most: int, least: int = 1) -> tuple[Shape, ...]:
    """Inputs of arithmetic: some without a batch, of fewer dimensions, or with a size of 1."""
    dims = draw(st.lists(ints(1, 5), min_size=1, max_size=4).map(tuple))
    xs = []
    for _ in range(draw(ints(least, most))):
        sizes = tuple(1 if draw(ints(0, 3)) == 0 else size for size in dims)
        if draw(FLAG):
            xs.append(Shape(sizes if draw(ints(0, 9)) else sizes[1:] or sizes))
        else:
            whole = (1, *sizes)
            xs.append(Shape(whole[draw(ints(0, len(whole))) :], batch=0))
    return tuple(xs)


NUMBERS = st.none() | ints(-2, 3) | st.sampled_from([0.125, -1.5])


def arithmetic(most: int) -> Draw:
    return Draw(optional(other=NUMBERS), joined(most, unequal=False) | broadcast(most))


@st.composite
def side_by_side(draw: st.DrawFn) -> tuple[Shape, ...]:
    """Inputs of a concatenation, some of which have no batch."""
    dims = draw(st.lists(ints(1, 5), min_size=1, max_size=3).map(tuple))
    kinds = draw(st.lists(ints(0, 9), min_size=2, max_size=3))
    return tuple(Shape(dims) if kind % 2 else Shape((1 if kind else 2, *dims), batch=0) for kind in kinds)


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
    return optional(sizes, init=inits, dtype=st.sampled_from(["int", "float"]), persistent=FLAG)


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


DIM = ints(-4, 4)


def rolls() -> SearchStrategy[Fields]:
    return optional({"shifts": st.tuples(ints(-2, 2), ints(-2, 2)), "dims": st.tuples(DIM, DIM)})


def any_value() -> SearchStrategy[tuple[Shape, ...]]:
    return anything() | unbatched()


@st.composite
def divided(draw: st.DrawFn) -> tuple[Fields, tuple[Shape, ...]]:
    """A dimension and parts that make it up, but now and then."""
    parts = draw(st.lists(ints(1, 3), min_size=1, max_size=4).map(tuple))
    dims = list(draw(st.lists(ints(1, 3), min_size=1, max_size=3)))
    at = draw(ints(0, len(dims) - 1))
    dims[at] = sum(parts) + (draw(ints(0, 4)) == 0)
    return {"split_size": parts, "dim": draw(st.sampled_from([at + 1, at - len(dims), DIMLESS]))}, (Shape(tuple(dims)),)


@st.composite
def heads(draw: st.DrawFn) -> tuple[Shape, ...]:
    """Queries, keys, values and now and then a mask; features of keys and values apart, so that torch fuses nothing."""
    before = draw(st.lists(ints(1, 3), max_size=2).map(tuple))
    length, keys, width, other = (draw(ints(1, 5)) for _ in range(4))
    wrong = draw(ints(0, 9))
    xs = [
        Shape((*before, length, width)),
        Shape((*before, keys, width + (wrong == 1))),
        Shape((*before, keys + (wrong == 2), other)),
    ]
    masks = [Shape((length, keys), batch=0), Shape((1, *before, length, keys), batch=0), Shape((*before, 1, keys))]
    return tuple(xs) if draw(FLAG) else (*xs, draw(st.sampled_from(masks)))


@st.composite
def tokens(draw: st.DrawFn) -> tuple[Shape, ...]:
    """Tokens, and now and then others that they attend to."""
    width, others = draw(st.sampled_from([2, 4, 6])), draw(ints(1, 5))
    first = Shape((draw(ints(1, 5)), width)) if draw(ints(0, 9)) else Shape((width,))
    given = (first, *(Shape((others, draw(st.sampled_from([width, 3])))) for _ in range(2)))
    return given[: draw(ints(1, 3))]


@st.composite
def factors(draw: st.DrawFn) -> tuple[Shape, ...]:
    """Factors of a matrix product, some without a batch."""
    rows, inner, columns = (draw(ints(1, 4)) for _ in range(3))
    before = draw(st.lists(ints(1, 3), max_size=2))
    made = []
    for matrix in ((rows, inner), (inner + (draw(ints(0, 9)) == 0), columns)):
        leading = [1 if draw(ints(0, 3)) == 0 else size for size in before]
        dims = (*leading, *matrix)
        kind = draw(ints(0, 9))
        made.append(Shape(dims) if kind < 6 else Shape(dims[-2:], batch=0) if kind < 9 else Shape(matrix[1:]))
    return tuple(made)


EQUATIONS = {
    "nhld,nhsd->nhls": (3, 3), "B H I D, B H J D -> B H I J": (3, 3), "nc,nc->nc": (1, 1), "nc,nd->ncd": (1, 1),
    "nlc,nlc->nl": (2, 2), "nik,njk->nj": (2, 2), "nik,njk->nij": (2, 2), "nik,nkj->nij": (2, 2), "nkk,nk->nk": (2, 1),
    "nij->nji": (2, 0), "nij->ni": (2, 0), "nlc,nlc->ln": (2, 2), "nlc,nld": (2, 2), "nlc,lnc->nl": (2, 2),
    "nlc,nlc->nx": (2, 2), "nab,nac->na": (2, 2), "nl,nl->n": (1, 1),
}  # fmt: skip


@st.composite
def equation(draw: st.DrawFn) -> tuple[Fields, tuple[Shape, ...]]:
    """An equation with inputs whose sizes fit, but now and then."""
    text = draw(st.sampled_from(sorted(EQUATIONS)))
    sizes = {letter: draw(ints(1, 4)) for letter in sorted(set(text))}
    terms = text.replace(" ", "").partition("->")[0].split(",")
    xs = [Shape(tuple(sizes[letter] for letter in term[1:])) for term in terms]
    if draw(ints(0, 9)) == 0:
        xs[-1] = Shape((*xs[-1].dims[:-1], xs[-1].dims[-1] + 1))
    return {"equation": text}, tuple(xs)


@st.composite
def windows(draw: st.DrawFn) -> tuple[Fields, tuple[Shape, ...]]:
    """Settings of windows and an image, (H, W, C)."""
    size = (draw(ints(1, 4)), draw(ints(1, 4)))
    fields: Fields = {"window_size": size}
    if draw(FLAG):
        fields["shift_size"] = tuple(draw(ints(0, side - (draw(ints(0, 9)) > 0))) for side in size)
    return fields, (draw(image(2, high=9)),)


@st.composite
def partition(draw: st.DrawFn) -> tuple[Fields, tuple[Shape, ...]]:
    fields, xs = draw(windows())
    return ({**fields, "grid": True} if draw(ints(0, 2)) == 0 else fields), xs


@st.composite
def reverse(draw: st.DrawFn) -> tuple[Fields, tuple[Shape, ...]]:
    fields, (like,) = draw(partition())
    (height, width), sides = fields["window_size"], (like.dims[0], like.dims[1])
    count = -(-sides[0] // height) * -(-sides[1] // width) + (draw(ints(0, 9)) == 0)
    return fields, (Shape((count, height * width, draw(ints(1, 4)))), like)


@st.composite
def looked_up(draw: st.DrawFn) -> tuple[Shape, ...]:
    table = Shape(draw(st.lists(ints(1, 4), min_size=1, max_size=3).map(tuple)), batch=draw(ints(0, 9)) // 9)
    sizes = draw(st.lists(ints(1, 4), min_size=1, max_size=2).map(tuple))
    return table, Shape(sizes, batch=draw(ints(0, 1)), dtype=draw(st.sampled_from(["int", "int", "float"])))


@st.composite
def masked(draw: st.DrawFn) -> tuple[Shape, ...]:
    x, mask = draw(broadcast(2, least=2))
    return (x, mask) if draw(FLAG) else (mask, x)


def numbers() -> SearchStrategy[tuple[Shape, ...]]:
    sizes = st.lists(ints(1, 4), min_size=1, max_size=3).map(tuple)
    return one(st.builds(Shape, sizes, batch=ints(0, 1), dtype=st.sampled_from(["int", "int", "float"])))


@st.composite
def expanded(draw: st.DrawFn) -> tuple[Fields, tuple[Shape, ...]]:
    dims = draw(st.lists(st.sampled_from([1, 1, 2, 3]), min_size=1, max_size=3).map(tuple))
    if draw(FLAG):
        return {}, (Shape((1, *dims), batch=0), Shape(draw(st.lists(ints(1, 3), min_size=1, max_size=3).map(tuple))))
    x = Shape(dims, batch=draw(ints(0, 1)))
    front = draw(st.lists(ints(1, 3), max_size=1)) if draw(ints(0, 2)) == 0 else []
    return {"size": (*front, *(draw(st.sampled_from([-1, 2, size])) for size in dims))}, (x,)


DIMLESS = 5  # more than any of these values has

# Ops whose settings and inputs are drawn together.
TOGETHER: dict[str, SearchStrategy[tuple[Fields, tuple[Shape, ...]]]] = {
    "split": divided(),
    "einsum": equation(),
    "expand": expanded(),
    "window_partition": partition(),
    "window_reverse": reverse(),
    "window_mask": windows(),
}

DRAWS: dict[str, Draw | Matched] = {
    "multi_head_attention": Draw(optional({"num_heads": ints(1, 3)}, dropout=st.floats(0, 1), bias=FLAG), tokens()),
    "scaled_dot_product_attention": Draw(optional(is_causal=FLAG, scale=NUMBER), heads()),
    "matmul": Draw(optional(), factors()),
    "embedding": Draw(
        optional({"num_embeddings": ints(1, 5), "embedding_dim": ints(1, 4)}, padding_idx=DIM), numbers()
    ),
    "index": Draw(optional(), looked_up()),
    "masked_fill": Draw(optional(value=NUMBER), masked()),
    "slice": Draw(optional({"dim": DIM}, start=ints(-3, 3), stop=ints(-3, 4), step=ints(1, 2)), any_value()),
    "select": Draw(optional({"dim": DIM, "index": ints(-3, 3)}), any_value()),
    "chunk": Draw(optional({"chunks": ints(1, 3)}, dim=DIM), any_value()),
    "unbind": Draw(optional({"parts": ints(1, 3)}, dim=DIM), any_value()),
    "squeeze": Draw(optional({"dim": DIM}), one(shapes(ints(1, 3), ints(1, 2), ints(1, 2))) | unbatched()),
    "unsqueeze": Draw(optional({"dim": DIM}), any_value()),
    "stack": Draw(optional(dim=ints(-3, 3)), joined(3, unequal=False) | side_by_side()),
    "roll": Draw(optional({"shifts": ints(-2, 2), "dims": DIM}) | rolls(), any_value()),
    "contiguous": Draw(optional(), any_value()),
    "vector_norm": Draw(optional({"dim": DIM | st.tuples(DIM, ints(1, 3))}, keepdim=FLAG, ord=NUMBER), any_value()),
    "normalize": Draw(optional(dim=DIM, p=NUMBER, eps=NUMBER), any_value()),
    "relative_position_index": Draw(optional({"window_size": PAIR}, flatten=FLAG, persistent=FLAG), st.just(())),
    "relative_coords_table": Draw(optional({"window_size": PAIR}, persistent=FLAG), st.just(())),
    "causal_mask": Draw(optional({"size": ints(1, 5)}, persistent=FLAG), st.just(())),
    **{f"conv{rank}d": conv(rank) for rank in (1, 2, 3)},
    **{f"conv_transpose{rank}d": conv_transpose(rank) for rank in (1, 2, 3)},
    "linear": Draw(optional({"out_features": ints(1, 6)}, bias=FLAG), anything()),
    "batch_norm1d": batch_norm(0, 1),
    "batch_norm2d": batch_norm(2),
    "batch_norm3d": batch_norm(3),
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


@st.composite
def uses(draw: st.DrawFn, name: str) -> tuple[Op, tuple[Shape, ...]]:
    """An op with its inputs."""
    fields, xs = draw(TOGETHER[name] if name in TOGETHER else DRAWS[name].both())
    return OPS[name](**fields), xs

"""Settings and inputs drawn for ops of several inputs that have to fit each other, those that do not fit included."""

from hypothesis import strategies as st

from archspec.values.shape import Shape
from tests.ops.strategies import FLAG, NUMBER, Draw, Fields, Matched, broadcast, image, ints, optional, per_dimension

DIM = ints(-4, 4)


@st.composite
def two_of_features(draw: st.DrawFn) -> tuple[Shape, ...]:
    """Inputs that are equal but for their features, and now and then but for more."""
    before = tuple(draw(st.lists(ints(1, 3), max_size=2)))
    other = (*before, 2) if draw(ints(0, 9)) == 0 else before
    batch = draw(ints(0, 9)) > 0
    return Shape((*before, draw(ints(1, 4))), batch), Shape((*other, draw(ints(1, 4))), batch)


@st.composite
def bags(draw: st.DrawFn) -> tuple[Fields, tuple[Shape, ...]]:
    """Settings of a bag with numbers, and now and then weights of them."""
    fields = draw(
        optional(
            {"num_embeddings": ints(1, 5), "embedding_dim": ints(1, 4)},
            max_norm=NUMBER,
            norm_type=st.sampled_from([1.0, 2.0]),
            scale_grad_by_freq=FLAG,
            mode=st.sampled_from(["sum", "sum", "mean", "max"]),
            sparse=FLAG,
            padding_idx=DIM,
        )
    )
    kind = draw(ints(0, 9))
    x = Shape((draw(ints(1, 4)), 2) if kind == 0 else (draw(ints(1, 4)),), dtype="float" if kind == 1 else "int")
    weights = Shape((x.dims[0] + (kind == 2),))
    return fields, (x, weights) if draw(FLAG) else (x,)


@st.composite
def gridded(draw: st.DrawFn) -> tuple[Fields, tuple[Shape, ...]]:
    """Settings of a grid sample with an image or a volume and a grid, which fits but now and then."""
    fields = draw(
        optional(
            mode=st.sampled_from(["bilinear", "nearest", "bicubic"]),
            padding_mode=st.sampled_from(["zeros", "border", "reflection"]),
            align_corners=FLAG,
        )
    )
    rank = draw(ints(2, 3))
    x = draw(image(rank, high=5))
    sizes = tuple(draw(ints(1, 4)) for _ in range(rank))
    return fields, (x, Shape((*sizes, rank + (draw(ints(0, 9)) == 0))))


@st.composite
def mapped(draw: st.DrawFn) -> tuple[Fields, tuple[Shape, ...]]:
    """An affine map with a size, or an image that has it."""
    rank = draw(ints(2, 3))
    fields = draw(optional(align_corners=FLAG))
    theta = Shape((rank, rank + 1 + (draw(ints(0, 9)) == 0)))
    if draw(FLAG):
        return {**fields, "size": tuple(draw(ints(1, 5)) for _ in range(rank))}, (theta,)
    return fields, (theta, draw(image(rank, high=5)))


@st.composite
def upright(draw: st.DrawFn) -> tuple[Fields, tuple[Shape, ...]]:
    """Two values with vectors of three along a dimension, but now and then."""
    xs, rank = draw(broadcast(2, least=2)), draw(ints(1, 3))
    dim, size = draw(ints(1, rank)), draw(st.sampled_from([3, 3, 3, 3, 2]))
    rest = draw(st.lists(ints(1, 3), min_size=rank, max_size=rank))
    rest[dim - 1] = size
    pair = tuple(Shape(tuple(rest), batch) for batch in draw(st.sampled_from([(1, 1), (1, 1), (1, 1), (0, 0)])))
    fields = draw(st.sampled_from([{"dim": dim}, {"dim": dim - rank - 1}] + [{}] * (dim == rank)))
    return fields, draw(st.sampled_from([pair] * 5 + [xs]))


@st.composite
def by_a_weight(
    draw: st.DrawFn, rank: int, batch: int, *, transposed: bool = False
) -> tuple[Fields, tuple[Shape, ...]]:
    """Settings of a convolution with an image, a weight and now and then a bias, which fit but now and then."""
    more = {"output_padding": per_dimension(rank, 0, 2)} if transposed else {}
    fields = draw(
        optional(
            stride=per_dimension(rank, 1, 3),
            padding=per_dimension(rank, 0, 2),
            dilation=per_dimension(rank, 1, 2),
            groups=ints(1, 3),
            **more,
        )
    )
    groups, wrong = fields.get("groups", 1), draw(ints(0, 14))
    features, out = draw(ints(1, 2)), groups * draw(ints(1, 2)) + (wrong == 1)
    kernel = tuple(draw(ints(1, 3)) for _ in range(rank))
    x = Shape((features * groups + (wrong == 2), *(draw(ints(1, 6)) for _ in range(rank))))
    ends = (features * groups, out // groups) if transposed else (out, features)
    weight = Shape((*ends, *kernel), batch=batch)
    return fields, (x, weight, Shape((out + (wrong == 3),), batch=batch)) if draw(FLAG) else (x, weight)


@st.composite
def rows_of_vectors(draw: st.DrawFn) -> tuple[Shape, ...]:
    """Two lists of vectors of one length but now and then, some without a batch."""
    before, length = draw(st.lists(ints(1, 3), max_size=2)), draw(ints(1, 4))
    made = []
    for _ in range(2):
        leading = [1 if draw(ints(0, 3)) == 0 else size for size in before]
        one, kind = (draw(ints(1, 4)), length + (draw(ints(0, 9)) == 0)), draw(ints(0, 9))
        made.append(Shape((*leading, *one)) if kind < 6 else Shape(one, batch=0) if kind < 9 else Shape(one[1:]))
    return tuple(made)


SEVERAL_DRAWS: dict[str, Draw | Matched] = {
    "bilinear": Draw(optional({"out_features": ints(1, 4)}, bias=FLAG), two_of_features()),
    "cosine_similarity": Draw(optional(dim=DIM, eps=NUMBER), broadcast(2, least=2)),
    "pairwise_distance": Draw(optional(p=NUMBER, eps=NUMBER, keepdim=FLAG), broadcast(2, least=2)),
    "cdist": Draw(optional(p=st.sampled_from([0.0, 1.0, 2.0, 3.5])), rows_of_vectors()),
    "cross": Matched(upright()),
    "embedding_bag": Matched(bags()),
    "grid_sample": Matched(gridded()),
    "affine_grid": Matched(mapped()),
    **{f"functional_conv{rank}d": Matched(by_a_weight(rank, 0)) for rank in (1, 2, 3)},
    **{f"dynamic_conv{rank}d": Matched(by_a_weight(rank, 1)) for rank in (1, 2, 3)},
    **{f"functional_conv_transpose{rank}d": Matched(by_a_weight(rank, 0, transposed=True)) for rank in (1, 2, 3)},
    **{f"dynamic_conv_transpose{rank}d": Matched(by_a_weight(rank, 1, transposed=True)) for rank in (1, 2, 3)},
}

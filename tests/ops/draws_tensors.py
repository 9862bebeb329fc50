"""Settings and inputs drawn for the ops of transformers, those that do not fit included; and `uses` of any op."""

from math import prod

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from archspec.ops import OPS, Op
from archspec.ops.packed import packed
from archspec.values.shape import Shape
from tests.ops.draws import DRAWS
from tests.ops.draws_functions import FUNCTION_DRAWS, FUNCTIONS_TOGETHER
from tests.ops.draws_recurrent import RECURRENT_DRAWS
from tests.ops.draws_several import SEVERAL_DRAWS
from tests.ops.strategies import (
    FLAG,
    NUMBER,
    PAIR,
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
    shapes,
    side_by_side,
    unbatched,
)

DIM = ints(-4, 4)
DIMLESS = 5  # more than any of these values has


def rolls() -> SearchStrategy[Fields]:
    return optional({"shifts": st.tuples(ints(-2, 2), ints(-2, 2)), "dims": st.tuples(DIM, DIM)})


@st.composite
def rows(draw: st.DrawFn) -> Shape:
    """A value of which each sample has several rows of the batch."""
    return Shape(draw(shapes(ints(1, 3), ints(1, 3))).dims, batch=draw(ints(1, 6)))


@st.composite
def packed_tables(draw: st.DrawFn) -> Fields:
    """A table with as many numbers as its shape has, but now and then, and now and then no table at all."""
    shape = draw(st.lists(ints(1, 3), max_size=3).map(tuple))
    numbers = bytes(4 * (prod(shape) + (draw(ints(0, 4)) == 0)))
    text = "no table" if draw(ints(0, 9)) == 0 else packed(numbers)
    return {"shape": shape, "packed": text, "dtype": draw(st.sampled_from(["float", "int", "bool"]))}


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
    query = (*before[:-1], before[-1] * draw(ints(1, 3))) if before else before  # heads that share one of keys
    xs = [
        Shape((*query, length, width)),
        Shape((*before, keys, width + (wrong == 1))),
        Shape((*before, keys + (wrong == 2), other)),
    ]
    masks = [Shape((length, keys), batch=0), Shape((1, *query, length, keys), batch=0), Shape((*query, 1, keys))]
    return tuple(xs) if draw(FLAG) else (*xs, draw(st.sampled_from(masks)))


@st.composite
def tokens(draw: st.DrawFn) -> tuple[Shape, ...]:
    """Tokens, and now and then others that they attend to."""
    width, others = draw(st.sampled_from([2, 4, 6])), draw(ints(1, 5))
    first = Shape((draw(ints(1, 5)), width)) if draw(ints(0, 9)) else Shape((width,))
    given = (first, *(Shape((others, draw(st.sampled_from([width, 3])))) for _ in range(2)))
    return given[: draw(ints(1, 3))]


@st.composite
def attended(draw: st.DrawFn) -> tuple[Fields, tuple[Shape, ...]]:
    """Settings of attention with tokens, and now and then masks of them."""
    added = {name: st.sampled_from([False, False, True]) for name in ("add_bias_kv", "add_zero_attn")}
    weights = {"need_weights": FLAG, "average_attn_weights": FLAG}
    fields = draw(
        optional({"num_heads": ints(1, 3)}, dropout=st.floats(0, 1), bias=FLAG, is_causal=FLAG, **added, **weights)
    )
    query, *others = draw(tokens())
    if draw(FLAG) or len(query.dims) < 2:
        return fields, (query, *others)
    key, value = (*others, *[others[0] if others else query] * 2)[:2]
    wrong = draw(ints(0, 9)) == 0
    sizes = (query.dims[0], key.dims[0] + wrong)
    masks = [Shape(sizes, batch=0), Shape(sizes), Shape((fields["num_heads"], *sizes)), Shape(sizes[1:])]
    two = draw(FLAG) and not wrong
    given = (draw(st.sampled_from(masks[:3])), masks[3]) if two else (draw(st.sampled_from(masks)),)
    return fields, (query, key, value, *given)


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


@st.composite
def linear_maps(draw: st.DrawFn) -> tuple[Shape, ...]:
    """Values, a weight and now and then a bias, which fit but now and then."""
    rows, columns = draw(ints(1, 4)), draw(ints(1, 4))
    wrong = draw(ints(0, 11))
    x = Shape((*draw(st.lists(ints(1, 3), max_size=3)), columns + (wrong == 1)), batch=int(wrong != 2))
    weight = Shape((rows, columns), batch=int(wrong == 3))
    bias = Shape((rows + (wrong == 4),), batch=0)
    return (x, weight, bias) if draw(FLAG) else (x, weight)


EQUATIONS = {
    "nhld,nhsd->nhls": (3, 3), "B H I D, B H J D -> B H I J": (3, 3), "nc,nc->nc": (1, 1), "nc,nd->ncd": (1, 1),
    "nlc,nlc->nl": (2, 2), "nik,njk->nj": (2, 2), "nik,njk->nij": (2, 2), "nik,nkj->nij": (2, 2), "nkk,nk->nk": (2, 1),
    "nij->nji": (2, 0), "nij->ni": (2, 0), "nlc,nlc->ln": (2, 2), "nlc,nld": (2, 2), "nlc,lnc->nl": (2, 2),
    "nlc,nlc->nx": (2, 2), "nab,nac->na": (2, 2), "nl,nl->n": (1, 1),
    "nhi,nij,njk->nhk": (2, 2, 2), "nhi,nhj,nij->nh": (2, 2, 2), "ni,nj,nk->nijk": (1, 1, 1),
    "nab,nbc,ncd,nde->nae": (2, 2, 2, 2), "nab,nb,nac,nd->nd": (2, 1, 2, 1),
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


@st.composite
def expanded_as(draw: st.DrawFn) -> tuple[Fields, tuple[Shape, ...]]:
    wanted = draw(st.lists(ints(1, 3), min_size=1, max_size=3).map(tuple))
    own = tuple(draw(st.sampled_from([1, size, size, 2])) for size in wanted)
    front = draw(st.sampled_from([Shape(own), Shape(own, batch=0), Shape((1, *own), batch=0), Shape(own[1:], batch=0)]))
    return {}, (front, Shape(wanted))


# Ops whose settings and inputs are drawn together.
TOGETHER: dict[str, SearchStrategy[tuple[Fields, tuple[Shape, ...]]]] = {
    **FUNCTIONS_TOGETHER,
    "split": divided(),
    "multi_head_attention": attended(),
    "einsum": equation(),
    "expand": expanded(),
    "expand_as": expanded_as(),
    "window_partition": partition(),
    "window_reverse": reverse(),
    "window_mask": windows(),
}

TENSOR_DRAWS: dict[str, Draw] = {
    "scaled_dot_product_attention": Draw(optional(is_causal=FLAG, scale=NUMBER, enable_gqa=FLAG), heads()),
    "matmul": Draw(optional(), factors()),
    "functional_linear": Draw(optional(), linear_maps()),
    "pad_to_multiple": Draw(optional({"multiple": ints(1, 4)}), one(shapes(ints(1, 6), ints(1, 9), ints(1, 9)))),
    "positions": Draw(optional(dim=ints(1, 5)), anything()),
    "embedding": Draw(
        optional({"num_embeddings": ints(1, 5), "embedding_dim": ints(1, 4)}, padding_idx=DIM), numbers()
    ),
    "index": Draw(optional(), looked_up()),
    "masked_fill": Draw(optional(value=NUMBER), masked()),
    "slice": Draw(optional({"dim": DIM}, start=ints(-3, 3), stop=ints(-3, 4), step=ints(1, 2)), any_value()),
    "sliding_window": Draw(optional({"dim": DIM, "size": ints(1, 3), "step": ints(1, 3)}), any_value()),
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
    "sinusoidal_table": Draw(
        optional(
            {"num_embeddings": ints(1, 5), "embedding_dim": ints(1, 6)},
            base=st.floats(2, 1e5),
            interleaved=FLAG,
            unsqueeze=ints(0, 1),
            persistent=FLAG,
        ),
        st.just(()),
    ),
    "merge_batch": Draw(optional(), any_value()),
    "split_batch": Draw(optional({"size": ints(1, 3)}), one(rows()) | any_value()),
    "packed_buffer": Draw(packed_tables(), st.just(())),
    "causal_mask": Draw(optional({"size": ints(1, 5)}, persistent=FLAG), st.just(())),
}

EVERY: dict[str, Draw | Matched] = {**DRAWS, **TENSOR_DRAWS, **FUNCTION_DRAWS, **RECURRENT_DRAWS, **SEVERAL_DRAWS}
NAMES = sorted({*EVERY, *TOGETHER})


@st.composite
def uses(draw: st.DrawFn, name: str) -> tuple[Op, tuple[Shape, ...]]:
    """An op with its inputs."""
    fields, xs = draw(TOGETHER[name] if name in TOGETHER else EVERY[name].both())
    return OPS[name](**fields), xs

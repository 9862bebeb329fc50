"""Settings and inputs drawn for functions of elements, comparisons and what orders or gathers elements."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from archspec.values.shape import DType, Shape
from tests.ops.strategies import FLAG, Draw, Fields, anything, broadcast, ints, joined, optional, unbatched

DIM = ints(-4, 4)
DIMLESS = 5  # more than any of these values has
OTHER = st.none() | ints(-2, 3) | st.sampled_from([0.125, -1.5])
ANGLES = ("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "asinh", "acosh", "atanh")
FUNCTIONS = ("log2", "log10", "log1p", "exp2", "expm1", "erf", "erfc", "sinc", "reciprocal", "neg")
ROUNDINGS = ("floor", "ceil", "trunc", "frac", "sign")
COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")
LOGICAL = ("logical_and", "logical_or", "logical_xor")
LIKES = ("zeros_like", "ones_like", "rand_like", "randn_like")
INDEXED = ("gather", "take_along_dim", "index_select", "scatter", "scatter_add")
COUNTED = ints(-2, 3) | st.sampled_from([0.5, 2.5, -1.0])
SIZE = st.lists(ints(1, 4), max_size=3).map(tuple)
OVER_ONE = ("argmax", "argmin", "max", "min", "prod", "median", "mode")
SCANS = ("cumsum", "cumprod", "logcumsumexp", "cummax", "cummin")
REDUCTIONS = ("amin", "logsumexp", "any", "all", "std", "var", "norm")


def any_value() -> SearchStrategy[tuple[Shape, ...]]:
    return anything() | unbatched()


def two() -> SearchStrategy[tuple[Shape, ...]]:
    return joined(2, unequal=False) | broadcast(2, least=2)


def with_a_number() -> Draw:
    return Draw(optional(other=OTHER, number_first=FLAG), joined(2, unequal=False) | broadcast(2))


def numbers() -> SearchStrategy[tuple[Shape, ...]]:
    """Integers, and fractions now and then."""
    kinds = st.sampled_from(["int", "int", "int", "float"])
    return st.tuples(st.builds(Shape, SIZE, batch=ints(0, 1), dtype=kinds))


def reduced(**others: SearchStrategy[Any]) -> Draw:
    dims = ints(-3, 4) | st.tuples(ints(-3, 3), ints(1, 3))
    return Draw(optional({"dim": dims}, keepdim=FLAG, **others), any_value())


@st.composite
def chosen(draw: st.DrawFn) -> tuple[Shape, ...]:
    """A condition, and values."""
    condition, *values = draw(broadcast(3))
    return (replace(condition, dtype="bool" if draw(ints(0, 9)) else "float"), *values)


@st.composite
def vectors(draw: st.DrawFn) -> tuple[Shape, ...]:
    """Two vectors, which have no batch, but now and then."""
    return tuple(Shape((draw(ints(1, 4)),), batch=draw(ints(0, 9)) // 9) for _ in range(2))


@st.composite
def indexed(draw: st.DrawFn, name: str) -> tuple[Fields, tuple[Shape, ...]]:
    """A dimension with a value, an index of its places and, for a sum, what is put there; they fit but now and then."""
    dims = draw(st.lists(ints(1, 4), min_size=1, max_size=3))
    batch = draw(ints(0, 1))
    at = draw(ints(0, len(dims) - 1))
    places = [draw(ints(1, size + (draw(ints(0, 9)) == 0))) for size in dims]
    if name == "take_along_dim":
        places = [1 if draw(FLAG) else size for size in dims]
    places[at] = draw(ints(1, 5))
    held: DType = "int" if draw(ints(0, 4)) else "float"
    index = Shape(tuple(places), batch if draw(ints(0, 9)) else 1 - batch, held)
    if name == "take_along_dim" and index.batch < batch and draw(FLAG):
        index = replace(index, dims=(1, *places))  # one for all samples
    if name == "index_select":
        index = Shape((draw(ints(1, 4)),), batch=draw(ints(0, 9)) // 9, dtype=held)
    src = Shape(tuple(size + draw(ints(0, 2)) // 2 - draw(ints(0, 9)) // 9 for size in places), index.batch)
    dim = draw(st.sampled_from([at + batch, at - len(dims), DIMLESS]))
    x = Shape(tuple(dims), batch)
    if name == "scatter" and draw(FLAG):
        return {"dim": dim, "value": draw(st.sampled_from([1.0, -0.5]))}, (x, index)
    if name in ("scatter", "scatter_add"):
        return {"dim": dim}, (x, index, src if min(src.dims) else index)
    return {"dim": dim}, (x, index)


@st.composite
def in_bins(draw: st.DrawFn) -> tuple[Shape, ...]:
    """Boundaries, one row for all numbers or one for each of their rows, and numbers."""
    (x,) = draw(any_value())
    kind, bounds = draw(ints(0, 9)), draw(ints(1, 4))
    if kind < 5:
        return Shape((bounds,), batch=0), x
    row = Shape((*x.dims[:-1], bounds), x.batch)
    return (row, x) if kind < 8 else (Shape((*row.dims, 2), row.batch), x)


FUNCTION_DRAWS: dict[str, Draw] = {
    **{name: Draw(optional(), any_value()) for name in (*ANGLES, *FUNCTIONS, *ROUNDINGS, "logical_not")},
    **{name: Draw(optional(), two()) for name in ("atan2", *LOGICAL)},
    "logit": Draw(optional(eps=st.sampled_from([0.0, 0.1, 0.5])), any_value()),
    "gumbel_softmax": Draw(optional(tau=st.sampled_from([0.5, 2.0]), hard=FLAG, dim=DIM), any_value()),
    **{name: with_a_number() for name in (*COMPARISONS, "fmod", "remainder")},
    "topk": Draw(optional({"k": ints(1, 4)}, dim=DIM, largest=FLAG, sorted=FLAG), any_value()),
    **{name: Draw(optional(dim=DIM, descending=FLAG, stable=FLAG), any_value()) for name in ("sort", "argsort")},
    **{name: Draw(optional({"dim": DIM}, keepdim=FLAG), any_value()) for name in OVER_ONE},
    "kthvalue": Draw(optional({"k": ints(1, 4)}, dim=DIM, keepdim=FLAG), any_value()),
    "renorm": Draw(
        optional({"p": st.sampled_from([1.0, 2.0, 3.5]), "dim": DIM, "maxnorm": st.sampled_from([0.0, 0.5, 2.0])}),
        any_value(),
    ),
    "bucketize": Draw(optional(right=FLAG), in_bins().map(lambda xs: (xs[1], xs[0]))),
    "searchsorted": Draw(optional(right=FLAG), in_bins()),
    "linspace": Draw(optional({"start": COUNTED, "end": COUNTED, "steps": ints(1, 4)}), st.just(())),
    "logspace": Draw(
        optional({"start": COUNTED, "end": COUNTED, "steps": ints(1, 4)}, base=st.sampled_from([2.0, 10.0, 0.5])),
        st.just(()),
    ),
    **{name: Draw(optional({"dim": DIM}), any_value()) for name in SCANS},
    **{name: reduced() for name in ("amin", "logsumexp", "any", "all")},
    **{name: reduced(correction=ints(0, 2)) for name in ("std", "var")},
    "norm": reduced(p=st.sampled_from([1.0, 2.0, 3.5])),
    "one_hot": Draw(optional({"num_classes": ints(1, 4)}), numbers()),
    **{name: Draw(optional(), any_value()) for name in (*LIKES, "bernoulli", "detach")},
    "full_like": Draw(optional({"fill_value": ints(0, 2) | st.sampled_from([0.5, 1.0])}), any_value()),
    **{name: Draw(optional(diagonal=ints(-2, 2)), any_value()) for name in ("tril", "triu")},
    "flip": Draw(optional({"dims": DIM | st.tuples(DIM, DIM)}), any_value()),
    "repeat_interleave": Draw(optional({"repeats": ints(1, 3), "dim": DIM}), any_value()),
    "tile": Draw(optional({"dims": st.lists(ints(1, 3), min_size=1, max_size=4).map(tuple)}), any_value()),
    "eye": Draw(optional({"n": ints(1, 4)}, m=ints(1, 4)), st.just(())),
    "arange": Draw(optional({"end": COUNTED}, start=COUNTED, step=COUNTED), st.just(())),
    "full": Draw(optional({"size": SIZE, "fill_value": COUNTED}), st.just(())),
    "outer": Draw(optional(), vectors()),
    "round": Draw(optional(decimals=ints(-1, 2)), any_value()),
    "where": Draw(optional(input=OTHER, other=OTHER), chosen()),
}

FUNCTIONS_TOGETHER: dict[str, SearchStrategy[tuple[Fields, tuple[Shape, ...]]]] = {
    name: indexed(name) for name in INDEXED
}

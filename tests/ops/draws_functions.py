"""Settings and inputs drawn for functions of elements, comparisons and what orders or gathers elements."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from archspec.values.shape import Shape
from tests.ops.strategies import FLAG, Draw, Fields, anything, broadcast, ints, joined, optional, unbatched

DIM = ints(-4, 4)
OTHER = st.none() | ints(-2, 3) | st.sampled_from([0.125, -1.5])
ANGLES = ("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "asinh", "acosh", "atanh")
FUNCTIONS = ("log2", "log10", "log1p", "exp2", "expm1", "erf", "erfc", "reciprocal", "neg")
ROUNDINGS = ("floor", "ceil", "trunc", "frac", "sign")
COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")
LOGICAL = ("logical_and", "logical_or", "logical_xor")
OVER_ONE = ("argmax", "argmin", "max", "min", "prod")
SCANS = ("cumsum", "cumprod", "logcumsumexp", "cummax", "cummin")
REDUCTIONS = ("amin", "logsumexp", "any", "all", "std", "var", "norm")


def any_value() -> SearchStrategy[tuple[Shape, ...]]:
    return anything() | unbatched()


def two() -> SearchStrategy[tuple[Shape, ...]]:
    return joined(2, unequal=False) | broadcast(2, least=2)


def with_a_number() -> Draw:
    return Draw(optional(other=OTHER), joined(2, unequal=False) | broadcast(2))


def reduced(**others: SearchStrategy[Any]) -> Draw:
    dims = ints(-3, 4) | st.tuples(ints(-3, 3), ints(1, 3))
    return Draw(optional({"dim": dims}, keepdim=FLAG, **others), any_value())


@st.composite
def chosen(draw: st.DrawFn) -> tuple[Shape, ...]:
    """A condition, and values."""
    condition, *values = draw(broadcast(3))
    return (replace(condition, dtype="bool" if draw(ints(0, 9)) else "float"), *values)


FUNCTION_DRAWS: dict[str, Draw] = {
    **{name: Draw(optional(), any_value()) for name in (*ANGLES, *FUNCTIONS, *ROUNDINGS, "logical_not")},
    **{name: Draw(optional(), two()) for name in ("atan2", *LOGICAL)},
    **{name: with_a_number() for name in (*COMPARISONS, "fmod", "remainder")},
    "topk": Draw(optional({"k": ints(1, 4)}, dim=DIM, largest=FLAG, sorted=FLAG), any_value()),
    **{name: Draw(optional(dim=DIM, descending=FLAG, stable=FLAG), any_value()) for name in ("sort", "argsort")},
    **{name: Draw(optional({"dim": DIM}, keepdim=FLAG), any_value()) for name in OVER_ONE},
    **{name: Draw(optional({"dim": DIM}), any_value()) for name in SCANS},
    **{name: reduced() for name in ("amin", "logsumexp", "any", "all")},
    **{name: reduced(correction=ints(0, 2)) for name in ("std", "var")},
    "norm": reduced(p=st.sampled_from([1.0, 2.0, 3.5])),
    "round": Draw(optional(decimals=ints(-1, 2)), any_value()),
    "where": Draw(optional(input=OTHER, other=OTHER), chosen()),
}

FUNCTIONS_TOGETHER: dict[str, SearchStrategy[tuple[Fields, tuple[Shape, ...]]]] = {}

"""Strategies that the draws of every op are made of: settings, shapes, and inputs that meet in one op."""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

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
PARAMETRIZATIONS = st.sampled_from([None, None, "weight_norm", "spectral_norm"])
PAD_MODES = st.sampled_from(["zeros", "reflect", "replicate", "circular"])


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


@st.composite
def side_by_side(draw: st.DrawFn) -> tuple[Shape, ...]:
    """Inputs of a concatenation, some of which have no batch."""
    dims = draw(st.lists(ints(1, 5), min_size=1, max_size=3).map(tuple))
    kinds = draw(st.lists(ints(0, 9), min_size=2, max_size=3))
    return tuple(Shape(dims) if kind % 2 else Shape((1 if kind else 2, *dims), batch=0) for kind in kinds)

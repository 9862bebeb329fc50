"""How alike two vectors are: along a dimension, which is gone then, or each of some with each of others.

Counts are the elements read, as in reductions.

torch has each as one operation, of which neither of its counters counts anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, ClassVar

from pydantic import Field

from archspec.ops.align import listing
from archspec.ops.broadcast import broadcast
from archspec.ops.fields import laid_out
from archspec.ops.names import AXES, EPSILONS, KEPT
from archspec.ops.norm import Epsilon
from archspec.ops.op import TO_REAL, Op, Role, ShapeFault, op
from archspec.ops.reach import WHOLE, Along, Reading, pointwise, reduced_together
from archspec.ops.saved import Saved
from archspec.ops.select import without
from archspec.ops.sizes import resolve_dim
from archspec.values.cost import Cost
from archspec.values.shape import Shape, Shapes


class _OfTwo(Op):
    """A number for every two vectors."""

    role: ClassVar[Role] = Role.POOL
    input_names: ClassVar[tuple[str, ...]] = ("x1", "x2")
    required: ClassVar[int] = 2
    on_lines: ClassVar[Mapping[str, str]] = {"x2": ""}  # either may be the first, and "x2" reads as twice
    saves_output: ClassVar[bool] = True

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(pool=broadcast(self.name, xs).numel)

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return Saved(inputs=(0, 1), outputs=(0,))


@op
class CosineSimilarity(_OfTwo):
    """The cosine of the angle between vectors: (N, L, E), (N, L, E) -> (N, L) for dim 2; 1 where they are parallel.

    y = x1 . x2 / (max(|x1|, eps) * max(|x2|, eps))
    """

    name: ClassVar[str] = "cosine_similarity"
    module: ClassVar[str] = "nn.CosineSimilarity"
    positional: ClassVar[int] = 0
    function: ClassVar[str] = "F.cosine_similarity"
    function_positional: ClassVar[int] = 0

    dim: Annotated[int, AXES] = Field(default=1, description="the dimension that vectors lie along")
    eps: Annotated[Epsilon, EPSILONS] = Field(default=1e-8, description="the least length that is divided by")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x = broadcast(self.name, xs)
        if x.dtype != "float":
            message = f"{self.name} takes fractions, and none of its inputs holds any"
            raise ShapeFault("wrong-type", message, help=TO_REAL, pointed=listing(xs))
        return (without(x, resolve_dim(self.name, x, self.dim)),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        met = broadcast(self.name, xs)
        return reduced_together(xs[index], met, resolve_dim(self.name, met, self.dim), kept=False)

    def label(self) -> str:
        return "cosine similarity"


@op
class PairwiseDistance(_OfTwo):
    """The length of the difference of vectors: (N, L, E), (N, L, E) -> (N, L).

    y = (sum of |x1 - x2 + eps| ** p) ** (1 / p)
    """

    name: ClassVar[str] = "pairwise_distance"
    real: ClassVar[frozenset[str]] = frozenset({"x1", "x2"})
    module: ClassVar[str] = "nn.PairwiseDistance"
    positional: ClassVar[int] = 0
    function: ClassVar[str] = "F.pairwise_distance"
    function_positional: ClassVar[int] = 0

    p: float = Field(default=2.0, description="2 is the Euclidean length, 1 the sum of absolute values")
    eps: Annotated[Epsilon, EPSILONS] = Field(default=1e-6, description="added to every difference")
    keepdim: Annotated[bool, KEPT] = Field(default=False, description="leaves a size of 1 in place of the dimension")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x = broadcast(self.name, xs)
        if not x.dims:
            raise ShapeFault("rank-mismatch", f"{self.name} needs vectors, not {x}")
        y = without(x, len(x.dims) - 1)
        return (laid_out((*x.dims[:-1], 1), x, len(x.dims) - 1) if self.keepdim else y,)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        met = broadcast(self.name, xs)
        return reduced_together(xs[index], met, len(met.dims) - 1, kept=self.keepdim)

    def scratch(self, xs: Shapes, ys: Shapes) -> Shapes:
        return (broadcast(self.name, xs),) * 2

    def label(self) -> str:
        return "distance"


@op
class Cdist(Op):
    """The distance of each of some vectors from each of others: (N, P, E), (N, R, E) -> (N, P, R).

    Dimensions before these broadcast; vectors without a batch, such as those of a codebook, serve all samples.

    y = (sum of |x1 - x2| ** p) ** (1 / p)

    Source: van den Oord et al., Neural discrete representation learning (2017), equation 1.
    """

    name: ClassVar[str] = "cdist"
    role: ClassVar[Role] = Role.POOL
    input_names: ClassVar[tuple[str, ...]] = ("x1", "x2")
    required: ClassVar[int] = 2
    real: ClassVar[frozenset[str]] = frozenset({"x1", "x2"})
    function: ClassVar[str] = "torch.cdist"
    function_positional: ClassVar[int] = 0

    p: float = Field(default=2.0, ge=0, description="2 is the Euclidean length, 1 the sum of absolute values")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        if any(len(x.dims) < 2 for x in xs):
            raise ShapeFault("rank-mismatch", f"{self.name} needs vectors one below the other", pointed=listing(xs))
        if xs[0].dims[-1] != xs[1].dims[-1]:
            raise ShapeFault("shape-mismatch", f"{self.name} needs vectors of one length", pointed=listing(xs))
        rest = broadcast(self.name, [Shape(x.dims[:-2], x.batch) for x in xs])
        return (Shape((*rest.dims, xs[0].dims[-2], xs[1].dims[-2]), rest.batch),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        x, y = xs[index], ys[0]
        before = pointwise(replace(x, dims=(*x.dims[:-2], *y.dims[-2:])), y)[:-2]
        return (*before, Along(len(y.dims) - 2 + index), WHOLE)

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(pool=ys[0].numel * xs[0].dims[-1])

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return Saved(inputs=(0, 1), outputs=(0,))

    def label(self) -> str:
        return "distances"

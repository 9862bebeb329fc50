"""Numbers told by the bin that they fall into, between boundaries that are in order. They give integers.

    boundaries 1, 3, 5    x = 0, 1, 2, 6    ->  0, 0, 1, 3; with `right` 0, 1, 1, 3

Counts are the comparisons of a search by halves, in the elements read: one for every number and halving.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from pydantic import Field

from archspec.ops.align import listing
from archspec.ops.label import Label, Part
from archspec.ops.op import Op, ShapeFault, op
from archspec.ops.saved import NOTHING, Saved
from archspec.values.cost import Cost
from archspec.values.shape import Shape, Shapes


class Bins(Op):
    """The bin of each number, among boundaries in order along a last dimension."""

    numeric: ClassVar[frozenset[str]] = frozenset({"x", "boundaries", "sorted_sequence"})
    required: ClassVar[int] = 2
    stops_gradient: ClassVar[bool] = True
    function_positional: ClassVar[int] = 0

    ordered: ClassVar[str] = ""  # the input that is in order

    right: bool = Field(default=False, description="a number that equals a boundary is above it")

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        sequence = xs[self.input_names.index(self.ordered)]
        return Cost(pool=ys[0].numel * sequence.dims[-1].bit_length())

    def label(self) -> Label:
        return Label("bins", (Part("right", f"{self.right:g}", "side", instead="right"),) if self.right else ())

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING


@op
class Bucketize(Bins):
    """The bin of each number between boundaries, which are the same for all: (N, ...), (B,) -> integers (N, ...).

    The boundaries have no batch: they are a buffer, or a parameter.
    """

    name: ClassVar[str] = "bucketize"
    also_called: ClassVar[Mapping[str, str]] = {"discretization": "", "digitize": "right: true"}
    input_names: ClassVar[tuple[str, ...]] = ("x", "boundaries")
    ordered: ClassVar[str] = "boundaries"
    function: ClassVar[str] = "torch.bucketize"

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x, boundaries = xs
        if boundaries.batch or len(boundaries.dims) != 1:
            message = f"{self.name} takes boundaries of one dimension and without a batch, not {boundaries}"
            raise ShapeFault("rank-mismatch", message, help="searchsorted takes boundaries for each sample")
        return (Shape(x.dims, x.batch, "int", x.channels_last),)


@op
class Searchsorted(Bins):
    """The place of each number in a sequence in order: (N, ..., S), (N, ..., L) -> integers (N, ..., L).

    Or (S,) without a batch and (N, ...), the same for all, as `bucketize` with its inputs the other way round.
    """

    name: ClassVar[str] = "searchsorted"
    input_names: ClassVar[tuple[str, ...]] = ("sorted_sequence", "x")
    ordered: ClassVar[str] = "sorted_sequence"
    function: ClassVar[str] = "torch.searchsorted"

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        ordered, x = xs
        same = (ordered.batch, len(ordered.dims), ordered.dims[:-1]) == (x.batch, len(x.dims), x.dims[:-1])
        if not ordered.dims or (not same and (ordered.batch or len(ordered.dims) != 1)):
            message = f"{self.name} needs a sequence for each row of numbers, or one for all, without a batch"
            raise ShapeFault("shape-mismatch", message, pointed=listing(xs))
        return (Shape(x.dims, x.batch, "int", x.channels_last),)

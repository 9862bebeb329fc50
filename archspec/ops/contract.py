"""Products that sum over dimensions: one multiply-add per element of the product and of what is summed over."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from math import prod
from typing import ClassVar

from archspec.ops.align import listing
from archspec.ops.broadcast import broadcast, dtype_of
from archspec.ops.op import Op, Role, ShapeFault, op
from archspec.ops.reach import WHOLE, Reading, but, pointwise
from archspec.ops.saved import Saved, of_product
from archspec.ops.sizes import rank_of
from archspec.ops.strides import Read, matrices_of, rows_of, sizes
from archspec.values.cost import Cost
from archspec.values.shape import Shape, Shapes
from archspec.values.source import Operation, Source


@op
class Matmul(Op):
    """Matrix product over the last two dimensions: (N, ..., L, K), (N, ..., K, M) -> (N, ..., L, M).

    The dimensions before them broadcast. A matrix without a batch serves all samples, and then features will do for
    the other factor: (N, K), (K, M) -> (N, M).
    """

    low_precision: ClassVar[bool] = True
    name: ClassVar[str] = "matmul"
    takes_complex: ClassVar[bool] = True
    also_called: ClassVar[Mapping[str, str]] = {"bmm": "", "mm": "", "dot": "", "batch_matmul": ""}
    numeric: ClassVar[frozenset[str]] = frozenset({"x", "other"})
    role: ClassVar[Role] = Role.LINEAR
    input_names: ClassVar[tuple[str, ...]] = ("x", "other")
    on_lines: ClassVar[Mapping[str, str]] = {"other": ""}
    required: ClassVar[int] = 2
    function: ClassVar[str] = "torch.matmul"
    alike: ClassVar[bool] = True

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x, other = xs
        if rank_of(x) < 2 or rank_of(other) < 2 or (other.batch and len(other.dims) < 2):
            raise ShapeFault("rank-mismatch", f"{self.name} needs matrices", help=_of_vector(xs), pointed=listing(xs))
        if x.dims[-1] != other.dims[-2]:
            message = f"{self.name} needs as many columns as the other factor has rows, {other.dims[-2]}"
            raise ShapeFault("shape-mismatch", message, pointed=listing(xs))
        if x.batch and len(x.dims) < 2:
            if other.batch or len(other.dims) > 2:
                raise ShapeFault("rank-mismatch", f"{self.name} needs matrices", pointed=listing(xs))
            return (Shape((other.dims[-1],), x.batch, dtype_of(xs)),)
        rest = broadcast(self.name, [Shape(one.dims[:-2], one.batch) for one in xs])
        dims = (*rest.dims, x.dims[-2], other.dims[-1])
        last = len(dims) > 2 and x.channels_last and other.channels_last
        return (Shape(dims, rest.batch, dtype_of(xs), channels_last=last),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        x, y = xs[index], ys[0]
        if len(x.dims) < 2:
            return (WHOLE,) * len(x.dims)
        summed = len(x.dims) - 1 - index
        return but(pointwise(replace(x, dims=(*x.dims[:-2], *y.dims[-2:])), y), summed)

    def letters(self, xs: tuple[Shape, ...]) -> tuple[tuple[Hashable, ...], ...]:
        if any(len(x.dims) < 2 for x in xs):
            return ()
        rows, columns = range(2, len(xs[0].dims)), range(2, len(xs[1].dims))  # what broadcasts, from the right
        all_rows = max(rows, columns, key=len)
        return (*rows[::-1], "l", "k"), (*columns[::-1], "k", "m"), (*all_rows[::-1], "l", "m")

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        # fvcore takes the first factor's size, whatever it broadcasts to.
        return Cost(macs=ys[0].numel * xs[0].dims[-1], fvcore=xs[0].numel * xs[1].dims[-1])

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return Operation("@", args[0], args[1])

    @staticmethod
    def _columns(x: Shape) -> Read:
        """How what one matrix is multiplied by is read where that one gets a gradient: its columns as rows."""
        of = sizes(x)
        order = (*range(len(of) - 2), len(of) - 1, len(of) - 2)
        turned = tuple(of[axis] for axis in order)
        return Read(turned, (prod(turned[:-1]), turned[-1]), order)

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return of_product(wants)

    def read_as(self, xs: Shapes, ys: Shapes, *, training: bool) -> tuple[Read | None, ...]:
        one, other = xs
        if len(sizes(other)) < 3:  # rows of all samples times one matrix
            return (rows_of(one, training=training), None)
        if len(sizes(one)) < 3:
            return (None, self._columns(other) if training else None)
        return tuple(matrices_of(x, sizes(ys[0])[:-2]) for x in xs)


def _of_vector(xs: Shapes) -> str:
    """The cure where the last dimension meets a vector without a batch; "" elsewhere."""
    x, other = xs
    if other.batch or len(other.dims) != 1 or x.dims[-1:] != other.dims:
        return ""
    kept = ("n" if x.batch else "") + "abcdefgh"[: len(x.dims) - 1]
    return f'{{op: einsum, equation: "{kept}k,k->{kept}"}} multiplies by a vector'


@op
class Outer(Op):
    """Products of all elements of two vectors without a batch: (L,), (M,) -> (L, M).

    With a batch it is `{op: einsum, equation: "nl,nm->nlm"}`.
    """

    name: ClassVar[str] = "outer"
    role: ClassVar[Role] = Role.LINEAR
    input_names: ClassVar[tuple[str, ...]] = ("x", "vec2")
    required: ClassVar[int] = 2
    function: ClassVar[str] = "torch.outer"

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        if any(x.batch or len(x.dims) != 1 for x in xs):
            vectors = all(x.batch and len(x.dims) == 1 for x in xs)
            cure = '{op: einsum, equation: "nl,nm->nlm"} does it for each sample' if vectors else ""
            message = "outer needs vectors without a batch"
            raise ShapeFault("rank-mismatch", message, help=cure, pointed=listing(xs))
        return (Shape((xs[0].dims[0], xs[1].dims[0]), 0, dtype_of(xs)),)

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(elementwise=ys[0].numel)

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return of_product(wants)

"""How shapes meet in arithmetic: PyTorch's broadcasting, with values that have no batch among them.

Dimensions are compared from the last one on; a size of 1, or a dimension that is not there, meets any size.

    (N, L, E) and (1, L, E)       a position embedding, without a batch
    (N, C, H, W) and (C, 1, 1)    a scale of the channels
    (N, heads, L, L) and (L, L)   a mask

A value with a batch keeps it in its first place: nothing but a 1 meets it there.
"""

from collections.abc import Sequence
from dataclasses import replace

from archspec.ops.align import listing
from archspec.ops.fields import channel_axis, laid_out
from archspec.ops.op import ShapeFault
from archspec.ops.sizes import rank_of
from archspec.values.shape import DType, Shape
from archspec.values.source import Item, Member, Source, constant, method


def broadcast(name: str, xs: Sequence[Shape], *, help: str = "") -> Shape:
    """The shape that all of `xs` broadcast to. Raises ShapeFault where they do not."""
    batches = {x.batch for x in xs if x.batch}
    rank = max(map(rank_of, xs))
    if any(x.batch and rank_of(x) < rank for x in xs):
        raise ShapeFault("rank-mismatch", f"{name} needs inputs with the same dimensions", pointed=listing(xs))
    fits = len(batches) < 2
    dims: list[int] = []
    for at in range(rank):
        sizes = [size for x in xs if (size := _size(x, at - rank)) is not None]
        dims.append(_met(sizes))
        fits = fits and all(size in (dims[-1], 1) for size in sizes)
    if batches:
        fits = fits and dims.pop(0) <= 1
    if not fits:
        raise ShapeFault("shape-mismatch", f"{name} needs inputs of one shape", help=help, pointed=listing(xs))
    leading = replace(leader(xs), batch=max(batches, default=0))
    from_end = channel_axis(leading) - len(leading.dims)
    return laid_out(tuple(dims), leading, len(dims) + from_end, dtype_of(xs))


def _met(sizes: Sequence[int]) -> int:
    """What sizes broadcast to, if they do. One size that meets itself only is not asked whether it is 1."""
    if sizes and all(size is sizes[0] for size in sizes):
        return sizes[0]
    larger = next((size for size in sizes if size != 1), None)
    return _one(sizes) if larger is None else larger


def _one(sizes: Sequence[int]) -> int:
    """What sizes of 1 broadcast to: one that is followed, `width`, which another network may have larger."""
    return max((size for size in sizes if type(size) is not int), default=min(len(sizes), 1))


def leader(xs: Sequence[Shape]) -> Shape:
    """Whose layout the others follow: the first with a batch, else the first of the most dimensions."""
    return max(xs, key=lambda x: (x.batch > 0, rank_of(x)))


def _size(x: Shape, at: int) -> int | None:
    """The size at `at`, counted from the end: -1 is the last. None for the batch, and where there is no dimension."""
    return x.dims[at] if at >= -len(x.dims) else None


def dtype_of(xs: Sequence[Shape]) -> DType:
    """What a join of `xs` holds, as torch promotes: complex numbers, fractions, integers, truth values."""
    held = {x.dtype for x in xs}
    if "complex" in held:
        return "complex"
    return "float" if "float" in held else "int" if "int" in held else "bool"


def as_number(x: Shape) -> Shape:
    """What arithmetic makes of `x`: integers of truth values, and no other numbers of numbers."""
    return replace(x, dtype="int") if x.dtype == "bool" else x


def with_batch(xs: Sequence[Shape]) -> tuple[Shape, ...]:
    """The inputs of a concatenation; one without a batch, `(1, L, E)`, is repeated for each sample of the others.

    Nothing changes where none has a batch, or where the first of its dimensions is no 1.
    """
    batch = max(x.batch for x in xs)
    if not any(map(_repeats, xs)):
        return tuple(xs)
    return tuple(
        Shape(x.dims[1:], batch, x.dtype, x.channels_last and len(x.dims) > 3) if batch and _repeats(x) else x
        for x in xs
    )


def with_batch_args(args: Sequence[Source], xs: Sequence[Shape]) -> tuple[Source, ...]:
    """The same as source: `cls.expand(x.shape[0], -1, -1)`."""
    like = next((arg for arg, x in zip(args, xs, strict=True) if x.batch), None)
    if like is None:
        return tuple(args)
    rows = Item(Member(like, "shape"), (constant(0),))
    return tuple(
        method(arg, "expand", rows, *[constant(-1)] * (len(x.dims) - 1)) if _repeats(x) else arg
        for arg, x in zip(args, xs, strict=True)
    )


def _repeats(x: Shape) -> bool:
    return not x.batch and x.dims[:1] == (1,)

"""Strides: how far apart the elements of each dimension lie in memory, which decides where a view has to be a copy.

    (N, L, 3 * E)                        strides (L * 3 * E, 3 * E, 1)
    as (N, L, 3, heads, E / heads)       a view
    permuted to (3, N, heads, L, E / heads)
    as (3, N * heads, L, E / heads)      a copy: no stride steps through samples and their heads alike

The batch is a dimension like others here, of two samples: a single one would let more be views.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import prod
from typing import TypeAlias

from archspec.values.dataclass import dataclass
from archspec.values.shape import Shape

Strides: TypeAlias = tuple[int, ...]
Sizes: TypeAlias = tuple[int, ...]

SAMPLES = 2


def sizes(shape: Shape) -> Sizes:
    """All sizes of a value, that of the batch too."""
    return (SAMPLES * shape.batch, *shape.dims) if shape.batch else shape.dims


def contiguous(of: Sizes) -> Strides:
    """The strides of elements in the order of their dimensions."""
    return tuple(prod(of[axis + 1 :]) for axis in range(len(of)))


def is_contiguous(of: Sizes, given: Strides) -> bool:
    """Whether elements lie in the order of their dimensions; a size of 1 has any stride."""
    return all(size == 1 or step == wanted for size, step, wanted in zip(of, given, contiguous(of), strict=True))


def in_order(of: Sizes, order: Sequence[int]) -> Strides:
    """The strides of elements that lie in memory in the order of these axes, the first the farthest apart."""
    found, step = [0] * len(of), 1
    for axis in reversed(order):
        found[axis] = step
        step *= of[axis]
    return tuple(found)


def alike(of: Sizes, given: Strides) -> Strides:
    """The strides of a new value of these sizes whose dimensions lie in memory in the order of `given`."""
    return in_order(of, sorted(range(len(of)), key=lambda axis: (-given[axis], axis)))


def expanded(old: Sizes, given: Strides, new: Sizes) -> Strides:
    """Strides where sizes of 1 are read as others, and new dimensions stand before: the same element again."""
    front = len(new) - len(old)
    kept = (step if size == wanted else 0 for size, step, wanted in zip(old, given, new[front:], strict=True))
    return (*(0,) * front, *kept)


def viewed(old: Sizes, given: Strides, new: Sizes) -> Strides | None:
    """The strides with which the same memory is read in other sizes; None where only a copy is.

    Dimensions that step through memory as one are one; each of these has to hold whole dimensions of `new`.
    """
    runs = _runs(old, given)
    found: list[int] = []
    at = len(new) - 1
    for size, step in reversed(runs):
        held = 1
        while at >= 0 and (held < size or new[at] == 1):
            found.append(held * step)
            held *= new[at]
            at -= 1
        if held != size:
            return None
    found += [1] * (at + 1)  # sizes of 1 before all others
    return tuple(reversed(found)) if prod(new[: at + 1]) == 1 else None


def _runs(old: Sizes, given: Strides) -> list[tuple[int, int]]:
    """Size and stride of what steps through memory as one dimension, the farthest apart first."""
    read = [(size, step) for size, step in zip(old, given, strict=True) if size != 1]
    found = read[:1]
    for (_, before), (size, step) in pairwise(read):
        if before == size * step:
            found[-1] = (found[-1][0] * size, step)
        else:
            found.append((size, step))
    return found


@dataclass(frozen=True, slots=True)
class Read:
    """How an op reads an input in other dimensions than its own.

    Attributes:
        broadcast: the sizes to which its own are broadcast.
        sizes: those in which these are read.
        order: of its dimensions, before they are; none where they stay as they are.
    """

    broadcast: Sizes
    sizes: Sizes
    order: tuple[int, ...] = ()

    @property
    def elements(self) -> int:
        """How many it reads, those more than once that are broadcast."""
        return prod(self.broadcast)

    def copies(self, x: Shape, given: Strides) -> bool:
        """Whether no view of what lies so is what is read."""
        of = sizes(x)
        order = self.order or range(len(of))
        of, given = tuple(of[axis] for axis in order), tuple(given[axis] for axis in order)
        return viewed(self.broadcast, expanded(of, given, self.broadcast), self.sizes) is None


def rows_of(x: Shape, *, training: bool) -> Read:
    """How what is multiplied by one matrix is read: one row of numbers after the other.

    Where the matrix gets no gradient, torch multiplies it matrix by matrix if that saves a copy.
    """
    of = sizes(x)
    return Read(of, (prod(of[:-1]), of[-1])) if training or len(of) < 3 else matrices_of(x, of[:-2])


def matrices_of(x: Shape, rest: Sizes) -> Read:
    """The same of what is multiplied matrix by matrix, of as many as `rest` says."""
    return Read((*rest, *sizes(x)[-2:]), (prod(rest), *sizes(x)[-2:]))

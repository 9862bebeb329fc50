"""Layout: which dimensions of a value of torch's are which of archspec's, whose batch always is the first and apart.

A value of torch's may have its batch elsewhere, or as a factor of a dimension, as windows of images have. Such a value
is written as one with its batch in front and the other factors as dimensions of their own:

    torch                  groups                       archspec
    (N, 64, 7, 7)          (N) (64) (7) (7)             N x 64 x 7 x 7
    (L, N, E)              (L) (N) (E)                  N x L x E
    (N * 64, 49, C)        (N, 64) (49) (C)             N x 64 x 49 x C
    (1, 197, 768)          (1) (197) (768)              1 x 197 x 768, no batch
    (1, N * 64, 7, 7)      () (N, 64) (7) (7)           N x 64 x 7 x 7, samples as channels of one

so that the axes of the one are those of the other in the same order, the batch left out.
"""

from collections.abc import Sequence
from math import prod
from typing import TypeAlias

import torch
from torch import Tensor

from archspec.importer.refused import APART, Refused
from archspec.values.dataclass import dataclass

BATCH = 0  # among sizes, which are never 0
Group: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """For each dimension of a value of torch's, the sizes that it is the product of; BATCH is one of them."""

    groups: tuple[Group, ...]

    @property
    def batched(self) -> bool:
        """Whether it has a batch."""
        return any(BATCH in group for group in self.groups)

    @property
    def dims(self) -> tuple[int, ...]:
        """The sizes that archspec's value has after the batch; all of them where there is none."""
        return tuple(size for group in self.groups for size in group if size != BATCH)

    @property
    def plain(self) -> bool:
        """Whether archspec's value is torch's: the batch first, or none, and no dimension made of several."""
        return all(len(group) == 1 for group in self.groups) and (not self.batched or self.groups[0] == (BATCH,))

    @property
    def merged(self) -> tuple[int, ...]:
        """The sizes that are made one with the batch, where these are all that keeps it from being plain; else none."""
        first = self.groups[0] if self.groups else ()
        apart = BATCH in first and all(len(group) == 1 for group in self.groups[1:])
        return tuple(size for size in first if size != BATCH) if apart else ()

    @property
    def rank(self) -> int:
        """How many dimensions torch counts."""
        return len(self.groups)

    def batch_at(self) -> int:
        """The dimension in which the batch is. Raises ValueError where there is none."""
        return next(at for at, group in enumerate(self.groups) if BATCH in group)

    def batch_in(self) -> "BatchIn":
        """Where the batch is; the first dimension where there is none."""
        at = self.batch_at() if self.batched else 0
        return BatchIn(at, self.groups[at] if self.batched else (BATCH,))

    def axis(self, dim: int) -> int:
        """Archspec's number of torch's dimension `dim`, the batch being 0.

        Raises:
            Refused: it is the batch, or made of several.
        """
        at = dim % max(self.rank, 1)
        if self.groups[at] == (BATCH,):
            raise Refused(f"works along dimension {dim}, which is the batch")
        if len(self.groups[at]) != 1:
            raise Refused(f"works along dimension {dim}, of which the batch is a factor")
        before = sum(size != BATCH for group in self.groups[:at] for size in group)
        return before + (1 if self.batched else 0)

    def without(self, dim: int) -> "Layout":
        """One dimension less."""
        at = dim % self.rank
        return Layout(self.groups[:at] + self.groups[at + 1 :])

    def with_size(self, dim: int, size: int) -> "Layout":
        """Another size of one dimension."""
        at = dim % self.rank
        return Layout((*self.groups[:at], (size,), *self.groups[at + 1 :]))


@dataclass(frozen=True, slots=True)
class BatchIn:
    """Where a tensor of torch's has its batch: in which dimension, and what that is the product of."""

    dim: int = 0
    group: Group = (BATCH,)

    def first(self, tensor: Tensor) -> Tensor:
        """The tensor with its batch first, apart from what was made one with it: (L * N, E) -> (N, L, E)."""
        if len(self.group) > 1:
            tensor = torch.unflatten(tensor, self.dim, tuple(size or -1 for size in self.group))
        return tensor.movedim(self.dim + self.group.index(BATCH), 0)


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch of axes that a view makes others of, `start` counted without the batch: (7, 7) -> (49,)."""

    start: int
    before: tuple[int, ...]
    after: tuple[int, ...]


def by_sizes(
    shape: Sequence[int], other: Sequence[int], batches: tuple[int, int], like: Sequence[Layout] = ()
) -> Layout:
    """The layout of a value that has these shapes in two runs of so many samples.

    Where a dimension is a multiple of the batch, it is made as in one of `like`.

    Raises:
        Refused: its size neither stays nor grows with the batch.
    """
    groups: list[Group] = []
    for at, (one, two) in enumerate(zip(shape, other, strict=True)):
        if one == two:
            left_out = one == 1 and any(len(layout.groups) == len(shape) and not layout.groups[at] for layout in like)
            groups.append(() if left_out else (one,))
        elif one * batches[1] != two * batches[0] or one % batches[0]:
            sizes = f"{one} for {batches[0]} samples and {two} for {batches[1]}"
            raise Refused(f"gives a size that does not grow with the batch, {sizes}: the data may decide it")
        elif one == batches[0]:
            groups.append((BATCH,))
        else:
            groups.append(_merged(one // batches[0], like))
    if sum(BATCH in group for group in groups) > 1:
        raise Refused("has the batch in two dimensions", cure=APART)
    return Layout(tuple(groups))


def _merged(factor: int, like: Sequence[Layout]) -> Group:
    for layout in like:
        for group in layout.groups:
            if BATCH in group and prod(size for size in group if size != BATCH) == factor:
                return group
    raise Refused("merges the batch with another dimension")


def viewed(layout: Layout, shape: Sequence[int], other: Sequence[int], batch: int) -> tuple[Layout, tuple[Change, ...]]:
    """What a view of other sizes makes of a value: its layout, and what becomes of which axes.

    Args:
        layout: of the value.
        shape: the sizes afterwards.
        other: the same of a run of another number of samples.
        batch: the samples of the first run.

    Raises:
        Refused: it cuts the batch, or mixes it with other dimensions.
    """
    atoms = [size for group in layout.groups for size in group]
    groups: list[Group] = []
    changes: list[Change] = []
    start = 0
    for before, dims in _joined(_stretches([size or batch for size in atoms], list(shape)), atoms):
        inside = [atoms[at] for at in before]
        if BATCH not in inside:
            after = [shape[at] for at in dims]
            groups += [(size,) for size in after]
            changes += _change(start, inside, after)
        else:
            made, found = _around_batch(inside, [(shape[at], other[at]) for at in dims], batch, start)
            groups += made
            changes += found
        start += sum(size != BATCH for size in inside)
    return Layout(tuple(groups)), tuple(changes)


def _change(start: int, before: Sequence[int], after: Sequence[int]) -> list[Change]:
    return [] if tuple(before) == tuple(after) else [Change(start, tuple(before), tuple(after))]


def _stretches(before: list[int], after: list[int]) -> list[tuple[list[int], list[int]]]:
    """The shortest stretches of both of which the products are equal, as positions in each."""
    found: list[tuple[list[int], list[int]]] = []
    i = j = 0
    while i < len(before) or j < len(after):
        left, right = [i] if i < len(before) else [], [j] if j < len(after) else []
        i, j = i + len(left), j + len(right)
        while prod(before[at] for at in left) != prod(after[at] for at in right) or not (left or right):
            if i < len(before) and (
                prod(before[at] for at in left) < prod(after[at] for at in right) or j == len(after)
            ):
                left.append(i)
                i += 1
            elif j < len(after):
                right.append(j)
                j += 1
            else:
                raise Refused("views elements that are not there")
        found.append((left, right))
    return found


def _joined(stretches: list[tuple[list[int], list[int]]], atoms: list[int]) -> list[tuple[list[int], list[int]]]:
    """A size of 1 that comes or goes by itself belongs to what stands before it, the batch excepted."""
    found: list[tuple[list[int], list[int]]] = []
    for before, dims in stretches:
        if found and not (before and dims) and not any(atoms[at] == BATCH for at in found[-1][0]):
            found[-1] = ([*found[-1][0], *before], [*found[-1][1], *dims])
        else:
            found.append((before, dims))
    return found


def _around_batch(
    atoms: Sequence[int], dims: Sequence[tuple[int, int]], batch: int, start: int
) -> tuple[list[Group], list[Change]]:
    """A stretch with the batch in it: what stands before the batch stays there, and so does what stands behind."""
    at, there = atoms.index(BATCH), [i for i, (one, two) in enumerate(dims) if one != two]
    if len(there) != 1 or dims[there[0]][0] % batch:
        raise Refused("cuts the batch in parts")
    before, behind = list(atoms[:at]), list(atoms[at + 1 :])
    first, last = [one for one, _ in dims[: there[0]]], [one for one, _ in dims[there[0] + 1 :]]
    factor = dims[there[0]][0] // batch
    ahead, rest = divmod(prod(before), prod(first))
    if rest or factor % ahead or factor // ahead * prod(last) != prod(behind):
        raise Refused("mixes the batch with another dimension")
    lead, trail = ([ahead] if ahead > 1 else []), ([factor // ahead] if factor > ahead else [])
    ones = trail and not before and set(first) == {1}  # samples as channels of one sample, which is no dimension then
    groups = [*(() if ones else (size,) for size in first), (*lead, BATCH, *trail), *((size,) for size in last)]
    changes = [] if ones else _change(start, before, [*first, *lead])
    return groups, [*changes, *_change(start + len(before), behind, [*trail, *last])]


def moved(layout: Layout, dims: Sequence[int]) -> tuple[Layout, tuple[int, ...]]:
    """What `permute(dims)` makes of a value: its layout, and archspec's axes in their new order, the batch left out."""
    numbered: list[list[int]] = []
    number = 1 if layout.batched else 0
    for group in layout.groups:
        numbered.append([])
        for size in group:
            numbered[-1].append(BATCH if size == BATCH else number)
            number += size != BATCH
    order = [dim % layout.rank for dim in dims]
    batched = layout.batched
    axes = tuple(
        axis for dim in order for size, axis in zip(layout.groups[dim], numbered[dim], strict=True) if size != BATCH
    )
    return Layout(tuple(layout.groups[dim] for dim in order)), ((0, *axes) if batched else axes)

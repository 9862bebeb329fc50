"""Samples: an op that works sample by sample, on values of which other dimensions are made one with the batch.

torch                                archspec
conv2d of (N * 16, C, H, W)          merge_batch of N x 16 x C x H x W, conv2d of 16N x C x H x W, split_batch
batch_norm2d of what that gives      batch_norm2d of 16N x K x H x W, split_batch
conv2d of (1, C, H, W), then repeat  expand to N x C x H x W, conv2d
"""

from collections.abc import Sequence
from dataclasses import replace
from math import prod

from archspec.importer.layout import BATCH, Layout
from archspec.importer.refused import Refused
from archspec.importer.tree import Member
from archspec.importer.values import Values, check


def by_sample(member: Member, layouts: Sequence[Layout], values: Values) -> list[Member]:
    """The member, with those that make its inputs samples of their own, and its results dimensions again.

    Args:
        member: it.
        layouts: those of its inputs as torch has them.
        values: all values.

    Raises:
        Refused: not all of its inputs with a batch have the same dimensions made one with it.
    """
    merged = {layout.groups[0] for layout in layouts if layout.batched}
    if len(merged) != 1 or not all(layout.merged or not layout.batched for layout in layouts):
        raise Refused(f"{member.op} of values whose batches do not meet")
    (group,) = merged
    made: list[Member] = []
    reads = [_merged(one, layout, made, values) for one, layout in zip(member.reads, layouts, strict=True)]
    gives = [_result(number, group, values) for number in member.gives[:1]]
    if any(values.is_read(number) for number in member.gives[1:]):
        raise Refused(f"further results of {member.op} of a value in which the batch is not the first dimension")
    shapes = check(member.op, member.fields, [values.shape(n) for n in reads], [values.shape(n) for n in gives])
    values.shapes |= dict(zip(gives, shapes, strict=False))
    made.append(replace(member, reads=tuple(reads), gives=tuple(gives)))
    made += _split(gives[0], member.gives[0], group, values)
    values.unsplit[member.gives[0]] = gives[0], group
    return made


def for_each(member: Member, like: int, values: Values) -> list[Member]:
    """A layer over a value without a batch, as one over the same value of each sample.

    What it gives is made for each sample only; `Values.each` says what that is.

    Args:
        member: it.
        like: a value with a batch.
        values: all values.

    Raises:
        Refused: it does not fit such a value either.
    """
    (x, *more), (y, *further) = member.reads, member.gives
    known = values.known(y)
    if more or further or known.shape[:1] != (1,) or values.shape(x).dims[:1] != (1,):
        raise Refused(f"{member.op} of a value without a batch")
    made: list[Member] = []
    rows = values.each.get(x)
    if rows is None:
        rows = values.fresh(_batched(values.shape(x).dims[1:]), values.dtype(x))
        made.append(Member("expand", (x, like), (rows,)))
    after = values.fresh(_batched(known.shape[1:]), values.dtype(y))
    (values.shapes[after],) = check(member.op, member.fields, [values.shape(rows)], [values.shape(after)])
    values.each[y] = after
    return [*made, replace(member, reads=(rows,), gives=(after,))]


def merged_once(members: Sequence[Member], values: Values) -> list[Member]:
    """The members of a graph, of which one makes dimensions of a value samples for all that read it so."""
    first: dict[tuple[int, ...], int] = {}
    kept: list[Member] = []
    for member in members:
        if member.op == "merge_batch" and not member.name:
            (number,) = member.gives
            before = first.setdefault(tuple(map(values.found, member.reads)), number)
            if before != number:
                values.same[number] = before
                continue
        kept.append(member)
    return kept


def _batched(dims: Sequence[int]) -> Layout:
    return Layout(((BATCH,), *((size,) for size in dims)))


def _merged(number: int, layout: Layout, made: list[Member], values: Values) -> int:
    """A value of which the dimensions beside the batch are part of it: as it was, where it was split."""
    was, group = values.unsplit.get(number, (number, ()))
    if group == layout.groups[0]:
        return was
    for _ in layout.merged:
        rest = Layout(((BATCH,), *((size,) for size in values.shape(number).dims[1:])))
        after = values.fresh(rest, values.dtype(number))
        (values.shapes[after],) = check("merge_batch", {}, [values.shape(number)], ())
        made.append(Member("merge_batch", (number,), (after,)))
        number = after
    return number


def _result(number: int, group: tuple[int, ...], values: Values) -> int:
    """What an op gives before its batch is split."""
    known = values.known(number)
    factor = prod(size for size in group if size != BATCH)
    if not known.shape or known.shape[0] != values.run.batch * factor:
        raise Refused("changes the batch")
    values.layouts[number] = Layout((group, *((size,) for size in known.shape[1:])))
    return values.fresh(Layout(((BATCH,), *((size,) for size in known.shape[1:]))), values.dtype(number))


def _split(number: int, result: int, group: tuple[int, ...], values: Values) -> list[Member]:
    """The members that make a value's batch dimensions again, the last one first."""
    made: list[Member] = []
    sizes = [size for size in group if size != BATCH]
    for at, size in enumerate(reversed(sizes)):
        layout = Layout(((BATCH,), (size,), *((one,) for one in values.shape(number).dims)))
        after = result if at == len(sizes) - 1 else values.fresh(layout, values.dtype(number))
        (values.shapes[after],) = check("split_batch", {"size": size}, [values.shape(number)], ())
        made.append(Member("split_batch", (number,), (after,), fields={"size": size}))
        number = after
    return made

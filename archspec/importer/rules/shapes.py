"""Views: what gives the same elements in other dimensions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import prod

from archspec.importer.layout import BATCH, Change, Layout, moved, viewed
from archspec.importer.refused import Refused
from archspec.importer.rules.rule import rule
from archspec.importer.site import Site
from archspec.importer.tree import Plain
from archspec.values.dataclass import dataclass


@rule("view", "reshape", takes="input shape", spreads=True)
@rule("flatten", takes="input start_dim end_dim")
@rule("unflatten", takes="input dim sizes")
def view(site: Site) -> None:
    """Dimensions made one, split, or both."""
    x, (y,) = site.value(), site.call.gives
    layout = site.layout(x)
    shape, other = site.size(y), site.values.other.known[y].shape
    if not layout.batched:
        site.emit("reshape", [x], {"shape": tuple(shape)})
        return
    after, changes = viewed(layout, shape, other, site.values.run.batch)
    if not changes:
        site.is_same(x, after)
        return
    _say(site, x, after, changes)


def _left_to_torch(site: Site, after: Layout) -> int | None:
    """Which of the sizes after the batch the author leaves to torch, the -1 of `view(n, -1, 4)`; None for none."""
    split = site.call.function == "unflatten"
    asked = [] if not (split or "shape" in site.given) else list(site.wholes("sizes" if split else "shape"))
    if -1 not in asked or not after.plain:
        return None
    start = site.whole("dim") % site.layout(site.value()).rank if split else 0
    return start + asked.index(-1) - 1


def _say(site: Site, x: int, after: Layout, changes: tuple[Change, ...]) -> None:
    """One op for each change, from behind, so that those in front keep their numbers."""
    steps: list[Step] = []
    dims, left = site.layout(x).dims, _left_to_torch(site, after)
    for number, change in reversed(list(enumerate(changes))):
        more = sum(len(one.after) - len(one.before) for one in changes[:number])
        for step in _steps(change, dims, None if left is None else left - change.start - more):
            steps.append(step)
            dims = step.dims
    for step in steps[:-1]:
        x = site.between(step.op, x, step.fields, Layout(((BATCH,), *((size,) for size in step.dims))))
    site.emit(steps[-1].op, [x], steps[-1].fields, layouts=[after])


@dataclass(frozen=True, slots=True)
class Step:
    """An op of a view, with its fields and the sizes after the batch that it leaves."""

    op: str
    fields: Mapping[str, Plain]
    dims: tuple[int, ...]


def _steps(change: Change, dims: tuple[int, ...], left: int | None) -> Iterator[Step]:
    """The ops that make a change: one, but for several sizes of 1 that come or go, and for several made of several.

    Of what a dimension is split into, the size number `left` is said as -1.
    """
    start, size = change.start, len(change.before)
    rest = dims[start + size :]
    made = (*dims[:start], *change.after, *rest)
    split = tuple(-1 if at == left else one for at, one in enumerate(change.after))
    if not change.after:
        for kept in range(size - 1, -1, -1):
            yield Step("squeeze", {"dim": start + 1}, (*dims[:start], *change.before[:kept], *rest))
    elif not change.before:
        for more in range(len(change.after)):
            yield Step("unsqueeze", {"dim": start + 1}, (*dims[:start], *change.after[: more + 1], *rest))
    elif len(change.after) == 1:
        last = start + size
        yield Step("flatten", {"start_dim": start + 1, "end_dim": -1 if last == len(dims) else last}, made)
    elif size == 1:
        yield Step("unflatten", {"dim": start + 1, "unflattened_size": split}, made)
    else:
        whole = (*dims[:start], prod(change.before), *rest)
        last = start + size
        yield Step("flatten", {"start_dim": start + 1, "end_dim": -1 if last == len(dims) else last}, whole)
        yield Step("unflatten", {"dim": start + 1, "unflattened_size": split}, made)


@rule("permute", takes="input dims", spreads=True)
@rule("transpose", takes="input dim0 dim1")
@rule("movedim", "moveaxis", takes="input source destination")
@rule("T", "mT", "t", takes="input")
def permute(site: Site) -> None:
    """Dimensions in another order; where only the batch moves, archspec has nothing to do."""
    x = site.value()
    rank = site.layout(x).rank
    layout, axes = moved(site.layout(x), _order(site, rank))
    here = range(len(axes))
    changed = [at for at, axis in zip(here, axes, strict=True) if at != axis]
    if not changed:
        site.is_same(x, layout)
    elif len(changed) == 2:
        site.emit("transpose", [x], {"dim0": changed[0], "dim1": changed[1]}, layouts=[layout])
    else:
        site.emit("permute", [x], {"dims": tuple(axes)}, layouts=[layout])


def _order(site: Site, rank: int) -> list[int]:
    order = list(range(rank))
    if "dims" in site.given:
        return [dim % rank for dim in site.wholes("dims")]
    if "source" in site.given:
        moving = dict(zip((d % rank for d in site.wholes("destination")), site.wholes("source"), strict=True))
        rest = iter([dim for dim in order if dim not in {d % rank for d in moving.values()}])
        return [moving[at] % rank if at in moving else next(rest) for at in order]
    one, two = (site.whole("dim0"), site.whole("dim1")) if "dim0" in site.given else (-2, -1)
    if rank > 1:
        order[one], order[two] = order[two % rank], order[one % rank]
    return order


@rule("squeeze", takes="input dim")
def squeeze(site: Site) -> None:
    """Dimensions of 1 left out."""
    x = site.value()
    sizes = site.size(x)
    wanted = site.wholes("dim") if site.has("dim") else range(len(sizes))
    gone = sorted({dim % len(sizes) for dim in wanted if sizes[dim] == 1}, reverse=True)
    if not gone:
        site.is_same(x)
        return
    for number, dim in enumerate(gone):
        layout, fields = site.layout(x).without(dim), {"dim": site.axis(x, dim)}
        if number == len(gone) - 1:
            site.emit("squeeze", [x], fields, layouts=[layout])
        else:
            x = site.between("squeeze", x, fields, layout)


@rule("unsqueeze", takes="input dim")
def unsqueeze(site: Site) -> None:
    """A dimension of 1 put in."""
    x = site.value()
    layout = site.layout(x)
    at = site.whole("dim") % (layout.rank + 1)
    groups = (*layout.groups[:at], (1,), *layout.groups[at:])
    after = Layout(groups)
    site.emit("unsqueeze", [x], {"dim": after.axis(at)}, layouts=[after])


@rule("expand", "broadcast_to", takes="input size", spreads=True)
def expand(site: Site) -> None:
    """Sizes of 1 repeated. What has no batch gets one from a value that has it, where a join does not repeat it."""
    x, (y,) = site.value(), site.call.gives
    before = site.layout(x)
    after = site.values.by_size(y, [before])
    if before == after:
        site.is_same(x)
        return
    if after.batched and not before.batched:
        for_each_sample(site, x, after)
        return
    site.values.stretched[y] = x
    kept = (1,) * (len(after.dims) - len(before.dims)) + before.dims  # what is 1 may grow
    size = tuple(new if old == 1 else -1 for old, new in zip(kept, after.dims, strict=True))
    site.emit("expand", [x], {"size": size}, layouts=[after])
    _note_stretch(site, "size", before.dims, after.dims)


@rule("expand_as", takes="input other")
def expand_as(site: Site) -> None:
    """Sizes of 1 repeated to those of another value, whatever they are; else as sizes."""
    x, other, (y,) = site.value(), site.value("other"), site.call.gives
    before, after = site.layout(x), site.layout(other)
    plain = before.plain and after.plain and after.batched
    if not plain or before.dims[-len(after.dims) :] == after.dims:  # only the batch comes
        expand(site)
        return
    site.values.stretched[y] = x
    site.emit("expand_as", [x, other], layouts=[after])


def for_each_sample(site: Site, x: int, after: Layout) -> None:
    """A value without a batch for each sample of one that has it, where torch has the batch of the result."""
    (y,), at = site.call.gives, after.batch_at()
    each = site.values.each.get(x)
    if each is not None and after == site.layout(each):
        site.is_same(each)
        return
    before = Layout(((1,),) * (after.rank - site.layout(x).rank) + site.layout(x).groups)
    if before.rank != after.rank or after.groups[at] != (BATCH,) or before.groups[at] != (1,):
        raise Refused("repeats a value without a batch otherwise than for each sample")
    one = Layout(((1,), *before.without(at).groups))
    if site.layout(x) != one:
        x = site.between("reshape", x, {"shape": one.dims}, one)
    if one.dims[1:] != after.dims:
        x = site.between("expand", x, {"size": (-1, *after.dims)}, Layout(((1,), *((d,) for d in after.dims))))
    if at == 0:
        site.values.expanded[y] = x
    site.emit("expand", [x, site.batched()], layouts=[after])


@rule("repeat", "tile", takes="input dims", spreads=True)
def repeat(site: Site) -> None:
    """The whole several times side by side; for each sample, what has no batch."""
    x, (y,) = site.value(), site.call.gives
    layout, times = site.layout(x), site.wholes("dims")
    if site.call.function == "tile":  # which takes numbers for the last dimensions only, too
        times = (1,) * (layout.rank - len(times)) + times
    after = site.values.by_size(y, [layout])
    if all(time == 1 for time in times) and len(times) == layout.rank:
        site.is_same(x)
    elif not (layout.batched or after.batched) and len(times) <= layout.rank:
        site.emit("tile", [x], {"dims": (1,) * (layout.rank - len(times)) + times})
    elif layout.batched and times[0] == 1 and len(times) == layout.rank and layout.plain:
        site.emit("tile", [x], {"dims": times[1:]})
        _note_stretch(site, "dims", layout.dims, times[1:])
    elif after.batched and not layout.batched:
        at = after.batch_at()
        rest = (*times[:at], 1, *times[at + 1 :])
        if any(time != 1 for time in rest):
            whole = after.with_size(at, 1)
            x = site.between("tile", x, {"dims": rest}, whole)
        for_each_sample(site, x, after)
    else:
        raise Refused(f"repeat by {times}")


def _note_stretch(site: Site, name: str, before: Sequence[int], after: Sequence[int]) -> None:
    """Notes where a size of 1 is repeated as often as a value is long that was asked for its size."""
    grown = [at for at, (old, new) in enumerate(zip(before, after, strict=False)) if old == 1 and new > 1]
    if len(grown) == 1 and len(before) == len(after) and site.asked_for(after[grown[0]]):
        site.said[-1] = replace(site.said[-1], stretch=(name, grown[0]))


@rule("repeat_interleave", takes="input repeats dim output_size")
def repeated(site: Site) -> None:
    """Each element several times in a row; each sample several times makes the batch so many times as long."""
    x, times, dim = site.value(), site.whole("repeats"), site.whole("dim")
    layout = site.layout(x)
    if layout.groups[dim % layout.rank] != (BATCH,):
        axis = layout.axis(dim)
        after = layout.with_size(dim, times * prod(layout.groups[dim % layout.rank]))
        site.emit("repeat_interleave", [x], {"repeats": times, "dim": axis}, layouts=[after])
        return
    site.require_plain(x)
    one = Layout(((BATCH,), (1,), *layout.groups[1:]))
    x = site.between("unsqueeze", x, {"dim": 1}, one)
    after = Layout(((BATCH, times), *layout.groups[1:]))
    site.emit("expand", [x], {"size": after.dims}, layouts=[after])


@rule("unbind", takes="input dim")
def unbind(site: Site) -> None:
    """Each number of a dimension by itself."""
    x = site.value()
    dim = site.whole("dim", 0)
    layout = site.layout(x).without(dim)
    site.emit("unbind", [x], {"parts": len(site.call.gives), "dim": site.axis(x, dim)}, layouts=[layout])


@rule("chunk", takes="input chunks dim")
@rule("split", "split_with_sizes", "tensor_split", takes="input split_size dim")
def split(site: Site) -> None:
    """A dimension in parts."""
    if "split_size_or_sections" in site.call.kwargs:
        raise Refused("split by a keyword")
    x = site.value()
    dim = site.whole("dim", 0)
    if (found := site.layout(x)).groups[dim % found.rank] == (len(site.call.gives), BATCH):
        alone = Layout(((BATCH,), *found.groups[1:]))
        site.emit("unbind", [x], {"parts": len(site.call.gives), "dim": 1}, layouts=[alone])
        return
    layouts = [site.layout(x).with_size(dim, site.size(y)[dim]) for y in site.call.gives]
    sizes = tuple(site.size(y)[dim] for y in site.call.gives)
    axis = site.axis(x, dim)
    if "chunks" in site.given and len(set(sizes)) == 1 and len(sizes) == site.whole("chunks"):
        site.emit("chunk", [x], {"chunks": site.whole("chunks"), "dim": axis}, layouts=layouts)
    else:
        site.emit("split", [x], {"split_size": sizes, "dim": axis}, layouts=layouts)


@rule("select", takes="input dim index")
def select(site: Site) -> None:
    """One number of a dimension."""
    x = site.value()
    dim = site.whole("dim")
    fields = {"dim": site.axis(x, dim), "index": site.whole("index")}
    site.emit("select", [x], fields, layouts=[site.layout(x).without(dim)])


@rule("narrow", takes="input dim start length")
def narrow(site: Site) -> None:
    """A stretch of a dimension."""
    x = site.value()
    dim, length = site.whole("dim"), site.whole("length")
    fields = {"dim": site.axis(x, dim), "start": site.whole("start"), "length": length}
    site.emit("narrow", [x], fields, layouts=[site.layout(x).with_size(dim, length)])

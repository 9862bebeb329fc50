"""Places: what an index takes of a value, `x[:, 1:]`, `table[index]`, `x[torch.arange(len(x)), index]`."""

from collections.abc import Mapping
from dataclasses import replace
from math import prod

import torch

from archspec.importer.constants import numbers
from archspec.importer.layout import BATCH, Layout
from archspec.importer.recording import Value
from archspec.importer.refused import Refused
from archspec.importer.rules.rule import rule
from archspec.importer.site import Site
from archspec.importer.tree import Plain
from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Cut:
    """What one part of an index does: an op, its fields, what it gives, and what it reads beside the value."""

    op: str
    fields: Mapping[str, Plain]
    layout: Layout
    more: tuple[int, ...] = ()


@rule("__getitem__", takes="input index")
def item(site: Site) -> None:
    """`x[:, 0]`, `x[..., 1:]`, `table[index]`: one op for each dimension that is cut, from behind."""
    x, index = site.value(), site.given["index"]
    parts = index if isinstance(index, tuple) else (index,)
    if len(parts) == 1 and isinstance(parts[0], Value):
        indexed(site, x, parts[0])
        return
    if any(isinstance(part, Value) for part in parts):
        _picked(site, x, parts)
        return
    steps = _cuts(parts, site.layout(x).rank)
    if not steps:
        site.is_same(x)
        return
    for number, (dim, part) in enumerate(steps):
        cut = _cut(site, x, dim, part)
        last = number == len(steps) - 1
        gives = site.call.gives if last else (site.values.fresh(cut.layout, site.values.dtype(x)),)
        site.emit(cut.op, [x, *cut.more], cut.fields, gives=gives, layouts=[cut.layout])
        if _is_stretch(site, x, part):
            site.said[-1] = replace(site.said[-1], stretch=("stop",))
        (x,) = gives


def _is_stretch(site: Site, x: int, part: object) -> bool:
    """Whether a part is `:length` of what has no batch, where a value of this length was asked for its size."""
    if not isinstance(part, slice) or part.start or part.step not in (None, 1) or site.layout(x).batched:
        return False
    return site.asked_for(part.stop, but=x)


def indexed(site: Site, x: int, index: Value) -> None:
    """Rows of a table by number."""
    number = index.number
    if site.values.dtype(number) != "int" or site.layout(x).batched:
        raise Refused("picks elements by truth values, so that the size depends on the data")
    site.emit("index", [x, number])


def _picked(site: Site, x: int, parts: tuple[object, ...]) -> None:
    """`x[:, index]`: elements along one dimension but the batch, by a table of numbers that serves all samples."""
    if _each_sample(site, x, parts):
        return
    steps = _cuts(parts, site.layout(x).rank)
    if len(steps) > 1:
        raise Refused("picks elements along several dimensions, or for each sample")
    ((dim, part),) = steps
    number, layout = site.tensor_number(part), site.layout(x)
    if site.layout(number).batched or site.values.dtype(number) != "int":
        raise Refused("picks elements that depend on the data")
    sizes, picked, axis = site.size(x), site.size(number), site.axis(x, dim)
    count = prod(picked)
    flat = site.between("reshape", number, {"shape": (count,)}, Layout(((count,),))) if len(picked) != 1 else number
    after = layout.with_size(dim, count)
    if len(picked) == 1:
        site.emit("index_select", [x, flat], {"dim": axis}, layouts=[after])
        return
    made = site.values.fresh(after, site.values.dtype(x))
    site.emit("index_select", [x, flat], {"dim": axis}, gives=[made], layouts=[after])
    if layout.batched:
        whole = Layout((*after.groups[:dim], *((size,) for size in picked), *after.groups[dim + 1 :]))
        site.emit("unflatten", [made], {"dim": axis, "unflattened_size": picked}, layouts=[whole])
    else:
        site.emit("reshape", [made], {"shape": (*sizes[:dim], *picked, *sizes[dim + 1 :])})


def _each_sample(site: Site, x: int, parts: tuple[object, ...]) -> bool:
    """`x[torch.arange(len(x)), index]`: of each sample the rows that its own numbers name. Says whether it is.

    Numbers of several dimensions are put in a row, and what they name back: neighbours (S, K) are S * K rows.
    """
    while parts and _is_whole(parts[-1]):
        parts = parts[:-1]
    if len(parts) != 2 or not isinstance(parts[0], Value) or not isinstance(parts[1], Value):
        return False
    samples, index = parts[0].number, parts[1].number
    layout, places = site.layout(x), site.layout(index)
    plain = layout.plain and layout.batched and layout.rank > 1 and places.plain and places.batched
    if not plain or not _counts_samples(site, samples, places):
        return False
    picked, count = places.dims, prod(places.dims)
    if places.rank > 2:
        index = site.between("flatten", index, {"start_dim": 1}, Layout((places.groups[0], (count,))))
    groups = (places.groups[0], (count,), *[(1,)] * (layout.rank - 2))
    for rank in range(min(places.rank, 2), layout.rank):
        index = site.between("unsqueeze", index, {"dim": rank}, Layout(groups[: rank + 1]))
    after = layout.with_size(1, count)
    if places.rank == 2:
        site.emit("take_along_dim", [x, index], {"dim": 1}, layouts=[after])
        return True
    made = site.values.fresh(after, site.values.dtype(x))
    site.emit("take_along_dim", [x, index], {"dim": 1}, gives=[made], layouts=[after])
    if places.rank == 1:
        site.emit("squeeze", [made], {"dim": 1}, layouts=[after.without(1)])
    else:
        whole = Layout((after.groups[0], *((size,) for size in picked), *after.groups[2:]))
        site.emit("unflatten", [made], {"dim": 1, "unflattened_size": picked}, layouts=[whole])
    return True


def _is_whole(part: object) -> bool:
    return isinstance(part, slice) and part == slice(None)


def _counts_samples(site: Site, number: int, places: Layout) -> bool:
    """Whether a constant is 0, 1, ... of each sample, whatever their number, for each place that is picked."""
    for run in (site.values.run, site.values.other):
        known, sizes = run.known[number], (run.batch, *places.dims)
        shape = known.shape
        broadcasts = all(own in (1, size) for own, size in zip(shape[1:], sizes[1:], strict=False))
        if known.origin != "constant" or len(shape) != len(sizes) or shape[0] != run.batch or not broadcasts:
            return False
        counted = torch.arange(run.batch).view(-1, *[1] * len(places.dims)).expand(shape)
        if not torch.equal(known.tensor, counted):
            return False
    return True


def _cuts(parts: tuple[object, ...], rank: int) -> list[tuple[int, object]]:
    """The dimension that each part of an index cuts, the last first; whole ones are left out."""
    taken = sum(part is not None and part is not Ellipsis for part in parts)
    found: list[tuple[int, object]] = []
    dim = 0
    for part in parts:
        if part is Ellipsis:
            dim += rank - taken
        elif part is None:
            found.append((dim, None))
        else:
            if not _is_whole(part):
                found.append((dim, part))
            dim += 1
    return found[::-1]


def _places(numbers: tuple[object, ...], size: int) -> list[int]:
    """A list of places, each counted from the front. Raises Refused for truth values."""
    if not all(type(number) is int for number in numbers):
        raise Refused("picks elements by a list of truth values")
    return [number % size for number in numbers if isinstance(number, int)]


def _cut(site: Site, x: int, dim: int, part: object) -> Cut:
    layout = site.layout(x)
    if isinstance(part, slice) and (found := _samples(site, layout, dim, part)) is not None:
        return found
    if part is None:
        groups = (*layout.groups[:dim], (1,), *layout.groups[dim:])
        return Cut("unsqueeze", {"dim": Layout(groups).axis(dim)}, Layout(groups))
    axis, size = layout.axis(dim), prod(layout.groups[dim])
    if isinstance(part, tuple):
        places = _places(part, size)
        if not places or places != list(range(places[0], places[0] + len(places))):
            return _listed(site, places, axis, layout.with_size(dim, len(places)))
        part = slice(places[0], places[-1] + 1)
    if isinstance(part, slice):
        if any(isinstance(end, Value) for end in (part.start, part.stop, part.step)):
            raise Refused("cuts at a place that is computed")
        fields = {"dim": axis, "start": part.start or None, "stop": part.stop, "step": part.step or 1}
        return Cut("slice", fields, layout.with_size(dim, len(range(size)[part])))
    if isinstance(part, int) and not isinstance(part, bool):
        return Cut("select", {"dim": axis, "index": part}, layout.without(dim))
    raise Refused(f"an index of {type(part).__name__}")


def _listed(site: Site, places: list[int], axis: int, after: Layout) -> Cut:
    """Elements by a list of places, which is a table beside."""
    table = site.values.fresh(Layout(((len(places),),)), "int")
    op, fields = numbers(torch.tensor(places), persistent=False)
    site.emit(op, [], fields, gives=[table], layouts=[site.layout(table)])
    return Cut("index_select", {"dim": axis}, after, (table,))


def _samples(site: Site, layout: Layout, dim: int, part: slice) -> Cut | None:
    """`both[:n]` of samples that stand behind samples: one of the dimension that was made one with the batch."""
    group, batch = layout.groups[dim], site.values.run.batch
    if dim or len(group) != 2 or group[1] != BATCH or part.step not in (None, 1):
        return None
    found = range(prod(size or batch for size in group))[part]
    if found.start % batch or len(found) != batch:
        raise Refused("cuts the batch in parts")
    return Cut("select", {"dim": 1, "index": found.start // batch}, Layout(((BATCH,), *layout.groups[1:])))

"""Values of which a part is written in place: what is left of them, and what is written, side by side.

x[:, 1:, 1:] = y          concat(x[:, :1], concat(x[:, 1:, :1], y, dim 2), dim 1)
x[:, 2] = y               concat(x[:, :2], unsqueeze(y, 1), x[:, 3:], dim 1)
x[2:4] = 5                concat(x[:2], full_like(x[2:4], 5), x[4:], dim 0)
x[x > 1] = 0              masked_fill(x, x > 1, 0)
"""

from archspec.importer.layout import Layout
from archspec.importer.recording import Value
from archspec.importer.refused import Refused
from archspec.importer.rules.elementwise import aligned
from archspec.importer.rules.rule import rule
from archspec.importer.site import Site
from archspec.importer.tree import Plain
from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Cut:
    """The stretch of one of torch's dimensions that is written; of one `place`, what is written has no such one."""

    dim: int
    start: int
    stop: int
    size: int
    place: bool = False


@rule("__setitem__", takes="input index value")
def written(site: Site) -> None:
    """`x[:, 1:] = y`, `x[:, 2] = 0`."""
    x, index = site.value(), site.given["index"]
    if isinstance(index, Value) and not site.tensor("value"):
        _masked(site, x, index.number)
        return
    cuts = _cuts(site.size(x), index if isinstance(index, tuple) else (index,))
    value = _fitting(site, x, cuts) if site.tensor("value") else None
    parts = [cut for cut in cuts if cut.stop - cut.start < cut.size]
    if parts:
        _put(site, x, value, parts, last=True)
    elif value is None:
        op, fields = _number(site)
        site.emit(op, [x], fields)
    else:
        site.is_same(value)


def _masked(site: Site, x: int, mask: int) -> None:
    """`x[mask] = 0`."""
    if site.values.dtype(mask) != "bool" or site.size(mask) != site.size(x):
        raise Refused("writes to places that are computed")
    site.emit("masked_fill", aligned(site, [x, mask]), {"value": site.fraction("value")})


def _fitting(site: Site, x: int, cuts: list[Cut]) -> int:
    """The value that is written, with a dimension for each place. Raises Refused where it has other sizes or types."""
    value = site.value("value")
    want = list(site.size(x))
    for cut in cuts:
        want[cut.dim] = cut.stop - cut.start
    places = [cut.dim for cut in cuts if cut.place]
    if site.size(value) != tuple(size for dim, size in enumerate(want) if dim not in places):
        raise Refused("writes what has other sizes than the part that it is written to")
    if site.values.dtype(value) != site.values.dtype(x):
        raise Refused("writes what holds another type")
    for dim in places:
        layout = site.layout(value)
        after = Layout((*layout.groups[:dim], (1,), *layout.groups[dim:]))
        value = site.between("unsqueeze", value, {"dim": after.axis(dim)}, after)
    return value


def _number(site: Site) -> tuple[str, dict[str, Plain]]:
    """The op that has one number in every place, and its fields."""
    number = site.plain("value", 0)
    return ("full_like", {"fill_value": number}) if number else ("zeros_like", {})


@rule("zero", takes="input")
@rule("fill", takes="input value")
def filled(site: Site) -> None:
    """`x.zero_()`: one number in every place."""
    op, fields = _number(site)
    site.emit(op, [site.value()], fields)


@rule("copy", takes="input src non_blocking")
def copied(site: Site) -> None:
    """`x.copy_(y)`: what another value holds."""
    source = site.value("src")
    if site.size(source) != site.size(site.value()) or site.values.dtype(source) != site.values.dtype(site.value()):
        raise Refused("copies what has another size or type")
    site.is_same(source)


def _put(site: Site, x: int, value: int | None, cuts: list[Cut], *, last: bool) -> int:
    """`x` with `value`, or the number, in the stretch of these dimensions; the last step gives the call's result."""
    if not cuts and value is not None:
        return value
    if not cuts:
        op, fields = _number(site)
        return site.between(op, x, fields, site.layout(x))
    cut, layout = cuts[0], site.layout(x)
    pieces: list[int] = []
    if cut.start:
        pieces.append(_stretch(site, x, cut, 0, cut.start))
    inner = _stretch(site, x, cut, cut.start, cut.stop) if len(cuts) > 1 or value is None else x
    pieces.append(_put(site, inner, value, cuts[1:], last=False))
    if cut.stop < cut.size:
        pieces.append(_stretch(site, x, cut, cut.stop, cut.size))
    made = site.call.gives[0] if last else site.values.fresh(layout, site.values.dtype(x))
    site.emit("concat", pieces, {"dim": layout.axis(cut.dim)}, gives=[made], layouts=[layout])
    return made


def _stretch(site: Site, x: int, cut: Cut, start: int, stop: int) -> int:
    layout: Layout = site.layout(x)
    fields: dict[str, Plain] = {"dim": layout.axis(cut.dim), "start": start or None, "stop": stop, "step": 1}
    return site.between("slice", x, fields, layout.with_size(cut.dim, stop - start))


def _cuts(sizes: tuple[int, ...], parts: tuple[object, ...]) -> list[Cut]:
    """What an index takes of each dimension. Raises Refused for anything but places and slices without a step."""
    at = next((at for at, part in enumerate(parts) if part is Ellipsis), len(parts))
    behind = parts[at + 1 :]
    numbered = [*enumerate(parts[:at]), *enumerate(behind, len(sizes) - len(behind))]
    made: list[Cut] = []
    for dim, part in numbered:
        if type(part) is int:
            start = part % sizes[dim]
            made.append(Cut(dim, start, start + 1, sizes[dim], place=True))
            continue
        if not isinstance(part, slice) or part.step not in (None, 1):
            raise Refused("writes to places other than a stretch of each dimension")
        if not all(end is None or type(end) is int for end in (part.start, part.stop)):
            raise Refused("writes to a place that is computed")
        found = range(sizes[dim])[part]
        made.append(Cut(dim, found.start, found.stop, sizes[dim]))
    return made

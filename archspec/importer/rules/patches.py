"""Patches: a dimension cut in windows that lie side by side, as patches of images are; and products of all pairs."""

from archspec.importer.layout import Layout, moved
from archspec.importer.refused import Refused
from archspec.importer.rules.rule import rule
from archspec.importer.site import Site
from archspec.importer.tree import Plain


@rule("Tensor.unfold", takes="input dimension size step")
def windows(site: Site) -> None:
    """A dimension becomes the number of its windows, and what is in each the last one: (C, 32, W) -> (C, 4, W, 8)."""
    x = site.value()
    layout = site.layout(x)
    dim, size = site.whole("dimension") % layout.rank, site.whole("size")
    if site.whole("step") != size:
        site.emit("sliding_window", [x], {"dim": site.axis(x, dim), "size": size, "step": site.whole("step")})
        return
    axis, count = site.axis(x, dim), site.size(x)[dim] // size
    if count * size != site.size(x)[dim]:
        layout = layout.with_size(dim, count * size)
        x = site.between("slice", x, {"dim": axis, "start": None, "stop": count * size, "step": 1}, layout)
    cut = Layout((*layout.groups[:dim], (count,), (size,), *layout.groups[dim + 1 :]))
    fields: dict[str, Plain] = {"dim": axis, "unflattened_size": (count, size)}
    order = [at for at in range(cut.rank) if at != dim + 1]
    after, axes = moved(cut, [*order, dim + 1])
    if order[-1] == dim:
        site.emit("unflatten", [x], fields, layouts=[cut])
    else:
        x = site.between("unflatten", x, fields, cut)
        site.emit("permute", [x], {"dims": tuple(axes)}, layouts=[after])


@rule("outer", "ger", takes="input vec2")
def outer(site: Site) -> None:
    """Each element of one vector times each of another: (N,) and (M,) -> (N, M)."""
    x, y = site.value(), site.value("vec2")
    if site.layout(y).batched:
        raise Refused("takes all pairs with the samples of a batch")
    column = Layout((*site.layout(x).groups, (1,)))
    made = site.between("unsqueeze", x, {"dim": column.axis(1)}, column)
    site.emit("mul", [made, y], layouts=[Layout((*site.layout(x).groups, *site.layout(y).groups))])

"""What joins values, multiplies them, or picks of them."""

from collections.abc import Sequence
from itertools import islice
from string import ascii_lowercase

from archspec.importer.layout import BATCH, Layout
from archspec.importer.recording import Value
from archspec.importer.refused import Refused
from archspec.importer.rules.elementwise import aligned, number_of
from archspec.importer.rules.rule import rule
from archspec.importer.site import Site
from archspec.importer.tree import Plain


def _values(site: Site, name: str) -> list[int]:
    given = site.given.get(name)
    if not isinstance(given, tuple) or not all(isinstance(one, Value) for one in given):
        raise Refused(f"{site.call.function} of {given!r}")
    return [one.number for one in given if isinstance(one, Value)]


@rule("cat", takes="tensors dim")
def concat(site: Site) -> None:
    """Values side by side; a join repeats for each sample what has no batch."""
    given = _values(site, "tensors")
    xs = [x for x in given if 0 not in site.size(x)] or given  # x[:, :0] has nothing to give
    if len(xs) == 1:
        site.is_same(xs[0])
        return
    lead = next((site.layout(x) for x in xs if site.layout(x).batched), site.layout(xs[0]))
    dim = site.whole("dim", 0)
    if len(set(xs)) == 1:
        repeated(site, xs[0], dim, len(xs))
        return
    if lead.plain and lead.batched and dim % lead.rank == 0:
        side_by_side(site, xs)
        return
    reads = [site.values.expanded.get(x, x) for x in xs]
    axis = lead.axis(dim)
    total = sum(site.size(x)[dim] for x in xs)
    after = lead.with_size(dim, total)
    rank = len(after.dims) + (1 if after.batched else 0)
    site.emit("concat", reads, {"dim": axis - rank if dim == -1 and axis > 1 else axis}, layouts=[after])


def repeated(site: Site, x: int, dim: int, times: int) -> None:
    """One value several times behind itself: `torch.cat([w] * n)` for each of n samples, and for any other number."""
    layout, (y,) = site.layout(x), site.call.gives
    after = site.values.by_size(y, [layout])
    if after.batched and not layout.batched:
        if after.groups[0] != (BATCH,) or layout.groups[0] != (1,):
            raise Refused("repeats a value without a batch otherwise than for each sample")
        site.values.expanded[y] = x
        site.emit("expand", [x, site.batched()], layouts=[after])
        return
    at = dim % layout.rank
    counts = [times if one == at else 1 for one in range(layout.rank)]
    if not layout.plain or (layout.batched and at == 0):
        raise Refused("repeats the batch")
    site.emit("tile", [x], {"dims": tuple(counts[1:] if layout.batched else counts)}, layouts=[after])


def side_by_side(site: Site, xs: list[int]) -> None:
    """Samples behind samples, `torch.cat([left, right])`: a dimension that is made one with the batch."""
    layouts = {site.layout(x) for x in xs}
    if len(layouts) > 1:
        raise Refused("joins samples of several sizes")
    (layout,) = layouts
    site.emit("stack", xs, {"dim": 1}, layouts=[Layout(((len(xs), BATCH), *layout.groups[1:]))])


@rule("stack", takes="tensors dim")
def stack(site: Site) -> None:
    """Values side by side in a new dimension."""
    xs = _values(site, "tensors")
    layout = site.layout(xs[0])
    at = site.whole("dim", 0) % (layout.rank + 1)
    after = Layout((*layout.groups[:at], (len(xs),), *layout.groups[at:]))
    site.emit("stack", xs, {"dim": after.axis(at)}, layouts=[after])


@rule("addcmul", takes="input tensor1 tensor2 value")
def addcmul(site: Site) -> None:
    """`a + b * c`."""
    if site.given.get("value", 1) != 1:
        raise Refused("addcmul with a value")
    one, two = aligned(site, [site.value("tensor1"), site.value("tensor2")])
    (y,) = site.call.gives
    wide = max((site.layout(one), site.layout(two)), key=lambda layout: (layout.batched, layout.rank))
    product = site.values.fresh(wide, site.values.dtype(y))
    site.emit("mul", [one, two], gives=[product], layouts=[wide])
    site.emit("add", aligned(site, [site.value(), product]))


@rule("lerp", takes="input end weight")
def lerp(site: Site) -> None:
    """`a + w * (b - a)`, as torch reckons up to a weight of a half; beyond, `b - (1 - w) * (b - a)`."""
    one, two = aligned(site, [site.value(), site.value("end")])
    (y,) = site.call.gives
    layout = site.values.by_size(y, [site.layout(one)])
    apart, part = (site.values.fresh(layout, site.values.dtype(y)) for _ in range(2))
    site.emit("sub", [two, one], gives=[apart], layouts=[layout])
    if site.tensor("weight"):
        site.emit("mul", aligned(site, [apart, site.value("weight")]), gives=[part], layouts=[layout])
    else:
        site.emit("mul", [apart], {"other": site.fraction("weight")}, gives=[part], layouts=[layout])
    site.emit("add", aligned(site, [one, part]))


@rule("addmm", takes="input mat1 mat2 beta alpha")
@rule("baddbmm", takes="input batch1 batch2 beta alpha")
def addmm(site: Site) -> None:
    """`beta * a + alpha * b @ c`."""
    left, right = ("mat1", "mat2") if "mat1" in site.given else ("batch1", "batch2")
    (y,) = site.call.gives
    layout = site.values.by_size(y, [site.layout(site.value(left))])
    product = site.values.fresh(layout, site.values.dtype(y))
    site.emit("matmul", [site.value(left), site.value(right)], gives=[product])
    alpha, beta = site.fraction("alpha", 1.0), site.fraction("beta", 1.0)
    added = site.value()
    if alpha != 1.0:
        product = site.between("mul", product, {"other": alpha}, layout)
    if beta != 1.0:
        added = site.between("mul", added, {"other": beta}, site.layout(added))
    site.emit("add", aligned(site, [product, added]))


@rule("where", takes="condition input other")
def where(site: Site) -> None:
    """One of two values, element by element."""
    reads, fields = [site.value("condition")], dict[str, Plain]()
    for name in ("input", "other"):
        number = number_of(site, Value(site.value(name)), Value(reads[0])) if site.tensor(name) else None
        if number is not None:
            fields[name] = number
        elif site.tensor(name):
            reads.append(site.value(name))
        else:
            fields[name] = site.plain(name)
    site.emit("where", aligned(site, reads), fields)


@rule("masked_fill", takes="input mask value")
def masked_fill(site: Site) -> None:
    """A number where a mask holds."""
    site.emit("masked_fill", aligned(site, [site.value(), site.value("mask")]), {"value": site.plain("value")})


@rule("scatter", "scatter_add", takes="input dim index src")
def scatter(site: Site) -> None:
    """Elements, or a number, put or added to places along a dimension."""
    x, fields = site.value(), dict[str, Plain]()
    site.require_plain(x)
    reads = [x, site.value("index")]
    if site.tensor("src"):
        reads.append(site.value("src"))
    else:
        fields["value"] = site.fraction("src")
    site.emit(site.call.function, reads, {"dim": site.axis(x, site.whole("dim")), **fields})


@rule("gather", "take_along_dim", takes="input dim index")
def gather(site: Site) -> None:
    """Elements along a dimension by number."""
    x = site.value()
    fields = {"dim": site.axis(x, site.whole("dim"))}
    site.emit("gather", [x, site.value("index")], fields)


@rule("index_select", takes="input dim index")
def index_select(site: Site) -> None:
    """Rows along a dimension by number."""
    x, dim = site.value(), site.whole("dim")
    index = site.value("index")
    after = site.layout(x).with_size(dim, site.size(index)[0])
    site.emit("index_select", [x, index], {"dim": site.axis(x, dim)}, layouts=[after])


@rule("scaled_dot_product_attention", takes="query key value attn_mask dropout_p is_causal scale enable_gqa")
def attention(site: Site) -> None:
    """Attention without projections."""
    reads = [site.value(name) for name in ("query", "key", "value")]
    query, key = (site.layout(read).groups[:-2] for read in reads[:2])
    grouped = site.given.get("enable_gqa") or (*query[:-1], (1,)) == key  # one head of keys for all of queries
    if query != key and not grouped:
        raise Refused("attention between values whose batches do not meet")
    if site.tensor("attn_mask"):
        reads.append(site.value("attn_mask"))
    fields = {
        name: site.plain(name) for name in ("dropout_p", "is_causal", "scale", "enable_gqa") if name in site.given
    }
    if "dropout_p" in fields:
        fields["dropout_p"] = site.fraction("dropout_p")
    site.emit("scaled_dot_product_attention", aligned(site, reads), fields)


@rule("cross", "linalg_cross", takes="input other dim")
def cross(site: Site) -> None:
    """Vectors that stand upright on two others; torch.cross takes the first dimension of 3 where none is said."""
    one, two = aligned(site, [site.value(), site.value("other")])
    usual = -1 if site.call.function == "linalg_cross" else site.size(one).index(3)
    dim, rank = site.whole("dim", usual), site.layout(one).rank
    site.emit("cross", [one, two], {"dim": -1 if dim in (-1, rank - 1) else site.axis(one, dim)})


@rule("einsum", takes="equation operands", spreads=True)
def einsum(site: Site) -> None:
    """Einstein's sum, in which the batch comes first in all that has it, and what is made one with it has a letter."""
    xs = _values(site, "operands")
    layouts = list(map(site.layout, xs))
    equation = _spelled("".join(str(site.plain("equation")).split()), [layout.rank for layout in layouts])
    left, _, out = equation.partition("->")
    terms = left.split(",")
    if all(layout.plain for layout in layouts):
        site.emit("einsum", xs, {"equation": equation})
        return
    batched = [(term, layout, layout.batch_at()) for term, layout in zip(terms, layouts, strict=True) if layout.batched]
    letters, groups = {term[at] for term, _, at in batched}, {layout.groups[at] for _, layout, at in batched}
    if len(letters) > 1 or len(groups) > 1 or not letters < set(out) or not all(map(_has_no_other, batched)):
        raise Refused("einsum of values whose batches do not meet")
    (batch,), (group,) = letters, groups
    free = iter(letter for letter in ascii_lowercase if letter not in equation)
    inside = "".join(islice(free, len(group) - 1))
    said = ",".join(_in_front(term, batch, inside) for term in terms) + f"->{_in_front(out, batch, inside)}"
    site.emit("einsum", xs, {"equation": said})


def _spelled(equation: str, ranks: Sequence[int]) -> str:
    """An equation with letters for each `...`, and with its output: `...i,i` of three dimensions is `abi,i->ab`."""
    left, arrow, out = equation.partition("->")
    terms = left.split(",")
    free = [letter for letter in ascii_lowercase if letter not in equation]
    counts = [rank - len(term.replace(".", "")) if "." in term else 0 for term, rank in zip(terms, ranks, strict=True)]
    dots = "".join(free[: max(counts, default=0)])
    terms = [term.replace("...", dots[len(dots) - count :]) for term, count in zip(terms, counts, strict=True)]
    letters = "".join(terms)
    if not arrow:
        out = dots + "".join(sorted(one for one in set(letters) - set(dots) if letters.count(one) == 1))
    return f"{','.join(terms)}->{out.replace('...', dots)}"


def _has_no_other(operand: tuple[str, Layout, int]) -> bool:
    """Whether all dimensions of an operand but that of the batch are one of archspec's."""
    _, layout, batch = operand
    return all(len(group) == 1 for at, group in enumerate(layout.groups) if at != batch)


def _in_front(letters: str, batch: str, inside: str) -> str:
    """The letters of a value's dimensions with that of the batch first, and those that were made one with it there."""
    return batch + letters.replace(batch, inside) if batch in letters else letters


@rule("cosine_similarity", takes="x1 x2 dim eps")
@rule("pairwise_distance", takes="x1 x2 p eps keepdim")
def distance(site: Site) -> None:
    """How near two vectors are to each other."""
    one, two = aligned(site, [site.value("x1"), site.value("x2")])
    fields: dict[str, Plain] = {name: site.fraction(name) for name in ("p", "eps") if site.has(name)}
    if "keepdim" in site.given:
        fields["keepdim"] = bool(site.given["keepdim"])
    if site.call.function == "cosine_similarity":
        fields["dim"] = site.axis(one, site.whole("dim", 1))
    site.emit(site.call.function, [one, two], fields)


@rule("cdist", takes="x1 x2 p compute_mode")
def cdist(site: Site) -> None:
    """The distance of each vector from each of others."""
    reads = [site.value("x1"), site.value("x2")]
    site.require_plain(*reads)
    site.emit("cdist", reads, {"p": site.fraction("p")} if site.has("p") else {})


@rule("grid_sample", takes="input grid mode padding_mode align_corners")
def grid_sample(site: Site) -> None:
    """A map read at places between its pixels."""
    reads = [site.value(), site.value("grid")]
    site.require_plain(*reads)
    fields: dict[str, Plain] = {name: site.plain(name) for name in ("mode", "padding_mode") if site.has(name)}
    site.emit("grid_sample", reads, {**fields, "align_corners": bool(site.given.get("align_corners"))})


@rule("affine_grid", takes="theta size align_corners")
def affine_grid(site: Site) -> None:
    """Places of a turned and moved map: as many as the map has that was asked for its size, or as a spec says."""
    theta = site.value("theta")
    size = site.wholes("size")
    like = list(site.values.asked(site.call, size))
    fields: dict[str, Plain] = {} if like else {"size": tuple(size[2:])}
    site.require_plain(theta)
    fields["align_corners"] = bool(site.given.get("align_corners"))
    site.emit("affine_grid", [theta, *like[:1]], fields)

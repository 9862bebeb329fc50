"""Functional pooling, padding, resampling, dropout and norms without weights."""

from itertools import islice

from archspec.importer.recording import Value
from archspec.importer.refused import Refused
from archspec.importer.rules.elementwise import aligned, all_of, number_of
from archspec.importer.rules.rule import rule
from archspec.importer.site import Site
from archspec.importer.tree import Plain
from archspec.importer.values import one_of, trimmed
from archspec.ops import OPS

POOLS = tuple(f"{kind}_pool{n}d" for kind in ("max", "avg", "lp") for n in (1, 2, 3))
FRACTIONAL = tuple(f"fractional_max_pool{n}d{places}" for n in (2, 3) for places in ("", "_with_indices"))
ADAPTIVE = tuple(f"adaptive_{kind}_pool{n}d" for kind in ("avg", "max") for n in (1, 2, 3))


def _fields(site: Site, op: str) -> dict[str, Plain]:
    return {name: one_of(site.plain(name)) for name in OPS[op].model_fields if name in site.given}


def _pool(site: Site) -> None:
    op = site.call.function
    site.require_plain(site.value())
    fields = _fields(site, op)
    if _is_whole(site, op, fields):
        site.emit(f"adaptive_{op}", [site.value()], {"output_size": 1})
        return
    site.emit(op, [site.value()], _with_own_stride(fields))


def _with_own_stride(fields: dict[str, Plain]) -> dict[str, Plain]:
    """The settings without a stride that is the kernel's anyway."""
    usual = fields.get("stride") in (fields.get("kernel_size"), ())
    return {name: value for name, value in fields.items() if name != "stride" or not usual}


def _is_whole(site: Site, op: str, fields: dict[str, Plain]) -> bool:
    """Whether a pool takes all of a value that was asked for its size: `F.max_pool1d(x, x.size(2))`."""
    kernel, size = fields.get("kernel_size"), site.size(site.value())[2:]
    whole = all(one == kernel for one in size) if isinstance(kernel, int) else kernel == size
    plain = set(trimmed(op, fields)) <= {"kernel_size", "stride"} and fields.get("stride") in (None, (), kernel)
    return whole and plain and f"adaptive_{op}" in OPS and site.value() in site.call.sized


def _adaptive(site: Site) -> None:
    site.require_plain(site.value())
    site.emit(site.call.function, [site.value()], {"output_size": one_of(site.plain("output_size"))})


def _pool_with_places(site: Site) -> None:
    """The largest and where they are: `F.max_pool2d(x, 2, return_indices=True)`."""
    op = site.call.function.removesuffix("_with_indices")
    site.require_plain(site.value())
    site.emit(op, [site.value()], _with_own_stride(_fields(site, op)))


@rule(*(f"max_unpool{n}d" for n in (1, 2, 3)), takes="input indices kernel_size stride padding output_size")
def unpool(site: Site) -> None:
    """The largest back where they were."""
    site.require_plain(site.value())
    op, fields = site.call.function, _with_own_stride(_fields(site, site.call.function))
    reads, (y,) = [site.value(), site.value("indices")], site.call.gives
    if site.has("output_size"):
        reads += islice(site.values.asked(site.call, site.size(y)[2:], 2), 1)
    site.emit(op, reads, fields)


for _op in POOLS:
    _more = " return_indices" if _op.startswith("max") else ""
    _takes = " ".join(("input", *OPS[_op].model_fields)) + _more
    rule(_op, takes=_takes)(_pool)
    if _more:
        rule(f"{_op}_with_indices", takes=_takes)(_pool_with_places)
for _op in ADAPTIVE:
    rule(_op, takes="input output_size return_indices")(_adaptive)
    if "max" in _op:
        rule(f"{_op}_with_indices", takes="input output_size return_indices")(_pool_with_places)


@rule(*FRACTIONAL, takes="input kernel_size output_size output_ratio return_indices")
def fractional(site: Site) -> None:
    """The largest of windows that chance places."""
    site.require_plain(site.value())
    op = site.call.function.removesuffix("_with_indices")
    site.emit(op, [site.value()], _fields(site, op))


@rule("interpolate", takes="input size scale_factor mode align_corners recompute_scale_factor antialias")
@rule("upsample", takes="input size scale_factor mode align_corners")
def interpolate(site: Site) -> None:
    """Another height and width: by a factor, to the size of a value that was asked for it, or to fixed ones."""
    x, (y,) = site.value(), site.call.gives
    if site.layout(x).batched or not site.has("size"):
        site.require_plain(x)
    if site.given.get("antialias"):
        raise Refused("interpolate with antialias")
    fields: dict[str, Plain] = {"mode": site.plain("mode", "nearest"), "align_corners": site.plain("align_corners")}
    if not site.has("size"):
        factor = one_of(site.plain("scale_factor"))
        fields["scale_factor"] = int(factor) if isinstance(factor, float) and factor.is_integer() else factor
        site.emit("upsample", [x], fields)
        return
    size = site.size(y)[2:]
    like = list(site.values.asked(site.call, size, 2))
    if size == site.size(x)[2:] and not like:
        like = [x]
    if not site.layout(x).batched:
        like = [one for one in like if site.layout(one).batched]
    if like:
        site.emit("upsample", [x, like[0]], fields)
    else:
        site.emit("upsample", [x], {**fields, "size": one_of(tuple(size))})


@rule("pad", takes="input pad mode value")
def pad(site: Site) -> None:
    """Elements put around, or cut off."""
    x = site.value()
    sides = site.wholes("pad")
    while sides and not any(sides[-2:]):  # the dimensions in front that nothing is put around
        sides = sides[:-2]
    if not sides:
        site.is_same(x)
        return
    value = site.plain("value")
    layout = site.layout(x)
    if layout.batched and len(sides) // 2 >= layout.rank - layout.batch_at():
        raise Refused("pads the batch")
    for at, (low, high) in enumerate(zip(sides[::2], sides[1::2], strict=True)):
        dim = layout.rank - 1 - at
        if low or high:
            layout = layout.with_size(dim, layout.groups[dim][0] + low + high)
    site.emit("pad", [x], {"pad": sides, "mode": site.plain("mode", "constant"), "value": value}, layouts=[layout])


@rule("dropout", "dropout2d", "dropout1d", "dropout3d", takes="input p training inplace")
def dropout(site: Site) -> None:
    """Zeros at random, in training."""
    p = site.fraction("p", 0.5)
    if p == 0.0:
        site.is_same(site.value())
    else:
        site.emit(site.call.function, [site.value()], {"p": p})


@rule("normalize", takes="input p dim eps")
def normalize(site: Site) -> None:
    """Vectors of length one along a dimension."""
    x = site.value()
    fields = {"dim": site.axis(x, site.whole("dim", 1)), "p": site.fraction("p", 2.0)}
    if "eps" in site.given:
        fields["eps"] = site.fraction("eps")
    site.emit("normalize", [x], fields)


@rule("clamp_min", takes="input min")
@rule("clamp_max", takes="input max")
def clamped(site: Site) -> None:
    """No smaller than a number, or no larger."""
    (end,) = site.given.keys() - {"input"}
    if site.tensor(end):
        site.emit("maximum" if end == "min" else "minimum", aligned(site, [site.value(), site.value(end)]))
    else:
        site.emit("clamp", [site.value()], {end: site.fraction(end)})


@rule("max", "min", "median", "mode", "cummax", "cummin", takes="input dim keepdim")
def picked(site: Site) -> None:
    """The values and their places along a dimension; of two values, the larger one or the smaller one."""
    op, x = site.call.function, site.value()
    other = site.given.get("other", site.given.get("dim"))
    if isinstance(other, Value) and op in ("max", "min"):
        number = number_of(site, other, Value(x))
        if number is None:
            site.emit(f"{op}imum", aligned(site, [x, other.number]))
        else:
            site.emit("clamp", [x], {"min" if op == "max" else "max": float(number)})
        return
    if "dim" not in site.given:
        if op not in ("max", "min"):
            raise Refused(f"{op} over all dimensions")
        site.emit(f"a{op}", [x], {"dim": all_of(site, x)})
        return
    fields: dict[str, Plain] = {"dim": site.axis(x, site.whole("dim"))}
    if site.given.get("keepdim"):
        fields["keepdim"] = True
    site.emit(op, [x], fields)


@rule("topk", takes="input k dim largest sorted")
@rule("kthvalue", takes="input k dim keepdim")
@rule("sort", "argsort", takes="input dim descending stable")
def in_order(site: Site) -> None:
    """The largest values and their places, or all of them in order; along the last dimension unless another is said."""
    op, x = site.call.function, site.value()
    fields: dict[str, Plain] = {name: site.plain(name) for name in site.given if name not in ("input", "dim")}
    dim, rank = site.whole("dim", -1), site.layout(x).rank
    axis = site.axis(x, dim)  # which may not be the batch
    site.emit(op, [x], {**fields, "dim": -1 if dim in (-1, rank - 1) else axis})


@rule("std", "var", "std_mean", "var_mean", takes="input dim unbiased keepdim correction")
def spread(site: Site) -> None:
    """Standard deviation and variance, with the mean where that is asked for."""
    x, op = site.value(), site.call.function.removesuffix("_mean")
    over: dict[str, Plain] = {"dim": _dims(site, x), "keepdim": bool(site.given.get("keepdim"))}
    fields = dict(over)
    if site.given.get("unbiased") is False:
        fields["correction"] = 0
    elif "correction" in site.given:
        fields["correction"] = site.whole("correction")
    spread, *means = site.call.gives
    site.emit(op, [x], fields, gives=[spread])
    if means:
        site.emit("mean", [x], over, gives=means)


@rule("norm", takes="input p dim keepdim ord")
@rule("vector_norm", takes="input ord dim keepdim")
@rule("linalg_vector_norm", takes="input ord dim keepdim")
def vector_norm(site: Site) -> None:
    """The length of vectors."""
    x = site.value()
    if site.call.function == "norm" and site.has("ord") and not isinstance(site.given.get("dim"), int):
        raise Refused(f"norm of matrices, with ord={site.given['ord']!r}")
    order = 2.0 if site.given.get("p") == "fro" else site.fraction("p" if site.has("p") else "ord", 2.0)
    fields: dict[str, Plain] = {"dim": _dims(site, x), "ord": order}
    site.emit("vector_norm", [x], {**fields, "keepdim": bool(site.given.get("keepdim"))})


def _dims(site: Site, x: int) -> Plain:
    """The dimensions that a call names; all of a value without a batch where it names none."""
    if not site.has("dim"):
        return all_of(site, x)
    dims = tuple(site.axis(x, dim) for dim in site.wholes("dim"))
    return dims[0] if len(dims) == 1 else dims

"""Functional ops over weights that a module holds: the module's op, or one that reads the weights as values."""

from collections.abc import Mapping
from dataclasses import replace

from archspec.importer.layout import BATCH, Layout
from archspec.importer.refused import Refused
from archspec.importer.rules.rule import rule
from archspec.importer.site import Site
from archspec.importer.tree import Plain
from archspec.importer.values import one_of


def holder(site: Site, *names: str) -> str | None:
    """The path of the one module that holds the named weights under these names; None where there is none.

    It is the module that makes the call, or one inside of it: nobody else's weights become a member here.
    """
    found: set[str] = set()
    for name in names:
        if not site.has(name):
            continue
        key = site.values.known(site.value(name)).held if site.value(name) < len(site.values.run.known) else ""
        owner, _, last = key.rpartition(".")
        if last != name:
            return None
        found.add(owner)
    path = next(iter(found), "") if len(found) == 1 else None
    if path is None:
        return None
    inside = not site.scope or path == site.scope or path[: len(site.scope) + 1] == f"{site.scope}."
    return path if inside and path else None


def layer(site: Site) -> str | None:
    """The path of the module whose weight and bias a layer has; None where it holds further tensors, as LoRA's does."""
    path = holder(site, "weight", "bias")
    whole = path != site.scope or site.values.holds[site.scope] <= {"weight", "bias"}
    return path if whole else None


def weights_of(site: Site) -> list[int]:
    """A weight, and a bias where there is one."""
    return [site.value("weight"), *([site.value("bias")] if site.has("bias") else [])]


def over_held(site: Site, op: str, path: str, fields: dict[str, Plain]) -> None:
    """The op of the module at `path`, whose weights these are."""
    name = "" if path == site.scope else path[len(site.scope) + 1 :] if site.scope else path
    site.emit(op, [site.value()], fields, name=name, own=True)
    at = next(at for at, member in enumerate(site.said) if member.own)
    site.said[at] = replace(site.said[at], name=name, path=path, own=path == site.scope)


@rule("linear", takes="input weight bias")
def linear(site: Site) -> None:
    """`F.linear`."""
    x = site.value()
    if site.layout(x).groups[-1] == (BATCH,):
        raise Refused("linear along the batch")
    path = layer(site)
    if path is not None:
        fields: dict[str, Plain] = {"out_features": site.size(site.value("weight"))[0], "bias": site.has("bias")}
        over_held(site, "linear", path, fields)
        return
    site.emit("functional_linear", [x, *weights_of(site)])


@rule("conv1d", "conv2d", "conv3d", takes="input weight bias stride padding dilation groups")
@rule(
    *(f"conv_transpose{n}d" for n in (1, 2, 3)),
    takes="input weight bias stride padding output_padding groups dilation",
)
def conv(site: Site) -> None:
    """`F.conv2d` and `F.conv_transpose2d`, over a module's own weight or over a value."""
    x, op = site.value(), site.call.function
    given = ("stride", "padding", "output_padding", "dilation", "groups")
    fields: dict[str, Plain] = {name: one_of(site.plain(name)) for name in given if name in site.given}
    weight = site.layout(site.value("weight"))
    if weight.batched and _samples_are_channels(site.layout(x)):
        each_its_own(site, fields)
        return
    site.require_plain(x)
    path = layer(site)
    if path is None:
        sort = "dynamic" if weight.batched else "functional"
        fields |= _in_numbers(site, fields)
        site.emit(f"{sort}_{op}", [x, *weights_of(site)], fields)
        return
    first, second, *kernel = site.size(site.value("weight"))
    out = second * site.whole("groups", 1) if "transpose" in op else first
    sizes: dict[str, Plain] = {"out_channels": out, "kernel_size": one_of(tuple(kernel)), "bias": site.has("bias")}
    over_held(site, op, path, {**sizes, **fields})


def _in_numbers(site: Site, fields: dict[str, Plain]) -> dict[str, Plain]:
    """The padding that a word says, for ops that take numbers. Raises Refused where both sides get other ones."""
    if fields.get("padding") not in ("same", "valid"):
        return {}
    kernel, dilation = site.size(site.value("weight"))[2:], fields.get("dilation", 1)
    steps = dilation if isinstance(dilation, tuple) else (dilation,) * len(kernel)
    around = [(size - 1) * step for size, step in zip(kernel, steps, strict=True) if isinstance(step, int)]
    if fields["padding"] == "same" and any(whole % 2 for whole in around):
        raise Refused("pads one side more than the other")
    return {"padding": one_of(tuple(whole // 2 if fields["padding"] == "same" else 0 for whole in around))}


def _samples_are_channels(layout: Layout) -> bool:
    """Whether a value is one sample for torch, (1, N * C, H, W); of one channel each it is N x 1 x H x W as well."""
    first, *rest = layout.groups
    return first in ((), (1,)) and bool(rest) and rest[0][:1] == (BATCH,)


def each_its_own(site: Site, fields: dict[str, Plain]) -> None:
    """Samples as groups of one convolution, each with a weight of its own: x of (1, N * C, H, W), groups=N.

    The weight has the batch in its first dimension, (N * out, C, k, k), as has what comes out of it.
    """
    weights, samples = weights_of(site), site.values.run.batch
    groups, rest = divmod(site.whole("groups", 1), samples)
    if rest or not all(site.layout(one).groups[0][0] == BATCH for one in weights):
        raise Refused(f"{site.call.function} of a value in which the batch is not the first dimension")
    reads = [_with_channels(site, one) for one in weights]
    (y,) = site.call.gives
    _, channels, *sizes = site.size(y)
    after = Layout(((), (BATCH, channels // samples), *((size,) for size in sizes)))
    fields = {**fields, "groups": groups}
    site.emit(f"dynamic_{site.call.function}", [site.value(), *reads], fields, layouts=[after])


def _with_channels(site: Site, weight: int) -> int:
    """A weight of (N, C, k, k) with its one channel of the output: N x 1 x C x k x k."""
    layout = site.layout(weight)
    if layout.groups[0] != (BATCH,):
        return weight
    return site.between("unsqueeze", weight, {"dim": 1}, Layout(((BATCH, 1), *layout.groups[1:])))


@rule("batch_norm", takes="input running_mean running_var weight bias training momentum eps")
def batch_norm(site: Site) -> None:
    """`F.batch_norm` over a module's own weights and statistics."""
    x = site.value()
    if not site.layout(x).batched and not site.has("running_mean") and site.layout(x).rank == 3:
        standardized(site, x)
        return
    site.require_plain(x)
    path = holder(site, "running_mean", "running_var", "weight", "bias")
    if path is None:
        raise Refused("batch_norm with weights of several modules")
    kept = {name: site.plain(name) for name in ("momentum", "eps") if name in site.given}
    affine, tracked = site.has("weight"), site.has("running_mean")
    fields: dict[str, Plain] = {**kept, "affine": affine, "track_running_stats": tracked}
    rank = {2: 1, 3: 1, 4: 2, 5: 3}[site.layout(x).rank]
    over_held(site, f"batch_norm{rank}d", path, fields)


def standardized(site: Site, x: int) -> None:
    """Weights (1, rows, numbers) of which each row has mean 0 and variance 1, times a gain for each row."""
    rows = site.size(x)[1]
    layout, one = site.layout(x), site.layout(x).with_size(2, 1)
    over: dict[str, Plain] = {"dim": 2, "keepdim": True}
    mean = site.between("mean", x, over, one)
    spread = site.between("var", x, {**over, "correction": 0}, one)
    moved = site.between("add", spread, {"other": site.fraction("eps", 1e-5)}, one)
    inverse = site.between("rsqrt", moved, {}, one)
    centred = site.values.fresh(layout, "float")
    site.emit("sub", [x, mean], gives=[centred], layouts=[layout])
    gains = [site.value(name) for name in ("weight", "bias") if site.has(name)]
    steps = [("mul", inverse), *(("mul" if gain == gains[0] and site.has("weight") else "add", gain) for gain in gains)]
    for at, (op, gain) in enumerate(steps):
        column = Layout(((rows,), (1,)))
        other = site.between("reshape", gain, {"shape": (rows, 1)}, column) if at else gain
        if at == len(steps) - 1:
            site.emit(op, [centred, other])
        else:
            made = site.values.fresh(layout, "float")
            site.emit(op, [centred, other], gives=[made], layouts=[layout])
            centred = made


@rule("layer_norm", takes="input normalized_shape weight bias eps")
@rule("rms_norm", takes="input normalized_shape weight eps")
def layer_norm(site: Site) -> None:
    """`F.layer_norm` over a module's own weights, or over none."""
    x, op = site.value(), site.call.function
    shape = site.wholes("normalized_shape")
    if any(BATCH in group for group in site.layout(x).groups[-len(shape) :]):
        raise Refused(f"{op} along the batch")
    fields: dict[str, Plain] = {"eps": site.plain("eps")} if "eps" in site.given else {}
    if len(shape) > 1:
        fields["normalized_shape"] = shape
    weights = ("weight", "bias") if op == "layer_norm" else ("weight",)
    if not any(map(site.has, weights)):
        site.emit(op, [x], {**fields, "elementwise_affine": False})
        return
    path = holder(site, *weights)
    if path is None or not site.has("weight"):
        by_values(site, x, op, {**fields, "elementwise_affine": False})
        return
    if op == "layer_norm":
        fields["bias"] = site.has("bias")
    over_held(site, op, path, fields)


def by_values(site: Site, x: int, op: str, fields: Mapping[str, Plain]) -> None:
    """A norm along the last dimensions with a gain or a shift that is computed, `weight + 1`: one without either."""
    gains = [(done, site.value(name)) for name, done in (("weight", "mul"), ("bias", "add")) if site.has(name)]
    normed = site.between(op, x, fields, site.layout(x))
    for done, gain in gains[:-1]:
        made = site.values.fresh(site.layout(x), "float")
        site.emit(done, [normed, gain], gives=[made], layouts=[site.layout(x)])
        normed = made
    done, gain = gains[-1]
    site.emit(done, [normed, gain])


@rule("group_norm", takes="input num_groups weight bias eps")
def group_norm(site: Site) -> None:
    """`F.group_norm` over a module's own weights, or over none."""
    x = site.value()
    site.require_plain(x)
    fields: dict[str, Plain] = {"num_groups": site.whole("num_groups")}
    if "eps" in site.given:
        fields["eps"] = site.plain("eps")
    if not site.has("weight"):
        site.emit("group_norm", [x], {**fields, "affine": False})
        return
    if not site.has("bias"):
        scaled(site, x, "group_norm", {**fields, "affine": False})
        return
    path = holder(site, "weight", "bias")
    if path is None:
        raise Refused("group_norm with weights of several modules")
    over_held(site, "group_norm", path, fields)


def scaled(site: Site, x: int, op: str, fields: Mapping[str, Plain]) -> None:
    """A norm of images or sequences that has a weight and no bias: one without either, times the weight."""
    layout, weight = site.layout(x), site.value("weight")
    normed = site.between(op, x, fields, layout)
    ones = layout.rank - 2
    if ones:
        shape = (*site.size(weight), *(1 for _ in range(ones)))
        weight = site.between("reshape", weight, {"shape": shape}, Layout(tuple((size,) for size in shape)))
    site.emit("mul", [normed, weight])


@rule("embedding", takes="input weight padding_idx max_norm norm_type scale_grad_by_freq sparse")
def embedding(site: Site) -> None:
    """Rows of a table by number."""
    path = holder(site, "weight")
    if path is None or path == site.scope:
        site.emit("index", [site.value("weight"), site.value()])
        return
    rows, size = site.size(site.value("weight"))
    over_held(site, "embedding", path, {"num_embeddings": rows, "embedding_dim": size})


@rule("prelu", takes="input weight")
def prelu(site: Site) -> None:
    """`F.prelu` over a module's own weight."""
    path = holder(site, "weight")
    if path is None:
        raise Refused("prelu with another module's weight")
    number = site.size(site.value("weight"))[0]
    over_held(site, "prelu", path, {} if number == 1 else {"num_parameters": number})


@rule("_weight_norm", takes="v g dim")
def weight_norm(site: Site) -> None:
    """A weight of a length and a direction, as torch's older `weight_norm` makes it before each call: v * g / |v|."""
    v, g = site.value("v"), site.value("g")
    layout, dim = site.layout(v), site.whole("dim", 0)
    if layout.batched:
        raise Refused("_weight_norm of a value with a batch")
    others = tuple(at for at in range(layout.rank) if at != dim % layout.rank)
    length = site.between("vector_norm", v, {"dim": others, "keepdim": True}, site.layout(g))
    scale = site.values.fresh(site.layout(g), "float")
    site.emit("div", [g, length], gives=[scale], layouts=[site.layout(g)])
    site.emit("mul", [v, scale])

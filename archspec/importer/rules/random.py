"""Random numbers: of the size of another value, which the call is given or asked for its size before."""

from archspec.importer.layout import Layout
from archspec.importer.refused import Refused
from archspec.importer.rules.rule import rule
from archspec.importer.site import Site
from archspec.importer.tree import Member, Plain

# What would do in inference.
DRAWN = "draw it as `torch.rand_like(x) < p`, or in training only"
LIKE = {"randn": "randn_like", "rand": "rand_like", "normal": "randn_like", "uniform": "rand_like"}


@rule("randn_like", "rand_like", takes="input")
def like(site: Site) -> None:
    """`torch.randn_like(std)`."""
    site.emit(site.call.function, [site.value()])


@rule("bernoulli", takes="input p")
def bernoulli(site: Site) -> None:
    """1 with the probability that the value is, or with one number: `x.new_empty(n, 1, 1).bernoulli_(0.8)`.

    Of one number torch draws in another order than an op would, which inference would show.
    """
    if not site.has("p"):
        site.emit("bernoulli", [site.value()])
        return
    if not site.values.run.training:
        raise Refused("bernoulli with one number for all, in inference, where torch draws as no op does", cure=DRAWN)
    (y,), share = site.call.gives, site.fraction("p")
    layout = site.layout(y)
    drawn, summed = (site.values.fresh(layout, "float") for _ in range(2))
    _like_asked(site, "rand_like", drawn)
    site.emit("add", [drawn], {"other": share}, gives=[summed], layouts=[layout])
    site.emit("floor", [summed], layouts=[layout])


@rule("gumbel_softmax", takes="logits tau hard eps dim")
def gumbel_softmax(site: Site) -> None:
    """One of several, drawn by the values."""
    x = site.value("logits")
    fields: dict[str, Plain] = {"tau": site.fraction("tau")} if site.has("tau") else {}
    site.emit(
        "gumbel_softmax",
        [x],
        {**fields, "hard": bool(site.given.get("hard")), "dim": site.axis(x, site.whole("dim", -1))},
    )


@rule("randn", "rand", takes="size", spreads=True)
def drawn(site: Site) -> None:
    """`torch.randn(std.shape)`: of a value that was asked for its size, where that has it, else of one that is made."""
    _like_asked(site, LIKE[site.call.function], *site.call.gives)


@rule("normal", takes="input mean std", spreads=True)
@rule("uniform", takes="input from to", spreads=True)
def written(site: Site) -> None:
    """`x.new_empty(x.shape[0], 1, h, w).normal_()`: what it is written into does not matter."""
    if any(site.has(name) for name in ("mean", "std", "from", "to")):
        raise Refused(f"{site.call.function} with limits or a deviation of its own")
    _like_asked(site, LIKE[site.call.function], *site.call.gives)


def _like_asked(site: Site, op: str, y: int) -> None:
    size = site.size(*site.call.gives)
    asked = site.values.asked(site.call, size)
    found = next((one for one in asked if site.layout(one).batched), None)
    site.emit(op, [found if found is not None else _sized(site, site.layout(y))], gives=[y], layouts=[site.layout(y)])


def _sized(site: Site, layout: Layout) -> int:
    """A value of a size that none at hand has, for each sample: `torch.rand(n, 1, 1, 1)`."""
    if not (layout.plain and layout.batched):
        raise Refused(f"{site.call.function} of a size that no value at hand has")
    one, every = (site.values.fresh(each, "float") for each in (Layout(((1,), *layout.groups[1:])), layout))
    fields: dict[str, Plain] = {"persistent": False, "shape": (1, *layout.dims)}
    site.said.append(Member("buffer", (), (one,), fields=fields))
    site.emit("expand", [one, site.batched()], gives=[every], layouts=[layout])
    return every

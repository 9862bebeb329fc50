"""Random numbers: of the size of another value, which the call is given or asked for its size before."""

from archspec.importer.refused import Refused
from archspec.importer.rules.rule import rule
from archspec.importer.site import Site

LIKE = {"randn": "randn_like", "rand": "rand_like"}


@rule("randn_like", "rand_like", takes="input")
def like(site: Site) -> None:
    """`torch.randn_like(std)`."""
    site.emit(site.call.function, [site.value()])


@rule("bernoulli", takes="input p")
def bernoulli(site: Site) -> None:
    """1 with the probability that the value is."""
    if site.has("p"):
        raise Refused("bernoulli with a probability of its own")
    site.emit("bernoulli", [site.value()])


@rule("randn", "rand", takes="size", spreads=True)
def drawn(site: Site) -> None:
    """`torch.randn(std.shape)`: of a value that was asked for its size, where that has it."""
    (y,) = site.call.gives
    size = site.size(y)
    asked = site.values.asked(site.call, size)
    found = next((one for one in asked if site.layout(one).batched), None)
    if found is None:
        raise Refused(f"{site.call.function} of a size that no value at hand has")
    site.emit(LIKE[site.call.function], [found])

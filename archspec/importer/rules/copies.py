"""Copies: what gives the same numbers, as another type or without gradients."""

from archspec.importer.refused import Refused
from archspec.importer.rules.rule import rule
from archspec.importer.site import Site


@rule(
    "contiguous",
    "clone",
    "as_tensor",
    "to",
    "float",
    "type_as",
    "data",
    "requires_grad",
    "double",
    "half",
    takes="input dtype memory_format copy device",
)
def unchanged(site: Site) -> None:
    """The same numbers: a copy, or of the type that they have."""
    x, (y,) = site.value(), site.call.gives
    one, two = site.values.dtype(x), site.values.dtype(y)
    if one == two:
        site.is_same(x)
    elif two == "float":
        site.emit("mul", [x], {"other": 1.0})
    elif (one, two) == ("bool", "int"):
        site.emit("mul", [x], {"other": 1})
    elif two == "bool":
        site.emit("ne", [x], {"other": 0})
    else:
        raise Refused(f"makes {two} of {one}")


@rule("detach", takes="input")
def detach(site: Site) -> None:
    """The same numbers, through which no gradient passes; a constant has none."""
    x = site.value()
    if site.values.known(x).origin in ("data", "learned"):
        site.emit("detach", [x])
    else:
        site.is_same(x)


@rule("type", "int", "long", "bool", takes="input dtype")
def retyped(site: Site) -> None:
    """The same as another type."""
    unchanged(site)

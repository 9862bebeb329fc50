"""The conventions there are, beside those that restate a Cost by itself."""

from functools import cache

from archspec.conventions.convention import Convention
from archspec.registry import Registry, declared


@cache
def conventions() -> Registry[Convention]:
    """Name -> convention: the files of `archspec/conventions/` by their names."""
    known: Registry[Convention] = Registry("counting convention")
    for convention in declared("archspec.conventions", "CONVENTION", Convention):
        known.add(convention.name, convention)
    return known

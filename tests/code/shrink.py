"""Makes a failing spec smaller: leaves out members, keys and items as long as it fails in the same way."""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any

Path = tuple[str | int, ...]


def shrink(data: Mapping[str, Any], fails: Callable[[Mapping[str, Any]], bool], *, tries: int = 400) -> dict[str, Any]:
    """A smaller spec that still fails; as small as so many tries make it."""
    found = deepcopy(dict(data))
    again = True
    while again and tries > 0:
        again = False
        for path in list(_paths(found)):
            for smaller in _without(found, path):
                tries -= 1
                if tries > 0 and fails(smaller):
                    found, again = smaller, True
                    break
    return found


def _paths(data: Any, path: Path = ()) -> Iterator[Path]:
    """All places, larger ones first."""
    if isinstance(data, dict):
        for key in reversed(list(data)):
            yield (*path, key)
        for key in reversed(list(data)):
            yield from _paths(data[key], (*path, key))
    elif isinstance(data, list):
        for place in reversed(range(len(data))):
            yield (*path, place)
        for place in reversed(range(len(data))):
            yield from _paths(data[place], (*path, place))


def _without(data: dict[str, Any], path: Path) -> Iterator[dict[str, Any]]:
    """The spec without what stands there, then with something simpler there."""
    around, owner = _owner(data, path)
    if owner is None:
        return
    key = path[-1]
    value = owner[key]
    del owner[key]
    yield around
    simpler: list[Any] = []
    if isinstance(value, dict):
        member = value.keys() & {"op", "graph", "block"} and "archspec" not in value  # that is a spec of its own
        simpler = ["relu"] if member else []
    elif isinstance(value, str) and value.startswith("$"):
        simpler = [3, True]
    elif isinstance(value, int) and not isinstance(value, bool) and value > 2:
        simpler = [2]
    for one in simpler:
        around, owner = _owner(data, path)
        if owner is not None:
            owner[key] = one
            yield around


def _owner(data: dict[str, Any], path: Path) -> tuple[dict[str, Any], Any]:
    """A copy, and what holds the last of the path in it; None where the path is no more."""
    copied = deepcopy(data)
    owner: Any = copied
    for key in path[:-1]:
        try:
            owner = owner[key]
        except (KeyError, IndexError, TypeError):
            return copied, None
    last = path[-1]
    there = last in owner if isinstance(owner, dict) else isinstance(owner, list) and last in range(len(owner))
    return copied, owner if there else None

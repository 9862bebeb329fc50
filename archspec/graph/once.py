"""Once: what is worked out of a graph or of a network for the first who asks, and kept there for all others.

    @once
    def levels(network: Network) -> Mapping[str, int]: ...

A figure is tried in tens of forms before one fits, and each asks the same of the same network.
"""

from collections.abc import Callable
from functools import wraps
from typing import Protocol, TypeVar, cast


class Keeper(Protocol):
    """A value that never changes, and keeps what was worked out of it."""

    @property
    def found(self) -> dict[Callable[..., object], object]:
        """Function -> what it gave."""


K = TypeVar("K", bound=Keeper)
T = TypeVar("T")


def once(function: Callable[[K], T]) -> Callable[[K], T]:
    """`function`, which each graph or network is given to once; what it gives must not be changed by who asks."""

    @wraps(function)
    def kept(owner: K) -> T:
        if function not in owner.found:
            owner.found[function] = function(owner)
        return cast(T, owner.found[function])

    return kept

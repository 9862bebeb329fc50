"""Registry: declare things by name, look them up, and offer the nearest name for a slip.

What is one file each, a format or a measure, is not listed anywhere: `declared` finds the files of its folder.
"""

from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from importlib import import_module
from pkgutil import iter_modules
from typing import Generic, TypeVar

T = TypeVar("T")


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` was probably meant to be, or None. Linear in the names known."""
    matches = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return matches[0] if matches else None


def declared(package: str, name: str, kind: type[T]) -> Iterator[T]:
    """What the modules of `package` declare as `name`, by their file names. Imports all of them, so they stay light.

    Raises:
        TypeError: a module means something else by that name.
    """
    for module in iter_modules(import_module(package).__path__):
        found = getattr(import_module(f"{package}.{module.name}"), name, None)
        if isinstance(found, kind):
            yield found
        elif found is not None:
            raise TypeError(f"{name} of {package}.{module.name} is no {kind.__name__}")


class Registry(Generic[T]):
    """Named things of one kind, in the order they were declared."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._items: dict[str, T] = {}

    def add(self, name: str, item: T) -> T:
        """Declares `item` under `name`. Raises ValueError where the name is taken."""
        if name in self._items:
            raise ValueError(f"{self.kind} {name!r} is declared twice")
        self._items[name] = item
        return item

    def named(self, name: str) -> Callable[[T], T]:
        """A decorator that declares what it decorates under `name`."""
        return lambda item: self.add(name, item)

    def get(self, name: str) -> T | None:
        """What is declared under `name`, or None."""
        return self._items.get(name)

    def __getitem__(self, name: str) -> T:
        return self._items[name]

    def __contains__(self, name: object) -> bool:
        return name in self._items

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def items(self) -> Iterable[tuple[str, T]]:
        """Names with what they stand for."""
        return self._items.items()

    def nearest(self, name: str) -> str | None:
        """The declared name nearest to `name`, or None."""
        return nearest(name, self._items)

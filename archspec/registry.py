"""Registry: declare things by name, look them up, and offer the nearest name for a slip.

What is declared in the modules of a package can wait until somebody asks for it. An index says which module declares a
name, and only that one is imported. A name that is not in the index imports them all, so an index that lags behind
costs time and is never wrong.

What is one file each, a format or a measure, is not listed anywhere: `declared` finds the files of its folder.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from importlib import import_module
from pkgutil import iter_modules
from typing import Generic, TypeVar

T = TypeVar("T")


def nearest(name: str, known: Iterable[str], alike: float = 0.6) -> str | None:
    """The known name that `name` was probably meant to be, or None. Linear in the names known.

    Args:
        name: what was written.
        known: what could be meant.
        alike: how alike they are at least; 1 is equal.
    """
    matches = get_close_matches(name, list(known), n=1, cutoff=alike)
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
    """Named things of one kind, in the order of the index, others after it in the order they were declared.

    So the order is the same whichever of them were asked for before.

    Args:
        kind: what they are, for messages.
        package: the package whose modules declare them when they are imported; "" where nobody has to wait.
        index: name -> the module of `package` that declares it; names may be missing.
    """

    def __init__(self, kind: str, *, package: str = "", index: Mapping[str, str] | None = None) -> None:
        self.kind = kind
        self._items: dict[str, T] = {}
        self._package = package  # "" as soon as all of its modules are imported
        self._index = index or {}

    def add(self, name: str, item: T) -> T:
        """Declares `item` under `name`. Raises ValueError where the name is taken."""
        self._import_indexed(name)
        if name in self._items:
            raise ValueError(f"{self.kind} {name!r} is declared twice")
        self._items[name] = item
        return item

    def named(self, name: str) -> Callable[[T], T]:
        """A decorator that declares what it decorates under `name`."""
        return lambda item: self.add(name, item)

    def get(self, name: str) -> T | None:
        """What is declared under `name`, or None."""
        return self._items[name] if name in self else None

    def __getitem__(self, name: str) -> T:
        if name not in self:
            raise KeyError(name)
        return self._items[name]

    def __contains__(self, name: object) -> bool:
        if name not in self._items and self._package:
            self._import_indexed(name)
            if name not in self._items:
                self._import_all()
        return name in self._items

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def items(self) -> Iterable[tuple[str, T]]:
        """Names with what they stand for."""
        return self._all().items()

    def nearest(self, name: str) -> str | None:
        """The declared name nearest to `name`, or None."""
        return nearest(name, self._all())

    def _all(self) -> dict[str, T]:
        self._import_all()
        return self._items

    def _import_indexed(self, name: object) -> None:
        """Imports the module that the index says declares `name`."""
        if isinstance(name, str) and name in self._index and self._package:
            module = f"{self._package}.{self._index[name]}"
            try:
                import_module(module)
            except ModuleNotFoundError as fault:
                if fault.name != module:  # the index may name a module that is gone; what a module needs must be there
                    raise

    def _import_all(self) -> None:
        """Imports every module of the package, once."""
        if self._package:
            for module in iter_modules(import_module(self._package).__path__):
                import_module(f"{self._package}.{module.name}")
            self._package = ""
            indexed = {name: self._items[name] for name in self._index if name in self._items}
            self._items = indexed | self._items

"""Words: numbers of a unit that people read in larger ones: `97.70 MiB`, `1.23 ms`."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

Scale: TypeAlias = tuple[tuple[int, str], ...]

_BYTES: Scale = tuple((1024**power, unit) for power, unit in enumerate(("B", "KiB", "MiB", "GiB", "TiB", "PiB")))
_TIMES: Scale = ((1, "ns"), (10**3, "µs"), (10**6, "ms"), (10**9, "s"))
_ROUNDED_UP = 0.999995  # of a unit: what is written with two decimals as one of it


def in_bytes(count: float) -> str:
    """Bytes in powers of 1024, to two decimals: `97.70 MiB`; below 1024 an integer stands as it is."""
    return _in_units(count, _BYTES)


def in_nanoseconds(count: float) -> str:
    """A time in nanoseconds as people read it: `1.23 ms`; nothing is `0`."""
    return _in_units(count, _TIMES) if count else "0"


def in_seconds(value: float) -> str:
    """The same of a time in seconds."""
    return in_nanoseconds(value * 1e9)


def _in_units(count: float, scale: Scale) -> str:
    size, unit = next(((size, unit) for size, unit in reversed(scale) if abs(count) >= size * _ROUNDED_UP), scale[0])
    return f"{count} {unit}" if size == 1 and isinstance(count, int) else f"{count / size:.2f} {unit}"


SCALES: Mapping[str, Scale] = {"bytes": _BYTES, "time": _TIMES}
"""How a measure is `shown` -> the units of its numbers, each with how many of the first it is."""

IN_WORDS: Mapping[str, Callable[[int], str]] = {"bytes": in_bytes, "time": in_nanoseconds}
"""How a measure is `shown` -> what people read for its numbers, where they have a unit with words of its own."""

"""Sets of numbers from 0 on that repeat from some number on: all that a size can be, and stay proven for all of them.

    {188, 204, 220, ...}    nothing below 188, then every 16th number

Bits of whole numbers stand for members: bit `v` of `low` for the number `v` below `start`, bit `v % period` of `mask`
for the number `v` from there on. Union, difference and the rest are one operation on bits each.
"""

from collections.abc import Callable
from functools import cache
from math import lcm

from archspec.values.dataclass import dataclass

MAX_BITS = 1 << 22  # of a set: far above what a network's sizes need


class TooLarge(Exception):
    """A set does not repeat within what can be kept."""


@dataclass(frozen=True, slots=True)
class Periodic:
    """A set of numbers from 0 on.

    Attributes:
        start: from where on it repeats.
        low: bit `v` stands for the number `v`, below `start`.
        period: after how many numbers it repeats.
        mask: bit `v % period` stands for the number `v`, from `start` on.
    """

    start: int
    low: int
    period: int
    mask: int

    def __contains__(self, value: int) -> bool:
        if value < 0:
            return False
        return bool(self.low >> value & 1 if value < self.start else self.mask >> value % self.period & 1)

    def __bool__(self) -> bool:
        return bool(self.low or self.mask)

    def __and__(self, other: "Periodic") -> "Periodic":
        return _combined(self, other, lambda a, b: a & b)

    def __or__(self, other: "Periodic") -> "Periodic":
        return _combined(self, other, lambda a, b: a | b)

    def __sub__(self, other: "Periodic") -> "Periodic":
        return _combined(self, other, lambda a, b: a & ~b)

    @property
    def endless(self) -> bool:
        """Whether it has members above any number."""
        return bool(self.mask)

    @property
    def least(self) -> int:
        """Its smallest member. Raises ValueError where it has none."""
        if self.low:
            return _lowest(self.low)
        if not self.mask:
            raise ValueError("an empty set has no least member")
        return self._from(self.start)

    @property
    def greatest(self) -> int | None:
        """Its largest member; None where it has members above any number."""
        return None if self.mask else self.low.bit_length() - 1

    @property
    def irregular(self) -> list[int]:
        """Its members below where it repeats; all of a set that has an end."""
        return [value for value in range(self.start) if self.low >> value & 1]

    @property
    def only(self) -> int | None:
        """Its one member; None where it has none or several."""
        return self.least if self.low and not self.mask and not self.low & (self.low - 1) else None

    def above(self, value: int) -> int | None:
        """Its smallest member from `value` on; None where there is none."""
        value = max(value, 0)
        if value < self.start and self.low >> value:
            return value + _lowest(self.low >> value)
        return self._from(max(value, self.start)) if self.mask else None

    def below(self, value: int) -> int | None:
        """Its largest member up to `value`; None where there is none."""
        if self.mask:
            first = max(self.start, value - self.period + 1)
            for one in range(value, first - 1, -1):
                if self.mask >> one % self.period & 1:
                    return one
        held = self.low & ((1 << max(min(value, self.start - 1) + 1, 0)) - 1)
        return held.bit_length() - 1 if held else None

    def shifted(self, by: int) -> "Periodic":
        """`{v + by}`, without what falls below 0."""
        start = max(self.start + by, 0)
        low = self.low << by if by >= 0 else self.low >> -by
        turn = by % self.period
        mask = (self.mask << turn | self.mask >> (self.period - turn)) & ((1 << self.period) - 1)
        return _normal(start, low & ((1 << start) - 1), self.period, mask)

    def _from(self, value: int) -> int:
        turn = value % self.period
        rest = self.mask >> turn
        return value + (_lowest(rest) if rest else self.period - turn + _lowest(self.mask))


NONE = Periodic(0, 0, 1, 0)


def at_least(value: int) -> Periodic:
    """All numbers from `value` on."""
    return Periodic(value, 0, 1, 1)


def one(value: int) -> Periodic:
    """The set of one number."""
    return Periodic(value + 1, 1 << value, 1, 0)


def from_classes(period: int, classes: dict[int, list[tuple[int, int | None]]]) -> Periodic:
    """The numbers `period * k + r`, for each `r` in `classes`, where `k` lies in one of its intervals.

    An interval `(a, b)` holds `a <= k < b`; `b` is None where it has no end.

    Raises:
        TooLarge: it would take too many bits.
    """
    ends = [end or start for spans in classes.values() for start, end in spans]
    turns = max(ends, default=0)
    if period * (turns + 1) > MAX_BITS:
        raise TooLarge
    low = mask = 0
    for rest, spans in classes.items():
        for start, end in spans:
            count = (turns if end is None else end) - start
            low |= _every(period, count) << (period * start + rest)
            mask |= 0 if end is not None else 1 << rest
    return _normal(period * turns, low, period, mask)


def _combined(a: Periodic, b: Periodic, combine: Callable[[int, int], int]) -> Periodic:
    period, start = lcm(a.period, b.period), max(a.start, b.start)
    if max(period, start) > MAX_BITS:
        raise TooLarge
    low = combine(_low(a, start), _low(b, start))
    mask = combine(_repeated(a.mask, a.period, period), _repeated(b.mask, b.period, period))
    return _normal(start, low, period, mask)


def _low(given: Periodic, start: int) -> int:
    """The bits below `start`, which is not below where the set repeats."""
    count = start - given.start
    if not given.mask or not count:
        return given.low
    turns = -(-start // given.period)
    full = _repeated(given.mask, given.period, turns * given.period) & ((1 << start) - 1)
    return given.low | full >> given.start << given.start


def _repeated(mask: int, period: int, length: int) -> int:
    return mask * _every(period, length // period) if mask else 0


def _every(period: int, count: int) -> int:
    """Bits 0, period, 2 * period, ..., as many as `count`."""
    return ((1 << period * count) - 1) // ((1 << period) - 1) if count > 0 else 0


def _normal(start: int, low: int, period: int, mask: int) -> Periodic:
    """The set with the least period and the least start: equal sets are equal values."""
    if not mask:
        return Periodic(low.bit_length(), low, 1, 0)
    for shorter in _divisors(period):
        part = mask & ((1 << shorter) - 1)
        if _repeated(part, shorter, period) == mask:
            period, mask = shorter, part
            break
    differs = low ^ (_repeated(mask, period, -(-start // period) * period) & ((1 << start) - 1)) if start else 0
    start = differs.bit_length()
    return Periodic(start, low & ((1 << start) - 1), period, mask)


@cache
def _divisors(number: int) -> tuple[int, ...]:
    return tuple(n for n in range(1, number + 1) if number % n == 0)


def _lowest(bits: int) -> int:
    return (bits & -bits).bit_length() - 1

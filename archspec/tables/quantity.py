"""Counts and shapes as people read them: `25.56 M`, `64 x 112 x 112`."""

from archspec.measures.measure import Measure
from archspec.measures.words import IN_WORDS
from archspec.values.shape import Shape

_UNITS = ("", "k", "M", "G", "T", "P")


def human(count: float) -> str:
    """`count` to two decimals in thousands: `25.56 M`, `4.09 G`; below 1000 an integer stands as it is."""
    if isinstance(count, int) and abs(count) < 1000:
        return str(count)
    value, unit = float(count), 0
    while abs(value) >= 999.995 and unit < len(_UNITS) - 1:  # 999,999 rounds to 1.00 M, not to 1000.00 k
        value /= 1000
        unit += 1
    return f"{value:.2f} {_UNITS[unit]}".rstrip()


def measured(measure: Measure, count: int) -> str:
    """What a measure says, as it is shown to people; nothing for 0 of what is no count."""
    if measure.shown == "count":
        return human(count)
    return exactly(measure, count) if count else ""


def exactly(measure: Measure, count: int) -> str:
    """The same to the last unit, but of bytes and times."""
    in_words = IN_WORDS.get(measure.shown)
    return in_words(count) if in_words else f"{count:,}"


def told(measure: Measure, count: int) -> str:
    """The same with its unit: `35 ops on the longest way`, `6.12 MiB (6,422,528 bytes of values)`."""
    if measure.shown in IN_WORDS:
        return f"{exactly(measure, count)} ({count:,} {measure.unit})"
    return f"{exactly(measure, count)} {measure.unit}"


def aligned(count: float) -> str:
    """`human(count)` padded behind, so that a right-justified column has its decimal points in one line."""
    text = human(count)
    digits, _, unit = text.partition(" ")
    _, _, decimals = digits.partition(".")
    return text + " " * ((3 if not decimals else 0) + (2 if not unit else 0))


def signed(count: int) -> str:
    """A difference: `+10.11 M`, `-512`; nothing for none."""
    return f"+{human(count)}" if count > 0 else human(count) if count else ""


def changed(measure: Measure, before: int, after: int) -> str:
    """What a measure was and is: `147.97 k -> 221.95 k`; the one number where nothing changed, nothing for 0."""
    if before == after:
        return _short(measure, after) if after else ""
    return f"{_short(measure, before)} -> {_short(measure, after)}"


def change(measure: Measure, before: int, after: int) -> str:
    """By how much: `+73.98 k`, `-1.50 MiB`; nothing where nothing changed."""
    by = after - before
    return f"{'-' if by < 0 else '+'}{_short(measure, abs(by))}" if by else ""


def _short(measure: Measure, count: int) -> str:
    return human(count) if measure.shown == "count" else exactly(measure, count)


def size(shape: Shape) -> str:
    """A shape without its open batch dimension: `64 x 112 x 112`; one that folds space into the batch keeps it."""
    return str(shape).removeprefix("N x ")


def dims(shape: Shape) -> list[int | None]:
    """A shape as PyTorch would list it, with None for the open batch dimension: `[None, 64, 112, 112]`."""
    return [None, *shape.dims]

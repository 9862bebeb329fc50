"""Runs: equal entries of a container in a row as one entry with a count, which is printed as a comprehension.

Layer(), Layer(), Layer()    *(Layer() for _ in range(3))
"""

from collections.abc import Sequence
from dataclasses import replace

from archspec.code.program import Entry
from archspec.language.expression.symbolic import simplify
from archspec.values.expression import Binary, Expr, Literal

SHORTEST_RUN = 2  # equal entries in a row that become a comprehension


def runs(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Equal entries in a row as one entry with a count."""
    made: list[tuple[Entry, int]] = []
    for entry in entries:
        if made and _alike(*made[-1], entry):
            indexed = made[-1][0].indexed or entry.indexed
            made[-1] = (replace(made[-1][0], indexed=indexed), made[-1][1] + 1)
        else:
            made.append((entry, 1))
    folded: list[Entry] = []
    for entry, count in made:
        if (
            count < SHORTEST_RUN
            and entry.times is not None
            and folded
            and folded[-1].times is None
            and folded[-1].module == entry.module
        ):
            before = folded.pop()
            folded.append(replace(before, times=_one_more(entry.times), indexed=before.indexed or entry.indexed))
        elif count < SHORTEST_RUN:
            folded.append(entry)
        else:
            folded.append(replace(entry, times=Literal(count)))
    return tuple(folded)


def _alike(first: Entry, count: int, entry: Entry) -> bool:
    """Whether an entry is one more of `count` equal ones, and its name the next: `layer3` after `layer1`, `layer2`."""
    plain = all(one.times is None and one.condition is None for one in (first, entry))
    return plain and first.module == entry.module and _numbered(entry.label) == _counted_on(first.label, count)


def _numbered(label: str) -> tuple[str, int] | None:
    """A name as its stem and its number; None for one without, and for one that a count would not print so."""
    stem = label.rstrip("0123456789")
    number = label[len(stem) :]
    return (stem, int(number)) if number and number == str(int(number)) else None


def _counted_on(label: str, count: int) -> tuple[str, int]:
    """What the name `count` places after this one is made of; of a name without a number, nothing that can be."""
    found = _numbered(label)
    return (found[0], found[1] + count) if found is not None else ("", -1)


def _one_more(times: Expr) -> Expr:
    return simplify(Binary("+", times, Literal(1)))

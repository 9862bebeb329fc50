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
        if made and _alike(made[-1][0], entry):
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
            folded.append(replace(before, times=_one_more(entry.times)))
        elif count < SHORTEST_RUN:
            folded.append(entry)
        else:
            folded.append(replace(entry, times=Literal(count)))
    return tuple(folded)


def _alike(a: Entry, b: Entry) -> bool:
    plain = all(entry.times is None and entry.condition is None for entry in (a, b))
    return plain and a.module == b.module


def _one_more(times: Expr) -> Expr:
    return simplify(Binary("+", times, Literal(1)))

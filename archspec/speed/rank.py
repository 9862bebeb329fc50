"""Rank: how alike two orders are. 1 of one order, 0 where the one tells nothing of the other."""

from collections.abc import Sequence
from math import sqrt


def rank_correlation(ours: Sequence[float], theirs: Sequence[float]) -> float | None:
    """Spearman's coefficient of two rows of numbers, equal ones sharing their rank; None of fewer than three.

    Source: Spearman, The proof and measurement of association between two things (1904).

    >>> rank_correlation([1, 2, 3, 4], [10, 20, 40, 30])
    0.8
    """
    if len(ours) < 3:
        return None
    one, other = _ranks(ours), _ranks(theirs)
    mean = (len(one) + 1) / 2
    both = sum((a - mean) * (b - mean) for a, b in zip(one, other, strict=True))
    spread = sqrt(sum((a - mean) ** 2 for a in one) * sum((b - mean) ** 2 for b in other))
    return round(both / spread, 12) if spread else None


def _ranks(values: Sequence[float]) -> list[float]:
    order = sorted(range(len(values)), key=lambda number: values[number])
    ranks = [0.0] * len(values)
    at = 0
    while at < len(order):
        end = at
        while end < len(order) and values[order[end]] == values[order[at]]:
            end += 1
        for number in order[at:end]:
            ranks[number] = (at + end + 1) / 2
        at = end
    return ranks

"""Front: the variants that no other one beats, of two figures (Pareto).

params,macs      as few of both as there are; none has fewer of one and no more of the other
params,-macs     few params, and many MACs
"""

from collections.abc import Sequence


def front(points: Sequence[tuple[float, float]]) -> tuple[int, ...]:
    """Numbers of the points that no other beats, by the first figure; less is better in both. O(n log n)."""
    order = sorted(range(len(points)), key=lambda number: points[number])
    found: list[int] = []
    for number in order:
        if not found or points[number][1] < points[found[-1]][1] or points[number] == points[found[-1]]:
            found.append(number)
    return tuple(found)

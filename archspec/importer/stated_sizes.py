"""Stated sizes: a file that was made with some number of samples states sizes for that number."""

from collections.abc import Sequence
from math import prod


def for_samples(sizes: Sequence[int], read: Sequence[int], batch: int, traced: int) -> list[int]:
    """The sizes that a file states for as many samples as it was made with, for those that run.

    That dimension is the samples which has their number; else the first that is not as it was and may hold them, with
    others in it: (50, 2, 768) as (50, 24, 64) is (50, 12 N, 64).

    Args:
        sizes: as stated, -1 for what is left over.
        read: the sizes of what is given these.
        batch: how many samples run.
        traced: how many the file was made with.
    """
    if -1 in sizes:
        return [batch, *sizes[1:]] if sizes[0] == traced and read[0] == batch else list(sizes)
    if prod(sizes) * batch != prod(read) * traced:
        return list(sizes)
    others = (at for at, size in enumerate(sizes) if not size % traced and size != (*read, *sizes)[at])
    at = list(sizes).index(traced) if traced in sizes else next(others, 0)
    return [*sizes[:at], sizes[at] * batch // traced, *sizes[at + 1 :]]

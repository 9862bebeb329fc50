"""Elsewhere: a second size of the inputs, at which the source is held against the module where that takes it.

A spec states one size. What it makes of others follows from its ops, which may state sizes that the module computes: so
what differs there is told, and stands in no spec's way.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

STEPS = (32, 16, 8, 4, 2, 1)  # of which the largest that divides a size is added to it
RANKS = {True: (3, 4), False: (1,)}  # of one sample: images and videos; token numbers


def other_size(inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The inputs with larger images or longer texts, one sample of each; empty where nothing tells which sizes vary.

    Args:
        inputs: by name, the batch first.
    """
    generator = torch.Generator().manual_seed(1)
    sizes = {name: _larger(one) for name, one in inputs.items()}
    if all(sizes[name] == tuple(one.shape[1:]) for name, one in inputs.items()):
        return {}
    made: dict[str, Tensor] = {}
    for name, one in inputs.items():
        size = (1, *sizes[name])
        drawn = torch.randn(size, generator=generator)
        made[name] = drawn if one.is_floating_point() else (drawn > 0).to(one.dtype)
    return made


def _larger(one: Tensor) -> tuple[int, ...]:
    """The sizes of one sample, height and width or the length greater."""
    sizes = tuple(one.shape[1:])
    if len(sizes) not in RANKS[one.is_floating_point()]:
        return sizes
    varying = 2 if one.is_floating_point() else 1
    more = (size + next(step for step in STEPS if size % step == 0) for size in sizes[-varying:])
    return (*sizes[:-varying], *more)

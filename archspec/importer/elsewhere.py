"""Elsewhere: other sizes of the inputs, at which the source is held against the module where that takes them.

A spec states one size. What it makes of others follows from its ops, which may state sizes that the module computes: so
what differs there is told, and stands in no spec's way. What is equal at a smaller size is proven further there, since
that costs a small part of it: an image of 64 x 64 has a twelfth of the pixels of one of 224 x 224.
"""

from collections.abc import Callable, Iterator, Mapping

import torch
from torch import Tensor

STEPS = (32, 16, 8, 4, 2, 1)  # of which the largest that divides a size divides the other too
RANKS = {True: (3, 4), False: (1,)}  # of one sample: images and videos; token numbers
SMALL = (64, 128)  # sizes that networks take, the cheapest first
WORTH = 2  # times fewer numbers, for a smaller size to be tried


def other_size(inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The inputs with larger images or longer texts, one sample of each; empty where nothing tells which sizes vary.

    Args:
        inputs: by name, the batch first.
    """
    return _resized(inputs, lambda size: size + _step(size))


def smaller_sizes(inputs: Mapping[str, Tensor]) -> Iterator[dict[str, Tensor]]:
    """The same with smaller images or shorter texts, the smallest first; none where they are small."""
    numbers = sum(one[:1].numel() for one in inputs.values())
    for least in SMALL:
        made = _resized(inputs, lambda size, least=least: min(size, -(-least // _step(size)) * _step(size)))  # type: ignore[misc]
        if made and sum(one.numel() for one in made.values()) * WORTH <= numbers:
            yield made


def _step(size: int) -> int:
    return next(step for step in STEPS if size % step == 0)


def _resized(inputs: Mapping[str, Tensor], resize: Callable[[int], int]) -> dict[str, Tensor]:
    """One sample of each input, of which the sizes that vary are others; empty where none is."""
    generator = torch.Generator().manual_seed(1)
    sizes = {name: _sizes(one, resize) for name, one in inputs.items()}
    if all(sizes[name] == tuple(one.shape[1:]) for name, one in inputs.items()):
        return {}
    made: dict[str, Tensor] = {}
    for name, one in inputs.items():
        drawn = torch.randn((1, *sizes[name]), generator=generator)
        made[name] = drawn if one.is_floating_point() else (drawn > 0).to(one.dtype)
    return made


def _sizes(one: Tensor, resize: Callable[[int], int]) -> tuple[int, ...]:
    """The sizes of one sample, height and width or the length otherwise."""
    sizes = tuple(one.shape[1:])
    if len(sizes) not in RANKS[one.is_floating_point()]:
        return sizes
    varying = 2 if one.is_floating_point() else 1
    return (*sizes[:-varying], *map(resize, sizes[-varying:]))

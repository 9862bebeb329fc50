"""Tables: constants that an op makes, found by guessing its settings from the sizes and comparing every number."""

from collections.abc import Iterator
from itertools import chain
from math import asin, isqrt, sin

import torch
from torch import Tensor

from archspec.importer.tree import Plain
from archspec.ops import OPS
from archspec.ops.op import ShapeFault
from archspec.runtime.interpret import computed, held
from archspec.values.shape import Shape

Guess = tuple[str, dict[str, Plain]]
ROUNDED = 2.0**-22  # of an angle in single precision, which several products make
ALMOST = 1e-6
FEW = 4  # numbers that are read faster than a rule for them


def table(tensor: Tensor) -> Guess | None:
    """The op without inputs that makes such a table, with its settings; None where there is none."""
    guesses = chain(((guess, 0.0) for guess in _guesses(tensor)), ((guess, ROUNDED) for guess in _waves(tensor)))
    for (op, fields), apart in guesses:
        try:
            made = held(OPS[op](**fields))
        except (ShapeFault, ValueError, TypeError, ZeroDivisionError):
            continue
        if made.shape == tensor.shape and made.dtype == tensor.dtype and _is_one(made, tensor, apart):
            return op, fields
    return None


def _is_one(made: Tensor, tensor: Tensor, apart: float) -> bool:
    """Whether two tables are equal, or `apart` times the longest side at most: waves by what their angles round."""
    return torch.equal(made, tensor) if not apart else bool((made - tensor).abs().max() <= apart * max(made.shape))


def window_mask(tensor: Tensor, like: Shape) -> dict[str, Plain] | None:
    """The settings with which `window_mask` makes such a table, (windows, pixels, pixels), for an image."""
    pixels = tensor.shape[-1]
    side = isqrt(pixels)
    for height, width in ((side, side),) if side * side == pixels else ():
        for shift in {(height // 2, width // 2), (height // 2, 0), (0, width // 2)}:
            fields: dict[str, Plain] = {"window_size": (height, width), "shift_size": shift}
            image = torch.zeros((1, *like.dims))
            try:
                made = computed(OPS["window_mask"](**fields), [image], (like,))
            except (ShapeFault, ValueError, RuntimeError):
                continue
            if isinstance(made, Tensor) and torch.equal(made.flatten(), tensor.flatten().float()):
                return fields
    return None


def _guesses(tensor: Tensor) -> Iterator[Guess]:
    shape = tuple(tensor.shape)
    if len(shape) == 1 and shape[0] > 2 and tensor.dtype == torch.int64:
        first, step = int(tensor[0]), int(tensor[1] - tensor[0])
        if step > 0:
            yield "arange", {"start": first, "end": first + step * shape[0], "step": step}
    if tensor.dtype == torch.int64 and 0 < len(shape) < 3:
        pixels = isqrt(tensor.numel()) if len(shape) == 1 else shape[0]
        for height in (isqrt(pixels), *range(1, pixels + 1)):
            if height and pixels % height == 0:
                size = (height, pixels // height)
                yield "relative_position_index", {"window_size": size, "flatten": len(shape) == 1}
    if not tensor.is_floating_point():
        return
    if len(shape) == 4 and shape[::3] == (1, 2):
        yield "relative_coords_table", {"window_size": ((shape[1] + 1) // 2, (shape[2] + 1) // 2)}
    if len(shape) == 4 and shape[:2] == (1, 1) and shape[2] == shape[3]:
        yield "causal_mask", {"size": shape[2]}
    if len(shape) == 2:
        yield "eye", {"n": shape[0]} if shape[0] == shape[1] else {"n": shape[0], "m": shape[1]}
    if len(shape) == 1 and shape[0] > FEW:
        yield "buffer", {"shape": shape, "init": "arange"}
        yield "linspace", {"start": _ends(tensor)[0], "end": _ends(tensor)[1], "steps": shape[0]}


def _waves(tensor: Tensor) -> Iterator[Guess]:
    """A table of sines and cosines, which begins with those of 0; the second wave of place 1 tells how they grow."""
    at = next((at for at in (0, 1) if tensor.dim() == 3 and tensor.shape[at] == 1), None)
    rows = tensor if at is None else tensor.squeeze(at)
    if rows.dim() != 2 or len(rows) < 2 or rows.shape[1] < 4 or rows.shape[1] % 2:
        return
    places, features = rows.shape
    beside = rows[0, 1] == 1
    first, second = float(rows[1, 0]), float(rows[1, 2 if beside else 1])
    if not bool(rows[0, 0] == 0) or abs(first - sin(1)) > ALMOST or not 0 < second < 1:
        return
    base = asin(second) ** (-features / 2)
    fields: dict[str, Plain] = {"num_embeddings": places, "embedding_dim": features, "unsqueeze": at}
    for guess in (10000.0, float(f"{base:.3g}")):
        yield "sinusoidal_table", {**fields, "interleaved": bool(beside), "base": guess}


def _ends(tensor: Tensor) -> tuple[float, float]:
    return round(float(tensor[0]), 6), round(float(tensor[-1]), 6)

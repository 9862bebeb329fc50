"""Every op reads of its inputs what it says: torch shows where an element goes that is no number.

All elements of an input at one place of a dimension are made NaN. Where the output is NaN, they were read.
"""

import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from archspec.ops import Op
from archspec.ops.reach import Along, Fixed
from archspec.values.shape import Shape
from tests.examples import one_in
from tests.ops.drawing import fitting_uses
from tests.ops.draws_tensors import NAMES
from tests.ops.oracle import flat, runnable, values

# What is read depends on values that are drawn at random here, and do not fit each other.
BY_VALUE = {"max_unpool1d", "max_unpool2d", "max_unpool3d", "grid_sample", "bernoulli"}
# A mask hides some elements, a sign forgets what is no number, and what is no number already cannot become it.
NOT_ALL = {"masked_fill", "where", "tril", "triu", "sign", "unfold"}
# What comes round the border counts as beyond it.
ROUND = {"roll"}
TRIES = 6


def uses(name: str) -> list[tuple[Op, tuple[Shape, ...], tuple[Shape, ...]]]:
    """Uses of an op that fit, and whose reach is all that is read."""
    return [use for use in fitting_uses(name, TRIES) if not _borrows(use[0])]


def _borrows(op: Op) -> bool:
    """Whether its padding repeats elements, or it rolls them before it cuts, which a reach leaves out.

    A bicubic one of aligned corners gives some elements the weight nought, and a NaN shows as read there.
    """
    if any(getattr(op, "shift_size", ())) or (getattr(op, "mode", "") == "bicubic" and getattr(op, "align_corners", 0)):
        return True
    modes = (getattr(op, "mode", "constant"), getattr(op, "padding_mode", "zeros"))
    return bool({"reflect", "replicate", "circular"} & set(modes))


def _outputs(module: Callable[..., Any], given: list[Tensor]) -> list[Tensor]:
    with warnings.catch_warnings(), torch.no_grad(), sdpa_kernel(SDPBackend.MATH):
        warnings.simplefilter("ignore")
        with torch.backends.mkldnn.flags(enabled=False):  # its kernels compute in tiles, over which a NaN would spread
            return list(flat(module(*given)))


def _spoilt(x: Tensor, dim: int, place: int) -> Tensor:
    changed = x.clone()
    changed.select(dim, place).fill_(float("nan"))
    return changed


def faults(op: Op, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> list[str]:
    """What the op reads against its word, or says that it reads and does not."""
    module, found = runnable(op, xs), []
    before = [y.isnan() if y.is_floating_point() else None for y in _outputs(module, values(xs, 1))]
    for index, x in enumerate(xs):
        if x.dtype != "float" or op.reads_size(index):
            continue
        for axis, size in enumerate(x.dims):
            readings = [op.reach(xs, ys, index, port)[axis] for port in range(len(ys))]
            for place in range(size):
                given = values(xs, 1)
                given[index] = _spoilt(given[index], axis + (x.batch > 0), place)
                for port, (y, was) in enumerate(zip(_outputs(module, given), before, strict=True)):
                    if was is not None and not was.any():
                        found += _disagreements(op, readings[port], y.isnan() & ~was, ys[port], place, size)
    return found


def _disagreements(op: Op, reading: object, bad: Tensor, shape: Shape, place: int, size: int) -> list[str]:
    if isinstance(reading, Fixed):
        last = size - 1 if reading.last is None else reading.last
        return [f"{place} is read"] if bool(bad.any()) and not reading.first <= place <= last else []
    if not isinstance(reading, Along):
        return []
    found, any_ = [], bool(bad.any())  # what other dimensions cut away is read by none
    for i, row in enumerate(
        bad.movedim(reading.dim + (shape.batch > 0), 0).reshape(shape.dims[reading.dim], -1).any(1).tolist()
    ):
        first, last = reading.reach.at(i)
        if op.name in ROUND:
            first, last = first % size, last % size
        if row and not first <= place <= last:
            found.append(f"{i} reads {place}, not in {first}..{last} of {reading}")
        if not row and any_ and place in (first, last) and first <= last and op.name not in NOT_ALL:
            found.append(f"{i} does not read {place}, an end of {first}..{last} of {reading}")
    return found


@pytest.mark.parametrize("name", one_in(3, [name for name in NAMES if name not in BY_VALUE]))
def test_an_op_reads_what_it_says(name: str) -> None:
    for op, xs, ys in uses(name):
        assert faults(op, xs, ys) == [], (op, xs, ys)

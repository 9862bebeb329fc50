"""How the values of ops lie in memory, and what is copied for that, by torch on inputs in any order of memory."""

from math import prod
from random import Random

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from archspec.ops import OPS, Op
from archspec.ops.strides import SAMPLES, Strides, alike, contiguous, expanded, sizes, viewed
from archspec.ops.unsaid import Unsaid
from archspec.values.shape import Shapes
from tests.examples import examples, one_in
from tests.ops.drawing import fitting_uses
from tests.ops.draws_tensors import NAMES
from tests.ops.oracle import flat, runnable, values

TRIES = 6
SAYING = [name for name in NAMES if OPS[name].strides is not Unsaid.strides or OPS[name].pointwise]
READING = [name for name in NAMES if OPS[name].read_as is not Unsaid.read_as]
# Of several inputs in different orders torch weighs all; what makes a value by a function of its own makes it anew.
IN_ANY_ORDER = [name for name in SAYING if OPS[name].required == 1 and not OPS[name].stateful]


def in_an_order(x: Tensor, rng: Random) -> Tensor:
    """The same numbers, whose dimensions lie in memory in an order that is drawn."""
    order = list(range(x.dim()))
    rng.shuffle(order)
    back = [order.index(axis) for axis in range(x.dim())]
    return x.permute(order).contiguous().permute(back)


def seen(y: Tensor) -> Strides:
    """Strides of the sizes that are not 1."""
    return tuple(step for size, step in zip(y.shape, y.stride(), strict=True) if size != 1)


def said(op: Op, xs: Shapes, ys: Shapes, given: list[Tensor]) -> list[Strides]:
    made = op.strides(xs, ys, [x.stride() for x in given])
    full = [(sizes(y), step or contiguous(sizes(y))) for y, step in zip(ys, made, strict=True)]
    return [tuple(step for size, step in zip(of, strides, strict=True) if size != 1) for of, strides in full]


@pytest.mark.parametrize("name", one_in(2, SAYING, "einsum", "reshape", "unbind"))
def test_outputs_lie_in_memory_as_an_op_says(name: str) -> None:
    rng = Random(name)
    for op, xs, ys in fitting_uses(name, TRIES):
        given = [in_an_order(x, rng) if name in IN_ANY_ORDER else x for x in values(xs, SAMPLES)]
        with torch.no_grad():
            made = list(flat(runnable(op, xs).eval()(*given)))
        assert [seen(y) for y in made[: len(ys)]] == said(op, xs, ys, given), (op, xs, [x.stride() for x in given])
        if op.shares(xs) and (op.view or type(op).strides is not Unsaid.strides):
            shared = made[0].untyped_storage()._cdata == given[0].untyped_storage()._cdata
            assert shared == (op.strides(xs, ys, [x.stride() for x in given])[0] is not None), (op, xs)


class Copies(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch's own
    """Counts the elements of what is copied to be read in other sizes."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch's own
        self.elements: list[int] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]  # torch's own
        result = func(*args, **(kwargs or {}))
        if func in (torch.ops.aten.clone.default, torch.ops.aten._reshape_copy.default):
            self.elements.append(result.numel())
        return result


@pytest.mark.parametrize("name", [name for name in READING if name != "scaled_dot_product_attention"])
def test_what_is_read_in_other_sizes_is_copied_where_an_op_says(name: str) -> None:
    rng = Random(name)
    for op, xs, ys in fitting_uses(name, examples(40)):
        if getattr(op, "parametrization", ""):
            continue  # what the weight follows from is copied too
        given = [in_an_order(x, rng).requires_grad_() for x in values(xs, SAMPLES)]
        module = runnable(op, xs).train()
        with Copies() as copies:
            module(*given)
        read = zip(xs, given, op.read_as(xs, ys, training=True), strict=False)
        wanted = [how.elements for x, value, how in read if how is not None and how.copies(x, value.stride())]
        if name == "matmul" and len(sizes(xs[0])) == 2 < len(sizes(xs[1])) and min(sizes(ys[0])[-2:]) > 1:
            wanted.append(prod(sizes(ys[0])))  # which is made the other way round
        assert sorted(copies.elements) == sorted(wanted), (op, xs, [x.stride() for x in given])


def test_views_are_those_that_torch_finds() -> None:
    rng = Random(0)
    found = [0, 0]
    for _ in range(examples(400)):
        old = tuple(rng.choice((1, 2, 3, 4, 6)) for _ in range(rng.randint(1, 4)))
        x = in_an_order(torch.zeros(old), rng)
        if rng.random() < 0.3:
            new_old = tuple(rng.choice((size, size * 2)) if size == 1 else size for size in old)
            assert expanded(old, x.stride(), new_old) == tuple(
                0 if a != b else step for a, b, step in zip(old, new_old, x.stride(), strict=True)
            )
            x, old = x.expand(new_old), new_old
        left, new = x.numel(), []
        while left > 1:
            size = rng.choice([size for size in range(1, left + 1) if left % size == 0])
            new.append(size)
            left //= size
        try:
            theirs = tuple(x.view(new).stride())
        except RuntimeError:
            theirs = None
        ours = viewed(old, tuple(x.stride()), tuple(new))
        assert (ours is None) == (theirs is None), (old, x.stride(), new)
        if ours is not None and theirs is not None:
            pairs = zip(new, ours, theirs, strict=True)
            assert all(size == 1 or mine == other for size, mine, other in pairs), (old, x.stride(), new)
        found[ours is None] += 1
    assert min(found) > 20


def test_what_is_made_of_a_view_lies_in_its_order() -> None:
    x = torch.zeros(2, 6, 3, 4).permute(0, 3, 1, 2)[:, :2]
    assert alike(tuple(x.shape), tuple(x.stride())) == (x + 1).stride()

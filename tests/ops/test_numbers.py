"""A value that is one number of each sample, `(N,)`: an op takes it as torch does, or refuses it."""

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given

from archspec.ops.op import Op, ShapeFault
from archspec.values.shape import Shape
from tests.ops.draws_tensors import NAMES, uses
from tests.ops.oracle import run_all, runnable, size
from tests.ops.test_against_torch import bounded


@pytest.mark.parametrize("name", NAMES)
def test_a_number_of_each_sample_is_taken_as_torch_takes_it(name: str) -> None:
    @bounded(12)
    @given(uses(name))
    def check(use: tuple[Op, tuple[Shape, ...]]) -> None:
        op, xs = use
        for count in {1, len(xs)} if xs else ():
            for those in combinations(range(len(xs)), count):
                numbers = tuple(replace(x, dims=()) if i in those else x for i, x in enumerate(xs))
                try:
                    ys = op.outputs(numbers)
                except ShapeFault:
                    continue
                op.cost(numbers, ys)
                given = [y for port, y in zip(op.ports, ys, strict=True) if port not in op.ports_on_demand]
                for batch in (1, 3):
                    ran = [tuple(y.shape) for y in run_all(runnable(op, numbers), numbers, batch)]
                    assert ran == [size(y, batch) for y in given]

    check()

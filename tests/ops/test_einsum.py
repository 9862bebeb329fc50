"""An einsum of any inputs counts what torch's counter and fvcore count, whatever stands in the equation."""

import random
import warnings

import pytest
import torch
from fvcore.nn import FlopCountAnalysis
from torch.utils.flop_counter import FlopCounterMode

from archspec.values.shape import Shape
from tests.ops.oracle import Wrapped, function_of, make, values

LETTERS = "abcde"


def drawn(seed: int) -> tuple[str, tuple[Shape, ...]]:
    """An equation of up to four inputs without a batch, and their shapes."""
    dice = random.Random(seed)
    terms = ["".join(dice.sample(LETTERS, dice.randint(1, 3))) for _ in range(dice.choice([1, 2, 3, 3, 4]))]
    used = sorted(set("".join(terms)))
    output = "".join(dice.sample(used, dice.randint(1, len(used))))
    sizes = {letter: dice.choice([1, 2, 3, 5]) for letter in LETTERS}
    shapes = tuple(Shape(tuple(sizes[letter] for letter in term), batch=0) for term in terms)
    return f"{','.join(terms)}->{output}", shapes


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(60))
def test_counts_of_an_equation_are_those_of_the_counters(seed: int) -> None:
    equation, xs = drawn(seed)
    op = make("einsum", equation=equation)
    run, inputs = function_of(op, xs), values(xs, 1)
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad(), torch.backends.opt_einsum.flags(enabled=False, strategy=None):
        given = run(*inputs)
    cost = op.cost(xs, op.infer(xs))
    assert tuple(given.shape) == op.infer(xs)[0].dims
    assert 2 * cost.macs == counter.get_total_flops()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        analysis = FlopCountAnalysis(Wrapped(run), tuple(inputs))
        analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False).tracer_warnings("none")
        assert cost.fvcore == analysis.total()

"""Padding by TensorFlow's rule: as little as gives one output for each step of the input."""

from hypothesis import given

from archspec.ops.sizes import same_elsewhere, spans
from tests.ops.strategies import ints
from tests.ops.test_against_torch import bounded


@bounded(200)
@given(ints(1, 40), ints(1, 7), ints(1, 4), ints(1, 3))
def test_it_is_the_least_that_gives_the_size(size: int, kernel: int, stride: int, dilation: int) -> None:
    (span,) = spans((kernel,), (dilation,))

    def outputs(added: int) -> int:
        return (size + added - span) // stride + 1

    added, wanted = same_elsewhere(size, kernel, stride, dilation), -(-size // stride)
    assert outputs(added) == wanted or added == 0
    assert added == 0 or outputs(added - 1) < wanted

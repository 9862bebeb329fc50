"""While an op runs at inference, torch holds beside inputs and outputs what the op says: bytes of live storages."""

import warnings

import pytest
import torch

from archspec.graph.memory import ITEMSIZE
from archspec.ops import OPS, Op
from archspec.runtime.foreign import KINDS
from archspec.runtime.memory import measured_peak
from archspec.runtime.training import on_fake_cpu
from archspec.values.shape import Shape, Shapes
from tests.examples import one_in
from tests.ops.drawing import fitting_uses
from tests.ops.draws_tensors import NAMES
from tests.ops.oracle import runnable, size

BATCH = 3
TRIES = 5
FEW = 16  # bytes: the numbers of a `where`
# Of these the main part is told only, since torch composes them of others, or has several kernels for them. A bag
# of embeddings counts where it ends, a mask for windows is made once for all, and a shuffle of one group is its input.
APPROXIMATE = {
    *("lstm", "gru", "rnn", "lstm_cell", "gru_cell", "rnn_cell", "multi_head_attention"),
    *("scaled_dot_product_attention", "cosine_similarity", "einsum", "embedding_bag"),
    *("max_pool1d", "window_mask", "channel_shuffle", "bernoulli"),
}
HELD = [name for name in NAMES if not OPS[name].holds and not OPS[name].aliases_input]


def bytes_of(x: Shape) -> int:
    count = ITEMSIZE[x.dtype]
    for one in size(x, BATCH):
        count *= one
    return count


def made(op: Op, ys: Shapes) -> int:
    """Bytes of the outputs that torch makes, read or not."""
    given = zip(op.ports, ys, strict=True)
    return sum(bytes_of(y) for port, y in given if port not in op.ports_on_demand or port in op.made_unread)


@pytest.mark.parametrize("name", one_in(3, [name for name in HELD if name not in APPROXIMATE]))
def test_an_op_holds_what_it_says(name: str) -> None:
    for op, xs, ys in fitting_uses(name, TRIES):
        module = runnable(op, xs)
        with on_fake_cpu(module), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            inputs = tuple(torch.zeros(size(x, BATCH), dtype=KINDS[x.dtype]) for x in xs)
            peak = measured_peak(module, inputs)
        said = made(op, ys) + sum(map(bytes_of, op.scratch(xs, ys)))
        assert said == pytest.approx(peak.bytes, abs=FEW), (op, xs, peak)

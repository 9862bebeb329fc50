"""While an op runs at inference, torch holds beside inputs and outputs what the op says: bytes of live storages."""

import warnings

import pytest
import torch
from torch.autograd.graph import get_gradient_edge

from archspec.graph.memory import ITEMSIZE
from archspec.ops import OPS, Op
from archspec.runtime.foreign import KINDS
from archspec.runtime.memory import LiveStorages, measured_peak
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


# The backward pass of these holds as many tensors of the output's size whichever of their inputs have a gradient.
BACKWARD = [name for name in HELD if OPS[name].workspace_backward and OPS[name].pointwise and name != "atan2"]


TOLD = [
    *("circular_pad2d", "relu", "tanh", "exp", "clamp", "nan_to_num", "prelu", "maximum", "minimum", "amax", "amin"),
    *("logsumexp", "max", "median", "kthvalue", "sort", "topk", "gather", "take_along_dim", "index_select"),
]


@pytest.mark.parametrize("name", [*BACKWARD, *TOLD])
def test_an_op_holds_what_it_says_on_the_way_back(name: str) -> None:
    for op, xs, ys in fitting_uses(name, TRIES):
        numbers = [x for x in xs if x.dtype == "float"]
        if ys[0].dtype != "float" or any((x.dims, x.batch) != (numbers[0].dims, numbers[0].batch) for x in numbers):
            continue
        module = runnable(op, xs)
        with on_fake_cpu(module):
            inputs = [torch.zeros(size(x, BATCH), dtype=KINDS[x.dtype], requires_grad=x in numbers) for x in xs]
            wanted = [*(x for x in inputs if x.requires_grad), *module.parameters()]
            gradient = torch.zeros(size(ys[0], BATCH))
            held = [x.untyped_storage() for x in (*inputs, *module.parameters(), gradient)]
            with LiveStorages(held, str) as storages:
                made = module(*inputs)
                edge = get_gradient_edge(made[0] if isinstance(made, tuple) else made)
                del made
                before = storages.peak = storages.total
                gradients = torch.autograd.grad([edge], wanted, [gradient])
        new = {one.untyped_storage()._cdata: one.untyped_storage().nbytes() for one in gradients}
        new.pop(gradient.untyped_storage()._cdata, None)
        said = sum(map(bytes_of, op.scratch_backward(xs, ys)))
        assert storages.peak - before - sum(new.values()) == pytest.approx(said, abs=FEW), (op, xs)


@pytest.mark.parametrize("name", ["sub", "mul"])
@pytest.mark.parametrize("other", [(4, 16, 16), (4, 1, 1), (1, 16, 16)])
def test_what_is_repeated_has_the_gradient_of_each_element_for_a_moment(name: str, other: tuple[int, ...]) -> None:
    x, y = Shape((4, 16, 16)), Shape(other)
    values = [torch.ones(size(one, BATCH), requires_grad=True) for one in (x, y)]
    gradient = torch.zeros(size(x, BATCH))
    with LiveStorages([one.untyped_storage() for one in (*values, gradient)], str) as storages:
        made = getattr(torch, name)(*values)
        edge = get_gradient_edge(made)
        del made
        before = storages.peak = storages.total
        gradients = torch.autograd.grad([edge], values, [gradient])
    new = {one.untyped_storage()._cdata: one.untyped_storage().nbytes() for one in gradients}
    new.pop(gradient.untyped_storage()._cdata, None)
    said = sum(map(bytes_of, OPS[name]().scratch_backward((x, y), (x,))))
    assert storages.peak - before - sum(new.values()) == said

"""Autograd keeps of every op what it says: bytes, by torch's hooks on saved tensors."""

import warnings

import pytest
import torch
from torch import Tensor
from torch.utils._pytree import tree_leaves

from archspec.graph.memory import ITEMSIZE
from archspec.ops import Op
from archspec.values.shape import Shape, Shapes
from tests.examples import one_in
from tests.ops.drawing import fitting_uses
from tests.ops.draws_tensors import NAMES
from tests.ops.oracle import runnable, size, values

BATCH = 3
# Of these the main part is told only: torch composes them of others, whose parts are small or depend on the machine,
# such as the one workspace of an LSTM on a CPU; products of three or more; attention with weights or by other ways.
APPROXIMATE = {
    *("cosine_similarity", "pairwise_distance", "einsum", "embedding_bag", "take_along_dim"),
    *("lstm", "gru", "rnn", "lstm_cell", "gru_cell", "rnn_cell"),
    *("multi_head_attention", "scaled_dot_product_attention"),
}
TRIES = 5
# A bilinear form of many inputs is made in several ways; windows are a view of the input where there is one of them.
VIEWS_VARY = {"bilinear"}


def saved_by_torch(op: Op, xs: Shapes) -> tuple[int, str]:
    """Bytes of what is kept, parameters and buffers left out, and what they are."""
    module = runnable(op, xs).train()
    given = [value.requires_grad_(value.is_floating_point()) for value in values(xs, BATCH)]
    kept: dict[int, Tensor] = {}

    def keep(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage()._cdata] = tensor
        return tensor

    with warnings.catch_warnings(), torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        warnings.simplefilter("ignore")
        results = module(*given)
    held = {t.untyped_storage()._cdata for t in (*module.parameters(), *module.buffers())}
    counts = {key: tensor.untyped_storage().nbytes() for key, tensor in kept.items() if key not in held}
    named = {x.untyped_storage()._cdata: f"in{i}" for i, x in enumerate(given)}
    given_back = [y for y in tree_leaves(results) if isinstance(y, Tensor)]
    named |= {y.untyped_storage()._cdata: f"out{i}" for i, y in enumerate(given_back)}
    said = [f"{named.get(key, 'own')}:{tuple(kept[key].shape)}={count}" for key, count in counts.items()]
    return sum(counts.values()), ", ".join(said)


def bytes_of(x: Shape) -> int:
    count = 1
    for one in size(x, BATCH):
        count *= one
    return count * ITEMSIZE[x.dtype]


def saved_by_us(op: Op, xs: Shapes, ys: Shapes) -> int:
    wants = [x.dtype == "float" for x in xs]
    if not any(wants) and not op.parameters(xs):
        return 0
    saved = op.saves(xs, ys, wants)
    read = (*(xs[i] for i in saved.inputs), *(xs[i] for i in saved.copies))
    return sum(map(bytes_of, (*read, *(ys[i] for i in saved.outputs), *saved.made)))


@pytest.mark.parametrize("name", one_in(3, [name for name in NAMES if name not in APPROXIMATE]))
def test_autograd_keeps_what_an_op_says(name: str) -> None:
    for op, xs, ys in fitting_uses(name, TRIES):
        count, said = saved_by_torch(op, xs)
        assert saved_by_us(op, xs, ys) == count, (op, xs, said)


@pytest.mark.parametrize("name", one_in(3, [name for name in NAMES if name not in APPROXIMATE | VIEWS_VARY]))
def test_an_op_says_where_its_output_is_a_view_of_what_torch_made(name: str) -> None:
    for op, xs, ys in fitting_uses(name, TRIES):
        if op.aliases_input or not any(x.dtype == "float" for x in xs):
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            given = [value.requires_grad_(value.is_floating_point()) for value in values(xs, BATCH)]
            y = next(y for y in tree_leaves(runnable(op, xs).train()(*given)) if isinstance(y, Tensor))
        wants = [x.dtype == "float" for x in xs]
        assert op.saves(xs, ys, wants).view == bool(y.requires_grad and y._is_view()), (op, xs)

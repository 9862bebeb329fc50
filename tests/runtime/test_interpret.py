"""The interpreter gives what torch gives where the same network is written by hand."""

from types import SimpleNamespace

import torch
from torch import Tensor, nn
from torch.nn import functional

from archspec.pipeline import load_text
from archspec.runtime.evaluate import Names, evaluate
from archspec.runtime.interpret import equal_draws, interpret
from archspec.values.expression import Literal
from archspec.values.source import Item, Listing, Operand, Operation, Range, Source, Tuple, Unpacked, invoke, method

SHARED = """
archspec: 1
inputs: {a: [4], b: [4]}
graph:
  one: {op: linear, out_features: 4, from: a}
  two: {op: linear, out_features: 4, from: b, share: one}
  out: {op: sub, from: [one, two]}
"""


def test_shared_parts_have_the_weights_of_their_owner() -> None:
    layer = nn.Linear(4, 4)
    a, b = torch.randn(2, 4), torch.randn(2, 4)
    state = {f"one.{key}": value for key, value in layer.state_dict().items()}
    found = interpret(load_text(SHARED), state, {"a": a, "b": b}).outputs
    assert torch.equal(found["out"], layer(a) - layer(b))


def test_train_only_nodes_run_in_training_only_and_statistics_move() -> None:
    text = """
archspec: 1
inputs: {x: [4]}
graph: {bn: batch_norm1d, aux: {op: tanh, when: training}, act: {op: relu, from: bn}}
outputs: {y: act, aux: aux}
"""
    norm, x = nn.BatchNorm1d(4), torch.randn(3, 4)
    state = {f"bn.{key}": value.clone() for key, value in norm.state_dict().items()}
    calm = interpret(load_text(text), state, {"x": x})
    assert list(calm.outputs) == ["y"]
    assert torch.equal(calm.outputs["y"], functional.relu(norm.eval()(x)))
    moved = interpret(load_text(text), state, {"x": x}, training=True)
    assert list(moved.outputs) == ["y", "aux"]
    assert torch.equal(moved.outputs["aux"], norm.train()(x).tanh())
    assert torch.equal(moved.state["bn.running_mean"], norm.state_dict()["running_mean"])
    assert torch.equal(state["bn.running_mean"], torch.zeros(4))  # what was given is as it was


def test_buffers_outside_the_state_follow_from_their_settings() -> None:
    text = """
archspec: 1
inputs: {x: [3]}
graph:
  table: {op: buffer, shape: [3], init: arange, persistent: false}
  sum: {op: add, from: [x, table]}
"""
    x = torch.randn(2, 3)
    found = interpret(load_text(text), {}, {"x": x}).outputs["sum"]
    assert torch.equal(found, x + torch.arange(3.0))


def test_random_ops_draw_the_same_whatever_runs_before() -> None:
    x = torch.ones(1000)
    with equal_draws():
        first = functional.dropout(x)
        torch.rand(5)
        assert torch.equal(first, functional.dropout(x))
    torch.manual_seed(1)
    assert not torch.equal(functional.dropout(x), functional.dropout(x))


def test_random_ops_draw_by_index_whatever_the_order_in_memory() -> None:
    x = torch.ones(2, 3, 4, 5)
    turned = x.contiguous(memory_format=torch.channels_last)
    with equal_draws():
        assert torch.equal(functional.dropout(x), functional.dropout(turned))
        assert torch.equal(functional.dropout(turned), functional.dropout(turned))
    assert functional.dropout(turned).is_contiguous(memory_format=torch.channels_last)


def test_an_expression_gives_what_its_text_would() -> None:
    x, y = torch.randn(2, 6, 3), torch.randn(2, 6, 3)
    names = Names(SimpleNamespace(torch=torch), {}, (x, y))
    a, b, two = Operand(0), Operand(1), Literal(2)
    cases: list[tuple[Source, Tensor]] = [
        (invoke("torch.cat", Listing((a, b)), dim=Literal(1)), torch.cat([x, y], dim=1)),
        (Operation("+", a, Operation("**", b, two)), x + y**2),
        (Item(a, (Range(), Range(Literal(1), None, two))), x[:, 1::2]),
        (method(a, "reshape", Literal(2), Unpacked(Tuple((Literal(3), Literal(6))))), x.reshape(2, 3, 6)),
    ]
    for source, wanted in cases:
        found = evaluate(source, names)
        assert isinstance(found, Tensor)
        assert torch.equal(found, wanted)


def test_a_dimension_is_chosen_from_the_end_after_all_others() -> None:
    text = """
archspec: 1
inputs: {x: [3, 4]}
graph: {last: {op: select, dim: -1, index: 2}}
"""
    x = torch.randn(2, 3, 4)
    assert torch.equal(interpret(load_text(text), {}, {"x": x}).outputs["last"], x[..., 2])

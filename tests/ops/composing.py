"""Ops run one after the other, each on tensors with their shapes: what a spec would do, without a spec."""

from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from archspec.values.shape import Shape
from tests.ops.oracle import function_of, make, module_of, size


@dataclass(frozen=True)
class Value:
    """A tensor and what archspec knows of it."""

    shape: Shape
    tensor: Tensor


def given(tensor: Tensor) -> Value:
    """A value with a batch."""
    return Value(Shape(tuple(tensor.shape[1:])), tensor)


def held(tensor: Tensor) -> Value:
    """A parameter or a buffer."""
    return Value(Shape(tuple(tensor.shape), batch=0, dtype="float" if tensor.is_floating_point() else "int"), tensor)


def parts(name: str, *xs: Value, **fields: Any) -> tuple[Value, ...]:
    """All outputs of the op `name`; their sizes are those that it promised."""
    op, shapes = make(name, **fields), tuple(x.shape for x in xs)
    made: Any = function_of(op, shapes)(*(x.tensor for x in xs))
    tensors = made if isinstance(made, tuple | list) else (made,)
    ys = op.infer(shapes)
    assert [tuple(tensor.shape) for tensor in tensors] == [size(y, xs[0].tensor.shape[0]) for y in ys]
    return tuple(map(Value, ys, tensors))


def run(name: str, *xs: Value, **fields: Any) -> Value:
    """The output of the op `name`."""
    op, shapes = make(name, **fields), tuple(x.shape for x in xs)
    batch = next((x.tensor.shape[0] for x in xs if x.shape.batch), 1)
    tensor = function_of(op, shapes)(*(x.tensor for x in xs))
    (y,) = op.infer(shapes)
    assert tuple(tensor.shape) == size(y, batch)
    return Value(y, tensor)


def through(module: nn.Module, name: str, x: Value, **fields: Any) -> Value:
    """The output of an op with parameters, which are those of `module`."""
    op = make(name, **fields)
    made = module_of(op, (x.shape,))
    made.load_state_dict(module.state_dict())
    (y,) = op.infer((x.shape,))
    return Value(y, made(x.tensor))

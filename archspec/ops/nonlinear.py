"""Nonlinear: what all activations have in common, apart from them, so that a rectifier does not load the others."""

from typing import ClassVar

from archspec.ops.op import Op, Role
from archspec.values.cost import Cost
from archspec.values.shape import Shape


class Activation(Op):
    """An op that works on each element by itself."""

    pointwise: ClassVar[bool] = True
    role: ClassVar[Role] = Role.ACTIVATION

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(activation=xs[0].numel)

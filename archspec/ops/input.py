"""The op of a graph's inputs."""

from typing import ClassVar

from pydantic import Field

from archspec.ops.fields import PositiveInt
from archspec.ops.op import Op, Role, op
from archspec.values.cost import Cost
from archspec.values.shape import DType, Shape


@op
class Input(Op):
    """A value that the network is given: () -> (N, *shape)."""

    name: ClassVar[str] = "input"
    role: ClassVar[Role] = Role.INPUT
    written: ClassVar[bool] = False
    input_names: ClassVar[tuple[str, ...]] = ()
    required: ClassVar[int] = 0

    shape: tuple[PositiveInt, ...] = Field(min_length=1, description="sizes without the batch")
    dtype: DType = Field(default="float", description="`int` for indices and token numbers, `bool` for truth values")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        return (Shape(self.shape, dtype=self.dtype),)

    def cost(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        """Nothing: what is given is not computed."""
        return Cost()

    def label(self) -> str:
        return "input"

"""The op of a graph's inputs."""

from collections.abc import Sequence
from typing import ClassVar, Literal

from pydantic import Field

from archspec.ops.fields import PositiveInt
from archspec.ops.op import Op, Role, op
from archspec.ops.saved import NOTHING, Saved
from archspec.values.cost import Cost
from archspec.values.shape import Shape, Shapes, Stated


@op
class Input(Op):
    """A value that the network is given: () -> (N, *shape)."""

    name: ClassVar[str] = "input"
    role: ClassVar[Role] = Role.INPUT
    written: ClassVar[bool] = False
    input_names: ClassVar[tuple[str, ...]] = ()
    required: ClassVar[int] = 0

    shape: tuple[PositiveInt, ...] = Field(description="sizes without the batch; none for one number of each sample")
    dtype: Stated = Field(default="float", description="`int` for indices and token numbers, `bool` for truth values")
    values: Literal["any", "binary", "positive"] | tuple[float, float] = Field(
        default="any",
        description="which are drawn: any, 0 and 1, above 0, or the lowest and the highest",
    )

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        return (Shape(self.shape, dtype=self.dtype),)

    def cost(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        """Nothing: what is given is not computed."""
        return Cost()

    def label(self) -> str:
        return "input"

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING

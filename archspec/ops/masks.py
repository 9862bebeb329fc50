"""Values put where a mask says."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import ClassVar

from pydantic import Field

from archspec.ops.broadcast import broadcast
from archspec.ops.op import Op, Role, ShapeFault, op
from archspec.values.cost import Cost
from archspec.values.shape import Shape
from archspec.values.source import Operation, Source, constant, method


@op
class MaskedFill(Op):
    """A number put where the mask is 0: (N, heads, L, S), (1, 1, L, S) -> (N, heads, L, S).

    The mask broadcasts to the value. `causal_mask` makes one.
    """

    name: ClassVar[str] = "masked_fill"
    role: ClassVar[Role] = Role.OTHER
    input_names: ClassVar[tuple[str, ...]] = ("x", "mask")
    required: ClassVar[int] = 2
    function: ClassVar[str] = "torch.masked_fill"

    value: float | None = Field(default=None, description="what is put there; none is minus infinity")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x, mask = xs
        y = broadcast(self.name, xs)
        if (y.dims, y.batch) != (x.dims, x.batch):
            raise ShapeFault("shape-mismatch", f"the mask {mask} is larger than the value {x}")
        if x.dtype == "int" and not isfinite(float("-inf") if self.value is None else self.value):
            message = f"{self.name} puts infinity where the mask is 0, and its value holds integers: {x}"
            raise ShapeFault("wrong-type", message, help="give a number to put there: value: 0", field="value")
        return (x,)

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(elementwise=ys[0].numel)

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        masked = Operation("==", args[1], constant(0))
        return method(args[0], "masked_fill", masked, slots.get("value", constant(float("-inf"))))

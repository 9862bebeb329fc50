"""A bilinear map. torch has it as one operation, of which neither of its counters counts anything."""

from math import prod
from typing import Annotated, ClassVar

from pydantic import Field

from archspec.ops.align import listing
from archspec.ops.fields import PositiveInt, laid_out
from archspec.ops.label import Label, channels_part
from archspec.ops.names import BIASES, FEATURES
from archspec.ops.op import Role, ShapeFault, op
from archspec.ops.weighted import Weighted
from archspec.values.cost import Cost
from archspec.values.shape import Shape, Shapes


@op
class Bilinear(Weighted):
    """A map of every two features, `x1 @ weight[k] @ x2 + bias[k]`: (N, ..., K), (N, ..., M) -> (N, ..., out_features).

    Its products count as arithmetic and not as MACs, so that these are what torch counts.
    """

    name: ClassVar[str] = "bilinear"
    role: ClassVar[Role] = Role.LINEAR
    input_names: ClassVar[tuple[str, ...]] = ("x1", "x2")
    required: ClassVar[int] = 2
    real: ClassVar[frozenset[str]] = frozenset({"x1", "x2"})
    module: ClassVar[str] = "nn.Bilinear"
    tensors: ClassVar[tuple[str, ...]] = ("weight", "bias")
    positional: ClassVar[int] = 3
    stateful: ClassVar[bool] = True

    out_features: Annotated[PositiveInt, FEATURES] = Field(description="size of the last dimension of the output")
    bias: Annotated[bool, BIASES] = Field(default=True, description="adds a learned number to each output feature")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x1, x2 = xs
        if not x1.dims or not x2.dims or (x1.batch, x1.dims[:-1]) != (x2.batch, x2.dims[:-1]):
            message = f"{self.name} needs inputs that are equal but for their features"
            raise ShapeFault("shape-mismatch", message, pointed=listing(xs))
        dims = (*x1.dims[:-1], self.out_features)
        return (laid_out(dims, x1, len(dims) - 1),)

    def plain(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        weight: dict[str, tuple[int, ...]] = {"weight": (self.out_features, xs[0].dims[-1], xs[1].dims[-1])}
        return {**weight, "bias": (self.out_features,)} if self.bias else weight

    def scratch(self, xs: Shapes, ys: Shapes) -> Shapes:
        return ys if self.bias else ()  # before the bias is added

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        places = max(xs[0].batch, 1) * prod(xs[0].dims[:-1])
        return Cost(elementwise=places * prod(self.plain(xs)["weight"]))

    def derived(self, xs: tuple[Shape, ...]) -> dict[str, int]:
        return {"in1_features": xs[0].dims[-1], "in2_features": xs[1].dims[-1]}

    def label(self) -> Label:
        return Label("bilinear", (channels_part("out_features", self.out_features),))

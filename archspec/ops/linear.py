"""Linear layers. One multiply-add per weight and position; the bias is not counted."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, ClassVar

from pydantic import Field

from archspec.ops.align import listing
from archspec.ops.fields import PositiveInt, laid_out
from archspec.ops.label import Label, channels_part
from archspec.ops.names import BIASES, FEATURES
from archspec.ops.op import Op, Role, ShapeFault, op
from archspec.ops.reach import WHOLE, Reading, but, pointwise
from archspec.ops.saved import Saved, of_product
from archspec.ops.strides import Read, rows_of
from archspec.ops.weighted import Weighted
from archspec.values.cost import Cost
from archspec.values.shape import Shape, Shapes
from archspec.values.source import Source, invoke


@op
class Linear(Weighted):
    """Linear map of the last dimension, `x @ weight.T + bias`: (N, ..., K) -> (N, ..., out_features)."""

    low_precision: ClassVar[bool] = True
    name: ClassVar[str] = "linear"
    also_called: ClassVar[Mapping[str, str]] = {
        "dense": "",
        "fc": "",
        "fully_connected": "",
        "gemm": "",
        "inner_product": "",
    }
    role: ClassVar[Role] = Role.LINEAR
    module: ClassVar[str] = "nn.Linear"
    tensors: ClassVar[tuple[str, ...]] = ("weight", "bias")
    real: ClassVar[frozenset[str]] = frozenset({"x"})
    positional: ClassVar[int] = 2
    stateful: ClassVar[bool] = True

    out_features: Annotated[PositiveInt, FEATURES] = Field(description="size of the last dimension of the output")
    bias: Annotated[bool, BIASES] = Field(default=True, description="adds a learned number to each output feature")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        if not xs[0].dims:
            message = f"{self.name} needs N x K or more dimensions, not {xs[0]}"
            help = "unsqueeze with dim: -1 makes one feature of a number"
            raise ShapeFault("rank-mismatch", message, help=help)
        # What it maps are the channels from here on: `(N, H, W, C)` for an image.
        dims = (*xs[0].dims[:-1], self.out_features)
        return (laid_out(dims, xs[0], len(dims) - 1, "float"),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        return but(pointwise(xs[0], xs[0]), len(xs[0].dims) - 1)

    def plain(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        weight: dict[str, tuple[int, ...]] = {"weight": (self.out_features, xs[0].dims[-1])}
        return {**weight, "bias": (self.out_features,)} if self.bias else weight

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        macs = xs[0].numel * self.out_features
        return Cost(macs=macs, fvcore=macs)

    def derived(self, xs: tuple[Shape, ...]) -> dict[str, int]:
        return {"in_features": xs[0].dims[-1]}

    def label(self) -> Label:
        return Label("linear", (channels_part("out_features", self.out_features),))

    def scratch(self, xs: Shapes, ys: Shapes) -> Shapes:
        return self.made(xs)[:1]  # a weight that follows from other parameters

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return Saved(inputs=(0,), made=self.made(xs), view=self.bias and len(xs[0].dims) > 1)  # of (N * L, K)

    def read_as(self, xs: Shapes, ys: Shapes, *, training: bool) -> tuple[Read | None, ...]:
        return (rows_of(xs[0], training=training),)


@op
class FunctionalLinear(Op):
    """Linear map by a given weight and bias, `x @ weight.T + bias`: (N, ..., K), (M, K), (M,) -> (N, ..., M).

    They are parameters of their own, or computed from some: the weight of an embedding, a bias with zeros in it.
    """

    low_precision: ClassVar[bool] = True
    name: ClassVar[str] = "functional_linear"
    role: ClassVar[Role] = Role.LINEAR
    input_names: ClassVar[tuple[str, ...]] = ("x", "weight", "bias")
    required: ClassVar[int] = 2
    function: ClassVar[str] = "F.linear"
    numeric: ClassVar[frozenset[str]] = frozenset({"x", "weight", "bias"})
    alike: ClassVar[bool] = True

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x, weight = xs[:2]
        if any(one.batch for one in xs[1:]) or len(weight.dims) != 2 or not x.dims:
            wanted = "a weight of rows and columns without a batch"
            raise ShapeFault("rank-mismatch", f"{self.name} takes {wanted}", pointed=listing(xs))
        if x.dims[-1] != weight.dims[1]:
            message = f"{self.name} needs a weight with {x.dims[-1]} columns, one for each feature"
            raise ShapeFault("shape-mismatch", message, pointed=listing(xs))
        if any(bias.dims != weight.dims[:1] for bias in xs[2:]):
            message = f"{self.name} needs a bias of {weight.dims[0]} numbers, one for each row of the weight"
            raise ShapeFault("shape-mismatch", message, pointed=listing(xs))
        dims = (*x.dims[:-1], weight.dims[0])
        return (laid_out(dims, x, len(dims) - 1),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        if index:
            return (WHOLE,) * len(xs[index].dims)
        return but(pointwise(xs[0], xs[0]), len(xs[0].dims) - 1)

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        macs = xs[0].numel * xs[1].dims[0]
        return Cost(macs=macs, fvcore=macs)

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return invoke("F.linear", *args)

    def label(self) -> str:
        return "linear"

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return replace(of_product(wants[:2]), view=len(xs) > 2 and len(xs[0].dims) > 1)

    def read_as(self, xs: Shapes, ys: Shapes, *, training: bool) -> tuple[Read | None, ...]:
        return (rows_of(xs[0], training=training),)

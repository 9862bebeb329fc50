"""Dimensions that become part of the batch and come back: what is done to each image is done to each window or frame.

(N, 16, C, H, W)  --merge_batch-->  (16N, C, H, W)  --conv2d-->  (16N, K, H, W)  --split_batch-->  (N, 16, K, H, W)
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from pydantic import Field

from archspec.ops.fields import PositiveInt
from archspec.ops.op import ShapeFault, op
from archspec.ops.reach import WHOLE, Along, Reading
from archspec.ops.reshape import View
from archspec.values.shape import Shape
from archspec.values.source import Source, Tuple, constant, invoke, method


@op
class MergeBatch(View):
    """The first dimension of each sample becomes part of the batch: (N, D, ...) -> (DN, ...)."""

    name: ClassVar[str] = "merge_batch"
    unseen: ClassVar[bool] = True

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x = xs[0]
        if not x.batch or len(x.dims) < 2:
            raise ShapeFault("rank-mismatch", f"merge_batch needs a batch and two dimensions or more, not {x}")
        return (Shape(x.dims[1:], x.batch * x.dims[0], x.dtype),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        return (WHOLE, *map(Along, range(len(ys[0].dims))))

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return method(args[0], "flatten", constant(0), constant(1))


@op
class SplitBatch(View):
    """So many rows of the batch become the first dimension of a sample: (DN, ...) -> (N, D, ...)."""

    name: ClassVar[str] = "split_batch"
    unseen: ClassVar[bool] = True

    size: PositiveInt = Field(description="the size of the dimension, D")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x = xs[0]
        if not x.batch or x.batch % self.size:
            message = f"{self.size} does not divide the batch of {x}"
            raise ShapeFault("shape-mismatch", message, field="size", help="merge_batch makes such a batch")
        return (Shape((self.size, *x.dims), x.batch // self.size, x.dtype),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        return tuple(Along(axis + 1) for axis in range(len(xs[0].dims)))

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return invoke("torch.unflatten", args[0], constant(0), Tuple((constant(-1), slots["size"])))

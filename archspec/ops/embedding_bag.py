"""Rows of a table, looked up by number and made one. Counts are the elements read, as in pooling."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from archspec.ops.embedding import require_integers, rows_of
from archspec.ops.fields import PositiveInt
from archspec.ops.label import Label, Part, channels_part
from archspec.ops.names import ROWS, WIDTHS
from archspec.ops.op import TO_REAL, Op, Role, ShapeFault, op
from archspec.values.cost import Cost
from archspec.values.shape import Shape
from archspec.values.source import Invoke, Source


@op
class EmbeddingBag(Op):
    """One vector for several numbers, the mean of their rows: integers (N, L) -> (N, embedding_dim).

    A sum may weigh the rows: `per_sample_weights` is (N, L), too.
    """

    name: ClassVar[str] = "embedding_bag"
    role: ClassVar[Role] = Role.EMBEDDING
    input_names: ClassVar[tuple[str, ...]] = ("x", "per_sample_weights")
    module: ClassVar[str] = "nn.EmbeddingBag"
    tensors: ClassVar[tuple[str, ...]] = ("weight",)
    positional: ClassVar[int] = 2
    stateful: ClassVar[bool] = True

    num_embeddings: Annotated[PositiveInt, ROWS] = Field(description="rows: one more than the largest number")
    embedding_dim: Annotated[PositiveInt, WIDTHS] = Field(description="size of a row")
    max_norm: float | None = Field(default=None, gt=0, description="the greatest length of a row; longer ones are cut")
    norm_type: float = Field(default=2.0, gt=0, description="which length: 2 is the Euclidean one")
    scale_grad_by_freq: bool = Field(default=False, description="divides gradients by how often a number was there")
    mode: Literal["sum", "mean", "max"] = Field(default="mean", description="what is made of the rows")
    sparse: bool = Field(default=False, description="gradients are sparse tensors")
    padding_idx: int | None = Field(default=None, description="a row that is left out and not learned")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x = xs[0]
        require_integers(self.name, x)
        if not x.batch or len(x.dims) != 1:
            raise ShapeFault("rank-mismatch", f"{self.name} needs N x L, not {x}")
        if self.padding_idx is not None and not -self.num_embeddings <= self.padding_idx < self.num_embeddings:
            message = f"padding_idx {self.padding_idx} is none of the {self.num_embeddings} rows"
            raise ShapeFault("bad-option", message, field="padding_idx")
        if self.mode == "max" and (self.sparse or self.scale_grad_by_freq):
            field = "sparse" if self.sparse else "scale_grad_by_freq"
            raise ShapeFault("bad-option", f"{field} has no meaning with mode: max", field=field)
        for weights in xs[1:]:
            self._require_weights(x, weights)
        return (rows_of(Shape((), x.batch, "int"), (self.embedding_dim,)),)

    def _require_weights(self, x: Shape, weights: Shape) -> None:
        if self.mode != "sum":
            raise ShapeFault("bad-option", f"weights go with mode: sum, not {self.mode}", field="mode")
        if weights.dtype != "float":
            message = f"{self.name} takes fractions as its weights, not integers: {weights}"
            raise ShapeFault("wrong-type", message, help=TO_REAL)
        if (weights.dims, weights.batch) != (x.dims, x.batch):
            raise ShapeFault("shape-mismatch", f"{self.name} needs a weight for each number: {x}, not {weights}")

    def parameters(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        return {"weight": (self.num_embeddings, self.embedding_dim)}

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(pool=xs[0].numel * self.embedding_dim)

    def call(self, owner: Source, args: Sequence[Source], xs: tuple[Shape, ...]) -> Source:
        named = zip(self.input_names[1:], args[1:], strict=False)
        return Invoke(owner, tuple(args[:1]), tuple(named))

    def label(self) -> Label:
        return Label(
            "embedding bag", (channels_part("embedding_dim", self.embedding_dim), Part("mode", self.mode, "mode"))
        )

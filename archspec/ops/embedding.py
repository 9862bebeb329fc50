"""Rows of tables, looked up by number. That costs no arithmetic."""

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

from pydantic import Field

from archspec.ops.fields import PositiveInt, laid_out
from archspec.ops.label import Label, channels_part
from archspec.ops.names import AXES, ROWS, WIDTHS
from archspec.ops.op import Op, Role, ShapeFault, op
from archspec.ops.reach import WHOLE, Along, Reading
from archspec.ops.saved import INPUT, NOTHING, Saved
from archspec.ops.sizes import resolve_dim
from archspec.values.shape import HELD, Shape, Shapes
from archspec.values.source import Item, Member, Source, constant, invoke


@op
class Embedding(Op):
    """A learned row for every number: integers (N, L) -> (N, L, embedding_dim)."""

    name: ClassVar[str] = "embedding"
    also_called: ClassVar[Mapping[str, str]] = {"embed": "", "lookup_table": ""}
    role: ClassVar[Role] = Role.EMBEDDING
    module: ClassVar[str] = "nn.Embedding"
    tensors: ClassVar[tuple[str, ...]] = ("weight",)
    positional: ClassVar[int] = 2
    stateful: ClassVar[bool] = True

    num_embeddings: Annotated[PositiveInt, ROWS] = Field(description="rows: one more than the largest number")
    embedding_dim: Annotated[PositiveInt, WIDTHS] = Field(description="size of a row")
    padding_idx: int | None = Field(default=None, description="a row of zeros that is not learned")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        require_integers(self.name, xs[0])
        if self.padding_idx is not None and not -self.num_embeddings <= self.padding_idx < self.num_embeddings:
            message = f"padding_idx {self.padding_idx} is none of the {self.num_embeddings} rows"
            raise ShapeFault("bad-option", message, field="padding_idx")
        return (rows_of(xs[0], (self.embedding_dim,)),)

    def rows(self, xs: tuple[Shape, ...]) -> tuple[str, int] | None:
        return "x", self.num_embeddings

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        return tuple(map(Along, range(len(xs[0].dims))))

    def parameters(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        return {"weight": (self.num_embeddings, self.embedding_dim)}

    def label(self) -> Label:
        return Label("embedding", (channels_part("embedding_dim", self.embedding_dim),))

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return INPUT


@op
class Index(Op):
    """Rows of a table that has no batch, by number: (R, K), integers (L,) -> (L, K)."""

    name: ClassVar[str] = "index"
    role: ClassVar[Role] = Role.EMBEDDING
    input_names: ClassVar[tuple[str, ...]] = ("table", "index")
    required: ClassVar[int] = 2

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        table, index = xs
        require_integers(self.name, index)
        if table.batch or not table.dims:
            raise ShapeFault("rank-mismatch", f"{self.name} takes rows of a table without a batch, not of {table}")
        y = rows_of(index, table.dims[1:])
        return (Shape(y.dims, y.batch, table.dtype, y.channels_last),)

    def rows(self, xs: tuple[Shape, ...]) -> tuple[str, int] | None:
        return "index", xs[0].dims[0]

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        return (WHOLE,) * len(xs[0].dims) if not index else tuple(map(Along, range(len(xs[1].dims))))

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return Item(args[0], (args[1],))

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return Saved(inputs=(1,))


@op
class Positions(Op):
    """Numbers of the places along a dimension, 0, 1, 2, ...: (N, L, ...) -> integers (L,) for dim 1."""

    name: ClassVar[str] = "positions"
    role: ClassVar[Role] = Role.EMBEDDING
    size_inputs: ClassVar[frozenset[str]] = frozenset({"x"})

    dim: Annotated[int, AXES] = Field(
        default=1, description="the dimension, counted as PyTorch does, the batch being 0"
    )

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        axis = resolve_dim(self.name, xs[0], self.dim)
        return (Shape((xs[0].dims[axis],), batch=0, dtype="int"),)

    def counts_to(self, xs: tuple[Shape, ...]) -> int | None:
        return xs[0].dims[resolve_dim(self.name, xs[0], self.dim)]

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        x = args[0]
        length = Item(Member(x, "shape"), (slots.get("dim", constant(1)),))
        return invoke("torch.arange", length, device=Member(x, "device"))

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING


def rows_of(index: Shape, row: tuple[int, ...]) -> Shape:
    """The shape of a row for every number of `index`."""
    dims = (*index.dims, *row)
    return laid_out(dims, index, len(dims) - 1, "float")


def require_integers(name: str, x: Shape) -> None:
    """Raises ShapeFault `wrong-type` where `x` holds no integers."""
    if x.dtype != "int":
        cure = "an input of the network holds integers where it says so: {shape: [...], dtype: int}"
        raise ShapeFault("wrong-type", f"{name} takes integers, and its input holds {HELD[x.dtype]}: {x}", help=cure)

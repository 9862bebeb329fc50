"""Buffers that follow from a few numbers: places of pixels in windows, the mask of causal attention, torch's own."""

from collections.abc import Hashable, Mapping
from math import ceil, floor
from typing import ClassVar, Literal

from pydantic import Field

from archspec.ops.fields import PositiveInt
from archspec.ops.label import Label, Part
from archspec.ops.op import Helper, ShapeFault, op
from archspec.ops.parameter import AnyBuffer
from archspec.values.shape import Shape
from archspec.values.source import Source, constant, invoke, method, spread

Window = tuple[PositiveInt, PositiveInt]

INDEX = Helper(
    "relative_position_index",
    '''\
def relative_position_index(height: int, width: int) -> Tensor:
    """The row of a bias table for every two pixels: (L, L), L = height * width."""
    rows, columns = torch.meshgrid(
        torch.arange(height), torch.arange(width), indexing="ij"
    )
    rows, columns = rows.flatten(), columns.flatten()
    down = rows[:, None] - rows + height - 1
    right = columns[:, None] - columns + width - 1
    return down * (2 * width - 1) + right
''',
    uses=("torch",),
)

COORDINATES = Helper(
    "relative_coords_table",
    '''\
def relative_coords_table(height: int, width: int) -> Tensor:
    """Logarithms of distances in a window: (1, 2 * height - 1, 2 * width - 1, 2)."""
    down = torch.arange(1 - height, height, dtype=torch.float32) / (height - 1)
    right = torch.arange(1 - width, width, dtype=torch.float32) / (width - 1)
    table = 8 * torch.stack(torch.meshgrid(down, right, indexing="ij"), dim=-1)[None]
    return table.sign() * torch.log2(table.abs() + 1.0) / 3.0
''',
    uses=("torch",),
)

SINUSOIDS = Helper(
    "sinusoidal_table",
    '''\
def sinusoidal_table(
    places: int, features: int, base: float = 10000.0, interleaved: bool = True
) -> Tensor:
    """Sines and cosines of each place, in waves that get longer: (places, features)."""
    scale = torch.exp(torch.arange(0, features, 2) * (-math.log(base) / features))
    angles = torch.arange(places).unsqueeze(1) * scale
    waves = torch.sin(angles), torch.cos(angles)
    return torch.stack(waves, 2).flatten(1) if interleaved else torch.cat(waves, 1)
''',
    uses=("math", "torch"),
)


@op
class RelativePositionIndex(AnyBuffer):
    """For every two pixels of a window the row of a bias table: () -> integers (h * w * h * w,).

    The table has (2 * h - 1) * (2 * w - 1) rows, one for each distance.

    Source: Liu et al., Swin Transformer (2021), equation 4.
    """

    name: ClassVar[str] = "relative_position_index"

    window_size: Window = Field(description="height and width of the window")
    flatten: bool = Field(default=True, description="one dimension; else (h * w, h * w)")

    def shape_of(self) -> Shape:
        height, width = self.window_size
        dims = (height**2 * width**2,) if self.flatten else (height * width, height * width)
        return Shape(dims, batch=0, dtype="int")

    def form(self, xs: tuple[Shape, ...]) -> Hashable:
        return self.flatten

    def declaration(self, slots: Mapping[str, Source]) -> Source:
        made = invoke("relative_position_index", *spread(slots["window_size"]))
        return method(made, "flatten") if self.flatten else made

    def helpers(self) -> tuple[Helper, ...]:
        return (INDEX,)


@op
class RelativeCoordsTable(AnyBuffer):
    """Distances of pixels in a window on a logarithmic scale: () -> (1, 2 * h - 1, 2 * w - 1, 2).

    Source: Liu et al., Swin Transformer V2 (2022), equation 4; scaled so that 8 pixels are 1.
    """

    name: ClassVar[str] = "relative_coords_table"

    window_size: Window = Field(description="height and width of the window, 2 or more")

    def shape_of(self) -> Shape:
        if min(self.window_size) < 2:
            message = "a window of one row or column has no distances in it"
            raise ShapeFault("bad-option", message, field="window_size")
        height, width = self.window_size
        return Shape((1, 2 * height - 1, 2 * width - 1, 2), batch=0)

    def declaration(self, slots: Mapping[str, Source]) -> Source:
        return invoke("relative_coords_table", *spread(slots["window_size"]))

    def helpers(self) -> tuple[Helper, ...]:
        return (COORDINATES,)


@op
class SinusoidalTable(AnyBuffer):
    """Sines and cosines of each place, by which attention tells places apart: () -> (num_embeddings, embedding_dim).

    Feature 2k of place p is sin(p / base^(2k / d)), and 2k + 1 its cosine.

    Source: Vaswani et al., Attention is all you need (2017), section 3.5.
    """

    name: ClassVar[str] = "sinusoidal_table"
    also_called: ClassVar[Mapping[str, str]] = {"positional_encoding": "", "sinusoidal_position_embedding": ""}

    num_embeddings: PositiveInt = Field(description="places")
    embedding_dim: PositiveInt = Field(description="features, an even number")
    base: float = Field(default=10000.0, gt=1, description="how much longer the waves get, all in all")
    interleaved: bool = Field(default=True, description="a sine and its cosine side by side; else all sines first")
    unsqueeze: Literal[0, 1] | None = Field(default=None, description="where a dimension of size 1 is added")

    def shape_of(self) -> Shape:
        if self.embedding_dim % 2:
            message = f"each wave is a sine and a cosine, and {self.embedding_dim} features are no pairs"
            raise ShapeFault("bad-option", message, field="embedding_dim")
        dims = [self.num_embeddings, self.embedding_dim]
        if self.unsqueeze is not None:
            dims.insert(self.unsqueeze, 1)
        return Shape(tuple(dims), batch=0)

    def form(self, xs: tuple[Shape, ...]) -> Hashable:
        return self.unsqueeze is None

    def declaration(self, slots: Mapping[str, Source]) -> Source:
        named = {name: slots[name] for name in ("base", "interleaved") if name in slots}
        made = invoke("sinusoidal_table", slots["num_embeddings"], slots["embedding_dim"], **named)
        return method(made, "unsqueeze", slots["unsqueeze"]) if "unsqueeze" in slots else made

    def helpers(self) -> tuple[Helper, ...]:
        return (SINUSOIDS,)


@op
class CausalMask(AnyBuffer):
    """Ones where a query may meet a key, at its own place or before: () -> (1, 1, size, size)."""

    name: ClassVar[str] = "causal_mask"

    size: PositiveInt = Field(description="places")

    def shape_of(self) -> Shape:
        return Shape((1, 1, self.size, self.size), batch=0)

    def declaration(self, slots: Mapping[str, Source]) -> Source:
        size = slots["size"]
        return method(invoke("torch.ones", constant(1), constant(1), size, size), "tril")


@op
class Eye(AnyBuffer):
    """Ones on the diagonal of a matrix, zeros elsewhere: () -> (n, m)."""

    name: ClassVar[str] = "eye"
    none_takes: ClassVar[Mapping[str, str]] = {"m": "n"}

    n: PositiveInt = Field(description="rows")
    m: PositiveInt | None = Field(default=None, description="columns; none is as many as there are rows")

    def shape_of(self) -> Shape:
        return Shape((self.n, self.n if self.m is None else self.m), batch=0)

    def form(self, xs: tuple[Shape, ...]) -> Hashable:
        return self.m is None

    def declaration(self, slots: Mapping[str, Source]) -> Source:
        return invoke("torch.eye", slots["n"], *(slots[name] for name in ("m",) if self.m is not None))


@op
class Arange(AnyBuffer):
    """Numbers from `start` on, up to `end` and without it: () -> (ceil((end - start) / step),).

    They are integers where all three are. `positions` counts the places of another value.
    """

    name: ClassVar[str] = "arange"

    end: int | float = Field(description="the number after the last")
    start: int | float = Field(default=0, description="the first number")
    step: int | float = Field(default=1, description="from each number to the next")

    def shape_of(self) -> Shape:
        if not self.step:
            raise ShapeFault("bad-option", "step 0 leads nowhere", field="step")
        span, numbers = self.end - self.start, (self.end, self.start, self.step)
        whole = not any(isinstance(number, float) for number in numbers)
        count = (span + self.step - (1 if self.step > 0 else -1)) // self.step if whole else ceil(span / self.step)
        if count < 1:
            message = f"there is no number from {self.start:g} to {self.end:g} in steps of {self.step:g}"
            raise ShapeFault("size-below-one", message, field="end")
        return Shape((floor(count),), batch=0, dtype="int" if whole else "float")

    def counts_to(self, xs: tuple[Shape, ...]) -> int | None:
        shape = self.shape_of()
        if shape.dtype != "int":
            return None
        return int(max(self.start, self.start + (shape.dims[0] - 1) * self.step)) + 1

    def form(self, xs: tuple[Shape, ...]) -> Hashable:
        return self.start == 0, self.step == 1

    def declaration(self, slots: Mapping[str, Source]) -> Source:
        start, step = slots.get("start", constant(0)), slots.get("step", constant(1))
        if "step" in slots:
            return invoke("torch.arange", start, slots["end"], step)
        return invoke("torch.arange", *((start,) if "start" in slots else ()), slots["end"])


class Steps(AnyBuffer):
    """Numbers at equal distances in one row."""

    start: int | float = Field(description="the first number, or its exponent")
    end: int | float = Field(description="the last number, or its exponent")
    steps: PositiveInt = Field(description="how many numbers")

    def shape_of(self) -> Shape:
        return Shape((self.steps,), batch=0)

    def declaration(self, slots: Mapping[str, Source]) -> Source:
        named = {"base": slots["base"]} if "base" in slots else {}
        return invoke(f"torch.{self.name}", slots["start"], slots["end"], slots["steps"], **named)

    def label(self) -> Label:
        ends = Part("start", f"{self.start:g} .. {self.end:g}", "ends")
        return Label(self.name, (ends, Part("steps", str(self.steps), "steps", unit="steps")))


@op
class Linspace(Steps):
    """Numbers at equal distances from `start` to `end`, both among them: () -> (steps,)."""

    name: ClassVar[str] = "linspace"


@op
class Logspace(Steps):
    """Powers of `base` with exponents at equal distances from `start` to `end`: () -> (steps,)."""

    name: ClassVar[str] = "logspace"
    also_called: ClassVar[Mapping[str, str]] = {"geomspace": ""}

    base: float = Field(default=10.0, description="what is raised to the exponents")


@op
class Full(AnyBuffer):
    """One number in every place: () -> size. It is a `buffer` under torch's name."""

    name: ClassVar[str] = "full"
    sized_by: ClassVar[str] = "size"

    size: tuple[PositiveInt, ...] = Field(description="all sizes; there is no batch")
    fill_value: int | float = Field(description="the number; a whole one makes integers, as in torch")

    def shape_of(self) -> Shape:
        return Shape(self.size, batch=0, dtype="int" if isinstance(self.fill_value, int) else "float")

    def declaration(self, slots: Mapping[str, Source]) -> Source:
        return invoke("torch.full", slots["size"], slots["fill_value"])

    def label(self) -> Label:
        return Label("full", behind=Part("fill_value", f"{self.fill_value:g}", "number"))

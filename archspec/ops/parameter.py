"""Tensors that a module holds itself: learned parameters and buffers. They have no batch and read nothing.

The class around the node keeps the tensor under the node's own name, so that the key in the state_dict is the node's
path: `class_token`, and no `class_token.weight`.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from math import prod
from typing import ClassVar, Literal

from pydantic import Field

from archspec.ops.fields import Numbers, PositiveInt, sizes_of
from archspec.ops.initialiser import INITIALISERS, Curve, Initialiser, Share, Spread
from archspec.ops.label import Label, Part, crossed
from archspec.ops.op import Op, Role, ShapeFault, op
from archspec.ops.saved import NOTHING, Saved
from archspec.values import expression
from archspec.values.cost import Cost
from archspec.values.expression import Global, Value
from archspec.values.shape import KINDS, Shape, Shapes, Stated
from archspec.values.source import Listing, Operation, Source, Tuple, Unpacked, constant, invoke, method, spread

Dims = tuple[PositiveInt, ...]
Start = Literal[
    "zeros",
    "ones",
    "constant",
    "normal",
    "trunc_normal",
    "uniform",
    "xavier_normal",
    "xavier_uniform",
    "kaiming_normal",
    "kaiming_uniform",
    "orthogonal",
    "eye",
    "dirac",
    "sparse",
]
IN_A_ROW = 8  # whole numbers that read better as a range
# Fields that are settings of what a parameter starts with.
SETTINGS = ("mean", "std", "a", "b", "low", "high", "gain", "mode", "nonlinearity", "groups", "sparsity", "val")


def setting(field: str) -> str:
    """What the initialiser calls a setting."""
    return {"low": "a", "high": "b"}.get(field, field)


class Held(Op):
    """An op that is a tensor of the module around it."""

    role: ClassVar[Role] = Role.EMBEDDING
    input_names: ClassVar[tuple[str, ...]] = ()
    required: ClassVar[int] = 0
    stateful: ClassVar[bool] = True

    kept: bool = Field(default=False, description="it stays in the state_dict although no output needs it")

    @property
    def stays(self) -> bool:
        return self.kept

    def slots(self, xs: tuple[Shape, ...]) -> dict[str, Value]:
        return {name: value for name, value in super().slots(xs).items() if name != "kept"}

    def shape_of(self) -> Shape:
        """The tensor's shape. Raises ShapeFault where the settings contradict each other."""
        raise NotImplementedError

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        return (self.shape_of(),)

    def cost(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        """What is held. It is no activation: nothing computes it."""
        held = ys[0].numel
        return Cost(params=held if self.parameters(xs) else 0, buffers=held if self.buffers(xs) else 0)

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING


@op
class Parameter(Held):
    """A learned tensor, such as a class token, a position embedding or a scale: () -> shape.

    It has no batch: an addition or a product broadcasts it, and `concat` repeats it for each sample.
    """

    name: ClassVar[str] = "parameter"
    sized_by: ClassVar[str] = "shape"
    also_called: ClassVar[Mapping[str, str]] = {
        "weight": "",
        "variable": "",
        "position_embedding": "",
        "positional_embedding": "",
    }
    holds: ClassVar[Literal["", "parameter", "buffer"]] = "parameter"
    none_is: ClassVar[Mapping[str, Value]] = {"mean": 0, "std": 1, "low": 0, "high": 1}

    shape: Dims = Field(description="all sizes; there is no batch")
    init: Start | int | float = Field(
        default="zeros",
        description="what it starts with: an initialiser, whose settings follow or stand in it, "
        "`{normal: {std: 0.02}}`; or a number for all elements",
    )
    mean: float | None = Field(default=None, description="with `normal` and `trunc_normal`; none is 0")
    std: Spread | None = Field(default=None, description="with `normal` and `trunc_normal`; none is 1")
    a: float | None = Field(
        default=None, description="the lowest number of `uniform` and `trunc_normal`; of `kaiming_...`, a slope"
    )
    b: float | None = Field(default=None, description="the highest number of `uniform` and `trunc_normal`")
    low: float | None = Field(default=None, description="another name of `a`, with `uniform`")
    high: float | None = Field(default=None, description="another name of `b`, with `uniform`")
    gain: float | None = Field(default=None, description="with `xavier_...` and `orthogonal`; none is 1")
    mode: Literal["fan_in", "fan_out"] | None = Field(default=None, description="with `kaiming_...`; none is `fan_in`")
    nonlinearity: Curve | None = Field(default=None, description="with `kaiming_...`; none is `leaky_relu`")
    groups: PositiveInt | None = Field(default=None, description="with `dirac`; none is 1")
    sparsity: Share | None = Field(default=None, description="with `sparse`")
    val: float | None = Field(default=None, description="with `constant`")

    def shape_of(self) -> Shape:
        if isinstance(self.init, str):
            self.initialiser(self.init).require(self.shape)
        else:
            self.require_settings(str(self.init), frozenset())
        return Shape(self.shape, batch=0)

    def initialiser(self, name: str) -> Initialiser:
        """What it starts with. Raises ShapeFault where the settings are not those of the initialiser."""
        cls = INITIALISERS[name]
        taken = frozenset(cls.model_fields)
        self.require_settings(name, taken | {"low", "high"} if name == "uniform" else taken)
        given = {setting(field): value for field in SETTINGS if (value := getattr(self, field)) is not None}
        for needed in (field for field, info in cls.model_fields.items() if info.is_required() and field not in given):
            raise ShapeFault("missing-option", f"init: {name} needs {needed}", field="init")
        return cls.model_construct(**given)  # the fields here have the types of the settings there

    def require_settings(self, init: str, taken: frozenset[str]) -> None:
        """Raises ShapeFault where a setting is given that this start does not take."""
        for field in SETTINGS:
            if getattr(self, field) is not None and field not in taken:
                raise ShapeFault("bad-option", f"{field} has no meaning with init: {init}", field=field)

    def parameters(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        return {"": self.shape}

    def form(self, xs: tuple[Shape, ...]) -> Hashable:
        return self.init if isinstance(self.init, str) else type(self.init).__name__

    def declaration(self, slots: Mapping[str, Source]) -> Source:
        sizes = spread(slots["shape"]) or (Tuple(()),)
        if self.init in ("zeros", "ones"):
            return invoke(f"torch.{self.init}", *sizes)
        given = {setting(field): slots[field] for field in SETTINGS if field in slots}
        if isinstance(self.init, str) and self.init != "constant":
            return INITIALISERS[self.init].call(invoke("torch.empty", *sizes), given)
        init = given["val"] if self.init == "constant" else slots["init"]
        if not isinstance(init, expression.Literal):  # a whole number would make torch.full's a tensor of whole numbers
            return Operation("*", invoke("torch.ones", *sizes), init)
        return invoke("torch.full", slots["shape"], as_float(init))

    def fill(self, tensor: Source, slots: Mapping[str, Source]) -> Source:
        if not isinstance(self.init, str):
            return invoke("nn.init.constant_", tensor, slots["init"])
        given = {setting(field): slots[field] for field in SETTINGS if field in slots}
        return INITIALISERS[self.init].call(tensor, given)

    def label(self) -> Label:
        return Label("parameter", (Part("shape", crossed(self.shape), "shape"),))


class AnyBuffer(Held):
    """A tensor that is not learned."""

    holds: ClassVar[Literal["", "parameter", "buffer"]] = "buffer"

    persistent: bool = Field(default=True, description="is part of the state_dict")

    def buffers(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        return {"": self.shape_of().dims} if self.persistent else {}


@op
class Buffer(AnyBuffer):
    """A tensor that is not learned: () -> shape."""

    name: ClassVar[str] = "buffer"
    sized_by: ClassVar[str] = "shape"
    also_called: ClassVar[Mapping[str, str]] = {"zeros": "", "constant": "", "ones": "init: ones"}

    shape: Dims = Field(description="all sizes; there is no batch")
    init: Literal["zeros", "ones", "arange"] | int | float | Numbers = Field(
        default="zeros",
        description="what it holds: `arange` counts from 0; a number for all elements; or a list of all of them, "
        "in one row or in rows as the shape has them",
    )
    dtype: Stated = Field(
        default="float", description="`int` for indices and token numbers, `bool` for truth values, which 0 and 1 are"
    )

    def shape_of(self) -> Shape:
        if self.init == "arange" and len(self.shape) != 1:
            raise ShapeFault("rank-mismatch", f"init: arange fills one dimension, not {len(self.shape)}", field="shape")
        if isinstance(self.init, tuple) and sizes_of(self.init) not in {self.shape, (prod(self.shape),)}:
            held, given = crossed(self.shape) or "one", crossed(sizes_of(self.init))
            raise ShapeFault("shape-mismatch", f"init has {given} numbers for a shape of {held}", field="init")
        for number in numbers_in(self.init):
            if self.dtype == "int" and isinstance(number, float):
                raise ShapeFault("bad-option", f"dtype: int holds whole numbers, not {number:g}", field="init")
            if self.dtype == "bool" and number not in (0, 1):
                raise ShapeFault("bad-option", f"dtype: bool holds 0 and 1, not {number:g}", field="init")
        if self.dtype == "bool" and self.init == "arange":
            raise ShapeFault("bad-option", "dtype: bool holds 0 and 1, and arange counts on", field="init")
        return Shape(self.shape, batch=0, dtype=self.dtype)

    def counts_to(self, xs: tuple[Shape, ...]) -> int | None:
        if self.dtype != "int":
            return None
        match self.init:
            case "zeros" | "ones":
                return 1 if self.init == "zeros" else 2
            case "arange":
                return self.shape[0]
        return int(max(numbers_in(self.init), default=-1)) + 1

    def form(self, xs: tuple[Shape, ...]) -> Hashable:
        if isinstance(self.init, tuple):
            return self.dtype, sizes_of(self.init), len(self.shape)
        return self.dtype, self.init if isinstance(self.init, str) else "number"

    def declaration(self, slots: Mapping[str, Source]) -> Source:
        sizes, kind = spread(slots["shape"]) or (Tuple(()),), Global(KINDS[self.dtype])
        whole: dict[str, Source] = {"dtype": kind} if self.dtype != "float" else {}
        match self.init:
            case "zeros" | "ones":
                return invoke(f"torch.{self.init}", *sizes, **whole)
            case "arange":
                return invoke("torch.arange", *sizes, **({} if whole else {"dtype": kind}))
            case tuple() as numbers:
                known = isinstance(slots["init"], expression.Literal)
                fractions = known and any(isinstance(number, float) for number in numbers_in(numbers))
                made = invoke("torch.tensor", listed(slots["init"]), **({} if fractions else {"dtype": kind}))
                return made if sizes_of(numbers) == self.shape else method(made, "reshape", *sizes)
        number = slots["init"] if whole else as_float(slots["init"])
        return invoke("torch.full", slots["shape"], number, **whole)

    def fill(self, tensor: Source, slots: Mapping[str, Source]) -> Source:
        if self.init in ("zeros", "ones"):
            return INITIALISERS[self.init].call(tensor, {})
        if isinstance(self.init, int | float):
            return method(tensor, "fill_", slots["init"])
        return super().fill(tensor, slots)

    def label(self) -> Label:
        return Label("buffer", (Part("shape", crossed(self.shape), "shape"),))


def as_float(source: Source) -> Source:
    """A number as a float: torch.full makes integers of `1`."""
    match source:
        case expression.Literal(bool() | int() | float() as value):
            return constant(float(value))
    return invoke("float", source)


def numbers_in(value: object) -> Iterator[int | float]:
    """The numbers of a list, of lists in it, or one that stands by itself; none of a word."""
    for item in value if isinstance(value, tuple) else (value,):
        if isinstance(item, tuple):
            yield from numbers_in(item)
        elif isinstance(item, int | float):
            yield item


def listed(source: Source) -> Source:
    """A list of numbers as Python writes one: `[1, 2]`, and no tuple; `[*range(1, 17), 19]` of numbers in a row."""
    match source:
        case expression.Literal(value) if isinstance(value, tuple):
            return Listing(tuple(_with_ranges(value)))
        case expression.List(items):
            return Listing(tuple(map(listed, items)))
    return source


def _with_ranges(numbers: tuple[Value, ...]) -> Iterator[Source]:
    """The items of a list, of whole numbers in a row the range."""
    start = 0
    for stop in range(1, len(numbers) + 1):
        first, last, following = numbers[start], numbers[stop - 1], numbers[stop] if stop < len(numbers) else None
        if type(last) is int and type(following) is int and following == last + 1:
            continue
        if type(first) is int and stop - start >= IN_A_ROW:
            begin = (constant(first),) if first else ()
            yield Unpacked(invoke("range", *begin, constant(first + stop - start)))
        else:
            yield from (listed(constant(item)) for item in numbers[start:stop])
        start = stop

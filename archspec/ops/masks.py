"""Values chosen by what a mask says. Counts are elements written; fvcore counts none."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from math import inf, isfinite
from typing import ClassVar

from pydantic import Field

from archspec.ops.broadcast import broadcast, dtype_of
from archspec.ops.label import Label, Part
from archspec.ops.op import Op, Role, ShapeFault, op
from archspec.ops.saved import INPUT, NOTHING, Saved
from archspec.ops.sizes import plural
from archspec.values.cost import Cost
from archspec.values.expression import Value
from archspec.values.shape import HELD, DType, Shape, Shapes
from archspec.values.source import Operation, Source, constant, invoke, method

# The cure where a condition is given numbers.
TO_TRUTH = "compare it with a number: {op: gt, other: 0}; an input holds truth values where it says dtype: bool"


@op
class MaskedFill(Op):
    """A number put where a mask says so: (N, heads, L, S), (1, 1, L, S) -> (N, heads, L, S).

    A mask of truth values says so where it is true, as in torch; a mask of numbers where it is 0. It broadcasts to the
    value, and the value to it. A comparison makes a mask of truth values, `causal_mask` one of numbers.
    """

    pointwise: ClassVar[bool] = True
    name: ClassVar[str] = "masked_fill"
    role: ClassVar[Role] = Role.OTHER
    input_names: ClassVar[tuple[str, ...]] = ("x", "mask")
    required: ClassVar[int] = 2
    function: ClassVar[str] = "torch.masked_fill"
    selector: ClassVar[str] = "mask"
    none_is: ClassVar[Mapping[str, Value]] = {"value": -inf}

    value: float | None = Field(default=None, description="what is put there; none is minus infinity")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x, y = xs[0], broadcast(self.name, xs)
        if x.dtype == "int" and not isfinite(float("-inf") if self.value is None else self.value):
            message = f"{self.name} puts infinity where the mask says so, and its value holds integers: {x}"
            raise ShapeFault("wrong-type", message, help="give a number to put there: value: 0", field="value")
        return (replace(y, dtype=x.dtype),)

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(elementwise=ys[0].numel)

    def form(self, xs: tuple[Shape, ...]) -> Hashable:
        return xs[1].dtype == "bool"

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        masked = args[1] if xs[1].dtype == "bool" else Operation("==", args[1], constant(0))
        return method(args[0], "masked_fill", masked, slots.get("value", constant(float("-inf"))))

    def scratch(self, xs: Shapes, ys: Shapes) -> Shapes:
        return () if xs[1].dtype == "bool" else (replace(xs[1], dtype="bool"),)

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return Saved(inputs=(1,)) if xs[1].dtype == "bool" else Saved(made=(replace(xs[1], dtype="bool"),))


@op
class Where(Op):
    """One value where a condition holds, another elsewhere: (N, ...), (N, ...), (N, ...) -> (N, ...).

    The three broadcast. A number stands for a value that is no input: with `input: 1.0`, the second input is `other`.
    """

    pointwise: ClassVar[bool] = True
    name: ClassVar[str] = "where"
    role: ClassVar[Role] = Role.MERGE
    input_names: ClassVar[tuple[str, ...]] = ("condition", "input", "other")
    required: ClassVar[int] = 3
    substitutes: ClassVar[frozenset[str]] = frozenset({"input", "other"})
    function: ClassVar[str] = "torch.where"
    selector: ClassVar[str] = "condition"

    input: int | float | None = Field(default=None, description="a number in place of the value where it holds")
    other: int | float | None = Field(default=None, description="a number in place of the value elsewhere")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        numbers = [number for number in (self.input, self.other) if number is not None]
        if len(xs) + len(numbers) != self.required:
            wanted = "a condition and two values, inputs or numbers as input and other"
            code = "missing-option" if len(xs) + len(numbers) < self.required else "bad-option"
            raise ShapeFault(code, f"where takes {wanted}, and has {plural(len(xs) - 1 + len(numbers), 'value')}")
        if xs[0].dtype != "bool":
            message = f"where takes a condition of truth values, and this one holds {HELD[xs[0].dtype]}: {xs[0]}"
            raise ShapeFault("wrong-type", message, help=TO_TRUTH)
        return (replace(broadcast(self.name, xs), dtype=self._dtype(xs[1:], numbers)),)

    def _dtype(self, values: tuple[Shape, ...], numbers: Sequence[float]) -> DType:
        kinds: list[DType] = ["int" if isinstance(number, int) else "float" for number in numbers]
        return dtype_of([*values, *(Shape((), dtype=kind) for kind in kinds)])

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(elementwise=ys[0].numel)

    def slots(self, xs: tuple[Shape, ...]) -> dict[str, Value]:
        return {"input": self.input, "other": self.other}

    def form(self, xs: tuple[Shape, ...]) -> Hashable:
        return self.input is None, self.other is None

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        values = list(args[1:])
        return invoke("torch.where", args[0], *(slots.get(name) or values.pop(0) for name in ("input", "other")))

    def label(self) -> Label:
        numbers = (("input", self.input), ("other", self.other))
        return Label("where", tuple(Part(name, f"{n:g}", name) for name, n in numbers if n is not None))

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return INPUT


class _Triangle(Op):
    """One side of the diagonal of matrices, zeros on the other."""

    laid_anew: ClassVar[bool] = True
    pointwise: ClassVar[bool] = True
    role: ClassVar[Role] = Role.OTHER
    function_positional: ClassVar[int] = 1

    diagonal: int = Field(default=0, description="which diagonal: 0 is the main one, 1 that above it, -1 that below")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        if len(xs[0].dims) < 2:
            message = f"{self.name} needs two dimensions, the batch not counted, and not {xs[0]}"
            raise ShapeFault("rank-mismatch", message)
        return (xs[0],)

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(elementwise=ys[0].numel)

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING


@op
class Tril(_Triangle):
    """What is on the diagonal of matrices and below it, zeros above: (N, ..., L, S) -> (N, ..., L, S)."""

    name: ClassVar[str] = "tril"
    function: ClassVar[str] = "torch.tril"


@op
class Triu(_Triangle):
    """What is on the diagonal of matrices and above it, zeros below: (N, ..., L, S) -> (N, ..., L, S)."""

    name: ClassVar[str] = "triu"
    function: ClassVar[str] = "torch.triu"

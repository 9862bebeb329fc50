"""Arithmetic between values, and with a number. Counts are elements written.

Inputs broadcast as `broadcast.py` says.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from functools import partial, reduce
from typing import ClassVar

from pydantic import Field

from archspec.ops.align import Aligned
from archspec.ops.broadcast import broadcast, dtype_of
from archspec.ops.label import Label, Part
from archspec.ops.op import Join, Op, Role, ShapeFault, op
from archspec.ops.saved import NOTHING, Saved, of_product
from archspec.ops.sizes import plural
from archspec.values.cost import Cost
from archspec.values.expression import Value
from archspec.values.shape import DType, Shape, Shapes
from archspec.values.source import Operation, Source


class Arithmetic(Op):
    """A function of the elements of inputs that broadcast."""

    pointwise: ClassVar[bool] = True
    role: ClassVar[Role] = Role.MERGE
    input_names: ClassVar[tuple[str, ...]] = ("x", "other")
    on_lines: ClassVar[Mapping[str, str]] = {"other": ""}
    required: ClassVar[int] = 2

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        return (broadcast(self.name, xs, help=self.cure(xs)),)

    def cure(self, xs: tuple[Shape, ...]) -> str:
        """What would make the inputs fit; empty where that is not known."""
        if len({x.channels for x in xs}) > 1 and len({x.spatial for x in xs}) == 1:
            return "a 1 x 1 convolution on one of the inputs gives it the other's channels"
        return ""

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(elementwise=(len(xs) - 1) * ys[0].numel)


class Operator(Arithmetic):
    """An operator between inputs, or between one input and a number."""

    operator: ClassVar[str] = ""
    takes_complex: ClassVar[bool] = True
    folds: ClassVar[bool] = True
    substitutes: ClassVar[frozenset[str]] = frozenset({"other"})

    other: int | float | None = Field(default=None, description="a number in place of the other input")
    number_first: bool = Field(default=False, description="the number stands before the input: 1 - x")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        self.require_operands(xs)
        y = super().infer(xs)[0]
        return (Shape(y.dims, y.batch, self.dtype(xs), y.channels_last),)

    def require_operands(self, xs: tuple[Shape, ...]) -> None:
        """Raises ShapeFault where there is neither another input nor a number, or both."""
        if self.other is None and len(xs) < self.required:
            raise ShapeFault("missing-option", f"{self.name} takes another input, or a number as other")
        if self.other is not None and len(xs) > 1:
            message = f"{self.name} takes another input or a number as other, and has {plural(len(xs), 'input')}"
            raise ShapeFault("bad-option", message, field="other")
        if self.number_first and self.other is None:
            message = f"{self.name} has no number that could stand before its inputs"
            raise ShapeFault("bad-option", message, field="number_first")

    def scratch(self, xs: Shapes, ys: Shapes) -> Shapes:
        return (ys[0],) * (len(xs) > 2)  # a + b, of a + b + c

    def scratch_forward(self, xs: Shapes, ys: Shapes) -> Shapes:
        return self.scratch(xs, ys)

    def scratch_backward(self, xs: Shapes, ys: Shapes) -> Shapes:
        return super().scratch_backward(xs, ys) if len(xs) > 1 or self.number_first else ()

    def form(self, xs: tuple[Shape, ...]) -> Hashable:
        return super().form(xs), self.number_first

    def dtype(self, xs: tuple[Shape, ...]) -> DType:
        """What the result holds."""
        held = dtype_of(xs)
        if isinstance(self.other, float) and held != "complex":
            return "float"
        return held if self.other is None or held != "bool" else "int"

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(elementwise=max(len(xs) - 1, 1) * ys[0].numel)

    def slots(self, xs: tuple[Shape, ...]) -> dict[str, Value]:
        return {"other": self.other}

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        other = slots.get("other")
        terms = args if other is None else (other, *args) if self.number_first else (*args, other)
        return reduce(partial(Operation, self.operator), terms)

    def label(self) -> Label:
        number = None if self.other is None else Part("other", f"{self.other:g}", "number")
        if self.number_first:
            return Label(f"{self.operator or self.name} x", before=number)
        return Label(self.name, behind=number)


@op
class Add(Aligned, Operator):
    """Sum of the inputs: (N, C, H, W), (N, C, H, W) -> (N, C, H, W).

    Source: He et al., Deep residual learning for image recognition (2015), equation 1.
    """

    hands_on_gradient: ClassVar[bool] = True
    name: ClassVar[str] = "add"
    also_called: ClassVar[Mapping[str, str]] = {"plus": "", "residual": ""}
    joins: ClassVar[Join] = "sum"
    input_names: ClassVar[tuple[str, ...]] = ()
    variadic: ClassVar[bool] = True
    keeps_one: ClassVar[bool] = True
    function: ClassVar[str] = "torch.add"
    accumulates: ClassVar[bool] = True
    operator: ClassVar[str] = "+"

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        self.require_operands(xs)
        return super().infer(self.aligned(xs))

    def cure(self, xs: tuple[Shape, ...]) -> str:
        if len({x.channels for x in xs}) == 1 and self.align == "strict":
            return "align: crop, pad or resize brings heights and widths together"
        return super().cure(xs)

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return super().count(xs, ys) + self.cost_of_aligning(xs)

    def form(self, xs: tuple[Shape, ...]) -> Hashable:
        return self.number_first if self.align == "strict" else super().form(xs)

    def slots(self, xs: tuple[Shape, ...]) -> dict[str, Value]:
        return {"offset": self.offset, **super().slots(xs)}

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return super().expression(self.aligned_args(args, slots.get("offset"), xs), slots, xs)

    def scratch(self, xs: Shapes, ys: Shapes) -> Shapes:
        return (*super().scratch(xs, ys), *self.copies(xs)[-1 if len(xs) > 2 else 0 :])

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING


@op
class Sub(Operator):
    """Difference of two inputs, or of an input and a number: (N, C, H, W), (N, C, H, W) -> (N, C, H, W)."""

    name: ClassVar[str] = "sub"
    on_lines: ClassVar[Mapping[str, str]] = {"other": "\N{MINUS SIGN}"}
    also_called: ClassVar[Mapping[str, str]] = {"subtract": "", "minus": ""}
    numeric: ClassVar[frozenset[str]] = frozenset({"x", "other"})
    function: ClassVar[str] = "torch.sub"
    operator: ClassVar[str] = "-"

    def hands_on(self, xs: Shapes, index: int) -> bool:
        return index == 0 and not self.number_first

    def scratch_backward(self, xs: Shapes, ys: Shapes) -> Shapes:
        return ys if len(xs) > 1 and _is_repeated(xs[1], ys[0]) else ()  # the gradient with its sign turned, summed up

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING


@op
class Mul(Operator):
    """Product of the inputs, such as a value and its gate: (N, C, H, W), (N, C, 1, 1) -> (N, C, H, W).

    Source: Hu et al., Squeeze-and-excitation networks (2017), equation 4.
    """

    name: ClassVar[str] = "mul"
    also_called: ClassVar[Mapping[str, str]] = {"multiply": "", "times": "", "product": ""}
    joins: ClassVar[Join] = "product"
    kept_as: ClassVar[Mapping[str, str]] = {"other": "scale"}
    input_names: ClassVar[tuple[str, ...]] = ()
    variadic: ClassVar[bool] = True
    keeps_one: ClassVar[bool] = True
    function: ClassVar[str] = "torch.mul"
    operator: ClassVar[str] = "*"

    def scales(self) -> bool:
        return self.other is not None

    def scratch_backward(self, xs: Shapes, ys: Shapes) -> Shapes:
        return ys if any(_is_repeated(x, ys[0]) for x in xs) else ()  # the gradient of each element, summed up

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return replace(of_product(wants), made=(ys[0],) * max(len(xs) - 2, 0))


@op
class Div(Operator):
    """Quotient of two inputs, or of an input and a number: (N, C, H, W), (N, C, H, W) -> (N, C, H, W)."""

    name: ClassVar[str] = "div"
    on_lines: ClassVar[Mapping[str, str]] = {"other": "\N{DIVISION SIGN}"}
    also_called: ClassVar[Mapping[str, str]] = {"divide": "", "true_divide": ""}
    kept_as: ClassVar[Mapping[str, str]] = {"other": "divisor"}
    function: ClassVar[str] = "torch.div"
    operator: ClassVar[str] = "/"
    workspace_backward: ClassVar[int] = 2

    def scales(self) -> bool:
        return self.other is not None and not self.number_first

    def dtype(self, xs: tuple[Shape, ...]) -> DType:
        return "complex" if dtype_of(xs) == "complex" else "float"

    def scratch(self, xs: Shapes, ys: Shapes) -> Shapes:
        return (ys[0],) if self.number_first else super().scratch(xs, ys)  # the reciprocal

    def scratch_forward(self, xs: Shapes, ys: Shapes) -> Shapes:
        return super().scratch(xs, ys)

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        if len(xs) < 2:
            return Saved(made=(ys[0],)) if self.number_first else NOTHING  # its reciprocal
        return Saved(inputs=(1, 0) if wants[1] else (1,))


def _is_repeated(x: Shape, y: Shape) -> bool:
    """Whether an input is repeated along some dimension of the output."""
    return (x.numel, x.batch) != (y.numel, y.batch)


class _OneOfTwo(Arithmetic):
    """One of two inputs, element by element."""

    def scratch_backward(self, xs: Shapes, ys: Shapes) -> Shapes:
        return (*ys, *(replace(ys[0], dtype="bool"),) * 2)  # half of the gradient, for equal ones; which is which

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return Saved(inputs=(0, 1))


@op
class Maximum(_OneOfTwo):
    """The larger of two inputs, element by element: (N, C, H, W), (N, C, H, W) -> (N, C, H, W)."""

    name: ClassVar[str] = "maximum"
    commutes: ClassVar[bool] = True
    function: ClassVar[str] = "torch.maximum"


@op
class Minimum(_OneOfTwo):
    """The smaller of two inputs, element by element: (N, C, H, W), (N, C, H, W) -> (N, C, H, W)."""

    name: ClassVar[str] = "minimum"
    commutes: ClassVar[bool] = True
    function: ClassVar[str] = "torch.minimum"

"""Comparisons and what joins truth values. Counts are elements written; fvcore counts none.

What they give holds truth values: `where`, `masked_fill` and the logical ops take them, and `{op: mul, other: 1.0}`
makes fractions of them. No gradient passes through.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from archspec.ops.arithmetic import Arithmetic, Operator
from archspec.ops.elementwise import Elementwise
from archspec.ops.op import op
from archspec.ops.saved import NOTHING, Saved
from archspec.values.shape import DType, Shape, Shapes
from archspec.values.source import Operation, Source


class Comparison(Operator):
    """A comparison of two inputs, or of an input with a number."""

    def dtype(self, xs: tuple[Shape, ...]) -> DType:
        return "bool"

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING


class _Equality(Comparison):
    """A comparison that is the same both ways. The input stands first: type checkers take `0 == x` for a bool."""

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        other = slots.get("other")
        return Operation(self.operator, args[0], args[1] if other is None else other)


@op
class Eq(_Equality):
    """Whether two inputs are equal, or an input equals a number: (N, ...), (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "eq"
    also_called: ClassVar[Mapping[str, str]] = {"equal": ""}
    function: ClassVar[str] = "torch.eq"
    operator: ClassVar[str] = "=="


@op
class Ne(_Equality):
    """Whether two inputs differ, or an input differs from a number: (N, ...), (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "ne"
    also_called: ClassVar[Mapping[str, str]] = {"not_equal": ""}
    function: ClassVar[str] = "torch.ne"
    operator: ClassVar[str] = "!="


@op
class Lt(Comparison):
    """Whether x is below another input, or below a number: (N, ...), (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "lt"
    also_called: ClassVar[Mapping[str, str]] = {"less": ""}
    function: ClassVar[str] = "torch.lt"
    operator: ClassVar[str] = "<"


@op
class Le(Comparison):
    """Whether x is not above another input, or a number: (N, ...), (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "le"
    also_called: ClassVar[Mapping[str, str]] = {"less_equal": "", "less_or_equal": ""}
    function: ClassVar[str] = "torch.le"
    operator: ClassVar[str] = "<="


@op
class Gt(Comparison):
    """Whether x is above another input, or above a number: (N, ...), (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "gt"
    also_called: ClassVar[Mapping[str, str]] = {"greater": ""}
    function: ClassVar[str] = "torch.gt"
    operator: ClassVar[str] = ">"


@op
class Ge(Comparison):
    """Whether x is not below another input, or a number: (N, ...), (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "ge"
    also_called: ClassVar[Mapping[str, str]] = {"greater_equal": "", "greater_or_equal": ""}
    function: ClassVar[str] = "torch.ge"
    operator: ClassVar[str] = ">="


class Logical(Arithmetic):
    """A function of truth values; of a number it is whether that is not 0."""

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        return (replace(super().infer(xs)[0], dtype="bool"),)

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING


@op
class LogicalAnd(Logical):
    """Whether both inputs hold: (N, ...), (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "logical_and"
    also_called: ClassVar[Mapping[str, str]] = {"and": ""}
    function: ClassVar[str] = "torch.logical_and"


@op
class LogicalOr(Logical):
    """Whether one of the inputs holds, or both: (N, ...), (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "logical_or"
    also_called: ClassVar[Mapping[str, str]] = {"or": ""}
    function: ClassVar[str] = "torch.logical_or"


@op
class LogicalXor(Logical):
    """Whether one of the inputs holds and the other does not: (N, ...), (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "logical_xor"
    also_called: ClassVar[Mapping[str, str]] = {"xor": ""}
    function: ClassVar[str] = "torch.logical_xor"


@op
class LogicalNot(Elementwise):
    """Whether x does not hold: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "logical_not"
    also_called: ClassVar[Mapping[str, str]] = {"not": ""}
    function: ClassVar[str] = "torch.logical_not"

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        return (replace(xs[0], dtype="bool"),)

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return NOTHING

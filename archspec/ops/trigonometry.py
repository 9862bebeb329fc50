"""Functions of angles and hyperbolic functions, of each element. Counts are elements written; fvcore counts none."""

from dataclasses import replace
from typing import ClassVar

from archspec.ops.arithmetic import Arithmetic
from archspec.ops.elementwise import ToReal
from archspec.ops.op import op
from archspec.values.shape import Shape


@op
class Sin(ToReal):
    """Sine of x: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "sin"
    function: ClassVar[str] = "torch.sin"
    saves_output: ClassVar[bool] = False
    workspace_backward: ClassVar[int] = 1


@op
class Cos(ToReal):
    """Cosine of x: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "cos"
    function: ClassVar[str] = "torch.cos"
    saves_output: ClassVar[bool] = False
    workspace_backward: ClassVar[int] = 2


@op
class Tan(ToReal):
    """Tangent of x: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "tan"
    function: ClassVar[str] = "torch.tan"
    workspace_backward: ClassVar[int] = 2


@op
class Asin(ToReal):
    """Angle whose sine is x: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "asin"
    function: ClassVar[str] = "torch.asin"
    saves_output: ClassVar[bool] = False
    workspace_backward: ClassVar[int] = 4


@op
class Acos(ToReal):
    """Angle whose cosine is x: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "acos"
    function: ClassVar[str] = "torch.acos"
    saves_output: ClassVar[bool] = False
    workspace_backward: ClassVar[int] = 5


@op
class Atan(ToReal):
    """Angle whose tangent is x: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "atan"
    function: ClassVar[str] = "torch.atan"
    saves_output: ClassVar[bool] = False
    workspace_backward: ClassVar[int] = 2


@op
class Sinh(ToReal):
    """Hyperbolic sine of x: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "sinh"
    function: ClassVar[str] = "torch.sinh"
    saves_output: ClassVar[bool] = False
    workspace_backward: ClassVar[int] = 1


@op
class Cosh(ToReal):
    """Hyperbolic cosine of x: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "cosh"
    function: ClassVar[str] = "torch.cosh"
    saves_output: ClassVar[bool] = False
    workspace_backward: ClassVar[int] = 1


@op
class Asinh(ToReal):
    """Number whose hyperbolic sine is x: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "asinh"
    function: ClassVar[str] = "torch.asinh"
    saves_output: ClassVar[bool] = False
    workspace_backward: ClassVar[int] = 3


@op
class Acosh(ToReal):
    """Number whose hyperbolic cosine is x: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "acosh"
    function: ClassVar[str] = "torch.acosh"
    saves_output: ClassVar[bool] = False
    workspace_backward: ClassVar[int] = 3


@op
class Atanh(ToReal):
    """Number whose hyperbolic tangent is x: (N, ...) -> (N, ...)."""

    name: ClassVar[str] = "atanh"
    function: ClassVar[str] = "torch.atanh"
    saves_output: ClassVar[bool] = False
    workspace_backward: ClassVar[int] = 3


@op
class Atan2(Arithmetic):
    """Angle of the point (other, x), from -pi to pi: (N, C, H, W), (N, C, H, W) -> (N, C, H, W)."""

    name: ClassVar[str] = "atan2"
    function: ClassVar[str] = "torch.atan2"
    workspace_backward: ClassVar[int] = 5

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        return (replace(super().infer(xs)[0], dtype="float"),)

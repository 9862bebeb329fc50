"""Types that op fields share.

`Sizes` and `Paddings` hold one number for all spatial dimensions, or a tuple with a number for each, as PyTorch's
`kernel_size` does. What was written stays: `3` and `(3, 3)` are different values of one meaning.
"""

from typing import Annotated, Any, ClassVar, Literal, TypeAlias, get_args

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, field_validator
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from archspec.ops.op import Op
from archspec.values.dataclass import dataclass
from archspec.values.expression import Value
from archspec.values.shape import DType, Shape


@dataclass(frozen=True, slots=True)
class PerDimension:
    """Marks a field that takes one whole number, or a tuple with one for each spatial dimension.

    Attributes:
        minimum: the least number allowed; None where any is.
        optional: a tuple may hold None, for the input's size.
        words: words allowed in place of numbers.
    """

    minimum: int | None
    optional: bool = False
    words: tuple[str, ...] = ()

    def __str__(self) -> str:
        number = "a whole number" if self.minimum is None else f"a whole number of {self.minimum} or more"
        return " or ".join([f"{number}, one for all dimensions or a list with one for each", *self.words])

    def validate(self, value: object) -> object:
        """`value` unchanged. Raises PydanticCustomError where it is of another kind."""
        if isinstance(value, str) and value in self.words:
            return value
        given_each = isinstance(value, tuple) and bool(value) and all(map(self._holds, value))
        if not given_each and not self._is_number(value):
            raise PydanticCustomError("per_dimension", "Input should be {wanted}", {"wanted": str(self)})
        return value

    def _holds(self, item: object) -> bool:
        return (self.optional and item is None) or self._is_number(item)

    def _is_number(self, item: object) -> bool:
        return type(item) is int and (self.minimum is None or item >= self.minimum)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.validate)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        integer: JsonSchemaValue = {"type": "integer"}
        if self.minimum is not None:
            integer["minimum"] = self.minimum
        item = {"anyOf": [integer, {"type": "null"}]} if self.optional else integer
        words = [{"enum": list(self.words)}] if self.words else []
        return {"anyOf": [integer, {"type": "array", "items": item, "minItems": 1}, *words]}


@dataclass(frozen=True, slots=True)
class Nested:
    """Marks a field that takes a list of numbers, or lists of them in lists of one length each."""

    def validate(self, value: object) -> object:
        """`value` unchanged. Raises PydanticCustomError where it is of another kind."""
        if not isinstance(value, tuple) or not value or not _even(value):
            raise PydanticCustomError("numbers", "Input should be a list of numbers, or lists of them of one length")
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.validate)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "array", "minItems": 1, "items": {"anyOf": [{"type": "number"}, {"type": "array"}]}}


def _even(value: tuple[object, ...]) -> bool:
    """Whether its items are numbers, or all of them lists of one length that are even themselves."""
    lists = [item for item in value if isinstance(item, tuple)]
    if not lists:
        return all(isinstance(item, int | float) for item in value)
    same = len(lists) == len(value) and len({sizes_of(item) for item in lists}) == 1
    return same and all(item and _even(item) for item in lists)


def sizes_of(value: tuple[object, ...]) -> tuple[int, ...]:
    """How long a list is, and the lists in it: `((1, 2, 3), (4, 5, 6)) -> (2, 3)`."""
    first = value[0] if value else None
    return (len(value), *sizes_of(first)) if isinstance(first, tuple) else (len(value),)


def takes_one_for_all(field: FieldInfo) -> bool:
    """Whether a field takes one number for all spatial dimensions, as well as one for each."""
    inner = (mark for part in get_args(field.annotation) for mark in getattr(part, "__metadata__", ()))
    return any(isinstance(mark, PerDimension) for mark in (*field.metadata, *inner))


Numbers: TypeAlias = Annotated[tuple[float, ...], Nested()]
PositiveInt: TypeAlias = Annotated[int, Field(ge=1)]
Probability: TypeAlias = Annotated[float, Field(ge=0, le=1)]
Sizes: TypeAlias = Annotated[int | tuple[int, ...], PerDimension(1)]
Paddings: TypeAlias = Annotated[int | tuple[int, ...], PerDimension(0)]
PaddingsOrWord: TypeAlias = Annotated[
    int | tuple[int, ...] | Literal["same", "valid"], PerDimension(0, words=("same", "valid"))
]
OutputSizes: TypeAlias = Annotated[int | tuple[int | None, ...], PerDimension(1, optional=True)]
Align: TypeAlias = Literal["strict", "crop", "pad", "resize"]
PaddingMode: TypeAlias = Literal["zeros", "reflect", "replicate", "circular"]


class Spatial(Op):
    """An op over `rank` spatial dimensions: (N, C, W), (N, C, H, W) or (N, C, D, H, W)."""

    rank: ClassVar[int] = 2

    @property
    def acting(self) -> dict[str, Value]:
        """As of any op; one number stands for all dimensions that have it: `(3, 3)` acts as `3`."""
        return {name: one_for_all(value) for name, value in super().acting.items()}

    @field_validator("*")
    @classmethod
    def one_number_per_dimension(cls, value: object) -> object:
        """`value` unchanged. Raises PydanticCustomError where a tuple has not one number per spatial dimension."""
        if isinstance(value, tuple) and len(value) != cls.rank:
            raise PydanticCustomError(
                "per_dimension",
                "Input should have {rank}, one for each spatial dimension, and has {given}",
                {"rank": _numbers(cls.rank), "given": len(value)},
            )
        return value


def one_for_all(value: Value) -> Value:
    """One number where all dimensions have it: `(3, 3) -> 3`; any other value as it is."""
    return value[0] if isinstance(value, tuple) and len(set(value)) == 1 else value


def _numbers(count: int) -> str:
    return "1 number" if count == 1 else f"{count} numbers"


def each(value: int | tuple[int, ...], rank: int) -> tuple[int, ...]:
    """One number per spatial dimension: `3 -> (3, 3)`."""
    return value if isinstance(value, tuple) else (value,) * rank


def channel_axis(x: Shape) -> int:
    """Which of `x.dims` its channels are: the first of an image, the last of features and tokens.

    They are the last of `(N, H, W, C)`, too, and of what has no batch: a parameter's channels are its last dimension.
    """
    first = len(x.dims) > 2 and x.batch and not x.channels_last
    return 0 if first else len(x.dims) - 1


def laid_out(dims: tuple[int, ...], x: Shape, axis: int | None, dtype: DType | None = None) -> Shape:
    """`dims` with the batch of `x`; `axis` is which of them its channels are, None where none is."""
    return Shape(dims, x.batch, dtype or x.dtype, channels_last=len(dims) > 2 and axis == len(dims) - 1)

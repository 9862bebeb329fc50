"""Forms: what values a key of the language takes, with the words for what it wanted, and how JSON Schema says it."""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

VERSION = 1
GLYPHS = ("box", "down", "up", "bar", "sign")  # what a figure may draw a member as
MAX_TESTS = 50  # of one condition, which becomes one expression: as deep as any may be


def _wrong(message: str) -> PydanticCustomError:
    return PydanticCustomError("wrong-type", "{wanted}", {"wanted": message})


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        raise _wrong("a value or a list")
    return value


def named(value: Any) -> Any:
    """`value` unchanged. Raises PydanticCustomError where it is no name."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise _wrong("a name")
    return value


def sharing(value: Any) -> Any:
    """`value` unchanged. Raises PydanticCustomError where it is neither a name nor true."""
    return value if value is True else named(value)


def operand(value: Any) -> Any:
    """`value` unchanged. Raises PydanticCustomError where it is neither a name nor a number."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise _wrong("a name, or for an op of two operands a number")
    return value


def _condition(value: Any) -> Any:
    if isinstance(value, list) and len(value) > MAX_TESTS:
        raise _wrong(f"at most {MAX_TESTS} tests, which may be longer expressions")
    for test in value if isinstance(value, list) else [value]:
        if not isinstance(test, bool) and not (isinstance(test, str) and (test == "training" or test.startswith("$"))):
            raise _wrong("an expression such as $(stride != 1), the word training, or a list of these")
    return value


def _switch(value: Any) -> Any:
    if isinstance(value, bool) or (isinstance(value, str) and value.startswith("$")):
        return value
    raise _wrong("true, false, or an expression such as $(i < 2)")


def _count(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and value.startswith("$"):
        return value
    raise _wrong("a whole number from 0 on, or an expression such as $depth")


def _place(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise _wrong("a whole number from 0 on")


def _title(value: str) -> str:
    if not value.strip():
        raise _wrong("text of one letter or more, or left out")
    return value


def _glyph(value: Any) -> Any:
    if isinstance(value, str) and value in GLYPHS:
        return value
    raise _wrong(f"one of {', '.join(GLYPHS)}")


def _dims(value: Any) -> Any:
    if isinstance(value, str) and value.startswith("$"):
        return value
    if isinstance(value, list) and all(_is_dim(item) for item in value):
        return value
    raise _wrong("a list of sizes without the batch, such as [3, 224, 224]")


def _value_range(value: Any) -> Any:
    pair = isinstance(value, list) and len(value) == 2 and all(_is_number(item) for item in value)
    if pair or value in ("binary", "positive"):
        return value
    raise _wrong("binary, positive, or the lowest and the highest value, such as [0, 1]")


def _is_number(item: Any) -> bool:
    if isinstance(item, str):
        return item.startswith("$")
    return isinstance(item, int | float) and not isinstance(item, bool)


def _is_dim(item: Any) -> bool:
    if isinstance(item, str):
        return item.startswith("$")
    return isinstance(item, int) and not isinstance(item, bool) and item > 0


def _rules(value: Any) -> Any:
    if isinstance(value, dict):
        return value
    raise _wrong("a mapping of ops to what their tensors start with, such as {linear: {bias: zeros}}")


def _version(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        if value != VERSION:
            raise PydanticCustomError(
                "unknown-version", "the language has version 1, and no version {found}", {"found": value}
            )
        return value
    raise _wrong("1, the version of the language")


def form_of(value: Any) -> str:
    """The tag of a value that may be a mapping, a list or anything else."""
    return container_form(value) or "<value>"


def container_form(value: Any) -> str | None:
    """The tag of a mapping or a list; None for anything else."""
    return "<mapping>" if isinstance(value, dict) else "<list>" if isinstance(value, list) else None


Text = str
Title = Annotated[str, AfterValidator(_title), WithJsonSchema({"type": "string", "minLength": 1})]
AnyValue = Annotated[Any, AfterValidator(_value)]
OperandText = Annotated[Any, AfterValidator(operand), WithJsonSchema({"type": ["string", "number"]})]
NameText = Annotated[Any, AfterValidator(named), WithJsonSchema({"type": ["string", "integer"]})]
Sharing = Annotated[
    Any,
    AfterValidator(sharing),
    WithJsonSchema({"anyOf": [{"type": ["string", "integer"]}, {"const": True}]}),
]
Dims = Annotated[Any, AfterValidator(_dims), WithJsonSchema({"type": ["array", "string"]})]
ValueRange = Annotated[Any, AfterValidator(_value_range), WithJsonSchema({"type": ["array", "string"]})]
When = Annotated[Any, AfterValidator(_condition), WithJsonSchema({"type": ["boolean", "string", "array"]})]
Switch = Annotated[Any, AfterValidator(_switch), WithJsonSchema({"type": ["boolean", "string"]})]
Glyph = Annotated[Any, AfterValidator(_glyph), WithJsonSchema({"enum": list(GLYPHS)})]
Place = Annotated[Any, AfterValidator(_place), WithJsonSchema({"type": "integer", "minimum": 0})]
Count = Annotated[Any, AfterValidator(_count), WithJsonSchema({"type": ["integer", "string"], "minimum": 0})]
Rules = Annotated[
    dict[str, Any],
    BeforeValidator(_rules),
    WithJsonSchema({"type": "object"}),  # schema.py says more
]
Starts = Annotated[Any, WithJsonSchema({"type": "object"})]
Version = Annotated[Any, AfterValidator(_version), WithJsonSchema({"const": VERSION})]
Size = Annotated[int, Field(ge=0)]
Sizes = list[Annotated[int, Field(gt=0)]]

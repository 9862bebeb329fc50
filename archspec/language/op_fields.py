"""Options: an op made of its fields, and what is wrong with them in words."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from archspec.language.slips import cure_of
from archspec.ops.fields import PerDimension
from archspec.ops.initialiser import Initialiser
from archspec.ops.op import OPS, Op
from archspec.registry import nearest
from archspec.values.dataclass import dataclass
from archspec.values.expression import Value

Made = TypeVar("Made", Op, Initialiser)

_KINDS = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "string": "a text",
    "tuple": "a list",
}


@dataclass(frozen=True, slots=True)
class OptionFault:
    """A field of an op that has a value it does not take.

    Attributes:
        code: wrong-type, or bad-option for a value of the right type.
        field: the field; "" for the op as a whole.
        message: one line.
        help: the cure, where known.
        whole: it takes whole numbers, and is given another number.
    """

    code: str
    field: str
    message: str
    help: str = ""
    whole: bool = False


class OptionFaults(Exception):
    """An op does not take the fields that it is given."""

    def __init__(self, faults: tuple[OptionFault, ...]) -> None:
        super().__init__(faults[0].message)
        self.faults = faults


def build_op(name: str, fields: Mapping[str, Value]) -> Op:
    """The op `name` with these fields. Raises OptionFaults, one for each field at fault."""
    return build(OPS[name], fields)


def build(cls: type[Made], fields: Mapping[str, Value]) -> Made:
    """An op or an initialiser with these fields. Raises OptionFaults, one for each field at fault."""
    try:
        return cls.model_validate(fields)
    except ValidationError as error:
        by_field: dict[str, list[ErrorDetails]] = {}
        for fault in error.errors(include_url=False):
            field = str(fault["loc"][0]) if fault["loc"] else ""
            by_field.setdefault(field if field in cls.model_fields else "", []).append(fault)
        raise OptionFaults(tuple(_fault(cls, field, fields, found) for field, found in by_field.items())) from error


def _fault(
    cls: type[Op] | type[Initialiser], field: str, fields: Mapping[str, Value], errors: list[ErrorDetails]
) -> OptionFault:
    """One message for a field, whatever the number of types that it could have had."""
    wanted = " or ".join(dict.fromkeys(_wanted(error) for error in errors))
    if not field:
        return OptionFault("bad-option", "", f"{cls.name}: {wanted}")
    found, slip = _shown(fields.get(field)), cure_of(fields.get(field))
    code = "wrong-type" if all(error["type"].endswith("_type") for error in errors) else "bad-option"
    if errors[0]["type"] == "literal_error" and len(errors) == 1:
        options = wanted.replace("'", "").replace(" or ", ", ")
        near = nearest(str(fields.get(field)), options.split(", "))
        help = f"did you mean {near}?" if near else ""
        return OptionFault(code, field, f"{field} is one of {options}, not {found}", help)
    if errors[0]["msg"].startswith("Input should have"):
        return OptionFault(code, field, f"{field} {errors[0]['msg'].removeprefix('Input ')}")
    if errors[0]["msg"].startswith("Input should"):
        whole = any(error["type"] in ("int_type", "int_from_float") for error in errors)
        return OptionFault(
            code, field, f"{field} is {wanted}, not {found}", _word(cls, field, fields.get(field)) or slip, whole
        )
    return OptionFault(code, field, f"{field} is {found}: {wanted}")


def _word(cls: type[Op] | type[Initialiser], field: str, value: Value) -> str:
    """The cure where a field takes words, and one is written in other letters: `SAME`."""
    words = [word for mark in cls.model_fields[field].metadata if isinstance(mark, PerDimension) for word in mark.words]
    return next((f"did you mean {word}?" for word in words if str(value).casefold() == word), "")


def _wanted(error: ErrorDetails) -> str:
    text = error["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    rest = text.removeprefix("Input should be ")
    if rest == text:
        return text[:1].lower() + text[1:]
    kind = rest.removeprefix("a valid ")
    if rest != kind:
        return _KINDS.get(kind, f"a {kind}")
    return f"a number {rest}" if rest.startswith(("greater", "less")) else rest


def _shown(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "none"
    return f"[{', '.join(_shown(item) for item in value)}]" if isinstance(value, tuple) else repr(value)

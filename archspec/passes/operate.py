"""Operate: builds ops and applies their shape rules, each distinct one once."""

from collections.abc import Mapping

from pydantic import ValidationError

from archspec.ops.op import OPS, Op, ShapeFault
from archspec.registry import nearest
from archspec.values.expression import Value
from archspec.values.shape import Shape


class OptionFault(Exception):
    """An op's field has a value that it does not take.

    Attributes:
        field: the field; "" for the op as a whole.
        message: one line.
        help: the cure, where known.
    """

    def __init__(self, field: str, message: str, help: str) -> None:
        super().__init__(message)
        self.field, self.message, self.help = field, message, help


class Operator:
    """Equal ops are one object here, and equal questions about shapes are asked once."""

    def __init__(self) -> None:
        self._ops: dict[tuple[str, str], Op] = {}
        self._inferred: dict[tuple[int, tuple[Shape, ...]], tuple[Shape, ...]] = {}

    def op(self, name: str, fields: Mapping[str, Value]) -> Op:
        """The op `name` with these fields. Raises OptionFault."""
        key = (name, repr(fields))  # and not the values: 1, 1.0 and True are equal
        found = self._ops.get(key)
        if found is None:
            try:
                found = OPS[name].model_validate(fields)
            except ValidationError as error:
                raise _option_fault(OPS[name], fields, error) from error
            self._ops[key] = found
        return found

    def infer(self, op: Op, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        """The op's output shapes. Raises ShapeFault."""
        key = (id(op), xs)
        found = self._inferred.get(key)
        if found is None:
            found = op.infer(xs)
            for y in found:
                if any(size < 1 for size in y.dims):
                    raise ShapeFault("size-below-one", f"{op.name} of {_listed(xs)} leaves {y}")
            self._inferred[key] = found
        return found


def _listed(xs: tuple[Shape, ...]) -> str:
    return " and ".join(str(x) for x in xs)


def _option_fault(cls: type[Op], fields: Mapping[str, Value], error: ValidationError) -> OptionFault:
    """The first field at fault; an op's fields are few and one message is enough at a time."""
    first = error.errors(include_url=False)[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    if name not in cls.model_fields:
        return OptionFault("", f"{cls.name}: {_sentence(first['msg'])}", "")
    found = _shown(fields.get(name))
    literals = [str(e.get("ctx", {}).get("expected", "")) for e in error.errors() if e["type"] == "literal_error"]
    if literals and len(error.errors()) == 1:
        options = literals[0].replace("'", "").replace(" or ", ", ")
        near = nearest(str(fields.get(name)), options.split(", "))
        return OptionFault(name, f"{name} is one of {options}, not {found}", f"did you mean {near}?" if near else "")
    wanted = _sentence(" or ".join(dict.fromkeys(_wanted(e["msg"]) for e in error.errors() if e["loc"][:1] == (name,))))
    if wanted.startswith("an ") or wanted.startswith("a ") or wanted.startswith("whole"):
        return OptionFault(name, f"{name} takes {wanted}, not {found}", "")
    return OptionFault(name, f"{name} of {cls.name} {wanted}, and is {found}", "")


def _wanted(message: str) -> str:
    text = message.removeprefix("Value error, ").removeprefix("Assertion failed, ")
    for prefix in ("Input should be a valid ", "Input should be "):
        if text.startswith(prefix):
            rest = text.removeprefix(prefix)
            rest = {"integer": "an int", "number": "a number", "boolean": "true or false", "string": "a str"}.get(rest, rest)
            return f"a number {rest}" if rest.startswith(("greater", "less")) else rest
    return text


def _sentence(text: str) -> str:
    return text[:1].lower() + text[1:] if text else "takes another value"


def _shown(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "none"
    return f"[{', '.join(_shown(item) for item in value)}]" if isinstance(value, tuple) else repr(value)

"""The evaluator of expressions: a tree and the values of its names -> a value.

Python's arithmetic, more strictly: numbers are not truth values, truth values are not numbers, and every whole number
stays within 64 bits, so that an expression costs no more than its length.
"""

import math
import operator
from collections.abc import Callable, Mapping
from enum import Enum
from math import isfinite
from typing import Final, TypeAlias

from archspec.language.expression.grammar import FACTS, MAX_INT
from archspec.language.expression.words import ExpressionFault
from archspec.ops.fields import channel_axis
from archspec.registry import nearest
from archspec.values.expression import (
    Attribute,
    Binary,
    Call,
    Conditional,
    Expr,
    Global,
    Index,
    List,
    Literal,
    Name,
    Slice,
    Unary,
    Value,
)
from archspec.values.shape import Shape

MAX_EXPONENT = 64
MAX_ITEMS = 10_000


class Missing(Enum):
    """A value that an earlier mistake left unknown."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Missing.UNKNOWN

Bound: TypeAlias = Value | Shape | Missing


class Unknown(Exception):
    """The value depends on an earlier mistake, which has its own message."""


Number: TypeAlias = int | float

_ARITHMETIC: dict[str, Callable[[Number, Number], Number]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
}
_ORDER: dict[str, Callable[[Number, Number], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def evaluate(expr: Expr, names: Mapping[str, Bound]) -> Value:  # noqa: C901  a case for each kind
    """The value of an expression.

    Raises:
        ExpressionFault: a name is not known, or the operation has no value.
        Unknown: a name stands for a value that an earlier mistake left unknown.
    """
    match expr:
        case Literal(value):
            return value
        case Name(name):
            return _name(name, names)
        case Attribute(owner, fact):
            return _fact(owner, fact, names)
        case Index(owner, index):
            return _item(owner, index, names)
        case Slice(owner, start, stop):
            bounds = (None if bound is None else evaluate(bound, names) for bound in (start, stop))
            return _slice(evaluate(owner, names), *bounds)
        case Unary(symbol, operand):
            return _unary(symbol, evaluate(operand, names))
        case Binary("and" | "or" as symbol, left, right):
            first = _truth(evaluate(left, names), symbol)
            return first if first == (symbol == "or") else _truth(evaluate(right, names), symbol)
        case Binary(symbol, left, right):
            return _binary(symbol, evaluate(left, names), evaluate(right, names))
        case Conditional(test, then, otherwise):
            return evaluate(then if _truth(evaluate(test, names), "if") else otherwise, names)
        case Call(function, args):
            return _call(function, [evaluate(arg, names) for arg in args])
        case List(items):
            return tuple(evaluate(item, names) for item in items)
        case Global(name):
            raise AssertionError(f"{name} stands in emitted code only")


def kind_of(value: object) -> str:
    """What a value is, in the words of the language: `an int`, `a list`."""
    if value is None:
        return "none"
    for kind, word in ((bool, "a bool"), (int, "an int"), (float, "a float"), (str, "a str"), (Shape, "an input")):
        if isinstance(value, kind):
            return word
    return "a mapping" if isinstance(value, dict) else "a list"


def _name(name: str, names: Mapping[str, Bound]) -> Value:
    value = _look_up(name, names)
    if isinstance(value, Shape):
        help = f"a fact of it is meant, such as {name}.channels, or a param of another name"
        raise ExpressionFault("expression-type", f"{name} is an input and has no value", name=name, help=help)
    return value


def _look_up(name: str, names: Mapping[str, Bound]) -> Value | Shape:
    if name not in names:
        near = nearest(name, names)
        raise ExpressionFault(
            "unknown-name", f"nothing here is called {name}", name=name, help=f"did you mean {near}?" if near else ""
        )
    value = names[name]
    if isinstance(value, Missing):
        raise Unknown
    return value


def _fact(owner: str, fact: str, names: Mapping[str, Bound]) -> Value:
    shape = _look_up(owner, names)
    if not isinstance(shape, Shape):
        message = f"{owner} is {kind_of(shape)}; .{fact} is a fact of an input"
        raise ExpressionFault("expression-type", message, name=owner)
    value = fact_of(shape, fact)
    if value is None:
        raise ExpressionFault("expression-type", f"{owner} is {shape} and has no {fact}", name=owner)
    return value


def fact_of(shape: Shape, fact: str) -> Value:
    """What an expression is told where it asks for a fact of an input; None where there is no such one."""
    if fact == "shape":
        return shape.dims
    axis = fact_axis(shape, fact)
    return None if axis is None else shape.dims[axis]


def fact_axis(shape: Shape, fact: str) -> int | None:
    """Which of the dimensions of `shape` a fact is about, `shape` itself aside; None where it has no such one."""
    first = channel_axis(shape) if len(shape.dims) > 2 else 0  # (C, W) and (L, E) look alike: there it is the first
    spatial = 0 if first else 1
    at = {"channels": first, "height": spatial, "width": spatial + 1, "features": len(shape.dims) - 1}[fact]
    return at if 0 <= at < len(shape.dims) else None


def _item(owner: Expr, index: Expr, names: Mapping[str, Bound]) -> Value:
    if isinstance(owner, Name) and isinstance(index, Name) and isinstance(names.get(owner.name), Shape):
        near = nearest(index.name, FACTS)
        raise ExpressionFault(
            "unknown-name",
            f"an input has no fact {index.name}",
            name=index.name,
            help=f"did you mean {near}?" if near else f"the facts are {', '.join(FACTS)}",
        )
    items, at = evaluate(owner, names), evaluate(index, names)
    if not isinstance(items, tuple):
        raise ExpressionFault("expression-type", f"{kind_of(items)} has no items")
    at = _index(at)
    if not -len(items) <= at < len(items):
        raise ExpressionFault("expression-value", f"the list has {len(items)} items, and none at {at}")
    return items[at]


def _index(at: Value) -> int:
    if isinstance(at, bool) or not isinstance(at, int):
        raise ExpressionFault("expression-type", f"an index is an int, not {kind_of(at)}")
    return at


def _slice(items: Value, start: Value, stop: Value) -> Value:
    if not isinstance(items, tuple):
        raise ExpressionFault("expression-type", f"{kind_of(items)} has no items")
    return items[slice(*(None if at is None else _index(at) for at in (start, stop)))]


def _unary(symbol: str, value: Value) -> Value:
    if symbol == "not":
        return not _truth(value, symbol)
    return _bounded(-_number(value, symbol))


def _binary(symbol: str, left: Value, right: Value) -> Value:
    if symbol in ("==", "!="):
        same = left == right and isinstance(left, bool) == isinstance(right, bool)
        return same if symbol == "==" else not same
    if symbol == "in":
        if not isinstance(right, tuple):
            raise ExpressionFault("expression-type", f"`in` looks into a list, not {kind_of(right)}")
        return any(left == item and isinstance(left, bool) == isinstance(item, bool) for item in right)
    if symbol in ("+", "*") and (isinstance(left, tuple) or isinstance(right, tuple)):
        return _longer(symbol, left, right)
    if symbol in _ORDER:
        if isinstance(left, str) and isinstance(right, str):
            raise ExpressionFault("expression-type", f"{symbol} compares numbers, not texts")
        return _ORDER[symbol](_number(left, symbol), _number(right, symbol))
    a, b = _number(left, symbol), _number(right, symbol)
    if symbol == "**" and abs(b) > MAX_EXPONENT:
        raise ExpressionFault("expression-limit", f"an exponent stays within {MAX_EXPONENT}")
    try:
        result = _ARITHMETIC[symbol](a, b)
    except ZeroDivisionError:
        raise ExpressionFault("expression-value", f"{a} {symbol} {b} divides by zero") from None
    except OverflowError:
        raise ExpressionFault("expression-limit", f"{a} {symbol} {b} is too large") from None
    if isinstance(result, complex):
        raise ExpressionFault("expression-value", f"{a} to the power of {b} is not a real number")
    return _bounded(result)


def _longer(symbol: str, left: Value, right: Value) -> Value:
    """A list and another, `[64] + depths`, or a list several times, `[64] * 3`."""
    if symbol == "+":
        if not (isinstance(left, tuple) and isinstance(right, tuple)):
            raise ExpressionFault("expression-type", f"`+` adds no {kind_of(right)[2:]} to {kind_of(left)}")
        made = (len(left) + len(right), 1)
    else:
        items, times = (left, right) if isinstance(left, tuple) else (right, left)
        if not isinstance(items, tuple) or isinstance(times, bool) or not isinstance(times, int):
            raise ExpressionFault("expression-type", "a list is taken a whole number of times: [64] * 3")
        made = (len(items), times)
    if made[0] * made[1] > MAX_ITEMS:
        raise ExpressionFault("expression-limit", f"a list has at most {MAX_ITEMS:,} items")
    return left + right if symbol == "+" else left * right  # type: ignore[operator]


def _call(function: str, args: list[Value]) -> Value:
    if function in ("len", "sum"):
        if not isinstance(args[0], tuple):
            raise ExpressionFault("expression-type", f"{function} takes a list, not {kind_of(args[0])}")
        return len(args[0]) if function == "len" else _sum([_number(item, function) for item in args[0]])
    numbers = [_number(arg, function) for arg in args]
    if function in _OF_ONE:
        return _of_one(function, numbers[0])
    return min(numbers) if function == "min" else max(numbers)


_OF_ONE: Mapping[str, Callable[[Number], Number]] = {
    "int": int,
    "round": round,
    "abs": abs,
    "floor": math.floor,
    "ceil": math.ceil,
    "sqrt": math.sqrt,
    "log": math.log,
}


def _of_one(function: str, number: Number) -> Number:
    try:
        return _bounded(_OF_ONE[function](number))
    except ValueError:
        raise ExpressionFault("expression-value", f"{function} has no value for {number}") from None


def _sum(numbers: list[Number]) -> Number:
    return _bounded(sum(numbers))


def _truth(value: Value, symbol: str) -> bool:
    if not isinstance(value, bool):
        message = f"`{symbol}` takes true or false, not {kind_of(value)}"
        raise ExpressionFault("expression-type", message, help="compare it: a != 0")
    return value


def _number(value: Value, symbol: str) -> Number:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ExpressionFault("expression-type", f"`{symbol}` takes numbers, not {kind_of(value)}")
    return value


def _bounded(number: Number) -> Number:
    if isinstance(number, int) and not -MAX_INT <= number < MAX_INT:
        raise ExpressionFault("expression-limit", "a whole number leaves the 64-bit range")
    if isinstance(number, float) and not isfinite(number):
        raise ExpressionFault("expression-limit", "a number leaves the range of a float")
    return number

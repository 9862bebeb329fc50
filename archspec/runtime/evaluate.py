"""Evaluating a Source: what an expression of an op's PyTorch form gives, without printing it.

    evaluate(invoke("torch.cat", Listing((Operand(0), Operand(1))), Literal(1)), scope)

calls `torch.cat` with the tensors that the scope has for the two inputs.
"""

import math
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import attrgetter
from types import SimpleNamespace

from archspec.values import source as code
from archspec.values.dataclass import dataclass
from archspec.values.expression import (
    IN_MATH,
    Attribute,
    Binary,
    Call,
    Conditional,
    Global,
    Index,
    List,
    Literal,
    Name,
    Slice,
    Unary,
)
from archspec.values.source import (
    Choice,
    Comprehension,
    Invoke,
    Item,
    Listing,
    Member,
    Negative,
    Numbered,
    Operand,
    Operation,
    Range,
    Source,
    Tuple,
    Unpacked,
)

_BINARY: Mapping[str, Callable[..., object]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
    "@": operator.matmul,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda item, items: item in items,
    "and": lambda left, right: left and right,
    "or": lambda left, right: left or right,
}
_UNARY: Mapping[str, Callable[..., object]] = {"-": operator.neg, "+": operator.pos, "not": operator.not_}
_item: Callable[..., object] = operator.getitem
_IN_PYTHON = (min, max, len, sum, int, float, round, abs, tuple, list)
_FUNCTIONS: Mapping[str, Callable[..., object]] = {
    **{function.__name__: function for function in _IN_PYTHON},
    **{name: getattr(math, name) for name in IN_MATH},
}
_PYTHON: Mapping[str, object] = {**_FUNCTIONS, "...": ...}  # what a name stands for that no file imports


@dataclass(frozen=True, slots=True)
class Names:
    """What the names in an expression stand for.

    Attributes:
        file: what a file would import or define: `torch`, `nn`, `F`, helpers.
        local: variables, `self` among them.
        operands: the inputs of the op.
    """

    file: SimpleNamespace
    local: Mapping[str, object]
    operands: Sequence[object] = ()


def evaluate(source: Source, names: Names) -> object:  # noqa: C901, PLR0912  a case for each kind
    """What `source` gives. Raises whatever torch raises."""
    match source:
        case Literal(value):
            return value
        case Operand(position):
            return names.operands[position]
        case Name(name):
            return names.local[name]
        case Global(name, _):
            return _PYTHON[name] if name in _PYTHON else attrgetter(name)(names.file)
        case Attribute(owner, name):
            return getattr(names.local[owner], name)
        case Member(owner, name):
            return getattr(evaluate(owner, names), name)
        case Index(owner, index):
            return _item(evaluate(owner, names), evaluate(index, names))
        case Slice(owner, start, stop):
            return _item(evaluate(owner, names), _place(Range(start, stop), names))
        case Item(owner, (index,)):
            return _item(evaluate(owner, names), _place(index, names))
        case Item(owner, index):
            return _item(evaluate(owner, names), tuple(_place(part, names) for part in index))
        case Call(function, args):
            return _FUNCTIONS[function](*(evaluate(arg, names) for arg in args))
        case Invoke():
            return _call(source, names)
        case List(items) | Tuple(items):
            return tuple(_spread(items, names))
        case Listing(items):
            return list(_spread(items, names))
        case code.Mapping(pairs):
            return {evaluate(key, names): evaluate(value, names) for key, value in pairs}
        case Numbered(stem, number):
            return f"{stem}{evaluate(number, names)}"
        case Unary(sign, operand):
            return _UNARY[sign](evaluate(operand, names))
        case Negative(operand):
            return _UNARY["-"](evaluate(operand, names))
        case Conditional(test, then, otherwise) | Choice(test, then, otherwise):
            return evaluate(then if evaluate(test, names) else otherwise, names)
        case Binary(sign, left, right) | Operation(sign, left, right):
            return _BINARY[sign](evaluate(left, names), evaluate(right, names))
        case Comprehension():
            return _each(source, names)
        case _:
            raise TypeError(f"{source} stands for no value by itself: a fault of the op")


def _call(source: Invoke, names: Names) -> object:
    called = evaluate(source.function, names)
    if not callable(called):
        raise TypeError(f"{source} calls no function: a fault of the op")
    return called(*_spread(source.args, names), **{name: evaluate(value, names) for name, value in source.keywords})


def _spread(items: Sequence[Source], names: Names) -> Iterator[object]:
    for item in items:
        if isinstance(item, Unpacked):
            yield from evaluate(item.value, names)  # type: ignore[misc]
        elif isinstance(item, Comprehension):
            yield from _each(item, names)
        else:
            yield evaluate(item, names)


def _each(source: Comprehension, names: Names) -> Iterator[object]:
    over = evaluate(source.over, names)
    for value in over:  # type: ignore[attr-defined]
        inner = {**names.local, source.variable: value}
        yield evaluate(source.value, Names(names.file, inner, names.operands))


def _place(source: Source, names: Names) -> object:
    """What stands in `[ ]`: an index, or a slice of those bounds."""
    if not isinstance(source, Range):
        return evaluate(source, names)
    bounds = (source.start, source.stop, source.step)
    return slice(*(None if bound is None else evaluate(bound, names) for bound in bounds))

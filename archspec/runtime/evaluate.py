"""Evaluating a Source: what an expression of an op's PyTorch form gives, without printing it.

    evaluate(invoke("torch.cat", Listing((Operand(0), Operand(1))), Literal(1)), scope)

calls `torch.cat` with the tensors that the scope has for the two inputs.
"""

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from types import SimpleNamespace

from archspec.values import source as code
from archspec.values.expression import (
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
    "and": lambda left, right: left and right,
    "or": lambda left, right: left or right,
}
_UNARY: Mapping[str, Callable[..., object]] = {"-": operator.neg, "+": operator.pos, "not": operator.not_}
_item: Callable[..., object] = operator.getitem
_FUNCTIONS: Mapping[str, Callable[..., object]] = {
    function.__name__: function for function in (min, max, len, sum, int, float, round, tuple)
}


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

    def of(part: Source) -> object:
        return evaluate(part, names)

    match source:
        case Literal(value):
            return value
        case Operand(position):
            return names.operands[position]
        case Name(name):
            return names.local[name]
        case Global(name, _):
            return _FUNCTIONS[name] if name in _FUNCTIONS else attrgetter(name)(names.file)
        case Attribute(owner, name):
            return getattr(names.local[owner], name)
        case Member(owner, name):
            return getattr(of(owner), name)
        case Index(owner, index):
            return _item(of(owner), of(index))
        case Slice(owner, start, stop) | Item(owner, (Range(start, stop, None),)):
            return _item(of(owner), _slice(Range(start, stop), names))
        case Item(owner, index):
            places = tuple(_slice(part, names) if isinstance(part, Range) else of(part) for part in index)
            return _item(of(owner), places[0] if len(places) == 1 else places)
        case Call(function, args):
            return _FUNCTIONS[function](*map(of, args))
        case Invoke(function, args, keywords):
            called = of(function)
            if not callable(called):
                raise TypeError(f"{source} calls no function: a fault of the op")
            return called(*_spread(args, names), **{name: of(value) for name, value in keywords})
        case List(items) | Tuple(items):
            return tuple(_spread(items, names))
        case Listing(items):
            return list(_spread(items, names))
        case code.Mapping(pairs):
            return {of(key): of(value) for key, value in pairs}
        case Numbered(stem, number):
            return f"{stem}{of(number)}"
        case Unary(sign, operand):
            return _UNARY[sign](of(operand))
        case Negative(operand):
            return _UNARY["-"](of(operand))
        case Conditional(test, then, otherwise) | Choice(test, then, otherwise):
            return of(then) if of(test) else of(otherwise)
        case Binary(sign, left, right) | Operation(sign, left, right):
            return _BINARY[sign](of(left), of(right))
        case Comprehension():
            return _each(source, names)
    raise TypeError(f"{source} stands for no value by itself: a fault of the op")


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


def _slice(source: Range, names: Names) -> slice:
    bounds = (source.start, source.stop, source.step)
    return slice(*(None if bound is None else evaluate(bound, names) for bound in bounds))

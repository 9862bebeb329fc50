"""Measured fields: those of an op that emitted code reads from a tensor when it runs, `x.shape[2]`, at any size.

    map: {op: unflatten, dim: 2, unflattened_size: [$x.height, $x.width]}

Whatever else a spec computes from a size is a number in emitted code: that of the declared size. Which is which says
`code/handed.py`.
"""

import operator
from collections.abc import Callable, Mapping
from typing import TypeAlias

from archspec.code.handed import Handing, given
from archspec.graph.graph import Graph, Node, Ref, Scope
from archspec.graph.walk import in_sight
from archspec.language.expression.evaluate import fact_of
from archspec.language.expression.symbolic import leaves
from archspec.sizes.number import Number, Unfollowed
from archspec.values.expression import (
    Attribute,
    Binary,
    Call,
    Conditional,
    Expr,
    Index,
    List,
    Literal,
    Name,
    Slice,
    Unary,
    Value,
)
from archspec.values.shape import Shape

# What an expression is worth where sizes are Numbers: a value as the language has it, or a Number in its place.
Worth: TypeAlias = Value | Number | tuple["Worth", ...]
Shapes: TypeAlias = Callable[[Ref], Shape]


class Measured:
    """The fields of a graph's nodes that are measured."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.handing = Handing(graph)
        self.fields: Mapping[str, Mapping[str, Expr]] = {
            id: node.site.exprs for id, node in graph.nodes.items() if node.site.exprs and self.handing.measures(node)
        }

    def of(self, node: Node, shapes: Shapes) -> dict[str, Worth]:
        """What the measured fields of a node are, where its surroundings have these shapes."""
        found = self.fields.get(node.id, {})
        scope = self.graph.scopes[node.scope]
        told = {name: expr for name, expr in found.items() if name != "op" and self._measures(expr, scope)}
        return {name: _worth(expr, self._names(scope, shapes)) for name, expr in told.items()}

    def _measures(self, expr: Expr, scope: Scope) -> bool:
        """Whether an expression reads a size of an input, itself or by a param."""
        for leaf in leaves(expr):
            if isinstance(leaf, Attribute):
                return True
            around = self._handed(scope, leaf)
            if around is not None and self._measures(given(around, leaf), self.graph.scopes[around.parent]):
                return True
        return False

    def _handed(self, scope: Scope, leaf: Name) -> Scope | None:
        """The use of a block around that hands over a param when it is called; None where none does."""
        for around in in_sight(self.graph.scopes, scope.id):
            if around.definition.kind == "block" and leaf.name in around.args:
                return around if leaf in self.handing.sizes(around.definition) else None
        return None

    def _names(self, scope: Scope, shapes: Shapes) -> Callable[[Name | Attribute], Worth]:
        def name(leaf: Name | Attribute) -> Worth:
            if isinstance(leaf, Name):
                around = self._handed(scope, leaf)
                if around is not None:
                    outside = self.graph.scopes[around.parent]
                    return _worth(given(around, leaf), self._names(outside, shapes))
                return self._plain(scope, leaf.name)
            return fact_of(shapes(self._ref(scope, leaf.owner)), leaf.name)

        return name

    def _plain(self, scope: Scope, name: str) -> Value:
        """A param of the block, the repeat or the spec around."""
        while True:
            if name in scope.args:
                return scope.args[name]
            if not scope.id:
                raise Unfollowed
            scope = self.graph.scopes[scope.parent]

    def _ref(self, scope: Scope, input: str) -> Ref:
        """What an input of a scope, or of one around it, reads in the flat graph."""
        for around in in_sight(self.graph.scopes, scope.id):
            if input in around.definition.inputs:
                return around.inputs[around.definition.inputs.index(input)] if around.id else Ref(input)
        raise Unfollowed


def _worth(expr: Expr, name: Callable[[Name | Attribute], Worth]) -> Worth:
    """The value of an expression. Raises Unfollowed for what says no size."""
    match expr:
        case Literal(value):
            return value
        case Name() | Attribute():
            return name(expr)
        case List(items):
            return tuple(_worth(item, name) for item in items)
        case Index(owner, index):
            return _item(_worth(owner, name), _worth(index, name))
        case Slice(owner, start, stop):
            ends = [None if end is None else _worth(end, name) for end in (start, stop)]
            return _stretch(_worth(owner, name), *ends)
        case Unary("-", operand):
            return -_number(_worth(operand, name))
        case Binary(symbol, left, right):
            return _computed(symbol, _worth(left, name), _worth(right, name))
        case Conditional(test, then, otherwise):
            return _worth(then if _worth(test, name) else otherwise, name)
        case Call(function, args):
            return _called(function, [_worth(arg, name) for arg in args])
    raise Unfollowed


def _number(value: Worth) -> Number:
    if isinstance(value, Number) or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value  # type: ignore[return-value]  # a plain number computes as a Number does
    raise Unfollowed


def _item(items: Worth, index: Worth) -> Worth:
    if isinstance(items, tuple) and isinstance(index, int):
        return items[index]
    raise Unfollowed


def _stretch(items: Worth, start: Worth, stop: Worth) -> Worth:
    match items, start, stop:
        case tuple(), int() | None, int() | None:
            return items[start:stop]
    raise Unfollowed


_ARITHMETIC: Mapping[str, Callable[[Number, Number], Worth]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "//": operator.floordiv,
    "/": operator.truediv,
    "%": operator.mod,
    "**": operator.pow,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _computed(symbol: str, left: Worth, right: Worth) -> Worth:
    if symbol == "+" and isinstance(left, tuple) and isinstance(right, tuple):
        return left + right
    if symbol not in _ARITHMETIC:
        raise Unfollowed
    return _ARITHMETIC[symbol](_number(left), _number(right))


def _called(function: str, args: list[Worth]) -> Worth:
    match function, args:
        case "len", [tuple() as items]:
            return len(items)
        case "sum", [tuple() as items]:
            return sum(map(_number, items))
        case "min", _:
            return min(map(_number, args))
        case "max", _:
            return max(map(_number, args))
        case (("int" | "floor"), [number]):
            return _number(number) // 1
        case "ceil", [number]:
            return -(-_number(number) // 1)
        case "abs", [number]:
            return abs(_number(number))
    raise Unfollowed

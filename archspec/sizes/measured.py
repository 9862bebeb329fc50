"""Measured fields: those of an op that emitted code reads from a tensor when it runs, `x.shape[2]`, at any size.

    map: {op: unflatten, dim: 2, unflattened_size: [$x.height, $x.width]}

Whatever else a spec computes from a size is a number in emitted code: that of the declared size. Which is which says
the emitter, which is asked.
"""

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias

from archspec.code.constructors import settled
from archspec.code.handed import Handing, given
from archspec.code.parts import BlockPart, Item, OpPart, Part, RunPart, SequencePart, each
from archspec.code.settings import Settings
from archspec.code.template_names import measured_inputs
from archspec.graph.graph import Node, Ref, Scope
from archspec.graph.network import Network
from archspec.graph.rounds import graph_in_lists
from archspec.graph.walk import in_sight
from archspec.language.expression.evaluate import fact_of
from archspec.language.expression.symbolic import Leaf
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
    """The fields of a network's nodes that are measured, as the emitter says them."""

    def __init__(self, network: Network) -> None:
        self.graph = network.graph
        self.meant = graph_in_lists(network.graph).meant
        self.fields: dict[str, frozenset[str]] = {}
        self.handed: set[tuple[str, Leaf]] = set()
        handing = Handing(network.graph)
        if any(map(handing.measures, network.graph.nodes.values())):
            templates, settling = settled(network)
            for template in templates:
                self._note(template.parts, settling.settings[template])

    def _note(self, parts: Iterable[Item], own: Settings) -> None:
        for part, uses in _with_uses(parts):
            match part:
                case OpPart():
                    slots = own.slots.get(part, {})
                    told = frozenset(slot for slot, expr in slots.items() if any(measured_inputs(expr)))
                    self.fields.update((self.meant[use.id], told) for use in uses if told)
                case BlockPart():
                    said = zip(part.template.sizes, own.handed.get(part, ()), strict=False)
                    leaves = [leaf for leaf, expr in said if any(measured_inputs(expr))]
                    self.handed.update((self.meant[use.id], leaf) for use in uses for leaf in leaves)
                case SequencePart():
                    self._note(part.items, own)

    def of(self, node: Node, shapes: Shapes) -> dict[str, Worth]:
        """What the measured fields of a node are, where its surroundings have these shapes."""
        names = self._names(node.scope, node.name, shapes)
        return {name: _worth(node.site.exprs[name], names) for name in self.fields.get(node.id, ())}

    def _names(self, scope: str, member: str, shapes: Shapes) -> Callable[[Leaf], Worth]:
        """What a member of a scope means by a name."""

        def name(leaf: Leaf) -> Worth:
            around = self._handing(scope, leaf)
            if around is not None:
                return _worth(given(around, leaf), self._names(around.parent, around.name, shapes))
            if isinstance(leaf, Attribute):
                return fact_of(shapes(self._ref(scope, leaf.owner)), leaf.name)
            here = self.graph.scopes[scope]
            if leaf.name == "i" and here.definition.kind == "repeat":
                return here.members.index(member)
            return self._plain(here, leaf.name)

        return name

    def _handing(self, scope: str, leaf: Leaf) -> Scope | None:
        """The scope around that is handed this size when it is called; None where none is."""
        for around in in_sight(self.graph.scopes, scope):
            if (around.id, leaf) in self.handed:
                return around
        return None

    def _plain(self, scope: Scope, name: str) -> Value:
        """A param of the block, the repeat or the spec around."""
        while name not in scope.args:
            if not scope.id:
                raise Unfollowed
            scope = self.graph.scopes[scope.parent]
        return scope.args[name]

    def _ref(self, scope: str, input: str) -> Ref:
        """What an input of a scope, or of one around it, reads in the flat graph."""
        for around in in_sight(self.graph.scopes, scope):
            if around.definition.kind != "repeat" and input in around.definition.inputs:
                return around.inputs[around.definition.inputs.index(input)] if around.id else Ref(input)
        raise Unfollowed


def _with_uses(parts: Iterable[Item]) -> Iterator[tuple[Part, tuple[Node | Scope, ...]]]:
    """The parts of a template, each with all that it stands for; of a run, those after the first too."""
    for part in each(parts):
        if isinstance(part, RunPart):
            further = tuple(use for several in part.all for use in several)
            for inner, uses in _with_uses((part.item,)):
                yield inner, (*uses, *further)
        else:
            yield part, tuple(use for use in part.uses if use is not None)


def _worth(expr: Expr, name: Callable[[Leaf], Worth]) -> Worth:
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

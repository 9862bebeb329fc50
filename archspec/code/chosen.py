"""Chosen: which ops or blocks an expression chooses, where a class is given them.

act: {op: $act}            activation: type[nn.Module]
act: {op: "$acts[i]"}      acts: tuple[type[nn.Module], ...]
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from archspec.ops.op import OPS
from archspec.values.expression import Binary, Conditional, Expr, Index, List, Literal, Name, Slice, Value


def chosen_names(expr: Expr) -> frozenset[str]:
    """The names in an expression that stand for an op, or for a list of ops: those it may come out as."""
    match expr:
        case Name(name):
            return frozenset((name,))
        case Conditional(_, then, otherwise):
            return chosen_names(then) | chosen_names(otherwise)
        case Index(owner, _) | Slice(owner, _, _):
            return chosen_names(owner)
        case List(items):
            return frozenset().union(*map(chosen_names, items))
        case Binary("+" | "*", left, right):
            return chosen_names(left) | chosen_names(right)
    return frozenset()


def chooses(expr: Expr, held: Mapping[str, tuple[Value, ...]], blocks: AbstractSet[str]) -> bool:
    """Whether all that an expression may come out as are ops or `blocks`, or lists of them, by what its names hold."""
    match expr:
        case Literal(value):
            return _is_class(value, blocks)
        case Name(name):
            return all(_is_class(value, blocks) for value in held.get(name, ()))
        case Conditional(_, then, otherwise):
            return chooses(then, held, blocks) and chooses(otherwise, held, blocks)
        case Index(owner, _) | Slice(owner, _, _):
            return chooses(owner, held, blocks)
        case List(items):
            return all(chooses(item, held, blocks) for item in items)
        case Binary("+", left, right):
            return all(_is_list(side, held) and chooses(side, held, blocks) for side in (left, right))
        case Binary("*", left, right):
            return any(_is_list(side, held) and chooses(side, held, blocks) for side in (left, right))
    return False


def _is_list(expr: Expr, held: Mapping[str, tuple[Value, ...]]) -> bool:
    """Whether an expression is a list, and no text that is put together."""
    match expr:
        case Name(name):
            return all(isinstance(value, tuple) for value in held.get(name, ()))
        case Literal(value):
            return isinstance(value, tuple)
        case Binary(_, left, right):
            return _is_list(left, held) or _is_list(right, held)
    return isinstance(expr, List | Slice)


def _is_class(value: Value, blocks: AbstractSet[str]) -> bool:
    """Whether a value is the name of an op or of a block, a list of such, or none."""
    if isinstance(value, tuple):
        return all(_is_class(item, blocks) for item in value)
    return value is None or (isinstance(value, str) and (value in OPS or value in blocks))

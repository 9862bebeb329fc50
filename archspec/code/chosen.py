"""Chosen: which ops or blocks an expression chooses, where a class is given them.

act: {op: $act}            activation: type[nn.Module]
act: {op: "$acts[i]"}      acts: tuple[type[nn.Module], ...]
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

from archspec.graph.graph import Node
from archspec.graph.network import Network
from archspec.ops.op import OPS
from archspec.values.expression import Binary, Call, Conditional, Expr, Index, List, Literal, Name, Slice, Value, parts


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


def is_given(network: Network, node: Node) -> bool:
    """Whether an expression chooses the op among modules that need no settings, so that a class can be given it."""
    op = node.op
    plain = op.module and op.sequential and not op.slots(network.input_shapes(node)).keys() - op.defaults()
    return "op" in node.site.exprs and bool(plain) and len(node.inputs) == 1 and op == type(op)()


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


def read_as_texts(expr: Expr) -> Iterator[str]:
    """The names in an expression that it needs as they are, where they could be modules in place of ops' names.

    `act == 'relu'` is asked of a module too, `act is nn.ReLU`, and a list has the same length; `act == other` is not.
    """
    match expr:
        case Binary("==" | "!=", asked, Literal(str() | None)) | Binary("==" | "!=", Literal(str() | None), asked):
            yield from () if chosen_names(asked) else read_as_texts(asked)
        case Call("len", _):
            return
        case Name(name):
            yield name
        case _:
            for part in parts(expr):
                yield from read_as_texts(part)


def read_beside(expr: Expr) -> Iterator[str]:
    """The same of an expression that gives an op, which does not need as texts what it may come out as."""
    match expr:
        case Conditional(test, then, otherwise):
            yield from read_as_texts(test)
            for branch in (then, otherwise):
                yield from read_beside(branch)


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

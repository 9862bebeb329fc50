"""Types: what a type checker knows of the values in a forward pass, and where one has to be told.

    out = self.conv(x)        out: Tensor = self.conv(x)
    ...                       ...
    return out                return out

A call of a module has no type of its own, nor have some of torch's functions; a variable keeps the type of its first
assignment.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from archspec.code.program import Assign, If, Return, Statement
from archspec.values.expression import Binary, Global, Name
from archspec.values.source import SELF, Choice, Invoke, Item, Member, Operation, Source


def annotated(statements: Sequence[Statement], returned: Collection[str], inputs: Sequence[str]) -> list[Statement]:
    """The statements, with a type on the first assignment of each variable that is returned and has none at the end."""
    made = list(statements)
    for name in sorted(set(returned) - set(inputs)):
        assigned = [(i, last) for i, one in enumerate(made) if (last := _last_of(one, name)) is not None]
        if assigned and not _known(assigned[-1][1], variables(made, inputs)):
            first = assigned[0][0]
            made[first] = _with_type(made[first], name)
    return made


def returned_last(statements: Sequence[Statement], name: str, inputs: Sequence[str]) -> list[Statement]:
    """`return expression` where the last statement only names what is returned, and its type is known."""
    *most, last = statements or [Return(Name(name))]
    if (
        isinstance(last, Assign)
        and last.operator == "="
        and last.targets == (Name(name),)
        and _known(last, variables(most, inputs))
    ):
        return [*most, Return(last.value)]
    return [*statements, Return(Name(name))]


def variables(statements: Sequence[Statement], inputs: Sequence[str]) -> dict[str, bool]:
    """Variable -> whether its first assignment gives it a type, which then stays."""
    known = dict.fromkeys(inputs, True)
    for statement in statements:
        if isinstance(statement, Assign):
            has_type = bool(statement.annotation) or typed(statement.value, known)
            for target in statement.targets:
                if isinstance(target, Name):
                    known.setdefault(target.name, has_type)
    return known


def typed(value: Source, known: Mapping[str, bool]) -> bool:
    """Whether an expression has a type; `known` says it of variables."""
    match value:
        case Name(name):
            return value != SELF and known.get(name, True)
        case Operation() | Binary():
            return all(typed(operand, known) for operand in _operands(value))
        case Choice(_, then, otherwise):
            return typed(then, known) and typed(otherwise, known)
        case Invoke(Global(_, has_type)):
            return has_type
        case Invoke(owner) | Member(owner, _) | Item(owner, _):
            return typed(owner, known)
    return True


def _operands(source: Source) -> Iterator[Source]:
    """Of a sum, which may be long, its terms."""
    while isinstance(source, Operation | Binary):
        yield source.right
        source = source.left
    yield source


def _known(statement: Assign, known: Mapping[str, bool]) -> bool:
    if statement.operator != "=":  # the variable keeps the type that it has
        return all(typed(target, known) for target in statement.targets)
    return typed(statement.value, known)


def _last_of(statement: Statement, name: str) -> Assign | None:
    """The last assignment to a variable in a statement."""
    match statement:
        case Assign(targets) if targets == (Name(name),):
            return statement
        case If(_, body):
            return next((found for one in reversed(body) if (found := _last_of(one, name)) is not None), None)
    return None


def _with_type(statement: Statement, name: str) -> Statement:
    match statement:
        case Assign(operator="="):
            return replace(statement, annotation="Tensor")
        case If(_, _, start):
            typed_start = tuple(
                replace(one, annotation="Tensor") if one.targets == (Name(name),) else one for one in start
            )
            return replace(statement, start=typed_start)
    return statement

"""Types: what a type checker knows of the values in a forward pass, and where one has to be told.

    out = self.conv(x)        out: Tensor = self.conv(x)
    ...                       ...
    return out                return out

A call of a module has no type of its own, nor have some of torch's functions. Where a value is first set among others,
`out, _ = self.pair(x)`, the type is declared before it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace

from archspec.code.program import Assign, Declare, If, Loop, Return, Statement, Training, names_set
from archspec.values.dataclass import dataclass
from archspec.values.expression import Binary, Global, Name, Unary
from archspec.values.source import SELF, Choice, Invoke, Item, Member, Negative, Operation, Source, Tuple


def annotated(statements: Sequence[Statement], returned: Collection[str], inputs: Sequence[str]) -> list[Statement]:
    """The statements, with a type where a variable is first set that is returned and would have none at the end."""
    made = list(statements)
    for name in sorted(set(returned) - set(inputs)):
        if not variables(made, inputs).get(name, True):
            first = next(i for i, one in enumerate(made) if name in _set_in(one))
            made[first : first + 1] = _with_type(made[first], name)
    return made


def returned_last(statements: Sequence[Statement], name: str, inputs: Sequence[str]) -> list[Statement]:
    """`return expression` where the last statement only names what is returned, and its type is known."""
    *most, last = statements or [Return(Name(name))]
    if (
        isinstance(last, Assign)
        and last.operator == "="
        and last.targets == (Name(name),)
        and typed(last.value, variables(most, inputs))
    ):
        return [*most, Return(last.value)]
    return [*statements, Return(Name(name))]


def variables(statements: Sequence[Statement], inputs: Sequence[str]) -> dict[str, bool]:
    """Variable -> whether a type checker knows its type at the end.

    An argument, and a variable that was given a type, keep it; any other has the type of what it was set to last. After
    a loop, which may run no time, one whose first value had a type has that of before.
    """
    types = _Types(dict.fromkeys(inputs, True), set(inputs))
    types.run(statements)
    return types.known


@dataclass(slots=True)
class _Types:
    """What is known while statements run.

    Attributes:
        known: variable -> whether it has a type.
        given: those that were given one.
        first: those whose first value had one.
    """

    known: dict[str, bool]
    given: set[str]
    first: set[str] = field(default_factory=set)

    def run(self, statements: Iterable[Statement]) -> None:
        for statement in statements:
            match statement:
                case Declare(name):
                    self.given.add(name)
                case Assign():
                    self.assign(statement)
                case If(_, body, start):
                    self.run(start)
                    self.perhaps(body)
                case Loop(variables, _, body, start):
                    self.run([start] if start is not None else [])
                    self.known |= dict.fromkeys(variables, False)  # modules, whose calls have no type
                    self.perhaps(body)
                case Training(body):
                    self.perhaps(body)

    def assign(self, assign: Assign) -> None:
        names = list(names_set(assign))
        if assign.annotation:
            self.given.update(names)
        if assign.operator != "=":
            return  # what is added to keeps its type
        has_type = typed(assign.value, self.known)
        if has_type:
            self.first.update(name for name in names if name not in self.known)
        self.known |= {name: name in self.given or has_type for name in names}

    def perhaps(self, statements: Sequence[Statement]) -> None:
        """Runs statements that may or may not run."""
        before = dict(self.known)
        self.run(statements)
        self.known = {
            name: before.get(name, True) and (has_type or name in self.first) for name, has_type in self.known.items()
        }


def typed(value: Source, known: Mapping[str, bool]) -> bool:
    """Whether an expression has a type; `known` says it of variables."""
    match value:
        case Name(name):
            return value != SELF and known.get(name, True)
        case Operation() | Binary():
            return all(typed(operand, known) for operand in _operands(value))
        case Negative(operand) | Unary(_, operand):
            return typed(operand, known)
        case Tuple(items):
            return all(typed(item, known) for item in items)
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


def _set_in(statement: Statement) -> Iterator[str]:
    """The variables that a statement sets."""
    match statement:
        case Assign():
            yield from names_set(statement)
        case If(_, body, start):
            yield from (name for one in (*start, *body) for name in _set_in(one))
        case Loop(_, _, body, start):
            yield from (name for one in (*([start] if start is not None else []), *body) for name in _set_in(one))
        case Training(body):
            yield from (name for one in body for name in _set_in(one))


def _with_type(statement: Statement, name: str) -> tuple[Statement, ...]:
    """A statement that sets a variable first, with its type: there, else before it."""
    match statement:
        case Assign(targets, operator="=") if targets == (Name(name),):
            return (replace(statement, annotation="Tensor"),)
        case If(start=start) if any(one.targets == (Name(name),) for one in start):
            given = (replace(one, annotation="Tensor") if one.targets == (Name(name),) else one for one in start)
            return (replace(statement, start=tuple(given)),)
        case Loop(start=Assign(targets) as start) if targets == (Name(name),):
            return (replace(statement, start=replace(start, annotation="Tensor")),)
    return Declare(name, "Tensor"), statement

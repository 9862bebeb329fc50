"""Source: Python expressions as values. They become text once, in `printing.py`; nobody reads that text back.

    torch.cat([self.branch1(x), y], 1)

    invoke("torch.cat", Listing((Invoke(Member(Name("self"), "branch1"), (Name("x"),)), Name("y"))), Literal(1))

What a spec's author wrote is Source already: every `Expr` is.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from typing import TypeAlias

from archspec.values.dataclass import dataclass
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
    Unary,
    Value,
    parts,
    python_name,
)


@dataclass(frozen=True, slots=True)
class Operand:
    """Input number `position` of an op, where it is not known yet what stands there."""

    position: int


@dataclass(frozen=True, slots=True)
class Member:
    """`self.conv1`, `x.shape`."""

    owner: "Source"
    name: str


@dataclass(frozen=True, slots=True)
class Item:
    """`self[0]`, `x[:, 1]`."""

    owner: "Source"
    index: tuple["Source", ...]


@dataclass(frozen=True, slots=True)
class Range:
    """`2:`, `::2` inside of `[ ]`."""

    start: "Source | None" = None
    stop: "Source | None" = None
    step: "Source | None" = None


@dataclass(frozen=True, slots=True)
class Invoke:
    """`function(args, keyword=value)`."""

    function: "Source"
    args: tuple["Source", ...] = ()
    keywords: tuple[tuple[str, "Source"], ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """`left + right`, of operands of which one is more than an `Expr`."""

    operator: str
    left: "Source"
    right: "Source"


@dataclass(frozen=True, slots=True)
class Negative:
    """`-value`."""

    value: "Source"


@dataclass(frozen=True, slots=True)
class Choice:
    """`then if test else otherwise`."""

    test: "Source"
    then: "Source"
    otherwise: "Source"


@dataclass(frozen=True, slots=True)
class Listing:
    """`[a, b]`."""

    items: tuple["Source", ...]


@dataclass(frozen=True, slots=True)
class Tuple:
    """`(a, b)`; without its parentheses where it is what is returned."""

    items: tuple["Source", ...]
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Mapping:
    """`{key: value}`."""

    items: tuple[tuple["Source", "Source"], ...]


@dataclass(frozen=True, slots=True)
class Unpacked:
    """`*values`."""

    value: "Source"


@dataclass(frozen=True, slots=True)
class Comprehension:
    """`value for variable in over`, in the brackets around it."""

    value: "Source"
    variable: str
    over: "Source"


@dataclass(frozen=True, slots=True)
class Lazy:
    """`(value for variable in over)`, where other arguments stand beside it."""

    values: Comprehension


@dataclass(frozen=True, slots=True)
class Numbered:
    """`f"layer{number}"`."""

    stem: str
    number: "Source"


_MADE: TypeAlias = (
    Operand
    | Member
    | Item
    | Range
    | Invoke
    | Operation
    | Negative
    | Choice
    | Listing
    | Tuple
    | Mapping
    | Unpacked
    | Comprehension
    | Lazy
    | Numbered
)
Source: TypeAlias = Expr | _MADE

SELF = Name("self")


def constant(value: Value) -> Literal:
    """A number, a text or a tuple of them, written in place."""
    return Literal(value)


def invoke(function: str, *args: Source, **keywords: Source) -> Invoke:
    """A call of what the file imports or defines: `torch.cat([a, b], 1)`."""
    return Invoke(Global(function), args, tuple(keywords.items()))


def method(owner: Source, name: str, *args: Source, **keywords: Source) -> Invoke:
    """A call of a method: `x.transpose(1, 2)`."""
    return Invoke(Member(owner, name), args, tuple(keywords.items()))


def swapped(value: Source) -> Source:
    """A value with its first two dimensions the other way round: `x.transpose(0, 1)`, and of that `x`."""
    return method(value, "transpose", Literal(0), Literal(1)) if (given := unswapped(value)) is None else given


def unswapped(value: Source) -> Source | None:
    """`x` where the value is `x.transpose(0, 1)`, else None."""
    match value:
        case Invoke(Member(given, "transpose"), (Literal(0), Literal(1)), ()):
            return given
    return None


def spread(value: Source) -> tuple[Source, ...]:
    """A tuple as arguments: `(1, 197, 768)` as `1, 197, 768`; what is not known to be a tuple is unpacked."""
    match value:
        case Literal(tuple() as items):
            return tuple(map(Literal, items))
        case List(items) | Tuple(items):
            return items
    return (Unpacked(value),)


def part_of(owner: Source, window: range, count: int, *, from_end: bool = False) -> Source:
    """Some of the `count` items of a sequence, `features[3:]`, or itself.

    Args:
        owner: the sequence.
        window: the numbers of the items.
        count: of all of them.
        from_end: say that only the last is left out behind them, `layers[:-1]`.
    """
    if len(window) == count:
        return owner
    start = Literal(window.start) if window.start else None
    stop = Negative(Literal(1)) if from_end and window.stop == count - 1 else Literal(window.stop)
    return Item(owner, (Range(start, stop if window.stop < count else None),))


def of_shapes(source: Source, values: "dict[str, Source]") -> Source:
    """An expression that reads sizes, `x.shape[2]`, with the values in place of their names; "" is a value itself."""
    match source:
        case Attribute(owner, name):
            return Member(values[owner], name) if name else values[owner]
        case Index(owner, index):
            return Item(of_shapes(owner, values), (of_shapes(index, values),))
        case Binary(operator, left, right):
            return Operation(operator, of_shapes(left, values), of_shapes(right, values))
        case Unary("-", operand):
            return Negative(of_shapes(operand, values))
        case List(items):
            return Tuple(tuple(of_shapes(item, values) for item in items))
        case Call(function, args):
            return Invoke(Global(python_name(function)), tuple(of_shapes(arg, values) for arg in args))
        case Conditional(test, then, otherwise):
            return Choice(*(of_shapes(part, values) for part in (test, then, otherwise)))
    return source


def replaced(source: Source, values: "dict[Source, Source]") -> Source:
    """An expression with other ones in the place of some of its parts; what an author wrote is a part as a whole."""

    def swapped(part: object) -> object:
        if isinstance(part, tuple):
            return tuple(map(swapped, part))
        if not isinstance(part, _MADE):
            return values.get(part, part) if isinstance(part, Name) else part
        if part in values:
            return values[part]
        made: Callable[..., object] = type(part)
        return made(*(swapped(getattr(part, field.name)) for field in fields(part)))

    return swapped(source)  # type: ignore[return-value]  # an expression of one kind stays one


def inside(source: Source) -> tuple[Source, ...]:
    """The direct parts of an expression, in the order in which they are written."""
    match source:
        case Member(owner, _) | Negative(owner) | Unpacked(owner) | Numbered(_, owner):
            return (owner,)
        case Item(owner, index):
            return (owner, *index)
        case Range(start, stop, step):
            return tuple(part for part in (start, stop, step) if part is not None)
        case Invoke(function, args, keywords):
            return (function, *args, *(value for _, value in keywords))
        case Operation(_, left, right):
            return (left, right)
        case Choice(test, then, otherwise):
            return (then, test, otherwise)
        case Listing(items) | Tuple(items):
            return items
        case Mapping(pairs):
            return tuple(part for pair in pairs for part in pair)
        case Comprehension(value, _, over):
            return (value, over)
        case Lazy(values):
            return (values,)
        case Operand():
            return ()
    return parts(source)


def walk(source: Source) -> Iterator[Source]:
    """An expression and all its parts."""
    pending = [source]
    while pending:
        part = pending.pop()
        yield part
        pending.extend(inside(part))


def local_names(sources: Sequence[Source]) -> frozenset[str]:
    """The variables that expressions read."""
    return frozenset(part.name for source in sources for part in walk(source) if isinstance(part, Name))


def operands(source: Source) -> tuple[int, ...]:
    """The numbers of the inputs that an expression reads, each as often as it does."""
    return tuple(sorted(part.position for part in walk(source) if isinstance(part, Operand)))

"""Expressions: the arithmetic of `$(...)`, as a tree of plain values.

`language/expression/` has the parser (`grammar`), the evaluator (`evaluate`), and what prints the same trees as Python
(`symbolic`).
"""

from typing import TypeAlias

from archspec.values.dataclass import dataclass

Value: TypeAlias = int | float | bool | str | tuple["Value", ...] | None


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, string, boolean or list written in place."""

    value: Value


@dataclass(frozen=True, slots=True)
class Name:
    """A param, an input, or `i`, the index inside a repeat."""

    name: str


@dataclass(frozen=True, slots=True)
class Global:
    """What an emitted file imports or defines: `nn.ReLU`, `torch.cat`. No spec has one; emission puts it in.

    Attributes:
        name: with the module's name before it.
        typed: whether a type checker knows what a call of it returns; torch's stubs do not say it of all.
    """

    name: str
    typed: bool = True


@dataclass(frozen=True, slots=True)
class Attribute:
    """`x.channels`: a fact of the shape of an input."""

    owner: str
    name: str


@dataclass(frozen=True, slots=True)
class Index:
    """`depths.0`: an item of a list."""

    owner: "Expr"
    index: "Expr"


@dataclass(frozen=True, slots=True)
class Slice:
    """`depths[1:3]`: a part of a list; a bound that is left out is none."""

    owner: "Expr"
    start: "Expr | None"
    stop: "Expr | None"


@dataclass(frozen=True, slots=True)
class Unary:
    """`-a`, `not a`."""

    operator: str
    operand: "Expr"


@dataclass(frozen=True, slots=True)
class Binary:
    """`a + b` and the other arithmetic: + - * / // % **; comparisons == != < <= > >= in; `and`, `or`."""

    operator: str
    left: "Expr"
    right: "Expr"


@dataclass(frozen=True, slots=True)
class Conditional:
    """`a if test else b`."""

    test: "Expr"
    then: "Expr"
    otherwise: "Expr"


IN_MATH = frozenset({"ceil", "floor", "log", "sqrt"})  # functions that Python has in its module `math`


@dataclass(frozen=True, slots=True)
class Call:
    """`min(a, b)`, `max(a, b)`, `len(a)`, `sum(a)`, `int(a)`, `round(a)`, `abs(a)`, and what Python has in `math`."""

    function: str
    args: tuple["Expr", ...]


@dataclass(frozen=True, slots=True)
class List:
    """`[a, b]` where an item is not a literal; a list of literals is a `Literal`."""

    items: tuple["Expr", ...]


def python_name(function: str) -> str:
    """What Python calls a function of the language: `math.sqrt`, `len`."""
    return f"math.{function}" if function in IN_MATH else function


Expr: TypeAlias = Literal | Name | Global | Attribute | Index | Slice | Unary | Binary | Conditional | Call | List


def parts(expr: Expr) -> tuple[Expr, ...]:
    """The expressions directly inside an expression."""
    match expr:
        case Index(owner, index):
            return (owner, index)
        case Slice(owner, start, stop):
            return tuple(part for part in (owner, start, stop) if part is not None)
        case Unary(_, operand):
            return (operand,)
        case Binary(_, left, right):
            return (left, right)
        case Conditional(test, then, otherwise):
            return (then, test, otherwise)
        case Call(_, args):
            return args
        case List(items):
            return items
        case _:
            return ()

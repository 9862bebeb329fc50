"""Printing: Source as text, and as a Doc, which knows where a line may be broken.

    width * 2            "width * 2"
    torch.cat([a, b])    Joined("torch.cat", Bracket("(", (Bracket("[", ("a", "b"), "]"),), ")"))

Parentheses stand where the meaning needs them; strings are in double quotes, powers of plain operands without spaces,
as Python's formatters have them.
"""

from math import isfinite
from typing import TypeAlias

from archspec.values.dataclass import dataclass
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
    Value,
    python_name,
)
from archspec.values.source import (
    Choice,
    Comprehension,
    Invoke,
    Item,
    Lazy,
    Listing,
    Mapping,
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


@dataclass(frozen=True, slots=True)
class Bracket:
    """`(a, b)`: the items may stand on lines of their own.

    Attributes:
        comma: a single item keeps its comma, as a tuple does.
        display: a tuple, a list or a mapping, of which each item has a line where it does not fit on one.
    """

    open: str
    items: "tuple[Doc, ...]"
    close: str
    comma: bool = False
    display: bool = False


@dataclass(frozen=True, slots=True)
class Joined:
    """Parts with nothing between them."""

    parts: "tuple[Doc, ...]"


@dataclass(frozen=True, slots=True)
class Chain:
    """`a + b - c`: operators of one rank between operands."""

    operands: "tuple[Doc, ...]"
    operators: tuple[str, ...]
    rank: int


@dataclass(frozen=True, slots=True)
class Clauses:
    """`a` `if test` `else b`; `f(x)` `for x in xs`."""

    parts: "tuple[Doc, ...]"


Doc: TypeAlias = str | Bracket | Joined | Chain | Clauses

PRECEDENCE = {
    "or": 1,
    "and": 2,
    "not": 3,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in", "not in"), 4),
    **dict.fromkeys(("+", "-"), 5),
    **dict.fromkeys(("*", "/", "//", "%", "@"), 6),
    "neg": 7,
    "**": 8,
}
ATOM = 10
_ORDERS = frozenset({"<", "<=", ">", ">="})  # of which Python asks two at a time: `a < b <= c`
_STAR = PRECEDENCE["+"]  # what `*` unpacks binds at least so tightly, or has parentheses


def text(source: Source) -> str:
    """An expression as Python source on one line."""
    return flat(doc(source))


def flat(made: Doc) -> str:
    """A Doc on one line."""
    match made:
        case str():
            return made
        case Bracket(start, items, end, comma, _):
            return f"{start}{', '.join(map(flat, items))}{',' * comma}{end}"
        case Joined(parts):
            return "".join(map(flat, parts))
        case Chain(operands, operators, _):
            rest = zip(operators, operands[1:], strict=True)
            return "".join([flat(operands[0]), *(f" {operator} {flat(one)}" for operator, one in rest)])
        case Clauses(parts):
            return " ".join(map(flat, parts))


def doc(source: Source, least: int = 0) -> Doc:
    """An expression as a Doc, in parentheses where it binds less tightly than `least`."""
    made, precedence = _doc(source)
    return made if precedence >= least else Bracket("(", (made,), ")")


def _doc(source: Source) -> tuple[Doc, int]:  # noqa: C901, PLR0912  a case for each kind
    match source:
        case Literal(value):
            return _value(value), PRECEDENCE["neg"] if _is_negative(value) else ATOM
        case Name(name) | Global(name, _):
            return name, ATOM
        case Operand(position):
            return f"input{position}", ATOM
        case Attribute(owner, name):
            return f"{owner}.{name}", ATOM
        case Member(inner, name):
            return Joined((doc(inner, ATOM), f".{name}")), ATOM
        case Index(inner, position):
            return Joined((doc(inner, ATOM), Bracket("[", (doc(position),), "]"))), ATOM
        case Slice(inner, start, stop):
            return Joined((doc(inner, ATOM), Bracket("[", (_range(start, stop, None),), "]"))), ATOM
        case Item(inner, index):
            return Joined((doc(inner, ATOM), Bracket("[", tuple(map(doc, index)), "]"))), ATOM
        case Range(first, last, step):
            return _range(first, last, step), 0
        case Call(function, args):
            return Joined((python_name(function), Bracket("(", tuple(map(doc, args)), ")"))), ATOM
        case Invoke(called, given, keywords):
            return Joined((doc(called, ATOM), _arguments(given, keywords))), ATOM
        case List(items) | Tuple(items, False):
            return _tuple(tuple(map(doc, items))), ATOM
        case Tuple(items, _):
            return Joined(_commas(tuple(map(doc, items)))), 0
        case Listing(items):
            return Bracket("[", tuple(map(doc, items)), "]", display=True), ATOM
        case Mapping(pairs):
            return _mapping(pairs), ATOM
        case Numbered(stem, number):
            return f'f"{stem}{{{text(number)}}}"', ATOM
        case Lazy(inner):
            return Bracket("(", (doc(inner),), ")"), ATOM
        case Unpacked(Comprehension() as inner):
            return Joined(("*", Bracket("(", (doc(inner),), ")"))), 0
        case Unpacked(inner):
            return Joined(("*", doc(inner, _STAR))), 0
        case Comprehension(value, variable, over):
            return Clauses((doc(value), Joined((f"for {variable} in ", doc(over, 1))))), 0
        case Unary("not", Binary("in", left, right)):
            return _operation("not in", left, right)
        case Unary("not", inner):
            return Joined(("not ", doc(inner, PRECEDENCE["not"]))), PRECEDENCE["not"]
        case Unary(operator, inner):
            return Joined((operator, doc(inner, PRECEDENCE["neg"]))), PRECEDENCE["neg"]
        case Negative(inner):
            return Joined(("-", doc(inner, PRECEDENCE["neg"]))), PRECEDENCE["neg"]
        case Conditional(test, then, otherwise) | Choice(test, then, otherwise):
            return _chosen(test, then, otherwise), 0
        case Binary("and", Binary(first, least, inner), Binary(second, _, most)) if _is_range(source):
            return _ordered((least, inner, most), (first, second))
        case Binary("+", _, _) if any(map(_is_tuple, terms := _terms(source))):
            return _tuple(tuple(item for term in terms for item in _items(term))), ATOM
        case Binary(operator, left, right) | Operation(operator, left, right):
            return _operation(operator, left, right)


def _terms(source: Source) -> tuple[Source, ...]:
    """What is added up, from the left."""
    terms: list[Source] = []
    while isinstance(source, Binary) and source.operator == "+":
        terms.append(source.right)
        source = source.left
    return (source, *reversed(terms))


def _is_tuple(source: Source) -> bool:
    return isinstance(source, List) or (isinstance(source, Literal) and isinstance(source.value, tuple))


def _items(term: Source) -> tuple[Doc, ...]:
    """What a list adds to another: its items, or all of it, `*widths`, which may be a tuple or a list."""
    match term:
        case Literal(tuple() as values):
            return tuple(map(_value, values))
        case List(items):
            return tuple(map(doc, items))
    return (Joined(("*", doc(term, _STAR))),)


def _chosen(test: Source, then: Source, otherwise: Source) -> Clauses:
    """`a if test else b`; of several conditions one after the other, all clauses on one level."""
    head, rest = (doc(then, 1), Joined(("if ", doc(test, 1)))), doc(otherwise)
    if isinstance(rest, Clauses):
        return Clauses((*head, Joined(("else ", rest.parts[0])), *rest.parts[1:]))
    return Clauses((*head, Joined(("else ", rest))))


def _ordered(given: tuple[Source, ...], operators: tuple[str, ...]) -> tuple[Doc, int]:
    rank = PRECEDENCE["=="]
    return Chain(tuple(doc(one, rank + 1) for one in given), operators, rank), rank


def _is_range(source: Source) -> bool:
    """Whether two comparisons are one in Python: `a < b <= c`."""
    match source:
        case Binary("and", Binary(first, _, inner), Binary(second, same, _)):
            return inner == same and first in _ORDERS and second in _ORDERS
    return False


def _is_negative(value: Value) -> bool:
    return isinstance(value, int | float) and value < 0


def _arguments(given: tuple[Source, ...], keywords: tuple[tuple[str, Source], ...]) -> Bracket:
    named = (Joined((f"{name}=", doc(value))) for name, value in keywords)
    return Bracket("(", (*map(doc, given), *named), ")")


def _operation(operator: str, left: Source, right: Source) -> tuple[Doc, int]:
    rank = PRECEDENCE[operator]
    if operator == "**":
        between = "**" if _simple(left) and _simple(right) else " ** "
        return Joined((doc(left, rank + 1), between, doc(right, PRECEDENCE["neg"]))), rank
    terms = [(_identity(operator, left, right), doc(right, rank if operator in ("and", "or") else rank + 1))]
    while (
        isinstance(left, Binary | Operation)
        and PRECEDENCE[left.operator] == rank != PRECEDENCE["=="]
        and not _is_range(left)
    ):
        terms.append((_identity(left.operator, left.left, left.right), doc(left.right, rank + 1)))  # sums may be long
        left = left.left
    first = doc(left, rank + 1 if rank == PRECEDENCE["=="] else rank)
    operators, operands = zip(*reversed(terms), strict=True)
    return Chain((first, *operands), operators, rank), rank


def _identity(operator: str, left: Source, right: Source) -> str:
    """Python's operator: nothing but `is` compares with None."""
    if Literal(None) in (left, right):
        return {"==": "is", "!=": "is not"}.get(operator, operator)
    return operator


def _simple(source: Source) -> bool:
    """Whether formatters write a power of it without spaces."""
    match source:
        case Unary("-", inner) | Negative(inner) | Member(inner, _):
            return _simple(inner)
        case Literal(value):
            return isinstance(value, int | float)
    return isinstance(source, Name | Global | Attribute)


def _range(start: Source | None, stop: Source | None, step: Source | None) -> Doc:
    """`2:-1`; with room about the colon where a bound is more than a name or a number: `self.start :`."""
    bounds = [start, stop, step] if step is not None else [start, stop]
    room = " " if any(bound is not None and not _is_short(bound) for bound in bounds) else ""
    made: list[Doc] = []
    for i, bound in enumerate(bounds):
        if i:
            made.append(f"{room if bounds[i - 1] is not None else ''}:{room if bound is not None else ''}")
        if bound is not None:
            made.append(doc(bound))
    return Joined(tuple(made))


def _is_short(bound: Source) -> bool:
    """Whether a bound is a name or a number, with its sign."""
    inner = bound.operand if isinstance(bound, Unary) else bound.value if isinstance(bound, Negative) else bound
    return isinstance(inner, Name | Literal)


def _tuple(items: tuple[Doc, ...]) -> Bracket:
    return Bracket("(", items, ")", comma=len(items) == 1, display=True)


def _mapping(pairs: tuple[tuple[Source, Source], ...]) -> Bracket:
    return Bracket("{", tuple(Joined((doc(key), ": ", doc(value))) for key, value in pairs), "}", display=True)


def _commas(items: tuple[Doc, ...]) -> tuple[Doc, ...]:
    return tuple(part for item in items for part in (", ", item))[1:]


def _value(value: Value) -> Doc:
    return _tuple(tuple(map(_value, value))) if isinstance(value, tuple) else literal(value)


def literal(value: Value) -> str:
    """A value as Python source."""
    if isinstance(value, tuple):
        return flat(_value(value))
    if isinstance(value, str):
        quoted = repr(value)
        return f'"{quoted[1:-1]}"' if quoted[0] == "'" and '"' not in value else quoted
    if isinstance(value, float) and not isfinite(value):
        return f'float("{value}")'
    # Python writes 1e-06 where people write 1e-6.
    return repr(value).replace("e-0", "e-") if isinstance(value, float) else repr(value)

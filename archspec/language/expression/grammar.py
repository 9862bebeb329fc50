"""The expression language: what follows a `$`, parsed into the plain trees of `values/expression.py`.

    $name   $name.0   $x.channels   $(anything below)

    a if test else b         lowest
    or
    and
    not
    == != < <= > >= in       a < b <= c is a < b and b <= c; `not in`
    + -
    * / // %
    -a
    **                       to the right
    a.0  a.i  a[i]  a[1:]  x.channels  min(a, b)  len(a)  [a, b]  (a)   highest

Nothing here is handed to Python: size, nesting and numbers are bounded, and every fault knows its place in the text.
"""

from collections.abc import Mapping
from types import MappingProxyType

from archspec.language.expression.words import ExpressionFault, Token, tokenize
from archspec.registry import nearest
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
    parts,
)

MAX_TEXT = 2000
MAX_DEPTH = 50
MAX_INT = 2**63

NO_SUFFIXES: Mapping[str, float] = MappingProxyType({})
FACTS = ("channels", "height", "width", "shape", "features")
# Name -> how many values it takes, at least and at most, and what these are.
FUNCTIONS = {
    "min": (2, None, "two values or more"),
    "max": (2, None, "two values or more"),
    "len": (1, 1, "one list"),
    "sum": (1, 1, "one list"),
    "int": (1, 1, "one number"),
    "round": (1, 1, "one number"),
    "abs": (1, 1, "one number"),
    "floor": (1, 1, "one number"),
    "ceil": (1, 1, "one number"),
    "sqrt": (1, 1, "one number"),
    "log": (1, 1, "one number"),
}

_LITERALS: dict[str, Value] = {"true": True, "True": True, "false": False, "False": False, "none": None, "None": None}
_KEYWORDS = frozenset({"and", "or", "not", "in", "if", "else", *_LITERALS})
_BINDING = {
    **dict.fromkeys(["or"], 1),
    **dict.fromkeys(["and"], 2),
    **dict.fromkeys(["==", "!=", "<", "<=", ">", ">=", "in"], 4),
    **dict.fromkeys(["+", "-"], 5),
    **dict.fromkeys(["*", "/", "//", "%"], 6),
    "**": 8,
}
_NOT, _COMPARISON, _MINUS, _POWER = 3, 4, 7, 8


def parse_expression(text: str) -> Expr:
    """The tree of an expression, its `$` included. Raises ExpressionFault.

    >>> parse_expression("$(width * 2)")
    Binary(operator='*', left=Name(name='width'), right=Literal(value=2))
    """
    if len(text) > MAX_TEXT:
        raise ExpressionFault(
            "expression-limit", f"an expression has at most {MAX_TEXT} characters, this one {len(text)}"
        )
    return _shallow(_Parser(text, tokenize(text)).whole())


def parse_formula(text: str, suffixes: Mapping[str, float]) -> Expr:
    """The tree of an expression that stands by itself and may compute, as `$(...)` in a spec. Raises ExpressionFault.

    Args:
        text: `params < 5M`.
        suffixes: what a number is times where it ends in one of these; a spec has none.
    """
    if len(text) > MAX_TEXT:
        raise ExpressionFault("expression-limit", f"an expression has at most {MAX_TEXT} characters, not {len(text)}")
    try:
        return _shallow(_Parser(text, tokenize(f"${text}"), suffixes).all_of())
    except ExpressionFault as fault:
        if fault.start is not None and fault.end is not None:
            fault.start, fault.end = fault.start - 1, fault.end - 1  # the `$`
        raise


def names_in(expr: Expr) -> list[str]:
    """Names that an expression reads, inputs of attributes included, in reading order."""
    found: list[str] = []
    open_: list[Expr] = [expr]
    while open_:
        here = open_.pop()
        if isinstance(here, Name):
            found.append(here.name)
        elif isinstance(here, Attribute):
            found.append(here.owner)
        else:
            open_.extend(reversed(parts(here)))
    return found


def indices_in(expr: Expr) -> set[str]:
    """Names that stand as an index, as `size` does in `x.size`."""
    found: set[str] = set()
    open_: list[Expr] = [expr]
    while open_:
        here = open_.pop()
        if isinstance(here, Index) and isinstance(here.index, Name):
            found.add(here.index.name)
        open_.extend(parts(here))
    return found


def list_of(items: tuple[Expr, ...]) -> Expr:
    """A list expression; a `Literal` where all of its items are."""
    values = tuple(item.value for item in items if isinstance(item, Literal))
    return Literal(values) if len(values) == len(items) else List(items)


def _shallow(expr: Expr) -> Expr:
    if _depth(expr) > MAX_DEPTH:
        raise _too_deep()
    return expr


def _depth(expr: Expr) -> int:
    deepest, open_ = 0, [(expr, 1)]
    while open_:
        here, depth = open_.pop()
        deepest = max(deepest, depth)
        open_.extend((part, depth + 1) for part in parts(here))
    return deepest


def nodes_in(expr: Expr) -> int:
    """Number of nodes in a tree, each counted as often as it stands there."""
    count, open_ = 0, [expr]
    while open_:
        here = open_.pop()
        count += 1
        open_.extend(parts(here))
    return count


def _too_deep() -> ExpressionFault:
    return ExpressionFault("expression-limit", f"an expression nests at most {MAX_DEPTH} deep")


class _Parser:
    """Precedence climbing over the tokens of one expression."""

    def __init__(self, text: str, tokens: list[Token], suffixes: Mapping[str, float] = NO_SUFFIXES) -> None:
        self.text, self.tokens, self.suffixes, self.at = text, tokens, suffixes, 0
        self.nesting = self.calls = 0

    @property
    def here(self) -> Token:
        return self.tokens[self.at]

    def whole(self) -> Expr:
        first = self.here
        if first.kind != "name" and first.text != "(":
            raise ExpressionFault(
                "expression-syntax", "a name or `(` follows the `$`", 0, 1, help="write a literal dollar as $$"
            )
        expr = self.postfix()
        if self.here.kind != "end":
            raise ExpressionFault(
                "expression-syntax",
                f"the expression ends before {self.here.text!r}",
                self.here.start,
                self.here.end,
                help=f"put all of it in parentheses: $({self.text[1:].strip()})",
            )
        return expr

    def all_of(self) -> Expr:
        """An expression without anything behind it."""
        expr = self.expression()
        if self.here.kind != "end":
            raise self.fault(f"the expression ends before {self.here.text!r}")
        return expr

    def expression(self) -> Expr:
        """`a if test else b`, and everything that binds tighter."""
        self.nesting += 1
        if self.nesting > MAX_DEPTH:
            raise _too_deep()
        then = self.binary(1)
        if self.here.text == "if" and self.here.kind == "name":
            self.at += 1
            test = self.binary(1)
            self.expect("else", "a conditional is written `a if test else b`")
            then = Conditional(test, then, self.expression())
        self.nesting -= 1
        return then

    def binary(self, lowest: int) -> Expr:
        """Operators that bind at least as tightly as `lowest`."""
        self.calls += 1
        if self.calls > 3 * MAX_DEPTH:  # one for each level of the tree and of brackets, and some to spare
            raise _too_deep()
        left = self.unary(lowest)
        while (binding := self.binding()) >= lowest:
            if binding == _COMPARISON:
                left = self.comparison(left)
                continue
            operator = self.here
            self.at += 1
            left = Binary(operator.text, left, self.binary(binding if binding == _POWER else binding + 1))
        self.calls -= 1
        return left

    def comparison(self, left: Expr) -> Expr:
        """One comparison, or several in a row: `a < b <= c` asks for both."""
        whole: Expr | None = None
        while self.binding() == _COMPARISON:
            negated = self.here.text == "not"
            self.at += negated
            symbol = self.here.text
            self.at += 1
            right = self.binary(_COMPARISON + 1)
            made: Expr = Binary(symbol, left, right)
            made = Unary("not", made) if negated else made
            whole = made if whole is None else Binary("and", whole, made)
            if symbol == "in":
                break
            left = right
            if self.binding() == _COMPARISON and nodes_in(left) > MAX_TEXT:  # it stands in both
                raise ExpressionFault("expression-limit", "what stands between two comparisons is too long")
        if whole is None or self.binding() == _COMPARISON:
            raise self.fault("`in` stands by itself", help="write a in b and b in c")
        return whole

    def binding(self) -> int:
        if self.here.text == "not" and self.tokens[min(self.at + 1, len(self.tokens) - 1)].text == "in":
            return _COMPARISON
        return _BINDING.get(self.here.text, 0) if self.here.kind in ("operator", "name") else 0

    def unary(self, lowest: int) -> Expr:
        token = self.here
        if token.kind == "name" and token.text == "not" and lowest <= _NOT:
            self.at += 1
            return Unary("not", self.binary(_NOT))
        if token.kind == "operator" and token.text == "-":
            self.at += 1
            return Unary("-", self.binary(_MINUS))
        return self.postfix()

    def postfix(self) -> Expr:
        expr = self.primary()
        while self.here.kind == "operator" and self.here.text in (".", "["):
            self.at += 1
            expr = self.bracket(expr) if self.tokens[self.at - 1].text == "[" else self.dot(expr)
        return expr

    def bracket(self, owner: Expr) -> Expr:
        start = None if self.at_colon() else self.expression()
        if start is not None and not self.at_colon():
            self.expect("]", "an index in brackets is closed by `]`")
            return Index(owner, start)
        self.at += 1
        stop = None if self.here.text == "]" else self.expression()
        self.expect("]", "a slice in brackets is closed by `]`")
        return Slice(owner, start, stop)

    def at_colon(self) -> bool:
        return self.here.kind == "operator" and self.here.text == ":"

    def dot(self, owner: Expr) -> Expr:
        token = self.here
        self.at += 1
        if token.kind == "number":
            return Index(owner, self.number(token))
        if token.kind == "name" and token.text not in _KEYWORDS:
            if isinstance(owner, Name) and token.text in FACTS:
                return Attribute(owner.name, token.text)
            return Index(owner, Name(token.text))
        self.at -= 1
        raise self.fault("an index or a fact such as `channels` follows a dot")

    def primary(self) -> Expr:
        token = self.here
        self.at += 1
        if token.kind == "number":
            return self.measured(token)
        if token.kind == "string":
            return Literal(token.text[1:-1])
        if token.kind == "name" and token.text in _LITERALS:
            return Literal(_LITERALS[token.text])
        if token.kind == "name" and token.text not in _KEYWORDS:
            return self.call(token) if self.here.text == "(" else Name(token.text)
        if token.text == "(" and token.kind == "operator":
            expr = self.expression()
            self.expect(")", "the parenthesis opened here is not closed", token)
            return expr
        if token.text == "[" and token.kind == "operator":
            return list_of(self.items("]", token))
        self.at -= 1
        raise self.fault("a value is missing at the end" if token.kind == "end" else f"{token.text!r} is not a value")

    def call(self, function: Token) -> Expr:
        if function.text not in FUNCTIONS:
            near = nearest(function.text, FUNCTIONS)
            help = f"did you mean {near}?" if near else f"the functions are {', '.join(FUNCTIONS)}"
            message = f"there is no function {function.text}"
            raise ExpressionFault("expression-syntax", message, function.start, function.end, help=help)
        opened = self.here
        self.at += 1
        args = self.items(")", opened)
        fewest, most, wanted = FUNCTIONS[function.text]
        if len(args) < fewest or (most is not None and len(args) > most):
            raise ExpressionFault(
                "expression-syntax", f"{function.text} takes {wanted}", function.start, self.tokens[self.at - 1].end
            )
        return Call(function.text, args)

    def items(self, close: str, opened: Token) -> tuple[Expr, ...]:
        items: list[Expr] = []
        while self.here.text != close or self.here.kind != "operator":
            items.append(self.expression())
            if self.here.text != "," or self.here.kind != "operator":
                break
            self.at += 1
        self.expect(close, f"the {opened.text!r} opened here is not closed", opened)
        return tuple(items)

    def measured(self, token: Token) -> Literal:
        """A number, times what its suffix says."""
        number, after = self.number(token), self.here
        if not self.suffixes or after.kind != "name" or after.start != token.end:
            return number
        if after.text not in self.suffixes:
            raise self.fault(f"no number ends in {after.text}", help=f"there are {', '.join(self.suffixes)}: 5M, 1.5G")
        self.at += 1
        value = float(str(number.value)) * self.suffixes[after.text]
        return Literal(int(value) if value.is_integer() and value < MAX_INT else value)

    def number(self, token: Token) -> Literal:
        if token.text.isdigit():
            if len(token.text) > 19 or int(token.text) >= MAX_INT:
                raise ExpressionFault("expression-limit", "a whole number stays below 2**63", token.start, token.end)
            return Literal(int(token.text))
        number = float(token.text)
        if number == float("inf"):
            raise ExpressionFault("expression-limit", f"{token.text} is too large", token.start, token.end)
        return Literal(number)

    def expect(self, text: str, message: str, opened: Token | None = None) -> None:
        if self.here.text == text and self.here.kind in ("operator", "name"):
            self.at += 1
            return
        if opened is None:
            raise self.fault(message)
        if self.here.kind != "end":
            raise self.fault(f"{self.here.text!r} is not expected here")
        help = "" if self.suffixes else "in {...} and [...] a comma ends a plain value: put the expression in quotes"
        raise ExpressionFault("expression-syntax", message, opened.start, opened.end, help=help)

    def fault(self, message: str, *, help: str = "") -> ExpressionFault:
        return ExpressionFault(
            "expression-syntax", message, self.here.start, max(self.here.end, self.here.start + 1), help=help
        )

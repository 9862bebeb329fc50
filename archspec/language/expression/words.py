"""Words: the text of an expression cut into tokens, and the faults of expressions with their places in it."""

import re

from archspec.values.dataclass import dataclass

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<string>'[^']*'|\"[^\"]*\")|(?P<operator>\*\*|//|==|!=|<=|>=|[-+*/%<>()\[\],.:]))"
)
_MEANT = {  # what other languages have
    "=": "two values are compared with `==`, `<=` or `>=`",
    "&": "that both hold is `and`",
    "|": "that one of two holds is `or`",
    "!": "that something does not hold is `not`",
    "^": "a power is `**`",
    "{": "a name stands behind the sign itself, $width, and anything longer in parentheses, $(width * 2)",
}
_DIGITS = re.compile(r"\d+")


class ExpressionFault(Exception):
    """An expression that cannot be read or has no value.

    Attributes:
        code: diagnostic code.
        message: one line.
        start: where in the text it is, None for the whole of it.
        end: the offset after it.
        help: the cure, where known.
        name: the name at fault, where one is.
    """

    def __init__(
        self,
        code: str,
        message: str,
        start: int | None = None,
        end: int | None = None,
        *,
        help: str = "",
        name: str = "",
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.start, self.end, self.help, self.name = code, message, start, end, help, name


@dataclass(frozen=True, slots=True)
class Token:
    """A word of an expression and its place in the text."""

    kind: str
    text: str
    start: int
    end: int


def is_expression(text: str) -> bool:
    """Whether a scalar's text is an expression: it starts with one `$`, and `$$` stands for a literal dollar."""
    return text.startswith("$") and not text.startswith("$$")


def tokenize(text: str) -> list[Token]:
    """The words after the `$`, closed by an `end` token. Raises ExpressionFault."""
    tokens: list[Token] = []
    at = 1
    while at < len(text):
        # After a dot only digits count as a number: `depths.0.1` is two indices and not 0.1.
        digits = _DIGITS.match(text, at) if tokens and tokens[-1].text == "." else None
        if digits:
            tokens.append(Token("number", digits.group(), at, digits.end()))
            at = digits.end()
            continue
        match = _TOKEN.match(text, at)
        if match is None:
            rest = text[at:]
            if not rest.strip():
                break
            at += len(rest) - len(rest.lstrip())
            help = _MEANT.get(text[at], "")
            raise ExpressionFault("expression-syntax", _stray(text[at]), at, at + 1, help=help)
        kind = match.lastgroup or ""
        tokens.append(Token(kind, match.group(kind), match.start(kind), match.end()))
        at = match.end()
    tokens.append(Token("end", "", len(text), len(text)))
    return tokens


def _stray(character: str) -> str:
    if character in "'\"":
        return f"the text opened by {character} has no end"
    return f"{character!r} has no meaning in an expression"

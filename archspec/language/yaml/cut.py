"""Expressions that YAML cuts in two: an unquoted `$(min(a, b))` inside `{ }` ends, for YAML, at its comma.

The language stays YAML, so the cut is a mistake to report, with the quoted form as its cure.
"""

MAX_LENGTH = 2000  # of an expression; bounds the search for its end
_OPENING = {"(": ")", "[": "]", "{": "}"}
_CLOSING = frozenset(_OPENING.values())


def end_of_expression(text: str, start: int) -> int:
    """The index after the expression `$(...)` that begins at `start`; 0 where none is within MAX_LENGTH."""
    expected: list[str] = []
    quote = ""
    for index in range(start + 1, min(len(text), start + MAX_LENGTH)):
        character = text[index]
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in _OPENING:
            expected.append(_OPENING[character])
        elif character in _CLOSING:
            if expected.pop() != character:
                return 0
            if not expected:
                return index + 1
    return 0


def cut_by(text: str, position: int) -> tuple[int, int] | None:
    """Start and end of the last expression in the line `text` that has begun before `position` and ends after it."""
    start = text.rfind("$(", max(0, position - MAX_LENGTH), position)
    end = end_of_expression(text, start) if start >= 0 else 0
    return (start, end) if end > position else None


def quoted(expression: str) -> str:
    """`expression` as a quoted YAML scalar, in double quotes where they need no escape."""
    if '"' in expression or "\\" in expression:
        return "'" + expression.replace("'", "''") + "'"
    return f'"{expression}"'

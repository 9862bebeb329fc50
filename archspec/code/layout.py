"""Layout: breaking one long statement over lines as Python's formatters do.

A statement that is too long is split at its last bracket; what stands inside goes on one line if it fits, else one item
to a line with a trailing comma; an item that is too long is split the same way.

    x = f(aaa, bbb)        x = f(               x = f(
                               aaa, bbb             aaa,
                           )                        bbb,
                                                )
"""

from itertools import pairwise

WIDTH = 88
INDENT = "    "
OPENING = {"(": ")", "[": "]", "{": "}"}
CLOSING = frozenset(OPENING.values())


def lay_out(text: str, depth: int, tail: str = "") -> list[str]:
    """`text` as lines indented by `depth`; `tail` follows the last one and counts towards its width."""
    pad = INDENT * depth
    if len(pad) + len(text) + len(tail) <= WIDTH:
        return [f"{pad}{text}{tail}"]
    summed = _summed(text, depth, tail)
    if summed:
        return summed
    split = _bracket(text)
    if split is None:
        return _conditional(text, depth, tail)
    start, end = split
    head, body, rest = text[: start + 1], text[start + 1 : end], text[end:]
    if rest[1:].startswith((" if ", " for ")):
        return _clauses(text, depth, tail)
    return [f"{pad}{head}", *_body(body, depth + 1), f"{pad}{rest}{tail}"]


def _summed(text: str, depth: int, tail: str) -> list[str]:
    """`x = (a + b + c)`, an operand to a line; nothing for what has fewer than two operators of one rank."""
    head, value = _head(text)
    if not head or _clause_positions(value):
        return []
    levels = _levels(value)
    for operators in ((" + ", " - "), (" * ", " / ", " @ ")):
        cuts = [i for i, level in levels if level == 0 and value.startswith(operators, i)]
        if len(cuts) > 1:
            edges = [0, *cuts, len(value)]
            operands = [value[a:b].strip() for a, b in pairwise(edges)]
            inside = [line for operand in operands for line in lay_out(operand, depth + 1)]
            return [f"{INDENT * depth}{head}(", *inside, f"{INDENT * depth}){tail}"]
        if cuts:
            return []
    return []


def _head(text: str) -> tuple[str, str]:
    """What stands before the value of an assignment or a return, and the value."""
    if text.startswith("return "):
        return "return ", text.removeprefix("return ")
    target, equals, value = text.partition(" = ")
    return (f"{target}{equals}", value) if equals and target.replace(": Tensor", "").isidentifier() else ("", text)


def _body(body: str, depth: int) -> list[str]:
    items = split_items(body)
    pad = INDENT * depth
    if len(pad) + len(body) <= WIDTH:
        return [f"{pad}{body}"]
    if len(items) == 1 and _clause_positions(items[0]):
        return _clauses(items[0], depth, "")
    comma = "" if len(items) == 1 and not items[0].startswith("*") else ","
    return [line for item in items for line in lay_out(item, depth, comma)]


def _conditional(text: str, depth: int, tail: str) -> list[str]:
    pad = INDENT * depth
    target, equals, value = text.partition(" = ")
    if equals and _clause_positions(value):
        return [f"{pad}{target} = (", *_clauses(value, depth + 1, ""), f"{pad}){tail}"]
    return [f"{pad}{text}{tail}"]


def _clauses(text: str, depth: int, tail: str) -> list[str]:
    """`a if test else b` and `f(x) for x in xs`, a clause to a line."""
    cuts = [0, *_clause_positions(text), len(text)]
    clauses = [text[a:b].strip() for a, b in pairwise(cuts)]
    lines = [line for clause in clauses[:-1] for line in lay_out(clause, depth)]
    return [*lines, *lay_out(clauses[-1], depth, tail)]


def _clause_positions(text: str) -> list[int]:
    """Where ` if `, ` else ` and ` for ` stand outside of brackets and strings."""
    return [
        i
        for i, level in _levels(text)
        if level == 0 and text[i] == " " and text.startswith((" if ", " else ", " for "), i)
    ]


def split_items(body: str) -> list[str]:
    """The items of a bracket's inside, split at its own commas."""
    cuts = [i for i, level in _levels(body) if level == 0 and body[i] == ","]
    edges = [-1, *cuts, len(body)]
    return [item for a, b in pairwise(edges) if (item := body[a + 1 : b].strip())]


def _bracket(text: str) -> tuple[int, int] | None:
    """Start and end of the last bracket pair outside of others that has something inside; a definition's first."""
    pairs, start = [], -1
    for i, level in _levels(text):
        if level == 1 and text[i] in OPENING:
            start = i
        elif level == 0 and text[i] in CLOSING and i - start > 1:
            pairs.append((start, i))
    if not pairs:
        return None
    return pairs[0] if text.startswith("def ") else pairs[-1]


def _levels(text: str) -> list[tuple[int, int]]:
    """(index, bracket depth at it) for every character outside of strings; a bracket counts itself when it opens."""
    found, level, quote = [], 0, ""
    for i, char in enumerate(text):
        if quote:
            if char == quote and text[i - 1] != "\\":
                quote = ""
            continue
        if char in "\"'":
            quote = char
        elif char in OPENING:
            level += 1
        elif char in CLOSING:
            level -= 1
        found.append((i, level))
    return found

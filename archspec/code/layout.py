"""Layout: a statement over as many lines as it needs, broken as Python's formatters do.

What is too long is broken at the last bracket that still opens on its first line; what stands inside goes on one line
if it fits and is no tuple or list, else one item to a line with a trailing comma; an item that is too long is broken
the same way. Sums and conditions are put into parentheses.

    x = f(aaa, bbb)        x = f(               x = f(
                               aaa, bbb             aaa,
                           )                        bbb,
                                                )
"""

from collections.abc import Iterator

from archspec.values.printing import Bracket, Chain, Clauses, Doc, Joined, flat

WIDTH = 88
INDENT = "    "


def lay_out(made: Doc, depth: int, *, head: str = "", tail: str = "") -> list[str]:
    """`made` as lines indented by `depth`, after `head` (`x = `) and before `tail` (a colon).

    With a head it is the value of a statement, which may be put into parentheses; without one it stands in brackets.
    """
    one_line = f"{INDENT * depth}{head}{flat(made)}{tail}"
    if len(one_line) <= WIDTH:
        return [one_line]
    if isinstance(made, Clauses):
        return _in_parentheses(made, depth, head, tail) if head else _clauses(made, depth, tail)
    if isinstance(made, Chain) and not head:
        return _terms(made, depth, tail)
    pieces = list(_pieces(made))
    if isinstance(made, Chain) and (len(made.operators) > 1 or _is_index(pieces[-1])):
        return _in_parentheses(made, depth, head, tail)
    broken: list[str] = []
    for at in reversed(range(len(pieces))):
        bracket = pieces[at]
        if isinstance(bracket, Bracket) and bracket.items:
            before, after = ("".join(map(flat, some)) for some in (pieces[:at], pieces[at + 1 :]))
            opening = f"{INDENT * depth}{head}{before}{bracket.open}"
            if broken and len(opening) > WIDTH:
                continue
            broken = [opening, *_body(bracket, depth + 1), f"{INDENT * depth}{bracket.close}{after}{tail}"]
            if len(opening) <= WIDTH:
                break
    return broken or [one_line]


def _is_index(made: Doc) -> bool:
    """Whether it is the `[0]` of `values[0]`, which no formatter breaks where a term of a sum ends in it."""
    return isinstance(made, Bracket) and made.open == "[" and not made.display


def _pieces(made: Doc) -> Iterator[Doc]:
    """What stands side by side on the outermost level: words and brackets."""
    match made:
        case str() | Bracket():
            yield made
        case Joined(parts):
            for part in parts:
                yield from _pieces(part)
        case Chain(operands, operators, _):
            yield from _pieces(operands[0])
            for operator, operand in zip(operators, operands[1:], strict=True):
                yield f" {operator} "
                yield from _pieces(operand)
        case Clauses(parts):
            for i, part in enumerate(parts):
                yield " " if i else ""
                yield from _pieces(part)


def _in_parentheses(made: Chain | Clauses, depth: int, head: str, tail: str) -> list[str]:
    """`x = (`, all of it on one line where it fits, else a term or a clause to a line, `)`."""
    inside = [f"{INDENT * (depth + 1)}{flat(made)}"]
    if len(inside[0]) > WIDTH:
        inside = _clauses(made, depth + 1, "") if isinstance(made, Clauses) else _terms(made, depth + 1, "")
    return [f"{INDENT * depth}{head}(", *inside, f"{INDENT * depth}){tail}"]


def _terms(made: Chain, depth: int, tail: str) -> list[str]:
    """A term of a sum to a line, as it stands in brackets."""
    first, *rest = made.operands
    parts = [first, *(Joined((f"{operator} ", one)) for operator, one in zip(made.operators, rest, strict=True))]
    *most, last = parts
    return [*(line for part in most for line in lay_out(part, depth)), *lay_out(last, depth, tail=tail)]


def _clauses(made: Clauses, depth: int, tail: str) -> list[str]:
    """`a if test else b` and `f(x) for x in xs`, a clause to a line."""
    *most, last = made.parts
    lines = [line for clause in most for line in lay_out(clause, depth)]
    return [*lines, *lay_out(last, depth, tail=tail)]


def _body(bracket: Bracket, depth: int) -> list[str]:
    items = bracket.items
    one_line = f"{INDENT * depth}{', '.join(map(flat, items))}{',' * bracket.comma}"
    if len(one_line) <= WIDTH and not (bracket.display and len(items) > 1):
        return [one_line]
    if len(items) == 1 and isinstance(items[0], Clauses):
        return _clauses(items[0], depth, "")
    comma = "" if len(items) == 1 and not (bracket.comma or _starred(items[0])) else ","
    return [line for item in items for line in lay_out(item, depth, tail=comma)]


def _starred(item: Doc) -> bool:
    return isinstance(item, Joined) and item.parts[0] == "*"

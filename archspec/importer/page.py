"""Page: keys and values as YAML, in the form in which a person writes a spec.

    blocks:
      residual:
        params: {channels: int, stride: 1}
        graph:
          conv1: {op: conv2d, out_channels: $channels, kernel_size: 3, stride: $stride}
          relu1: relu

An entry stands on one line; what holds a graph of several members stands open.
"""

import json
import re
from collections.abc import Mapping, Sequence
from math import isfinite

from archspec.importer.document import Yaml
from archspec.language.expression.symbolic import is_long, rebuild
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
    Slice,
    Unary,
    parts,
)
from archspec.values.printing import text

WIDTH = 120
LEAST = 2.0**-10  # one over the root of a million features; smaller fractions come from elsewhere
SHORT_GRAPH = 3  # members of a list that stands on one line
OPEN = frozenset({"graph", "blocks", "expect"})
APART = frozenset({"blocks", "graph", "outputs", "expect"})  # keys at the top that an empty line sets apart

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*(?:[ /][A-Za-z0-9_.(,)/-]+)*", re.ASCII)
_MEANING = frozenset("true false null none yes no on off y n nan inf".split())  # noqa: SIM905  words read better
EXPRESSIONS = Name | Attribute | Binary | Unary | Literal | Conditional | Call | Index | Slice | List | Global


def page(document: Mapping[str, Yaml], comment: Sequence[str] = ()) -> str:
    """The spec as text, with a comment at the top."""
    lines = [f"# {line}".rstrip() for line in comment]
    for key, value in document.items():
        if key in APART:
            lines.append("")
        lines += _entry(key, value, 0)
    return "\n".join(lines) + "\n"


def _entry(key: str, value: Yaml, indent: int) -> list[str]:
    """`key: value` on one line, or open below the key."""
    return _valued(f"{' ' * indent}{_key(key)}:", value, indent)


def _valued(head: str, value: Yaml, indent: int) -> list[str]:
    if not _is_open(value):
        line = f"{head} {_flow(value)}"
        if len(line) <= WIDTH or not isinstance(value, dict | list):
            return [line]
        return _wrapped(f"{head} ", value)
    made = [head]
    if isinstance(value, dict):
        for key, item in value.items():
            made += _entry(key, item, indent + 2)
    elif isinstance(value, list):
        for item in value:
            made += _listed(item, indent + 2)
    return made


def _listed(item: Yaml, indent: int) -> list[str]:
    """`- item`; of what stands open, the first key beside the dash."""
    dash = f"{' ' * indent}-"
    if not _is_open(item) or not isinstance(item, dict):
        return _valued(dash, item, indent)
    lines = [line for key, value in item.items() for line in _entry(key, value, indent + 2)]
    return [f"{dash} {lines[0].lstrip()}", *lines[1:]]


def _is_open(value: Yaml) -> bool:
    """Whether a value does not fit a line as people write it: it holds a graph of more than a few plain members."""
    if isinstance(value, dict):
        holds = any(key in OPEN and not _is_short(item) for key, item in value.items())
        return holds or any(_is_open(item) for item in value.values()) or _is_members(value)
    if isinstance(value, list):
        return any(isinstance(item, dict) for item in value) and not _is_short(value)
    return False


def _is_members(value: dict[str, Yaml]) -> bool:
    """Whether a mapping is one of members or blocks, each of which has a line."""
    entry = bool({"op", "block", "share", "graph", "shape", "type"} & set(value))
    return not entry and any(
        isinstance(item, dict) and ({"op", "block", "share", "graph"} & set(item)) for item in value.values()
    )


def _is_short(value: Yaml) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= SHORT_GRAPH
        and len(_flow(value)) <= WIDTH * 2 // 3
        and not any(_is_open(item) for item in value)
    )


def _wrapped(head: str, value: "dict[str, Yaml] | list[Yaml]") -> list[str]:
    """A mapping or a list in braces over several lines; what is too long for a line inside of it likewise."""
    if isinstance(value, dict):
        items, ends = [(f"{_key(key)}: ", item) for key, item in value.items()], "{}"
    else:
        items, ends = [("", item) for item in value], "[]"
    margin = " " * (len(head) + 1)
    lines, line = [], f"{head}{ends[0]}"
    for at, (key, item) in enumerate(items):
        behind = "," if at < len(items) - 1 else ends[1]
        said = f"{key}{_flow(item)}{behind}"
        if len(line) + len(said) + 1 > WIDTH and line.strip() != ends[0]:
            lines.append(line.rstrip())
            line = margin
        apart = "" if line.endswith((ends[0], margin)) and not line.strip().endswith(",") else " "
        if len(margin) + len(said) > WIDTH and isinstance(item, dict | list):
            *before, last = _wrapped(f"{line}{apart}{key}", item)
            lines += before
            line = f"{last}{behind}"
        else:
            line += f"{apart}{said}"
    return [*lines, line.rstrip()]


def _flow(value: Yaml) -> str:
    """A value on one line, inside of braces or not."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value)


def _scalar(value: Yaml) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case float():
            return _root(value) or _number(value)
        case str():
            return value if _is_plain(value) else json.dumps(value, ensure_ascii=False)
        case int():
            return str(value)
    return _expression(value)  # type: ignore[arg-type]  # what is left is an expression


def _expression(expr: Expr) -> str:
    said = text(_dotted(expr))
    whole = f"${said}" if isinstance(expr, Name | Attribute | Index) else f"$({said})"
    return json.dumps(whole) if any(one in whole for one in ',#"[') else whole


def _dotted(expr: Expr) -> Expr:
    """An expression as a spec has it: items read `depths.0`, None `none`, and words `'batch'`.

    Brackets and double quotes would have YAML want the whole in quotes.
    """
    match expr:
        case Index(Name() | Attribute() as inner, Literal(int(at))) if at >= 0:
            return Attribute(text(inner), str(at))
        case Literal(None):
            return Name("none")
        case Literal(str(word)) if word.isidentifier() or _is_plain(word):
            return Name(f"'{word}'")
    return rebuild(expr, tuple(map(_dotted, parts(expr))))


def _key(key: str) -> str:
    return key if _is_plain(key) or key.isdigit() else json.dumps(key)


def _is_plain(value: str) -> bool:
    """Whether YAML reads a text as it stands."""
    return _PLAIN.fullmatch(value) is not None and value.lower() not in _MEANING and "," not in value


def _root(value: float) -> str:
    """One over the root of a whole number as that, as attention is scaled: `$(32**-0.5)`; "" for other fractions."""
    if not LEAST < value < 1 or not is_long(value):
        return ""
    whole = round(value**-2)
    return _expression(Binary("**", Literal(whole), Literal(-0.5))) if whole**-0.5 == value else ""


def _number(value: float) -> str:
    """A fraction that YAML 1.2 and 1.1 read as one: 1.0e-06."""
    if not isfinite(value):
        return {"inf": ".inf", "-inf": "-.inf"}.get(repr(value), ".nan")
    said = repr(value)
    mantissa, e, exponent = said.partition("e")
    return f"{mantissa}.0e{exponent}" if e and "." not in mantissa else said

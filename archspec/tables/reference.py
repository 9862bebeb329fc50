"""The reference: ops, diagnostic codes and keys, for the terminal and as generated parts of the documentation."""

import inspect
import re
from collections.abc import Iterable
from itertools import groupby
from types import GenericAlias, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from archspec.diagnostics.codes import CODES
from archspec.language.row import Row
from archspec.lint.rule import rules
from archspec.ops.called import others_of
from archspec.ops.initialiser import INITIALISERS
from archspec.ops.op import OPS, Op

GENERATED = "<!-- Written by docs/generate.py from the declarations themselves; `--check` says whether it is fresh. -->"


def one_line(op: type[Op]) -> str:
    """What an op is, in one line: the first of its docstring."""
    return _docstring(op).partition("\n")[0]


def describe(op: type[Op]) -> str:
    """Everything a spec's author wants to know of an op, for the terminal."""
    lines = [f"{op.name}: {_docstring(op)}", "", *(f"{name + ':':9}{value}" for name, value in _facts(op))]
    fields = [_field(name, field) for name, field in op.model_fields.items()]
    if fields:
        names, kinds = max(len(f[0]) for f in fields), max(len(f"{f[1]}{f[2]}") for f in fields)
        lines += ["", "fields:"]
        lines += [
            f"  {name:{names}}  {kind + default:{kinds}}  {note}".rstrip() for name, kind, default, note in fields
        ]
    return "\n".join(lines) + "\n"


def ops_page() -> str:
    """docs/reference/ops.md."""
    lines = [
        GENERATED,
        "",
        "# Ops",
        "",
        "What `op:` can name. Fields and defaults are PyTorch's own; input channels and features are inferred.",
        "A field without a default is required.",
    ]
    by_family = sorted(OPS.items(), key=lambda item: item[1].__module__)
    for module, ops in groupby(by_family, key=lambda item: item[1].__module__):
        lines += ["", f"## {module.rpartition('.')[2]}"]
        for name, op in ops:
            lines += ["", f"### {name}", "", _docstring(op), ""]
            lines += [f"- {fact}: {value}" for fact, value in _facts(op)]
            lines += _fields_table(op)
    return "\n".join(lines) + "\n"


def keys_table(rows: Iterable[Row]) -> str:
    """Keys of the language as a Markdown table."""
    cells = ((row.name, row.key.doc, "required" if row.required else row.key.absent) for row in rows)
    lines = [f"| `{name}` | {doc} | {absent} |".replace("  ", " ") for name, doc, absent in cells]
    return "\n".join(["| key | | left out |", "| :--- | :--- | :--- |", *lines]) + "\n"


def initialisers_table() -> str:
    """What `init:` can name, with settings and defaults, as a Markdown table."""
    lines = ["| initialiser | settings | |", "| :--- | :--- | :--- |"]
    for name, cls in INITIALISERS.items():
        fields = cls.model_fields.items()
        given = (f"`{field}`" if info.is_required() else f"`{field}: {_yaml(info.default)}`" for field, info in fields)
        told = inspect.cleandoc(cls.__doc__ or "").partition("\n")[0]
        lines.append(f"| `{name}` | {', '.join(given)} | {told} |".replace("  ", " "))
    return "\n".join(lines) + "\n"


def errors_page() -> str:
    """docs/reference/errors.md."""
    lines = [
        GENERATED,
        "",
        "# Diagnostics",
        "",
        "What `archspec check` can say; `archspec explain CODE` says it in the terminal.",
    ]
    for code, entry in sorted(CODES.items()):
        lines += ["", f"## {code}", "", entry.summary, "", entry.explanation.strip()]
    return "\n".join(lines) + "\n"


def rules_page() -> str:
    """docs/reference/rules.md."""
    lines = [
        GENERATED,
        "",
        "# Rules",
        "",
        "What `archspec lint` can say; `archspec explain RULE` says it in the terminal. [Lint a",
        "network](../how-to/lint-a-network.md) tells how to choose and to silence rules.",
        "",
        "| rule | |",
        "| :--- | :--- |",
    ]
    known = sorted(rules().items())
    lines += [f"| [`{name}`](#{name}) | {rule.summary} |" for name, rule in known]
    for name, rule in known:
        lines += ["", f"## {name}", "", rule.summary, "", rule.explanation]
    return "\n".join(lines) + "\n"


_COUNTS = {1: "one", 2: "two"}


def _docstring(op: type[Op]) -> str:
    return inspect.cleandoc(op.__doc__ or "").strip()


def _facts(op: type[Op]) -> Iterable[tuple[str, str]]:
    """Inputs, outputs, PyTorch's name and what `init:` can set, by label."""
    names = [name if i < op.required else f"{name} (optional)" for i, name in enumerate(op.input_names)]
    number = f"; or one, and {' or '.join(sorted(op.substitutes))}" if op.substitutes else ""
    yield (
        "inputs",
        (f"{_COUNTS.get(op.required, op.required)} or more" if op.variadic else ", ".join(names) or "none") + number,
    )
    if op.numbered:
        yield "outputs", "numbered from 0; the op's own name is the first"
    elif op.port_names != ("",):
        own = "the op's own name" + f" or {op.first_port}" * bool(op.first_port)
        yield "outputs", ", ".join(port or own for port in op.port_names)
    forms = [form for form in (op.module, op.function) if form]
    if forms:
        yield "pytorch", ", ".join(forms)
    if op.tensors:
        yield "starts", ", ".join(op.tensors)
    if names := [name for name, _ in others_of(op)]:
        yield "elsewhere", ", ".join(names)


def _fields_table(op: type[Op]) -> list[str]:
    if not op.model_fields:
        return []
    rows = (_field(name, field) for name, field in op.model_fields.items())
    return [
        "",
        "| field | type | default | meaning |",
        "| :--- | :--- | :--- | :--- |",
        *(
            f"| `{name}` | {kind.replace('|', chr(92) + '|')} | {_code(default.removeprefix(' = '))} | {note} |"
            for name, kind, default, note in rows
        ),
    ]


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _field(name: str, field: Any) -> tuple[str, str, str, str]:
    """Name, type, ` = default` (nothing where it is required) and meaning of a field."""
    default = "" if field.is_required() else f" = {_yaml(field.default)}"
    return name, _type(field.annotation), default, field.description or ""


def _yaml(value: object) -> str:
    """A default as a spec would write it."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(_yaml, value))}]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def _type(annotation: Any) -> str:
    """An annotation as a spec's author would say it: `int | [int, int]`, `zeros | reflect`."""
    origin, args = get_origin(annotation), get_args(annotation)
    if annotation is None or annotation is type(None):
        return "null"
    if origin in (Union, UnionType):
        return " | ".join(_type(arg) for arg in args)
    if origin is Literal:
        return " | ".join(map(_yaml, args))
    if origin is tuple or isinstance(annotation, GenericAlias):
        items = [_type(arg) for arg in args if arg is not Ellipsis]
        return f"[{', '.join(items)}{', ...' if Ellipsis in args else ''}]"
    if hasattr(annotation, "__metadata__"):
        return _type(args[0])
    return re.sub(r"\bNoneType\b", "null", getattr(annotation, "__name__", str(annotation)))

"""PyTorch source from a Program: one file that depends on torch alone."""

from collections.abc import Iterable, Sequence
from textwrap import wrap

from archspec.formats.code_layout import INDENT, WIDTH, lay_out
from archspec.ir.network import Network
from archspec.views.program.build import program
from archspec.views.program.values import (
    Assign,
    Attribute,
    Class,
    Construct,
    Container,
    Delete,
    Entry,
    Loop,
    Module,
    Program,
    Result,
    Return,
    Statement,
    Training,
)

IMPORTS = (
    ("OrderedDict(", "from collections import OrderedDict"),
    ("(NamedTuple)", "from typing import NamedTuple"),
)
TORCH_IMPORTS = (
    ("torch.", "import torch"),
    ("F.", "import torch.nn.functional as F"),
    ("Tensor", "from torch import Tensor, nn"),
)


def emit(network: Network) -> str:
    """The network as PyTorch source, formatted, deterministic to the byte."""
    return source(program(network))


def source(made: Program) -> str:
    """A Program as the text of a Python file."""
    parts: list[list[str]] = [helper.source.strip("\n").splitlines() for helper in made.helpers]
    if made.result is not None:
        parts.append(_result(made.result))
    parts.extend(_class(one) for one in made.classes)
    body = "\n\n\n".join("\n".join(part) for part in parts)
    return f"{_imports(body)}\n\n\n{body}\n"


def _imports(body: str) -> str:
    plain = sorted(line for mark, line in IMPORTS if mark in body)
    torch = [line for mark, line in TORCH_IMPORTS if mark in body or line.startswith("from torch")]
    return "\n".join([*plain, *([""] if plain else []), *torch])


def _result(result: Result) -> list[str]:
    lines = [f"class {result.name}(NamedTuple):", f'{INDENT}"""{result.doc}"""', ""]
    for name, train_only in result.fields:
        lines.append(f"{INDENT}{name}: {'Tensor | None' if train_only else 'Tensor'}")
    return lines


# -- classes
# -------------------------------------------------------------------------------------------------------------


def _class(one: Class) -> list[str]:
    lines = [f"class {one.name}({one.base}):"]
    if one.doc:
        lines += [*_docstring(one.doc), ""]
    parameters = "".join(
        f", {parameter.name}: {parameter.type}{f' = {parameter.default}' if parameter.default else ''}"
        for parameter in one.parameters
    )
    if one.base == "nn.Sequential":
        lines += lay_out(f"def __init__(self{parameters}) -> None:", 1)
        call = (
            ", ".join(map(_entry, one.entries))
            if all(_plain(entry) for entry in one.entries)
            else _entries(one.entries)
        )
        return [*lines, *lay_out(f"super().__init__({call})", 2)]
    if one.attributes or one.stored or one.parameters:
        lines += lay_out(f"def __init__(self{parameters}) -> None:", 1)
        lines.append(f"{INDENT * 2}super().__init__()")
        lines += [line for name, value in one.stored for line in lay_out(f"self.{name} = {value}", 2)]
        lines += [line for attribute in one.attributes for line in _attribute(attribute)]
        lines.append("")
    inputs = "".join(f", {name}: Tensor" for name in one.inputs)
    lines += lay_out(f"def forward(self{inputs}) -> {one.result}:", 1)
    return [*lines, *_statements(one.forward, 2)]


def _docstring(doc: Sequence[str]) -> list[str]:
    text = " ".join(doc) if all(doc) else "\n".join(doc)
    text = text.replace("\\", "\\\\").replace('"""', "'''")
    ending = " " if text.endswith('"') else "" if text.endswith((".", "!", "?")) else "."
    if len(INDENT) + len(text) + len(ending) + 6 <= WIDTH and "\n" not in text:
        return [f'{INDENT}"""{text}{ending}"""']
    lines = [line for part in f"{text}{ending}".split("\n") for line in wrap(part, WIDTH - len(INDENT) - 3) or [""]]
    first, *rest = lines
    return [f'{INDENT}"""{first}', *(f"{INDENT}{line}".rstrip() for line in rest), f'{INDENT}"""']


def _attribute(attribute: Attribute) -> list[str]:
    if not attribute.condition:
        return lay_out(f"self.{attribute.name} = {_module(attribute.module)}", 2)
    return [
        *lay_out(f"self.{attribute.name}: nn.Module = nn.Identity()", 2),
        *lay_out(f"if {attribute.condition}:", 2),
        *lay_out(f"self.{attribute.name} = {_module(attribute.module)}", 3),
    ]


def _module(module: Module) -> str:
    if isinstance(module, Construct):
        keywords = [f"{name}={value}" for name, value in module.keywords]
        return f"{module.target}({', '.join([*module.args, *keywords])})"
    return _container(module)


def _container(container: Container) -> str:
    entries = container.entries
    if container.numbered:
        inside = ", ".join(map(_entry, entries))
        if container.target == "nn.ModuleList":
            return (
                f"nn.ModuleList([{inside}])"
                if len(entries) > 1 or not entries[0].times
                else f"nn.ModuleList({_loop(entries[0])})"
            )
        return f"nn.Sequential({inside})"
    return f"nn.Sequential({_entries(entries)})"


def _entries(entries: Iterable[Entry]) -> str:
    """Named entries as an `OrderedDict`."""
    entries = tuple(entries)
    if all(entry.label.isidentifier() for entry in entries):
        return f"OrderedDict({', '.join(f'{entry.label}={_choice(entry)}' for entry in entries)})"
    pairs = ", ".join(f'("{entry.label}", {_choice(entry)})' for entry in entries)
    return f"OrderedDict([{pairs}])"


def _plain(entry: Entry) -> bool:
    return entry.label.isdigit()


def _entry(entry: Entry) -> str:
    return f"*({_loop(entry)})" if entry.times else _choice(entry)


def _loop(entry: Entry) -> str:
    return f"{_module(entry.module)} for _ in range({entry.times})"


def _choice(entry: Entry) -> str:
    made = _module(entry.module)
    return f"{made} if {entry.condition} else nn.Identity()" if entry.condition else made


# -- forward
# -------------------------------------------------------------------------------------------------------------


def _statements(statements: Iterable[Statement], depth: int) -> list[str]:
    lines: list[str] = []
    for statement in statements:
        match statement:
            case Assign():
                lines += _assign(statement, depth)
            case Delete(names):
                lines += lay_out(f"del {', '.join(names)}", depth)
            case Loop(variable, iterable, body, start):
                lines += lay_out(start, depth) if start else []
                lines += lay_out(f"for {variable} in {iterable}:", depth)
                lines += _statements(body, depth + 1)
            case Training(body):
                lines += [f"{INDENT * depth}if self.training:", *_statements(body, depth + 1)]
            case Return(value):
                lines += lay_out(f"return {value}", depth)
    return lines


def _assign(assign: Assign, depth: int) -> list[str]:
    annotation = f": {assign.annotation}" if assign.annotation else ""
    text = f"{', '.join(assign.targets)}{annotation} {assign.operator} {assign.value}"
    comment = f"  # {assign.comment}" if assign.comment else ""
    if len(INDENT * depth) + len(text) + len(comment) <= WIDTH:
        return [f"{INDENT * depth}{text}{comment}"]
    return lay_out(text, depth)

"""PyTorch source from a Program: one file that depends on torch alone."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from textwrap import wrap

from archspec.code.build import program
from archspec.code.layout import INDENT, WIDTH, lay_out
from archspec.code.program import (
    Assign,
    Attribute,
    Class,
    Construct,
    Container,
    Delete,
    Entry,
    Held,
    If,
    Loop,
    Module,
    Program,
    Result,
    Return,
    Statement,
    Training,
)
from archspec.graph.network import Network

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
    buffers = [f"{INDENT}{held.name}: Tensor" for held in one.attributes if _is_buffer(held)]
    lines += [*buffers, ""] if buffers else []
    if one.base != "nn.Module":
        lines += lay_out(f"def __init__(self{parameters}) -> None:", 1)
        lines += _base_call(one)
        lines += [line for name, value in one.stored for line in lay_out(f"self.{name} = {value}", 2)]
        if not one.forward:
            return lines
        lines.append("")
    elif one.attributes or one.stored or one.parameters:
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
    if len(lines) == 1:  # one line is too long with its quotes
        lines = wrap(lines[0], WIDTH - len(INDENT) - 6)
    first, *rest = lines
    return [f'{INDENT}"""{first}', *(f"{INDENT}{line}".rstrip() for line in rest), f'{INDENT}"""']


def _is_buffer(attribute: Attribute | Held) -> bool:
    return isinstance(attribute, Held) and attribute.kind == "buffer"


def _base_call(one: Class) -> list[str]:
    """`super().__init__(...)` of a class that is a container itself."""
    if one.base == "nn.ModuleDict":
        entries = ", ".join(f'"{entry.label}": {_choice(entry)}' for entry in one.entries)
        return lay_out(f"super().__init__({{{entries}}})", 2)
    if any(entry.dropped for entry in one.entries):
        appended, given = _appended("layers", one.entries)
        return [*appended, *lay_out(f"super().__init__({given})", 2)]
    call = ", ".join(map(_entry, one.entries))
    return lay_out(f"super().__init__({f'[{call}]' if one.base == 'nn.ModuleList' else call})", 2)


def _appended(name: str, entries: Sequence[Entry]) -> tuple[list[str], str]:
    """The lines that make a list of entries of which some are there on a condition, and how a call takes the list."""
    position = next(i for i, entry in enumerate(entries) if entry.dropped)
    lines = lay_out(f"{name}: list[nn.Module] = [{', '.join(map(_entry, entries[:position]))}]", 2)
    for dropped, group in groupby(entries[position:], key=lambda entry: entry.condition if entry.dropped else ""):
        run = tuple(replace(entry, condition="", dropped=False) if dropped else entry for entry in group)
        lines += lay_out(f"if {dropped}:", 2) if dropped else []
        depth = 3 if dropped else 2
        if len(run) == 1 and not run[0].times:
            lines += lay_out(f"{name}.append({_choice(run[0])})", depth)
        else:
            lines += lay_out(f"{name} += [{', '.join(map(_entry, run))}]", depth)
    return lines, f"*{name}"


def _attribute(attribute: Attribute | Held) -> list[str]:
    if isinstance(attribute, Held):
        return _held(attribute)
    module = attribute.module
    if isinstance(module, Container) and any(entry.dropped for entry in module.entries) and not attribute.condition:
        appended, given = _appended(attribute.name, module.entries)
        return [*appended, *lay_out(f"self.{attribute.name} = {module.target}({given})", 2)]
    if not attribute.condition:
        return lay_out(f"self.{attribute.name} = {_module(attribute.module)}", 2)
    return [
        *lay_out(f"self.{attribute.name}: nn.Module = nn.Identity()", 2),
        *lay_out(f"if {attribute.condition}:", 2),
        *lay_out(f"self.{attribute.name} = {_module(attribute.module)}", 3),
    ]


def _held(held: Held) -> list[str]:
    if held.kind == "parameter":
        return lay_out(f"self.{held.name} = nn.Parameter({held.tensor})", 2)
    persistent = "" if held.persistent else ", persistent=False"
    return lay_out(f'self.register_buffer("{held.name}", {held.tensor}{persistent})', 2)


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
    return f"{container.target}({_entries(entries)})"


def _entries(entries: tuple[Entry, ...]) -> str:
    """Named entries as an `OrderedDict`."""
    if any(entry.times for entry in entries):
        if len(entries) == 1:
            return f"OrderedDict({_named_loop(entries[0])})"
        pairs = ", ".join(
            f"*({_named_loop(entry)})" if entry.times else f'("{entry.label}", {_choice(entry)})' for entry in entries
        )
        return f"OrderedDict([{pairs}])"
    if all(entry.label.isidentifier() for entry in entries):
        return f"OrderedDict({', '.join(f'{entry.label}={_choice(entry)}' for entry in entries)})"
    pairs = ", ".join(f'("{entry.label}", {_choice(entry)})' for entry in entries)
    return f"OrderedDict([{pairs}])"


def _entry(entry: Entry) -> str:
    return f"*({_loop(entry)})" if entry.times else _choice(entry)


def _loop(entry: Entry) -> str:
    if entry.indexed:
        return f"{_module(entry.module)} for i in range({_range(entry)})"
    return f"{_module(entry.module)} for _ in range({entry.times})"


def _named_loop(entry: Entry) -> str:
    """`(f"layer{i}", Layer()) for i in range(6)`, the numbers in the names counted on from the first."""
    number = entry.label[len(entry.label.rstrip("0123456789")) :]
    ahead = int(number) - entry.start
    counted = f"i + {ahead}" if ahead > 0 else f"i - {-ahead}" if ahead else "i"
    name = f'f"{entry.label.removesuffix(number)}{{{counted}}}"'
    return f"({name}, {_module(entry.module)}) for i in range({_range(entry)})"


def _range(entry: Entry) -> str:
    """The arguments of `range` over the numbers of a run."""
    if not entry.start:
        return entry.times
    if entry.times.isdigit():
        return f"{entry.start}, {entry.start + int(entry.times)}"
    rest = f" - {entry.start}"
    stop = entry.times.removesuffix(rest) if entry.times.endswith(rest) else f"{entry.times} + {entry.start}"
    return f"{entry.start}, {stop}"


def _choice(entry: Entry) -> str:
    made = _module(entry.module)
    if entry.dropped:
        return f"*([{made}] if {entry.condition} else [])"
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
            case If(condition, body, start):
                lines += [line for assignment in start for line in lay_out(assignment, depth)]
                lines += [*lay_out(f"if {condition}:", depth), *_statements(body, depth + 1)]
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

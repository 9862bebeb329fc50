"""Texts: what else an argument may be that is a text, a class or None, so that modules are made with it.

if norm == "batch": ... elif norm == "instance": ...        batch, instance
{"relu": nn.ReLU, "gelu": nn.GELU}[act]                     relu, gelu
def __init__(self, pool: Literal["max", "avg"])             max, avg
def __init__(self, norm_layer=nn.BatchNorm2d)               batch_norm2d, and another that an op stands for
def __init__(self, hidden: int | None = None)               8, 16

Code is read for what may be tried and for nothing else: what follows from it is found by making modules, and proven.
"""

import ast
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Literal, get_args, get_origin, get_type_hints

from torch import nn

from archspec.importer.blocks.items import stands_for
from archspec.importer.leaves import op_of_class
from archspec.ops import OPS
from archspec.values.dataclass import dataclass

LONGEST = 24  # letters of a text that is tried
MOST = 6  # other texts
WHOLE, FRACTIONS = (8, 16, 24), (0.1, 0.3)  # that are tried instead of None


@dataclass(frozen=True, slots=True)
class Choice:
    """An argument that is one of some texts, or a class that is said by the name of its op.

    Attributes:
        usual: what the module was made with.
        others: what may be tried instead, the likeliest first.
        given: what the constructor is given for each.
        closed: a spec takes those only that were tried; of a class, one stands for all.
    """

    usual: str
    others: tuple[str, ...]
    given: Mapping[str, object]
    closed: bool


def choice(name: str, value: object, factory: object, module: nn.Module) -> Choice | None:
    """What an argument may be instead of a text or a class; None where nothing says so.

    Args:
        name: of the argument.
        value: what the module was made with.
        factory: a class or a function that takes it.
        module: what it made, whose classes' code may say it too.
    """
    if isinstance(value, Enum):
        given: dict[str, object] = {one.name.lower(): one for one in type(value)}
        return _choice(value.name.lower(), given)
    if isinstance(value, str) and len(value) <= LONGEST and value.isprintable():
        texts = _annotated(name, factory)
        return _choice(value, {text: text for text in texts or _compared(name, value, factory, module)})
    if isinstance(value, type) and (op := op_of_class(value)):
        others = (one for one in OPS if one != op and stands_for(one) == stands_for(op))
        classes = {one: getattr(nn, OPS[one].module.removeprefix("nn."), None) for one in others}
        return _choice(op, {op: value, **{one: kind for one, kind in classes.items() if kind}}, closed=False)
    return None


@dataclass(frozen=True, slots=True)
class Unset:
    """An argument that is None and may be a number.

    Attributes:
        others: numbers to try.
    """

    others: "tuple[int | float, ...]"


def unset(name: str, factory: object) -> Unset | None:
    """What an argument may be instead of None; None where its annotation says no number."""
    hint = _hint(name, factory)
    kinds = {*get_args(hint), hint} & {int, float}
    if hint is not None and not kinds:
        return None
    return Unset((*(WHOLE if float not in kinds else ()), *(FRACTIONS if int not in kinds else ())))


def _choice(usual: str, given: Mapping[str, object], *, closed: bool = True) -> Choice | None:
    others = tuple(text for text in given if text != usual)[:MOST]
    return Choice(usual, others, {usual: usual, **given}, closed) if others else None


def _annotated(name: str, factory: object) -> tuple[str, ...]:
    """The texts of a `Literal`."""
    hint = _hint(name, factory)
    found = [hint, *get_args(hint)]
    return tuple(one for kind in found if get_origin(kind) is Literal for one in get_args(kind) if isinstance(one, str))


def _hint(name: str, factory: object) -> object:
    """The annotation of an argument; None where there is none."""
    owner: object = factory
    if isinstance(factory, type) and not is_dataclass(factory):
        owner = vars(factory).get("__init__", factory)
    try:
        return get_type_hints(owner).get(name)
    except Exception:  # noqa: BLE001  an annotation may be anything
        return None


def _compared(name: str, value: str, factory: object, module: nn.Module) -> tuple[str, ...]:
    """The texts that the files of a module's classes compare with what has the argument's name, or with its value."""
    kinds = dict.fromkeys((factory, *(type(one) for one in module.modules())))
    files = dict.fromkeys(filter(None, map(_file, kinds)))
    groups = [group for file in files for group in _groups(file).items()]
    found = [text for called, texts in groups if called == name or value in texts for text in texts]
    return tuple(dict.fromkeys(text for text in found if text and len(text) <= LONGEST))


def _file(kind: object) -> str:
    """Where a class or a function is written; "" of torch's own."""
    if getattr(kind, "__module__", "torch").partition(".")[0] == "torch":
        return ""
    try:
        return inspect.getsourcefile(kind) or ""  # type: ignore[arg-type]  # anything else is a TypeError
    except (TypeError, OSError):
        return ""


@cache
def _groups(file: str) -> Mapping[str, tuple[str, ...]]:
    """What the code of a file compares -> the texts that it is compared with; keys of mappings by their place."""
    try:
        tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return {}
    found: dict[str, dict[str, None]] = {}
    for node in ast.walk(tree):
        for called, text in _said(node):
            found.setdefault(called, {})[text] = None
    return {called: tuple(texts) for called, texts in found.items()}


def _said(node: ast.AST) -> Iterator[tuple[str, str]]:
    """The name of what is compared in one place, and each text with which it is."""
    if isinstance(node, ast.Compare):
        for one in (node.left, *node.comparators):
            yield from ((_called(node.left), text) for text in _texts(one))
    elif isinstance(node, ast.Match):
        values = (one.value for case in node.cases for one in ast.walk(case.pattern) if isinstance(one, ast.MatchValue))
        yield from ((_called(node.subject), text) for value in values for text in _texts(value))
    elif isinstance(node, ast.Dict) and all(isinstance(key, ast.Constant) for key in node.keys):
        yield from ((f"{node.lineno}:{node.col_offset}", text) for key in node.keys if key for text in _texts(key))


def _called(node: ast.expr) -> str:
    """The last name of what is compared: `norm` of `self.norm` and of `norm.lower()`."""
    if isinstance(node, ast.Call):
        node = node.func.value if isinstance(node.func, ast.Attribute) else node.func
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _texts(node: ast.expr) -> list[str]:
    """The texts of a constant, or of a list of them."""
    each = node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]
    return [one.value for one in each if isinstance(one, ast.Constant) and isinstance(one.value, str)]

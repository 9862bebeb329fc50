"""How many lines of code a text has: one way of counting for everything that reference/zoo.md compares.

A line counts where something stands on it that is neither a comment nor documentation. Of Python, docstrings and
imports and `__all__` are left out, and with them what torchvision has for published weights alone: the enums of weights
and the constants that they alone read, the decorators `register_model` and `handle_legacy_interface`, and in a builder
the statements `weights = X.verify(weights)` and `if weights is not None:`. Of a spec, a `doc:` is left out that has a
line of its own.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from typing import TypeAlias

Part: TypeAlias = ast.stmt | ast.expr
WEIGHTS = {"weights", "weights_backbone"}
ENUM = "WeightsEnum"
DECORATORS = {"register_model", "handle_legacy_interface"}
DOC = re.compile(r"\s*doc:")
LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def lines_of_python(text: str) -> int:
    """Lines of code of a module."""
    written: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in LAYOUT:
            written.update(range(token.start[0], token.end[0] + 1))
    for part in _left_out(ast.parse(text)):
        written.difference_update(range(part.lineno, (part.end_lineno or part.lineno) + 1))
    return len(written)


def lines_of_spec(text: str) -> int:
    """Lines of a spec; what it expects of itself counts too."""
    lines = (line.strip() for line in text.splitlines())
    return sum(bool(line) and not line.startswith("#") and not DOC.match(line) for line in lines)


def _left_out(module: ast.Module) -> Iterator[Part]:
    enums = [node for node in module.body if isinstance(node, ast.ClassDef) and ENUM in map(_name, node.bases)]
    rest = [node for node in module.body if node not in enums]
    for_enums = _read(enums) - _read(rest)
    for node in rest:
        if isinstance(node, ast.Assign) and _name(node.targets[0]) in {*for_enums, "__all__"}:
            yield node
    yield from enums
    for part in ast.walk(ast.Module(rest, [])):
        yield from _documentation(part)
        match part:
            case ast.Import() | ast.ImportFrom():
                yield part
            case ast.FunctionDef(decorator_list=decorators):
                yield from (decorator for decorator in decorators if _name(decorator) in DECORATORS)
            case ast.Assign(targets=[ast.Name(name)], value=ast.Call(ast.Attribute(_, "verify"))) if name in WEIGHTS:
                yield part
            case ast.If(ast.Compare(ast.Name(name), [ast.IsNot()]) as test, body) if name in WEIGHTS:
                yield test
                yield from body


def _documentation(node: ast.AST) -> Iterator[Part]:
    match node:
        case (
            ast.Module(body=[ast.Expr(ast.Constant(str())) as text, *_])
            | ast.ClassDef(body=[ast.Expr(ast.Constant(str())) as text, *_])
            | ast.FunctionDef(body=[ast.Expr(ast.Constant(str())) as text, *_])
        ):
            yield text


def _read(nodes: Iterable[ast.AST]) -> set[str]:
    """The names that some code reads."""
    inside = (part for node in nodes for part in ast.walk(node))
    return {part.id for part in inside if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)}


def _name(node: ast.expr) -> str:
    """What a base, a target or a decorator is called."""
    called = node.func if isinstance(node, ast.Call) else node
    return called.id if isinstance(called, ast.Name) else ""

"""Every code that a diagnostic can carry is explained, and the explanations of YAML's own mistakes hold."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import archspec
from archspec.diagnostics.codes import CODES
from archspec.diagnostics.diagnostic import Source, SpecError
from archspec.language.yaml.parse import parse

PACKAGE = Path(archspec.__file__).parent
RAISERS = {"Diagnostic", "ShapeFault", "add", "fault", "stop", "PydanticCustomError", "ExpressionError"}
KEBAB = re.compile(r"[a-z]+(-[a-z]+)+")
BEFORE_THE_SPEC = [
    *("too-deep", "yaml-syntax", "duplicate-key", "complex-key", "merge-key", "unknown-tag", "unknown-anchor"),
    *("number-too-large", "several-documents"),
]
WITH_EXAMPLE = [name for name, code in CODES.items() if code.wrong]


def codes_raised() -> Iterator[tuple[str, str]]:
    """Kebab-case first arguments of whatever makes a diagnostic, with their file and line."""
    for path in PACKAGE.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(call, ast.Call) or not call.args:
                continue
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            first = call.args[0]
            if name in RAISERS and isinstance(first, ast.Constant) and KEBAB.fullmatch(str(first.value)):
                yield str(first.value), f"{path.relative_to(PACKAGE)}:{call.lineno}"


def test_every_code_raised_is_explained() -> None:
    assert [(code, where) for code, where in codes_raised() if code not in CODES] == []


@pytest.mark.parametrize("name", CODES)
def test_code_is_named_and_summed_up_in_house_style(name: str) -> None:
    code = CODES[name]
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name)
    assert code.summary
    assert not code.summary.endswith(".")
    assert code.text.endswith(".")
    assert bool(code.wrong) == bool(code.right)
    assert not re.search(r"\b(invalid|please|failed to)\b", f"{code.summary} {code.text}", re.IGNORECASE)


@pytest.mark.parametrize("name", BEFORE_THE_SPEC)
def test_wrong_example_of_a_yaml_mistake_has_that_mistake(name: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse(Source(name, CODES[name].wrong))
    assert {diagnostic.code for diagnostic in caught.value.diagnostics} == {name}


@pytest.mark.parametrize("name", [name for name in WITH_EXAMPLE if name not in BEFORE_THE_SPEC])
def test_wrong_example_is_yaml(name: str) -> None:
    parse(Source(name, CODES[name].wrong))


@pytest.mark.parametrize("name", WITH_EXAMPLE)
def test_right_example_is_yaml(name: str) -> None:
    parse(Source(name, CODES[name].right))

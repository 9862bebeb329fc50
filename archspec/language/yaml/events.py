"""Events: the YAML library's parser, stripped to a stream of events with positions. Nothing is ever constructed.

The C parser is used where the library has it: 110,000 events take it 0.14 s, and the one in Python 1.66 s.
"""

import re
from collections.abc import Callable
from typing import Any

import yaml

from archspec.diagnostics.diagnostic import Diagnostic, Source, Span, SpecError
from archspec.diagnostics.lines import split_lines
from archspec.language.yaml.faults import Position, Problem, syntax_fault

_NOT_YAML = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TAG_DIRECTIVE = re.compile(r"^%TAG\b.*", re.MULTILINE)


class PythonParser(yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser):
    """The library's Python parser, for installations without libyaml."""

    def __init__(self, text: str) -> None:
        yaml.reader.Reader.__init__(self, text)
        yaml.scanner.Scanner.__init__(self)
        yaml.parser.Parser.__init__(self)


PARSER: Callable[[str], Any] = yaml._yaml.CParser if yaml.__with_libyaml__ else PythonParser


def check_text(source: Source) -> None:
    """Rejects what the library's parser should not see.

    That is characters outside of YAML, and %TAG lines, which libyaml reads in quadratic time.

    Raises:
        SpecError: yaml-syntax.
    """
    if match := _NOT_YAML.search(source.text):
        message = f"the character U+{ord(match[0]):04X} is not allowed in YAML"
        raise SpecError((_at(source, match, message, "leave it out, or write its escape in double quotes"),))
    if match := _TAG_DIRECTIVE.search(source.text):
        raise SpecError((_at(source, match, "specs have no tags to declare", "leave out the %TAG line"),))


def _at(source: Source, match: re.Match[str], message: str, help: str) -> Diagnostic:
    before = split_lines(source.text[: match.start()])
    line, column = len(before), len(before[-1]) + 1
    return Diagnostic("yaml-syntax", message, Span(source, line, column, line, column + len(match[0])), help=help)


def translated(source: Source, fault: Exception, opened: Position | None) -> Diagnostic:
    """The diagnostic for an exception of the library; `opened` is the innermost bracket not yet closed."""
    words = [part for name in ("problem", "context") if (part := getattr(fault, name, None))]
    text = " ".join(words) or str(fault)
    at, context = _position(fault, "problem_mark"), _position(fault, "context_mark")
    return syntax_fault(Problem.found(source, text, at, context, opened))


def _position(fault: Exception, name: str) -> Position | None:
    mark = getattr(fault, name, None)
    return (mark.line + 1, mark.column + 1) if mark is not None else None

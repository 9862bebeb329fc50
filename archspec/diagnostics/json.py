"""JSON: an array of diagnostics for other programs, a stable interface.

    [{"code": "unknown-op", "severity": "error", "message": "...", "help": "...", "pointed": "", "notes": [],
      "place": {"file": "a.yaml", "line": 4, "column": 9, "end_line": 4, "end_column": 15},
      "labels": [{"text": "...", "place": {...}}]}]

Keys are never left out; texts that are not there are "". Lines and columns count from 1, in characters; `end_column` is
the column after the last character. New keys may be added.
"""

import json
from collections.abc import Iterable

from archspec.diagnostics.diagnostic import Diagnostic, Span


def render_json(diagnostics: Iterable[Diagnostic]) -> str:
    """The array, indented by two."""
    return json.dumps([_record(diagnostic) for diagnostic in diagnostics], indent=2)


def _record(diagnostic: Diagnostic) -> dict[str, object]:
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "help": diagnostic.help,
        "pointed": diagnostic.pointed,
        "notes": list(diagnostic.notes),
        "place": _place(diagnostic.span),
        "labels": [{"text": label.text, "place": _place(label.span)} for label in diagnostic.labels],
    }


def _place(span: Span) -> dict[str, object]:
    return {
        "file": span.source.name,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }

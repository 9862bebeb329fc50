"""GitHub: a workflow command per diagnostic, which GitHub shows beside the line of a pull request.

    ::warning file=net.yaml,line=4,col=3,endLine=4,endColumn=7,title=bias-before-norm::conv adds a bias ...

Source: GitHub, Workflow commands for GitHub Actions, "Setting a warning message".
"""

from collections.abc import Iterable, Mapping

from archspec.diagnostics.diagnostic import Diagnostic

_OF_TEXT: Mapping[int, str] = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_OF_FIELD: Mapping[int, str] = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def render_github(diagnostics: Iterable[Diagnostic]) -> str:
    """`::warning file=...,line=...::message`, a line for each; notes and the cure are lines of the message."""
    return "\n".join(_command(diagnostic) for diagnostic in diagnostics)


def _command(diagnostic: Diagnostic) -> str:
    span = diagnostic.span
    fields = {
        "file": span.source.name,
        "line": span.line,
        "col": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
        "title": diagnostic.code,
    }
    said = ",".join(f"{name}={str(value).translate(_OF_FIELD)}" for name, value in fields.items())
    help = (f"help: {diagnostic.help}",) if diagnostic.help else ()
    text = "\n".join((diagnostic.message, *diagnostic.notes, *help)).translate(_OF_TEXT)
    return f"::{diagnostic.severity} {said}::{text}"

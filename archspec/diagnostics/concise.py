"""Concise: a line per diagnostic, as editors and `grep` read it."""

from collections.abc import Iterable

from archspec.diagnostics.diagnostic import Diagnostic
from archspec.diagnostics.printable import printable


def render_concise(diagnostics: Iterable[Diagnostic]) -> str:
    """`file:line:column: error[code] message`, a line for each."""
    return "\n".join(
        f"{printable(d.span.source.name)}:{d.span.line}:{d.span.column}: {d.severity}[{d.code}] {printable(d.message)}"
        for d in diagnostics
    )

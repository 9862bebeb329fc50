"""Findings: what one stage has found so far, one message for one mistake."""

from dataclasses import replace
from typing import Any

from archspec.diagnostics.diagnostic import Diagnostic, Severity, SpecError, Span


class Findings:
    """Gathers diagnostics in the order found; a second one with the same code and place is the same mistake again."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, int, int], Diagnostic] = {}
        self.failed = False

    def add(self, code: str, message: str, span: Span, *, severity: Severity = "error", **details: Any) -> bool:
        """Records one mistake; False where it is known already."""
        key = (code, span.source.name, span.line, span.column)
        if key in self._found:
            return False
        self._found[key] = Diagnostic(code, message, span, severity=severity, **details)
        self.failed = self.failed or severity == "error"
        return True

    def extend(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        """Records what another stage found."""
        for found in diagnostics:
            key = (found.code, found.span.source.name, found.span.line, found.span.column)
            if key not in self._found:
                self._found[key] = replace(found)
                self.failed = self.failed or found.severity == "error"

    def known(self, code: str, span: Span) -> bool:
        """Whether this mistake has its message."""
        return (code, span.source.name, span.line, span.column) in self._found

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Everything found, by source in the order met, then by place."""
        sources: dict[str, int] = {}
        for found in self._found.values():
            sources.setdefault(found.span.source.name, len(sources))
        return tuple(
            sorted(self._found.values(), key=lambda d: (sources[d.span.source.name], d.span.line, d.span.column))
        )

    def stop(self) -> None:
        """Raises SpecError with everything found, where an error is among it."""
        if self.failed:
            raise SpecError(self.diagnostics())

"""Findings: what one stage has found so far, one message for one mistake."""

from collections.abc import Collection, Iterable
from typing import TypeAlias

from archspec.diagnostics.diagnostic import Diagnostic, Label, Severity, Span, SpecError
from archspec.registry import nearest

_Key: TypeAlias = tuple[str, str, int, int]


class Findings:
    """Gathers diagnostics. A second one with the same code and place is the same mistake again, and left out."""

    def __init__(self) -> None:
        self._found: dict[_Key, Diagnostic] = {}
        self.failed = False

    def add(
        self,
        code: str,
        message: str,
        span: Span,
        *,
        pointed: str = "",
        labels: tuple[Label, ...] = (),
        notes: tuple[str, ...] = (),
        help: str = "",
        severity: Severity = "error",
    ) -> None:
        """Records one mistake."""
        self.extend((Diagnostic(code, message, span, pointed, labels, notes, help, severity),))

    def add_unknown_key(self, name: str, known: Collection[str], span: Span) -> None:
        """Records a key that is none of those that are known here."""
        near = nearest(name, known)
        help = f"did you mean {near}?" if near else f"the keys here are {', '.join(known)}"
        self.add("unknown-key", f"there is no key {name} here", span, help=help)

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Records what another stage found."""
        for found in diagnostics:
            if self._found.setdefault(_key(found.code, found.span), found).severity == "error":
                self.failed = True

    def known(self, code: str, span: Span) -> bool:
        """Whether this mistake has its message."""
        return _key(code, span) in self._found

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


def _key(code: str, span: Span) -> _Key:
    return code, span.source.name, span.line, span.column

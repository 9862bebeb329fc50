"""Summary: how many errors and warnings there are, in one line."""

from collections.abc import Sequence

from archspec.diagnostics.diagnostic import Diagnostic
from archspec.diagnostics.printable import printable


def summarise(diagnostics: Sequence[Diagnostic]) -> str:
    """`2 errors, 1 warning in specs/resnet.yaml`; "" where there are none."""
    errors = sum(d.severity == "error" for d in diagnostics)
    counts = [_count(errors, "error"), _count(len(diagnostics) - errors, "warning")]
    files = list(dict.fromkeys(d.span.source.name for d in diagnostics))
    if not files:
        return ""
    where = printable(files[0]) if len(files) == 1 else f"{len(files)} files"
    return f"{', '.join(count for count in counts if count)} in {where}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}" if number else ""

"""Diagnostic: one mistake, one message.

Positions count as editors do: lines and columns from 1, in characters; `end_column` is the column after the last
character.
"""

from typing import Literal

from archspec.values.dataclass import dataclass

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Source:
    """A text that spans point into. `name` is what the user called it: a path, `<stdin>`, a gallery name, a module.

    `path` is the file that it was made from, where that is not its name.
    """

    name: str
    text: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one source."""

    source: Source
    line: int
    column: int
    end_line: int
    end_column: int

    def __repr__(self) -> str:
        return f"{self.source.name}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Label:
    """A fact about another place, shown under its source line."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake in a spec.

    Attributes:
        code: kebab-case name of the fault, known to `archspec explain`.
        message: one line that says what is wrong.
        span: the place.
        pointed: what to say beside the carets at the place; often empty.
        labels: facts about other places.
        notes: facts without a place: the block use it came through.
        help: the cure, where known.
    """

    code: str
    message: str
    span: Span
    pointed: str = ""
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: str = ""
    severity: Severity = "error"


class SpecError(Exception):
    """The spec is wrong. Carries every diagnostic of the stage that stopped, warnings included."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        self.diagnostics = diagnostics
        first = next((d for d in diagnostics if d.severity == "error"), diagnostics[0])
        super().__init__(f"{first.span!r}: {first.message} [{first.code}]")

    def __reduce__(self) -> tuple[type["SpecError"], tuple[tuple[Diagnostic, ...]]]:
        """Another process is told all of it, too."""
        return SpecError, (self.diagnostics,)

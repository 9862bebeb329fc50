"""Given: an option as the user typed it, into which messages point."""

from archspec.diagnostics.diagnostic import Diagnostic, Source, Span, SpecError
from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Given:
    """An option of the command line, or an argument of a function.

    Attributes:
        option: `--where`.
        text: what follows it.
    """

    option: str
    text: str

    @property
    def source(self) -> Source:
        """Both as one line."""
        return Source("command line", f"{self.option} {self.text}")

    @property
    def start(self) -> int:
        """Where the text starts in that line, from 0."""
        return len(self.option) + 1

    def span(self, start: int = 0, end: int | None = None) -> Span:
        """The letters of the text from `start` to `end`; all of it without them."""
        first = min(max(start, 0), len(self.text))
        last = len(self.text) if end is None else max(end, first + 1)
        return Span(self.source, 1, self.start + first + 1, 1, self.start + max(last, first + 1) + 1)

    def fault(self, code: str, message: str, *, at: tuple[int, int | None] = (0, None), help: str = "") -> SpecError:
        """A mistake in these letters of the text."""
        return SpecError((Diagnostic(code, message, self.span(*at), help=help),))

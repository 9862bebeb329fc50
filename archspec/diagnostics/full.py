"""Full: diagnostics with the source lines they speak of.

    error[shape-mismatch]: add needs inputs of one shape
      --> specs/resnet.yaml:14:28
       |
    13 |       shortcut: {op: conv2d, from: x, out_channels: $width, kernel_size: 1}
       |       -------- N x 32 x 32 x 32
    14 |       sum: {op: add, from: [bn2, shortcut]}
       |                            ^^^^^^^^^^^^^^^ N x 32 x 16 x 16 and N x 32 x 32 x 32
       = in layer2.0 (line 22), where width=32 and stride=2
    help: give shortcut the stride of conv1: stride: $stride

Carets mark the place, dashes the labels. A label in another file has an excerpt of its own. Of a place of several lines
the first is shown, and where it ends. Lines longer than LONGEST are shown around each mark.
"""

from collections.abc import Iterable, Sequence

from archspec.diagnostics.diagnostic import Diagnostic, Source, Span
from archspec.diagnostics.lines import split_lines
from archspec.diagnostics.printable import cell, printable, width
from archspec.values.dataclass import dataclass

LONGEST = 160
_BEFORE = 40  # characters shown before a mark in a long line
_STYLES = {"error": "1;31", "warning": "1;33", "gutter": "1;34", "label": "1;34", "message": "1", "help": "1;36"}


@dataclass(frozen=True, slots=True)
class _Mark:
    """A stretch of one source line with what is said of it. `end` is exclusive; both count characters from 0."""

    line: int
    start: int
    end: int
    text: str
    primary: bool


def render_full(diagnostics: Iterable[Diagnostic], *, color: bool = False) -> str:
    """All of them with an empty line between, in ANSI colours if `color`."""
    renderer = _Renderer(color)
    return "\n\n".join(renderer.render(diagnostic) for diagnostic in diagnostics)


class _Renderer:
    """Renders diagnostics; splits each source once."""

    def __init__(self, color: bool) -> None:
        self.color = color
        self._lines: dict[int, tuple[Source, list[str]]] = {}

    def lines(self, source: Source) -> list[str]:
        """The lines of `source`."""
        if id(source) not in self._lines:
            self._lines[id(source)] = source, split_lines(source.text)
        return self._lines[id(source)][1]

    def style(self, name: str, text: str) -> str:
        """`text` in a colour."""
        return f"\x1b[{_STYLES[name]}m{text}\x1b[0m" if self.color and text else text

    def render(self, diagnostic: Diagnostic) -> str:
        """One diagnostic."""
        by_source = self.marks(diagnostic)
        shown = [mark.line for source, marks in by_source if source.text for mark in marks]
        gutter = len(str(max(shown, default=1)))
        severity = diagnostic.severity
        title = self.style(severity, f"{severity}[{diagnostic.code}]")
        rows = [title + self.style("message", f": {printable(diagnostic.message)}")]
        for source, marks in by_source:
            first = next((mark for mark in marks if mark.primary), marks[0])
            arrow = self.style("gutter", " " * gutter + ("-->" if first.primary else ":::"))
            if not source.text:
                rows.append(f"{arrow} {printable(source.name)}")
                continue
            rows.append(f"{arrow} {printable(source.name)}:{first.line}:{first.start + 1}")
            rows += self.excerpt(self.lines(source), marks, gutter, severity)
        for note in diagnostic.notes:
            rows.append(f"{self.style('gutter', ' ' * gutter + ' =')} {_continued(note, gutter + 3)}")
        if diagnostic.help:
            rows.append(f"{self.style('help', 'help:')} {_continued(diagnostic.help, 6)}")
        return "\n".join(rows)

    def marks(self, diagnostic: Diagnostic) -> list[tuple[Source, list[_Mark]]]:
        """What to mark in each source, that of the place first, each in the order of its lines."""
        by_source: dict[int, tuple[Source, list[_Mark]]] = {}
        places = [(diagnostic.span, diagnostic.pointed, True), *((la.span, la.text, False) for la in diagnostic.labels)]
        for span, text, primary in places:
            by_source.setdefault(id(span.source), (span.source, []))[1].append(self.mark(span, text, primary))
        return [(source, sorted(marks, key=lambda m: (m.line, m.start))) for source, marks in by_source.values()]

    def mark(self, span: Span, text: str, primary: bool) -> _Mark:
        """The mark for `span`, held inside its first line."""
        lines = self.lines(span.source)
        line = min(max(span.line, 1), len(lines))
        length = len(lines[line - 1])
        start = min(max(span.column - 1, 0), length)
        end = span.end_column - 1
        if span.end_line > span.line:
            end = max(start + 1, start + len(lines[line - 1][start : start + LONGEST].rstrip()))
            text = f"to line {span.end_line}{': ' if text else ''}{text}"
        return _Mark(line, start, max(start + 1, min(end, length)), printable(text), primary)

    def excerpt(self, lines: list[str], marks: Sequence[_Mark], gutter: int, severity: str) -> list[str]:
        """The marked lines, numbered, each with its marks below; `...` for what is left out between."""
        bar = self.style("gutter", " " * gutter + " |")
        rows = [bar]
        previous = marks[0].line
        shown: tuple[int, int, int] | None = None
        for mark in marks:
            if mark.line == previous + 2:
                rows.append(self.numbered(lines, previous + 1, 0, gutter))
            elif mark.line > previous + 2:
                rows.append(self.style("gutter", "..."))
            line = lines[mark.line - 1]
            start = 0 if len(line) <= LONGEST else max(0, min(mark.start - _BEFORE, len(line) - LONGEST))
            if shown != (mark.line, start, start + LONGEST):
                rows.append(self.numbered(lines, mark.line, start, gutter))
                shown = mark.line, start, start + LONGEST
            style, sign = (severity, "^") if mark.primary else ("label", "-")
            indent = (1 if start else 0) + _columns(line[start : mark.start])
            under = sign * max(1, _columns(line[mark.start : min(mark.end, start + LONGEST)]))
            rows.append(f"{bar} {' ' * indent}{self.style(style, f'{under} {mark.text}'.rstrip())}")
            previous = mark.line
        return rows

    def numbered(self, lines: list[str], number: int, start: int, gutter: int) -> str:
        """A source line from character `start` on, behind its number."""
        line = lines[number - 1]
        text = "".join(map(cell, line[start : start + LONGEST])).rstrip()
        dots = "\u2026" if start else "", "\u2026" if len(line) > start + LONGEST else ""
        return f"{self.style('gutter', f'{number:>{gutter}} |')} {dots[0]}{text}{dots[1]}".rstrip()


def _columns(text: str) -> int:
    return width("".join(map(cell, text)))


def _continued(text: str, indent: int) -> str:
    """`text`, its later lines set in by `indent`."""
    return f"\n{' ' * indent}".join(printable(line) for line in text.split("\n"))

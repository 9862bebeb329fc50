"""Faults: what the YAML library says of a broken text, in words that name the mistake and its cure.

The library's two parsers, one in C and one in Python, word the same problem differently; a rule matches either.
"""

import re
from collections.abc import Callable

from archspec.diagnostics.diagnostic import Diagnostic, Label, Source, Span
from archspec.diagnostics.lines import split_lines
from archspec.language.yaml.cut import cut_by, quoted
from archspec.values.dataclass import dataclass

_CLOSING = {"{": "}", "[": "]"}
UNSPACED = re.compile(r"([A-Za-z_]\w*):(\S.*)")
Position = tuple[int, int]  # line and column, from 1


@dataclass(frozen=True, slots=True)
class Problem:
    """A syntax problem as the YAML library reports it.

    Attributes:
        text: its words for it.
        at: where it stopped.
        context: where the construct began that it was reading; equal to `at` where it says none.
        opened: the innermost `[` or `{` that has not been closed, if any.
    """

    source: Source
    lines: list[str]
    text: str
    at: Position
    context: Position
    opened: Position | None

    @classmethod
    def found(
        cls, source: Source, text: str, at: Position | None, context: Position | None, opened: Position | None
    ) -> "Problem":
        """The problem with its positions held inside the text: the C parser reports the line after the last one."""
        lines = split_lines(source.text)
        place = _inside(lines, at or context or (len(lines), 1))
        return cls(source, lines, text, place, _inside(lines, context) if context else place, opened)

    @property
    def line(self) -> str:
        """The line where it stopped."""
        return self.lines[self.at[0] - 1]

    @property
    def character(self) -> str:
        """The character where it stopped, "" at the end of a line."""
        return self.line[self.at[1] - 1 : self.at[1]]

    @property
    def at_end(self) -> bool:
        """Whether nothing follows in the whole text."""
        line, column = self.at
        return not self.line[column - 1 :].strip() and not any(rest.strip() for rest in self.lines[line:])

    def report(
        self,
        message: str,
        help: str = "",
        *,
        at: Position | None = None,
        width: int = 1,
        labels: tuple[Label, ...] = (),
    ) -> Diagnostic:
        """The diagnostic that points at `width` characters at `at`, by default where the problem is."""
        return Diagnostic("yaml-syntax", message, self.span(at or self.at, width), labels=labels, help=help)

    def span(self, at: Position, width: int = 1) -> Span:
        """`width` characters at `at`."""
        return Span(self.source, *at, at[0], at[1] + width)


def _inside(lines: list[str], position: Position) -> Position:
    """`position`, or the end of the last line that holds anything where it lies behind that."""
    line, column = position
    if line > len(lines) or (line == len(lines) and not lines[-1]):
        line = min(line, len(lines))
        while line > 1 and not lines[line - 1].strip():
            line -= 1
        return line, len(lines[line - 1]) + 1
    return line, min(column, len(lines[line - 1]) + 1)


def syntax_fault(problem: Problem) -> Diagnostic:
    """The diagnostic for `problem`."""
    return _cut_expression(problem) or next(
        (tell(problem) for words, tell in _RULES if any(word in problem.text for word in words)), _other(problem)
    )


def cut_expression(source: Source, line: int, text: str, start: int, end: int, delimiter: str) -> Diagnostic:
    """The diagnostic for the expression text[start:end] of a line that YAML ends at `delimiter`."""
    return Diagnostic(
        "yaml-syntax",
        f"`{delimiter}` ends an expression that is not in quotes",
        Span(source, line, start + 1, line, end + 1),
        help=f"quote it: {quoted(text[start:end])}",
    )


def unspaced(span: Span, text: str) -> Diagnostic | None:
    """The diagnostic for `text`, a lone key, if it is a `key:value` whose colon wants a space."""
    match = UNSPACED.fullmatch(text)
    if match is None:
        return None
    return Diagnostic("yaml-syntax", "a space is missing after the colon", span, help=f"write `{match[1]}: {match[2]}`")


def _cut_expression(problem: Problem) -> Diagnostic | None:
    cut = cut_by(problem.line, problem.at[1] - 1)
    if cut is None:
        return None
    return cut_expression(problem.source, problem.at[0], problem.line, *cut, problem.character)


def _other(problem: Problem) -> Diagnostic:
    return problem.report(f"this is not YAML: {problem.text}")


def _strange_character(problem: Problem) -> Diagnostic:
    before = problem.line[: problem.at[1] - 1]
    tab = problem.line.find("\t")
    if problem.character == "\t" or (tab >= 0 and not before.strip() and not problem.line[:tab].strip()):
        message = "a tab stands in the indentation, and YAML wants spaces"
        return problem.report(message, "replace the tab by spaces", at=(problem.at[0], tab + 1))
    return problem.report(f"no value can start with `{problem.character}`", "put the value in quotes")


def _second_colon(problem: Problem) -> Diagnostic:
    line, column = problem.at
    before = problem.line[: column - 1]
    if ": " in before:
        return problem.report("a second `: ` stands in the value of a key", "put the value in quotes")
    above = problem.lines[line - 2].strip() if line > 1 else ""
    if fault := unspaced(_whole_line(problem, line - 1), above):
        return fault
    message = "this line is indented deeper than the key above, which has a value already"
    width = len(before.strip())
    return problem.report(
        message, "give the keys of one mapping the same indentation", at=(line, column - width), width=width
    )


def _whole_line(problem: Problem, line: int) -> Span:
    text = problem.lines[line - 1]
    indent = len(text) - len(text.lstrip())
    return problem.span((line, indent + 1), max(1, len(text.strip())))


def _no_colon(problem: Problem) -> Diagnostic:
    line = problem.context[0]
    text = problem.lines[line - 1].strip().removeprefix("- ")
    span = _whole_line(problem, line)
    return unspaced(span, text) or Diagnostic(
        "yaml-syntax", "a line without a colon stands among the keys of a mapping", span, help="write `name: value`"
    )


def _misplaced_line(problem: Problem) -> Diagnostic:
    before = problem.line[: problem.at[1] - 1].strip()
    if before and before != "-":
        closing = problem.character in ("]", "}")
        message = f"`{problem.character}` closes nothing" if closing else "text follows after the end of a value"
        return problem.report(message, "" if closing else "put the whole value in quotes, or end the line before it")
    what = "list" if "block collection" in problem.text else "mapping"
    message = f"this line does not fit the {what} that starts on line {problem.context[0]}"
    labels = (Label(problem.span(problem.context), f"the {what} starts here"),)
    width = max(1, len(problem.line.strip()))
    return problem.report(message, f"give the lines of one {what} the same indentation", width=width, labels=labels)


def _not_closed(problem: Problem) -> Diagnostic:
    line, column = problem.context
    bracket = _CLOSING.get(problem.lines[line - 1][column - 1 : column], "]")
    if problem.at_end or problem.at[0] != problem.context[0]:
        return _never_closed(problem, problem.context)
    if problem.character in ("]", "}", ")"):
        label = Label(problem.span(problem.context), "opened here")
        return problem.report(f"`{problem.character}` stands where `{bracket}` closes", labels=(label,))
    if problem.character == ":":
        return problem.report("a second `: ` stands in the value of a key", "put the value in quotes, or add a comma")
    return problem.report(f"a comma or `{bracket}` is missing", "put a comma between the values")


def _never_closed(problem: Problem, opening: Position) -> Diagnostic:
    bracket = problem.lines[opening[0] - 1][opening[1] - 1 : opening[1]]
    closing = _CLOSING.get(bracket)
    if closing is None:
        return problem.report("a `]` or `}` is missing")
    return problem.report(f"this `{bracket}` is never closed", f"add `{closing}`", at=opening)


def _no_value(problem: Problem) -> Diagnostic:
    if problem.at_end and problem.opened is not None:
        return _never_closed(problem, problem.opened)
    if problem.character in ("]", "}"):
        return problem.report(f"`{problem.character}` closes nothing")
    if problem.character == ",":
        return problem.report("a value is missing before the comma")
    return problem.report("a value is missing")


def _quote_not_closed(problem: Problem) -> Diagnostic:
    line, column = problem.context
    quote = problem.lines[line - 1][column - 1 : column]
    return problem.report("this quote is never closed", f"add `{quote}` at the end of the value", at=problem.context)


def _escape(problem: Problem) -> Diagnostic:
    line, column = problem.at
    column = column if problem.character == "\\" else column - 1
    escape = problem.lines[line - 1][column - 1 : column + 1]
    help = "write `\\\\` for a backslash, or put the value in single quotes"
    return problem.report(f"`{escape}` is no escape in double quotes", help, at=(line, column), width=2)


def _anchor_name(problem: Problem) -> Diagnostic:
    line, column = problem.context
    mark = problem.lines[line - 1][column - 1 : column]
    kind = "alias" if mark == "*" else "anchor"
    return problem.report(
        f"`{mark}` starts an {kind}, and no name follows", "put the value in quotes", at=problem.context
    )


def _saying(message: str, help: str = "") -> Callable[[Problem], Diagnostic]:
    return lambda problem: problem.report(message, help)


def _block_text(problem: Problem) -> Diagnostic:
    line, column = problem.context
    mark = problem.lines[line - 1][column - 1 : column]
    message = f"`{mark}` starts a text of several lines, which begins on the next line"
    return problem.report(message, "put the value in quotes", at=problem.context)


_RULES: tuple[tuple[tuple[str, ...], Callable[[Problem], Diagnostic]], ...] = (
    (("cannot start any token", "tab character"), _strange_character),
    (("mapping values are not allowed",), _second_colon),
    (("could not find expected ':'",), _no_colon),
    (("did not find expected key", "'-' indicator", "expected <block end>"), _misplaced_line),
    (("expected ',' or",), _not_closed),
    (("expected node content", "expected the node content"), _no_value),
    (("unexpected end of stream", "unexpected document"), _quote_not_closed),
    (("unknown escape",), _escape),
    (("expected alphabetic",), _anchor_name),
    (("expected comment or line break", "expected a comment or a line break"), _block_text),
    (
        ("block sequence entries are not allowed", "sequence entries are not allowed"),
        _saying("a list item starts on the line of its key", "start it on the next line, or write `[a, b]`"),
    ),
    (("mapping keys are not allowed",), _saying("no value can start with `? `", "put the value in quotes")),
    (
        ("<document start>",),
        _saying("text follows after the end of the spec", "start every key of the spec in the first column"),
    ),
    (("incompatible YAML document",), _saying("specs are YAML 1.2", "leave out the %YAML line")),
    (
        ("a tag", "tag handle"),
        _saying("a value that starts with `!` reads as a tag, and specs have none", "put the value in quotes"),
    ),
    (
        ("escape code", "hexdecimal", "hexadecimal", "too large to convert"),
        _saying("an escape in double quotes names no character", "put the value in single quotes"),
    ),
    (("unknown directive",), _saying("no line can start with `%`", "leave it out")),
)

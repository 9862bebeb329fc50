"""Written values: a scalar or list of the document -> an expression tree, and the places inside it."""

from collections.abc import Iterable

from archspec.diagnostics.diagnostic import Span
from archspec.diagnostics.findings import Findings
from archspec.language.expression.grammar import list_of, parse_expression
from archspec.language.expression.words import ExpressionFault, is_expression, tokenize
from archspec.language.spec import Condition, Named, Path, Written
from archspec.language.yaml.document import Mapping, Scalar, Sequence, Yaml
from archspec.values.expression import Binary, Expr, Literal, Value

NOTHING = Literal(None)


def entries(yaml: Yaml | None) -> dict[str, Yaml]:
    """A mapping by its keys' texts; empty for anything else."""
    return {key.text: value for key, value in yaml.entries} if isinstance(yaml, Mapping) else {}


def pairs(yaml: Yaml | None) -> Iterable[tuple[Scalar, Yaml]]:
    """Keys and values of a mapping; none of anything else."""
    return yaml.entries if isinstance(yaml, Mapping) else ()


def read_value(yaml: Yaml, findings: Findings) -> Written:
    """A value with its expressions parsed; a fault inside is recorded and leaves none."""
    return Written(_expr(yaml, findings), yaml)


def plain_value(written: Written) -> Value:
    """The value of what depends on nothing; None for anything else."""
    return written.expr.value if isinstance(written.expr, Literal) else None


def as_written(yaml: Yaml) -> Value:
    """A value as it stands: nothing in it is an expression. A mapping is a list of its keys, each with its value."""
    if isinstance(yaml, Mapping):
        return tuple((key.text, as_written(value)) for key, value in yaml.entries)
    if isinstance(yaml, Sequence):
        return tuple(as_written(item) for item in yaml.items)
    return yaml.value


def report_fault(fault: ExpressionFault, yaml: Yaml, findings: Findings, notes: tuple[str, ...] = ()) -> None:
    """Records what is wrong with an expression inside `yaml`, at the word at fault where one is."""
    span = _place(fault, yaml)
    findings.add(fault.code, fault.message, span, help=fault.help, notes=notes)


def within(scalar: Scalar, start: int, end: int) -> Span:
    """The place of `text[start:end]` in a scalar; the whole scalar where its text is not as written."""
    span = scalar.span
    length = span.end_column - span.column
    if (
        span.line != span.end_line
        or length - len(scalar.text) not in (0, 2)
        or scalar.plain != (length == len(scalar.text))
    ):
        return span
    column = span.column + start + (0 if scalar.plain else 1)
    return Span(span.source, span.line, column, span.line, column + end - start)


def short(yaml: Yaml) -> Span:
    """A place of one line for a value of many: its first key."""
    while not isinstance(yaml, Scalar):
        if isinstance(yaml, Mapping) and yaml.entries:
            return yaml.entries[0][0].span
        if isinstance(yaml, Mapping) or not yaml.items:
            break
        yaml = yaml.items[0]
    return yaml.span


def is_number(yaml: Yaml) -> bool:
    """Whether what stands in `from` is a number, or an expression for one, and no name."""
    if not isinstance(yaml, Scalar) or isinstance(yaml.value, bool):
        return False
    return isinstance(yaml.value, int | float) or is_expression(yaml.text)


def named_in(yaml: Yaml | None) -> Named | None:
    """A name as written; None of anything else."""
    return Named(yaml.text, yaml.span) if isinstance(yaml, Scalar) and yaml.value is not True else None


def path_of(yaml: Yaml) -> Path:
    """A dotted reference."""
    text = yaml.text if isinstance(yaml, Scalar) else ""
    return Path(tuple(text.split(".")), yaml.span)


def joined(start: Span, end: Span) -> Span:
    """From the start of one place to the end of another."""
    return Span(start.source, start.line, start.column, end.end_line, end.end_column)


def _expr(yaml: Yaml, findings: Findings) -> Expr:
    if isinstance(yaml, Sequence):
        return list_of(tuple(_expr(item, findings) for item in yaml.items))
    if isinstance(yaml, Mapping):
        return NOTHING
    if not isinstance(yaml.value, str):
        return Literal(yaml.value)
    if not is_expression(yaml.value):
        return Literal(yaml.value[1:] if yaml.value.startswith("$$") else yaml.value)
    try:
        return parse_expression(yaml.value)
    except ExpressionFault as fault:
        report_fault(fault, yaml, findings)
        return NOTHING


def _place(fault: ExpressionFault, yaml: Yaml) -> Span:
    if isinstance(yaml, Scalar) and fault.start is not None:
        return within(yaml, fault.start, fault.end if fault.end is not None else fault.start + 1)
    if fault.name:
        return place_of_name(fault.name, yaml) or yaml.span
    return yaml.span


def place_of_name(name: str, yaml: Yaml) -> Span | None:
    """Where an expression inside `yaml` first says `name`."""
    if isinstance(yaml, Sequence):
        return next((span for item in yaml.items if (span := place_of_name(name, item))), None)
    if not isinstance(yaml, Scalar) or not is_expression(yaml.text):
        return None
    for token in tokenize(yaml.text):
        if token.kind == "name" and token.text == name:
            return within(yaml, token.start, token.end)
    return None


def conjunction(condition: Condition | None) -> Expr | None:
    """A condition's tests as one expression, `training` left out; None where there are none."""
    whole: Expr | None = None
    for test in condition.tests if condition is not None else ():
        whole = test.expr if whole is None else Binary("and", whole, test.expr)
    return whole

"""Values: written values evaluated where they stand, with their faults recorded once."""

from collections.abc import Mapping

from archspec.diagnostics.diagnostic import Label, Span
from archspec.diagnostics.findings import Findings
from archspec.graph.elaborate.copies import Copies
from archspec.graph.elaborate.frame import Frame
from archspec.language.expression.evaluate import UNKNOWN, Missing, Unknown, evaluate, kind_of
from archspec.language.expression.words import ExpressionFault
from archspec.language.spec import Condition, Entry, Written
from archspec.language.written import report_fault
from archspec.ops.called import help_of
from archspec.ops.op import OPS
from archspec.values.expression import Binary, Literal, Value, parts


class Values:
    """Evaluates what is written in a spec; a fault is recorded and gives `UNKNOWN`."""

    def __init__(self, findings: Findings, copies: Copies) -> None:
        self.findings = findings
        self.copies = copies

    def value(self, written: Written, frame: Frame) -> Value | Missing:
        """The value, `UNKNOWN` after a fault here or before."""
        if isinstance(written.expr, Literal):
            return written.expr.value
        self.copies.evaluation(written.expr, written.span, frame.names)
        try:
            return evaluate(written.expr, frame.names)
        except Unknown:
            return UNKNOWN
        except ExpressionFault as fault:
            report_fault(fault, written.yaml, self.findings, notes_of(frame, written.span))
            return UNKNOWN

    def values(self, fields: Mapping[str, Written], frame: Frame) -> dict[str, Value | Missing]:
        """The values of fields or arguments."""
        return {name: self.value(written, frame) for name, written in fields.items()}

    def op_name(self, entry: Entry, frame: Frame) -> str | None:
        """The name of an entry's op, which an expression may choose; None after a fault."""
        if entry.target is None or entry.target.plain:
            return entry.op_name
        name = self.value(entry.target, frame)
        if isinstance(name, Missing):
            return None
        if str(name) in OPS and OPS[str(name)].written:
            return str(name)
        self.report("unknown-op", f"there is no op {name}", entry.target.span, frame, help=help_of(str(name)))
        return None

    def holds(self, condition: Condition | None, frame: Frame) -> bool:
        """Whether all tests hold; a test at fault counts as holding, so that nothing is left out for it."""
        for test in condition.tests if condition is not None else ():
            value = self.value(test, frame)
            if not isinstance(value, bool) and not isinstance(value, Missing):
                self.report("wrong-type", f"`when` is true or false, not {kind_of(value)}", test.span, frame)
            elif value is False:
                return False
        return True

    def count(self, written: Written, frame: Frame) -> int:
        """The value of `repeat`; 1 after a fault. Raises TooMuch."""
        value = self.value(written, frame)
        if isinstance(value, Missing):
            return 1
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            shown = value if isinstance(value, (int, float)) and not isinstance(value, bool) else kind_of(value)
            self.report("wrong-type", f"`repeat` is a whole number from 0 on, not {shown}", written.span, frame)
            return 1
        self.copies.repeat(value, written.span)
        return value

    def report(
        self,
        code: str,
        message: str,
        span: Span,
        frame: Frame,
        *,
        help: str = "",
        pointed: str = "",
        labels: tuple[Label, ...] = (),
    ) -> None:
        """Records a mistake, with the use of the block it came through."""
        if not self.findings.known(code, span):
            notes = notes_of(frame, span)
            self.findings.add(code, message, span, help=help, pointed=pointed, labels=labels, notes=notes)

    def report_unless_echo(self, code: str, message: str, span: Span, frame: Frame) -> None:
        """Records a mistake that an earlier one may have caused, unless there is an earlier one."""
        if not self.findings.failed:
            self.report(code, message, span, frame)


def notes_of(frame: Frame, span: Span) -> tuple[str, ...]:
    """The note that names the use of a block around a place; none at the top."""
    return (frame.use.note(span),) if frame.use is not None else ()


def division_help(written: Written | None, value: object) -> str:
    """The cure where `/` gave a float and a whole number is wanted."""
    open_ = [written.expr] if written is not None and isinstance(value, float) else []
    while open_:
        here = open_.pop()
        if isinstance(here, Binary) and here.operator == "/":
            return "`/` gives a float, and `//` a whole number"
        open_.extend(parts(here))
    return ""

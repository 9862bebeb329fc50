"""The report as a table for the terminal: a tree of blocks with aligned numbers, and totals that say what they are."""

from rich.table import Table
from rich.text import Text

from archspec.graph.report import Report, Row
from archspec.measures.costs import PARAMS
from archspec.measures.measure import Measure, Values
from archspec.tables.quantity import aligned, human, measured, size, told
from archspec.tables.terminal.printed import printed, ruled

_BYTES_PER_PARAM = 4  # float32


def text(report: Report, *, width: int | None = None, color: bool = False) -> str:
    """The table as text, ending in a newline.

    Args:
        report: what to show.
        width: columns of the terminal; None for as wide as it needs to be.
        color: with ANSI escapes.
    """
    lines = [Text(_title(report), style="bold")]
    if report.doc:
        lines.append(Text(report.doc.strip(), style="dim"))
    return printed([*lines, _table(report), *map(Text, _totals(report))], width, color)


def _title(report: Report) -> str:
    variant = f" ({report.variant})" if report.variant else ""
    inputs = ", ".join(f"{name} {size(shape)}" for name, shape in report.inputs.items())
    outputs = ", ".join(f"{name} {size(shape)}" for name, shape in report.outputs.items())
    return f"{report.name}{variant}: {inputs} -> {outputs}"


def _table(report: Report) -> Table:
    table = ruled()
    table.add_column("block", overflow="fold")
    table.add_column("is", overflow="ellipsis", no_wrap=True)
    table.add_column("output", overflow="fold")
    for heading in (PARAMS.label, report.label, "share", *(measure.label for measure in report.columns)):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in report.rows:
        table.add_row(*_cells(report, row), style="dim" if row.train_only else None)
    return table


def _cells(report: Report, row: Row) -> tuple[Text, ...]:
    cells = (
        "  " * (row.depth - 1) + row.name,
        ", ".join(filter(None, (str(row.label), *row.notes))),
        size(row.shape),
        aligned(row.cost.params),
        _count(report, row.values),
        report.share(row),
        *(_own(measure, row.values.of(measure)) for measure in report.columns),
    )
    return tuple(Text(cell) for cell in cells)


def _own(measure: Measure, count: int) -> str:
    return aligned(count) if measure.shown == "count" else measured(measure, count)


def _count(report: Report, values: Values) -> str:
    count = report.count(values)
    return f"{count:.3f}" if isinstance(count, float) else aligned(count)


def _totals(report: Report) -> list[str]:
    """The lines under the table: totals to the last unit, and what they count."""
    cost, extra = report.totals, report.train_only
    lines = [
        f"params  {cost.params:,} ({human(cost.params)}; {human(_BYTES_PER_PARAM * cost.params)}B in float32)"
        + (f", and {cost.buffers:,} in buffers" if cost.buffers else ""),
        f"MACs    {cost.macs:,} ({human(cost.macs)}) per sample",
        f"FLOPs   {cost.flops:,} ({human(cost.flops)}) = 2 x MACs",
    ]
    learned, held = cost.trainable + extra.trainable, cost.params + extra.params
    if learned < held:
        gradients = f"{human(_BYTES_PER_PARAM * learned)}B in float32"
        lines.insert(1, f"learns  {learned:,} of these; their gradients take {gradients}")
    if report.step is not None:
        step = report.step
        lines.append(f"backward  {step.backward:,} ({human(step.backward)}) MACs per sample, of the gradients")
        both = f"{step.macs:,} ({human(step.macs)})"
        lines.append(f"training  {both} MACs per sample and step: {human(step.forward)} forwards, and backward")
    if report.convention != "macs":
        count = report.count(report.whole)
        printed = f"{count:.3f}" if isinstance(count, float) else f"{count:,}"
        lines.append(f"{report.label}  {printed}: {report.explained}")
    lines += [f"{each.label:<6}  {told(each, report.whole.of(each))}" for each in report.columns]
    if any((extra.params, extra.macs, extra.activations)):
        lines.append(f"training adds {extra.params:,} params and {extra.macs:,} MACs")
    return lines

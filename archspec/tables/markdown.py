"""The report as a Markdown table, for a README or a pull request."""

from archspec.graph.report import Report, Row
from archspec.tables.quantity import human, size
from archspec.values.cost import Cost


def markdown(report: Report) -> str:
    """A Markdown table with the totals as its last rows, ending in a newline."""
    lines = [
        f"| block | is | output | params | {report.label} | share |",
        "| :--- | :--- | :--- | ---: | ---: | ---: |",
        *(_line(report, row) for row in report.rows),
        _total(report, "total", report.totals),
    ]
    if any((report.train_only.params, report.train_only.macs)):
        lines.append(_total(report, "training alone adds", report.train_only))
    return "\n".join(lines) + "\n"


def _line(report: Report, row: Row) -> str:
    label = f"{row.label} (train only)" if row.train_only else str(row.label)
    cells = (
        f"`{row.path}`",
        label,
        size(row.shape),
        human(row.cost.params),
        _count(report, row.cost),
        report.share(row),
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _total(report: Report, name: str, cost: Cost) -> str:
    return f"| **{name}** |  |  | **{cost.params:,}** | **{_count(report, cost, exact=True)}** |  |"


def _count(report: Report, cost: Cost, *, exact: bool = False) -> str:
    count = report.count(cost)
    if isinstance(count, float):
        return f"{count:.3f}"
    return f"{count:,}" if exact else human(count)

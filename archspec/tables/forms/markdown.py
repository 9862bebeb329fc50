"""Markdown tables, for a README or a pull request."""

from archspec.compare.table import MARKS, Difference
from archspec.compare.table import Row as Changed
from archspec.compare.words import fact_words, headline, lines, percent
from archspec.graph.report import Report, Row
from archspec.tables.form import Form
from archspec.tables.quantity import human, signed, size
from archspec.values.cost import Cost

_COUNTED = ("params", "macs")


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
    label = f"{row.label} (train only)" if row.train_only else row.label
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


# -- differences ------------------------------------------------------------------------------------------------------


def difference_markdown(difference: Difference) -> str:
    """A Markdown table with the totals as its last rows, under what is different as a whole; ends in a newline."""
    made = [f"**{headline(difference)}**", ""]
    if difference.facts:
        made += [*(f"- {fact_words(fact)}" for fact in difference.facts), ""]
    if difference.empty:
        return "\n".join([*made, "no differences"]) + "\n"
    made += ["|  | block | what | params | | MACs | |", "| :--- | :--- | :--- | ---: | ---: | ---: | ---: |"]
    made += [_markdown_row(row, words) for _, row, words in lines(difference)]
    before, after = difference.before.totals, difference.after.totals
    made.append(_markdown_total("total", before.always, after.always))
    if before.training != after.training:
        made.append(_markdown_total("training alone adds", before.training, after.training))
    return "\n".join(made) + "\n"


def _markdown_row(row: Changed, words: str) -> str:
    before, after = row.shown
    path = f"`{row.path}`" if row.path else ""
    cells = [MARKS[row.status], f"{path} ×{row.times}" if row.times > 1 and row.kind != "ops" else path, words]
    for name in _COUNTED:
        cells += _both(getattr(before, name), getattr(after, name))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _markdown_total(name: str, before: Cost, after: Cost) -> str:
    cells = ["", f"**{name}**", ""]
    for column in _COUNTED:
        one, other = getattr(before, column), getattr(after, column)
        cells += [f"{one:,} -> {other:,}" if one != other else f"{one:,}", f"**{_exactly(one, other)}**"]
    return "| " + " | ".join(cells) + " |"


def _exactly(before: int, after: int) -> str:
    share = percent(before, after)
    return f"{after - before:+,}" + (f" ({share})" if share else "")


def _both(before: int, after: int) -> tuple[str, str]:
    """A count before and after, and the difference; nothing where there is none."""
    if before == after:
        return human(after) if after else "", ""
    return f"{human(before)} -> {human(after)}", signed(after - before)


FORM = Form(name="markdown", suffix=".md", report=markdown, difference=difference_markdown, fits_page=True, rank=4)

"""Markdown tables, for a README or a pull request."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from archspec.graph.report import Report, Row
from archspec.measures.costs import PARAMS
from archspec.measures.measure import Values
from archspec.measures.words import IN_WORDS
from archspec.tables.form import Form
from archspec.tables.quantity import change, changed, exactly, human, measured, size

if TYPE_CHECKING:
    from archspec.compare.table import Difference
    from archspec.compare.table import Row as Changed


def markdown(report: Report) -> str:
    """A Markdown table with the totals as its last rows, ending in a newline."""
    own = report.columns
    lines = [
        _cells(("block", "is", "output", PARAMS.label, report.label, "share", *(each.label for each in own))),
        _cells((":---", ":---", ":---", "---:", "---:", "---:", *("---:" for _ in own))),
        *(_line(report, row) for row in report.rows),
        _total(report, "total", report.whole),
    ]
    if any((report.train_only.params, report.train_only.macs)):
        lines.append(_total(report, "training adds", report.training))
    if report.step is not None:
        step = ("**training step**", "forwards and backwards", "", "", f"**{report.step.macs:,}**", "")
        lines.append(_cells((*step, *("" for _ in own))))
    return "\n".join(lines) + "\n"


def _line(report: Report, row: Row) -> str:
    notes = f"({', '.join(row.notes)})" if row.notes else ""
    cells = (
        f"`{row.path}`",
        f"{row.label} {notes}".strip(),
        size(row.shape),
        human(row.cost.params),
        _count(report, row.values),
        report.share(row),
        *(measured(measure, row.values.of(measure)) for measure in report.columns),
    )
    return _cells(cell.replace("|", "\\|") for cell in cells)


def _total(report: Report, name: str, values: Values) -> str:
    counts = (f"{values.cost.params:,}", _count(report, values, exact=True))
    own = (f"**{exactly(measure, values.of(measure))}**" for measure in report.columns)
    return _cells((f"**{name}**", "", "", *(f"**{count}**" for count in counts), "", *own))


def _cells(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _count(report: Report, values: Values, *, exact: bool = False) -> str:
    count = report.count(values)
    if isinstance(count, float):
        return f"{count:.3f}"
    return f"{count:,}" if exact else human(count)


# -- differences ------------------------------------------------------------------------------------------------------


def difference_markdown(difference: "Difference") -> str:
    """A Markdown table with the totals as its last rows, under what is different as a whole; ends in a newline."""
    from archspec.compare.words import fact_words, headline, lines

    made = [f"**{headline(difference)}**", ""]
    if difference.facts:
        made += [*(f"- {fact_words(fact)}" for fact in difference.facts), ""]
    if difference.empty:
        return "\n".join([*made, "no differences"]) + "\n"
    counted = difference.columns
    made += ["|  | block | what |" + "".join(f" {measure.label} | |" for measure in counted)]
    made += ["| :--- | :--- | :--- |" + " ---: | ---: |" * len(counted)]
    made += [_markdown_row(difference, row, words) for _, row, words in lines(difference)]
    before, after = difference.before, difference.after
    made.append(_markdown_total(difference, "total", before.always, after.always))
    if before.training != after.training:
        made.append(_markdown_total(difference, "training adds", before.training, after.training))
    return "\n".join(made) + "\n"


def _markdown_row(difference: "Difference", row: "Changed", words: str) -> str:
    from archspec.compare.table import MARKS

    before, after = row.shown
    path = f"`{row.path}`" if row.path else ""
    cells = [MARKS[row.status], f"{path} ×{row.times}" if row.times > 1 and row.kind != "ops" else path, words]
    for measure in difference.columns:
        one, other = before.of(measure), after.of(measure)
        cells += [changed(measure, one, other), change(measure, one, other)]
    return _cells(cell.replace("|", "\\|") for cell in cells)


def _markdown_total(difference: "Difference", name: str, before: Values, after: Values) -> str:
    cells = ["", f"**{name}**", ""]
    for measure in difference.columns:
        one, other = before.of(measure), after.of(measure)
        if measure.shown in IN_WORDS:
            cells += [changed(measure, one, other), f"**{change(measure, one, other) or '+0'}**"]
        else:
            cells += [f"{one:,} -> {other:,}" if one != other else f"{one:,}", f"**{_exactly(one, other)}**"]
    return _cells(cells)


def _exactly(before: int, after: int) -> str:
    from archspec.compare.words import percent

    share = percent(before, after)
    return f"{after - before:+,}" + (f" ({share})" if share else "")


FORM = Form(name="markdown", suffix=".md", report=markdown, difference=difference_markdown, fits_page=True, rank=4)

"""The forms a report can be written in."""

from os import environ
from shutil import get_terminal_size

from archspec.graph.report import Report
from archspec.tables.csv import csv
from archspec.tables.json import json
from archspec.tables.markdown import markdown

FORMS = ("text", "json", "csv", "markdown")


def table(report: Report, form: str, *, terminal: bool = False) -> str:
    """`report` as text in `form`, ending in a newline.

    Args:
        report: what to write.
        form: one of FORMS.
        terminal: fit the form "text" to the terminal's width, in colour unless NO_COLOR is set.

    Raises:
        ValueError: there is no such form.
    """
    match form:
        case "text":
            from archspec.tables.terminal.report import text  # noqa: PLC0415  rich takes longer to load than the other forms to write

            width = get_terminal_size().columns if terminal else None
            return text(report, width=width, color=terminal and not environ.get("NO_COLOR"))
        case "json":
            return json(report)
        case "csv":
            return csv(report)
        case "markdown":
            return markdown(report)
        case _:
            raise ValueError(f"no table format is called {form!r}; there are {', '.join(FORMS)}")

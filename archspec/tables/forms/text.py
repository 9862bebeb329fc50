"""Plain text, for people: `terminal/` writes it. Its library takes longer to load than the other forms to write."""

from typing import TYPE_CHECKING

from archspec.tables.form import Form, OnTerminal

if TYPE_CHECKING:
    from archspec.compare.table import Difference
    from archspec.graph.report import Report


def text(report: "Report", width: int | None = None, color: bool = False) -> str:
    """The counts of a network; see `terminal/report.py`."""
    from archspec.tables.terminal import report as terminal

    return terminal.text(report, width=width, color=color)


def difference_text(difference: "Difference", width: int | None = None, color: bool = False) -> str:
    """What is different between two; see `terminal/difference.py`."""
    from archspec.tables.terminal import difference as terminal

    return terminal.difference_text(difference, width=width, color=color)


FORM = Form(
    name="text",
    suffix=".txt",
    report=text,
    difference=difference_text,
    fits_page=True,
    on_terminal=OnTerminal(text, difference_text),
    rank=1,
)
